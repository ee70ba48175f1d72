"""Clocks of due process: what starts one, what stops it, how long it may run, and who must act meanwhile.

The rules are data, like rulebooks. A clock itself is no record: it follows from records, is overdue or not on a given
day, and nobody stores that it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sharehub.core.calendar import Calendar, UncoveredDayError
from sharehub.core.condition import Condition
from sharehub.core.months import add_months
from sharehub.core.rank import Basis
from sharehub.core.record import Record, RecordKey

Unit = Literal["working_days", "days", "months"]
Relation = Literal["answers", "concerns", "revises", "continues"]
"""How what stops a clock relates to what started it: it answers it by key, concerns the same record, is a later
revision of the concerned record, or is a later revision of the very record that started it."""

Responsible = Literal["concerned", "speaker", "hub"]
"""Who must act: the agency of the concerned record, the one that said what started the clock, or the hub's desk."""

Standing = Literal["running", "overdue", "stopped in time", "stopped late"]

RECEIPT = "received_on"
"""Not a field of a record: the day on which the hub received it."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a clock may run; the day that starts it does not count."""

    count: int
    unit: Unit

    def end(self, start: date, calendar: Calendar) -> date:
        """The last day; where one of days or months falls on a day off, it is the next working day."""
        if self.unit == "working_days":
            return calendar.add_working_days(start, self.count)
        end = add_months(start, self.count) if self.unit == "months" else start + timedelta(days=self.count)
        return calendar.first_working_day(end)

    def due(self, start: date, calendar: Calendar) -> tuple[date, bool]:
        """The last day, and whether the calendar is sure of it: beyond its years it is a guess."""
        try:
            return self.end(start, calendar), True
        except UncoveredDayError:
            return self.end(start, calendar.guessed()), False

    def __str__(self) -> str:
        unit = self.unit.replace("_", " ")
        return f"{self.count} {unit.removesuffix('s') if self.count == 1 else unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Records that show something: their kind, what must hold of them, and the field with their date."""

    record_kind: str = ""
    where: tuple[Condition, ...] = ()
    dated_by: str = ""

    def shown_by(self, record: Record) -> bool:
        """True for a record of the kind, or of any, of which all conditions hold."""
        return self.record_kind in ("", record.kind) and all(test.holds(record) for test in self.where)

    def day(self, record: Record) -> date | None:
        """The day of its field, else its business date; what the hub has in hand did not happen after its receipt."""
        stated = record.received_on if self.dated_by == RECEIPT else record.value(self.dated_by)
        day = stated if isinstance(stated, date) else record.counts_from
        return min(filter(None, (day, record.received_on)), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Sign):
    """What stops a clock; `key_field` holds the key of the record that is answered."""

    relation: Relation
    key_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One clock of one jurisdiction, counted for what starts within its effective dates.

    It is narrowed by the concerned record: its `kinds`, the `authorities` of its agency, those `other_than` some.
    """

    id: str
    jurisdiction: str
    title: str
    starts: Sign
    stops: tuple[Stop, ...]
    length: Length
    responsible: Responsible
    legal_basis: tuple[Basis, ...]
    effective_from: date
    effective_to: date | None = None
    kinds: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """`<jurisdiction>/<id>`."""
        return f"{self.jurisdiction}/{self.id}"

    def in_force(self, on: date) -> bool:
        """True where a clock that starts on that day is one of this rule."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock that a record has started; `sure` is False where its last day had to be guessed."""

    rule: str
    started_by: RecordKey
    concerns: RecordKey
    responsible: str
    jurisdiction: str
    started_on: date
    due_on: date
    sure: bool
    stopped_on: date | None = None

    def standing(self, on: date) -> Standing:
        """Where it stands on that day."""
        if self.stopped_on is not None and self.stopped_on <= on:
            return "stopped in time" if self.stopped_on <= self.due_on else "stopped late"
        return "running" if on <= self.due_on else "overdue"

    def days_late(self, on: date, calendar: Calendar) -> int:
        """Working days between its last day and the day on which it stopped, or `on`; 0 where it is not late."""
        end = on if self.stopped_on is None else min(on, self.stopped_on)
        if end <= self.due_on:
            return 0
        known = calendar if calendar.covers(self.due_on) and calendar.covers(end) else calendar.guessed()
        return known.working_days_between(self.due_on, end)


def calendar_of(jurisdictions: tuple[str, ...], calendars: Mapping[str, Calendar]) -> Calendar:
    """The calendar of the first of the jurisdictions that has one; else one that knows the weekend only."""
    found = (calendars[place] for place in jurisdictions if place in calendars)
    return next(found, Calendar(jurisdiction=jurisdictions[0]))
