"""Rulebooks: which ground leads to which measure, for whom, how long, on what basis.

A rulebook is a versioned, dated file per jurisdiction, reviewed like law. Here are its values and the
selection of the entries in force; `safeguard` says which entries are refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property
from typing import Literal

from sharehub.core.rank import Basis
from sharehub.core.record import Record, Scalar

Operator = Literal["is", "is_not", "one_of", "at_least", "at_most", "more_than", "present"]
Operand = str | int | bool | date | tuple[str, ...]

_WORDS: Mapping[str, str] = {
    "is": "is",
    "is_not": "is not",
    "one_of": "is one of",
    "at_least": "is at least",
    "at_most": "is at most",
    "more_than": "is more than",
    "present": "is stated",
}


class MeasureKind(StrEnum):
    """What a measure does to its entity."""

    RESTRICTION = "restriction"
    MANAGEMENT = "management"
    INFORMATIVE = "informative"
    REWARD = "reward"


@dataclass(frozen=True, slots=True)
class Condition:
    """One test on one field of a record; amounts are exact decimals, dates are dates."""

    field: str
    operator: Operator
    operand: Operand

    def holds(self, record: Record) -> bool:
        """True where the record states the field and passes the test."""
        value = record.value(self.field)
        if self.operator == "present":
            return (value not in (None, "")) is self.operand
        if value is None:
            return False
        return self._compares(value)

    def _compares(self, value: Scalar) -> bool:
        if self.operator == "one_of":
            return isinstance(self.operand, tuple) and str(value) in self.operand
        if self.operator in ("is", "is_not"):
            same = value is self.operand if isinstance(self.operand, bool) else str(value) == str(self.operand)
            return same is (self.operator == "is")
        left, right = _ordered(value, self.operand)
        if left is None or right is None:
            return False
        order = (left > right) - (left < right)
        return {"at_least": order >= 0, "at_most": order <= 0, "more_than": order > 0}[self.operator]

    def words(self, record: Record) -> str:
        """The test as a sentence, with what the record says."""
        name = self.field.replace("_", " ")
        if self.operator == "present":
            return f"{name} is {'stated' if self.operand else 'not stated'} ({record.value(self.field)})"
        wanted = ", ".join(self.operand) if isinstance(self.operand, tuple) else str(self.operand)
        said = str(record.value(self.field))
        return f"{name} {_WORDS[self.operator]} {wanted}" + ("" if said == wanted else f" ({said})")


def _ordered(value: Scalar, operand: Operand) -> tuple[int | Decimal, int | Decimal] | tuple[None, None]:
    try:
        if isinstance(operand, date):
            day = value if isinstance(value, date) else date.fromisoformat(str(value))
            return day.toordinal(), operand.toordinal()
        numbers = Decimal(str(value)), Decimal(str(operand))
        return numbers if all(number.is_finite() for number in numbers) else (None, None)
    except (InvalidOperation, ValueError):
        return None, None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundRule:
    """Which record is a ground: its kind, the authority that must have decided, and tests on it."""

    record_kind: str
    authority: str
    where: tuple[Condition, ...] = ()

    def matches(self, record: Record) -> bool:
        """True where the record is of the kind and passes every test."""
        return record.kind == self.record_kind and all(test.holds(record) for test in self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Other records that must stand beside the ground: `count` distinct values of `distinct`, same case."""

    record_kind: str
    count: int
    distinct: str
    where: tuple[Condition, ...] = ()

    def met_by(self, ground: Record, records: Iterable[Record]) -> tuple[Record, ...]:
        """The records that fulfil it, or nothing."""
        found: dict[str, Record] = {}
        for record in records:
            same_case = record.case_reference is not None and record.case_reference == ground.case_reference
            if same_case and record.kind == self.record_kind and all(test.holds(record) for test in self.where):
                found.setdefault(str(record.value(self.distinct)), record)
        return tuple(found[key] for key in sorted(found)) if len(found) >= self.count else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """A state of the ground that ends the measure, with the event and the coded reason to give."""

    where: tuple[Condition, ...]
    event: Literal["lifted", "annulled"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the catalogue: object, measure, legal basis, implementing bodies, duration, remedies."""

    id: str
    title: str
    kind: MeasureKind
    target_service: str
    binding: bool
    ground: GroundRule
    entity_kinds: tuple[str, ...]
    legal_basis: tuple[Basis, ...]
    authority: str
    recipients: tuple[str, ...]
    relatedness: str
    exit: str
    remedies: tuple[str, ...]
    effective_from: date
    effective_to: date | None = None
    term_months: int | None = None
    starts_after_field: str | None = None
    latest_by: str | None = None
    latest_among: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    exits: tuple[Exit, ...] = ()
    publication: Literal["none", "on-request", "public"] = "none"
    pilot: bool = False

    def in_force(self, on: date) -> bool:
        """True from `effective_from` to `effective_to`, both inclusive."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """One version of one jurisdiction's entries; it counts from the day it was published."""

    jurisdiction: str
    version: str
    title: str
    published_on: date
    parent: str | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Agency:
    """An administration that publishes; its competence is record kinds, authority and jurisdiction."""

    id: str
    title: str
    authority: str
    jurisdiction: str
    record_kinds: tuple[str, ...]


INTAKE_KINDS = ("objection", "representation", "repair-application", "complaint")
"""What the parties themselves say, taken in by the hub's desk for the competent agency."""

DESK = Agency("hub", "The hub's desk", "casework", "*", ("match-judgement", "split", "rulebook-version", *INTAKE_KINDS))
"""Who records the decisions of case officers; no agency of a file, and competent for nothing else."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A downstream administration that applies measures, for the purpose its title names."""

    id: str
    title: str
    jurisdiction: str
    purpose: str


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All rulebooks, agencies and recipients in force at this hub."""

    rulebooks: tuple[Rulebook, ...]
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)

    def rulebook(self, jurisdiction: str, on: date) -> Rulebook | None:
        """The newest version published by `on`."""
        versions = [book for book in self.rulebooks if book.jurisdiction == jurisdiction and book.published_on <= on]
        return max(versions, key=lambda book: (book.published_on, book.version), default=None)

    def lineage(self, jurisdiction: str) -> tuple[str, ...]:
        """The jurisdiction and its parents, the most specific first."""
        line = [jurisdiction]
        while (parent := self._parents.get(line[-1])) is not None and parent not in line:
            line.append(parent)
        return tuple(line)

    def covers(self, agency: Agency, jurisdiction: str) -> bool:
        """True where the agency's jurisdiction is the record's or one of its parents; the desk's is any."""
        return (
            agency is DESK or agency.jurisdiction == jurisdiction or agency.jurisdiction in self.lineage(jurisdiction)
        )

    def entries(
        self, jurisdiction: str, record_kind: str, ground_on: date, on: date
    ) -> tuple[tuple[Rulebook, Entry], ...]:
        """Entries for a ground of that kind and day: the most specific jurisdiction's, then what its parents add."""
        key = (jurisdiction, record_kind, on)
        if key not in self._by_ground:
            self._by_ground[key] = self._published(jurisdiction, record_kind, on)
        chosen: dict[str, tuple[Rulebook, Entry]] = {}
        for book, entry in self._by_ground[key]:
            if entry.in_force(ground_on):
                chosen.setdefault(entry.id, (book, entry))
        return tuple(chosen.values())

    def _published(self, jurisdiction: str, record_kind: str, on: date) -> tuple[tuple[Rulebook, Entry], ...]:
        books = (self.rulebook(place, on) for place in self.lineage(jurisdiction))
        return tuple(
            (book, entry)
            for book in books
            if book is not None
            for entry in sorted(book.entries, key=lambda entry: entry.id)
            if entry.ground.record_kind == record_kind
        )

    def entry(self, name: str) -> Entry | None:
        """The newest text of `<jurisdiction>/<entry id>`, in whatever version it stands."""
        return self._by_name.get(name)

    def all_entries(self) -> tuple[Entry, ...]:
        """Every entry of every version."""
        return tuple(entry for book in self.rulebooks for entry in book.entries)

    def ground_kinds(self) -> frozenset[str]:
        """Record kinds that any entry can decide on, as ground or beside one."""
        entries = self.all_entries()
        beside = {need.record_kind for entry in entries for need in entry.requires}
        return frozenset({entry.ground.record_kind for entry in entries} | beside)

    @cached_property
    def _parents(self) -> Mapping[str, str | None]:
        return {book.jurisdiction: book.parent for book in self.rulebooks}

    @cached_property
    def _by_name(self) -> Mapping[str, Entry]:
        books = sorted(self.rulebooks, key=lambda book: (book.published_on, book.version))
        return {f"{book.jurisdiction}/{entry.id}": entry for book in books for entry in book.entries}

    @cached_property
    def _by_ground(self) -> dict[tuple[str, str, date], tuple[tuple[Rulebook, Entry], ...]]:
        return {}
