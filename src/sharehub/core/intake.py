"""What parties, and anybody else, bring before the hub: the words that are taken in, and their bounds."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal

from sharehub.errors import UsageError

TEXT_MAX = 2_000
LINE_MAX = 200
_LINES = frozenset(
    ("party", "agency", "record_key", "field", "matter", "jurisdiction", "identifier", "by", "record", "number")
)

OfficeKind = Literal["company", "organisation", "public_body"]
Status = Literal["accepted", "declined", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """A record, and the party that it is about: an identifier or, where there is none, the name in the record."""

    party: str
    agency: str
    record_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection(Concerned):
    """A field of the record is wrong (empty: the record as a whole); `statement` stays attached to the record."""

    claim: str
    field: str = ""
    proposed: str | None = None
    statement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation(Concerned):
    """The party's own statement on the record."""

    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair(Concerned):
    """The party asks that the record be repaired, with what it promises in public."""

    commitment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """By anyone, about an entity or an office; `author` is sealed for the competent agency before anything is kept."""

    about: str
    kind: OfficeKind
    matter: str
    said: str
    jurisdiction: str
    identifier: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the competent agency has done with a complaint, told to its author; `record` is AGENCY/KEY of what came."""

    number: str
    status: Status
    by: str
    outcome: str | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was published, and the number that is told this once; `agency` must answer."""

    reference_number: str
    record_key: str
    agency: str
    words: str
    lodged_on: date


class NotKnownError(UsageError):
    """There is no such record or number here, or not about this party: nobody is told which."""


def text_faults(stated: Concerned | Complaint | Answer) -> Iterator[str]:
    """Which texts are blank where they must say something, too long, or hold what no database keeps."""
    for one in fields(stated):
        text = getattr(stated, one.name)
        longest = LINE_MAX if one.name in _LINES else TEXT_MAX
        if text is None or (text == "" and one.name == "field"):
            continue
        if not text.strip():
            yield f"{one.name} is empty"
        if len(text) > longest:
            yield f"{one.name} has {len(text)} characters, {longest} are taken"
        if "\0" in text:
            yield f"{one.name} holds a NUL character"
