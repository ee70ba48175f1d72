"""Measures and sanction events. A measure without ground, basis, authority, end and remedy cannot be made."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from sharehub.core.entry import MeasureKind
from sharehub.core.rank import Basis
from sharehub.core.record import Record, content_id

EventKind = Literal[
    "issued",
    "amended",
    "suspended",
    "resumed",
    "lifted",
    "expired",
    "annulled",
    "disputed",
    "dispute-closed",
    "excepted",
]


Publication = Literal["none", "on-request", "public"]


class UnlawfulError(ValueError):
    """A measure that a law of `DOMAIN.md` §5 forbids; `law` is the law's number."""

    def __init__(self, law: int, reason: str) -> None:
        super().__init__(f"law {law}: {reason}")
        self.law = law


@dataclass(frozen=True, slots=True)
class Ground:
    """The final decision that a measure follows from, and why the entry applies to it."""

    agency: str
    record_kind: str
    record_key: str
    revision: int
    document_number: str | None
    decided_on: date | None
    why: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: Record, why: tuple[str, ...]) -> "Ground":
        """The ground that this record is."""
        return cls(
            record.agency,
            record.kind,
            record.record_key,
            record.revision,
            record.document_number,
            record.decided_on,
            why,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A restriction or a reward on one entity, from `effective_from` to `effective_to` (None: open, see `exit`)."""

    id: UUID
    entity_id: UUID
    entry: str
    title: str
    kind: MeasureKind
    target_service: str
    binding: bool
    rulebook_version: str
    jurisdiction: str
    ground: Ground
    legal_basis: tuple[Basis, ...]
    authority: str
    recipients: tuple[str, ...]
    relatedness: str
    effective_from: date
    effective_to: date | None
    exit: str
    remedies: tuple[str, ...]
    witnesses: tuple[Ground, ...] = ()
    publication: Publication = "none"
    published_until: date | None = None
    pilot: bool = False

    def alike(self, other: "Measure") -> bool:
        """True where both say the same, be it in different versions of the rulebook."""
        return self == other or self == replace(other, rulebook_version=self.rulebook_version)

    def __post_init__(self) -> None:
        """Law 2 and law 10 by construction.

        Raises:
            UnlawfulError: something that every measure needs is missing.
        """
        needed = {
            "a ground": self.ground.record_key,
            "a legal basis": self.legal_basis,
            "a competent authority": self.authority,
            "a term or an exit condition": self.effective_to or self.exit,
            "remedies": self.remedies,
        }
        for what, value in needed.items():
            texts = value if isinstance(value, tuple) else (value,)
            if not value or any(isinstance(text, str) and not _says_something(text) for text in texts):
                raise UnlawfulError(2, f"a measure needs {what}")
        if not _says_something(self.relatedness):
            raise UnlawfulError(10, "a measure must say how it relates to its violation")
        if self.effective_to is not None and self.effective_to < self.effective_from:
            raise UnlawfulError(2, "a measure cannot end before it begins")


def _says_something(text: str) -> bool:
    """More than signs; nearly always the first letter tells, and every event asks this of every text."""
    return text[:1].isalnum() or any(map(str.isalnum, text))


def measure_id(entry: str, agency: str, record_key: str) -> UUID:
    """Derived from entry and ground: the same ground gives the same measure, whoever the entity turns out to be."""
    return content_id("measure", entry, agency, record_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionEvent:
    """One change of one measure; `number` counts the measure's events from 1, `business_on` is its date in law.

    `until` is the last day of what a stay suspends or an exception lifts, where it is stated; `disputed` tells
    whether an objection or an appeal is open after the event.
    """

    event: EventKind
    number: int
    business_on: date
    reason: str
    measure: Measure
    until: date | None = None
    disputed: bool = False

    @property
    def id(self) -> UUID:
        """Deterministic: a second issue of the same event has the same id."""
        return content_id("event", str(self.measure.id), self.number)
