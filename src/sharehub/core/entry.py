"""One row of a rulebook: which ground leads to which measure, for whom, on what basis, how long, with which exits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from sharehub.core.condition import Condition
from sharehub.core.rank import Basis
from sharehub.core.record import Record


class MeasureKind(StrEnum):
    """What a measure does to its entity."""

    RESTRICTION = "restriction"
    MANAGEMENT = "management"
    INFORMATIVE = "informative"
    REWARD = "reward"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundRule:
    """Which record is a ground: its kind, the authority that must have decided, and tests on it."""

    record_kind: str
    authority: str
    where: tuple[Condition, ...] = ()

    def matches(self, record: Record) -> bool:
        """True where the record is of the kind and passes every test."""
        for test in self.where:  # asked of every record, millions of times
            if not test.holds(record):
                return False
        return record.kind == self.record_kind


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


@dataclass(frozen=True, slots=True)
class Aggravation:
    """What makes a term longer, by how many months."""

    where: tuple[Condition, ...]
    months: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A record of the same case after which no new measure begins for some months, such as a creditor's consent."""

    record_kind: str
    where: tuple[Condition, ...]
    months: int
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
    publication_class: str | None = None
    pilot: bool = False
    when_pilot_ends: Literal["keep", "lift"] = "keep"
    unless: tuple[Condition, ...] = ()
    term_months_min: int | None = None
    term_months_max: int | None = None
    aggravation: tuple[Aggravation, ...] = ()
    barred_by: tuple[Bar, ...] = ()
    ends_when_performed: bool = False
    repairable: bool = True
    excluded_by: tuple[MeasureKind, ...] = ()
    same_ground_by: tuple[str, ...] = ()
    opt_out: bool = False

    def in_force(self, on: date) -> bool:
        """True from `effective_from` to `effective_to`, both inclusive."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)
