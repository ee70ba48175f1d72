"""Due process: what appeals, stays, performance, repair and objections do to the measures of the record they concern.

Each is a record of its own. An appeal or an objection marks, only a stay suspends (law 9); what performs, repairs
or annuls ends everything that rests on the record (law 8). Sources: Administrative Penalty Law Art. 73,
Fa Shi [2017] 7 Art. 10, Credit Repair Measures (NDRC Order 36) Art. 3.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sharehub.core.entry import Entry
from sharehub.core.measure import EventKind, Measure
from sharehub.core.months import ONE_DAY, add_months
from sharehub.core.record import WITHDRAWAL, Record, RecordKey
from sharehub.core.spells import Line, Spell

PROCESS_KINDS = frozenset(
    (
        "appeal",
        "delisting",
        "exception",
        "objection",
        "objection-outcome",
        "opt-out",
        "performance",
        "repair-decision",
        "stay",
    )
)
"""Kinds that change the measures of another record; all others of due process are told and change nothing."""

BY_THE_DECIDER = frozenset(("delisting", "exception", "objection-outcome", "performance", "repair-decision"))
"""What only the authority that decided can say of its decision."""

_OPEN_APPEALS = ("lodged", "admitted")
_DATED_BY: Mapping[str, tuple[str, ...]] = {
    "performance": ("performed_on",),
    "objection": ("lodged_on",),
    "objection-outcome": ("answered_on",),
    "appeal": ("lodged_on", "outcome_on"),
    WITHDRAWAL: (),
}
"""The fields that date an act; records of other kinds count from their business date."""


class Ended(NamedTuple):
    """How a measure ends: the event, its coded reason, and the day in law.

    `unmet` is the revision of a record that the entry does not ask for, as it reads.
    """

    event: EventKind
    reason: str
    on: date | None
    unmet: int | None = None

    def reason_for(self, measure: Measure) -> str:
        """Why this measure ends: what its ground still says was asked for once, so that the rule is another one."""
        return reason_unmet(measure, self.unmet) if self.unmet is not None else self.reason


def reason_unmet(measure: Measure, revision: int) -> str:
    """Why a measure ends whose ground, in this revision, is no ground of its entry: its agency, or the rule."""
    return "rulebook-changed" if revision == measure.ground.revision else "ground-ended"


class Effects(NamedTuple):
    """What due process says of one measure on one day."""

    ended: Ended | None = None
    stayed_until: date | None = None
    stayed: bool = False
    disputed: bool = False
    excepted: tuple[date, date] | None = None
    opted_out: frozenset[str] = frozenset()


NONE = Effects()


def concerned(record: Record) -> RecordKey | None:
    """The record that this one is about."""
    agency, key = record.value("concerns_agency"), record.value("concerns_key")
    return (str(agency), str(key)) if agency and key else None


def dated(record: Record) -> date | None:
    """The day from which a record of due process counts: of the act that it reports, else its business date.

    A withdrawal counts from its receipt at the latest: nothing rests on what is taken back (law 8).
    """
    if record.kind not in _DATED_BY:
        return record.counts_from
    if record.withdrawn and record.stated_on and record.received_on:
        return min(record.stated_on, record.received_on)
    if record.kind == "appeal":
        field = "lodged_on" if record.value("status") in _OPEN_APPEALS else "outcome_on"
        return _day(record, field) or record.counts_from
    stated = (_day(record, name) for name in _DATED_BY[record.kind])
    return next((day for day in stated if day), None) or record.counts_from


def _day(record: Record, name: str) -> date | None:
    value = record.value(name)
    return value if isinstance(value, date) else None


def change_days(said: Iterable[Spell]) -> set[date]:
    """The days on which the effects may change."""
    days: set[date] = set()
    for record, since, until in said:
        days.add(since)
        days |= {until + ONE_DAY} if until else set()
        days |= {last + ONE_DAY} if (last := _last_day(record)) else set()
    return days


def _last_day(record: Record) -> date | None:
    """The last day of a stay, or of an exception, which lasts a month at most (Fa Fa [2019] 35)."""
    if record.kind == "exception" and record.effective_from and record.effective_to:
        return min(record.effective_to, add_months(record.effective_from, 1))
    return record.effective_to if record.kind == "stay" else None


def effects(said: Iterable[Line], entry: Entry, on: date) -> Effects:
    """All that due process says of the entry's measure on that day."""
    now = [(spell.record, spell.since) for line in said for spell in line if spell.speaks(on)]
    if not now:
        return NONE
    endings = sorted(filter(None, (_ending(record, since, entry) for record, since in now)), key=_order)
    stays = [record for record, _ in now if record.kind == "stay" and _lasts(record, on)]
    exceptions = [record for record, _ in now if record.kind == "exception" and _excepts(record, entry, on)]
    answered = {record.value("objection_key") for record, _ in now if record.kind == "objection-outcome"}
    return Effects(
        ended=next(iter(endings), None),
        stayed=bool(stays),
        stayed_until=max((record.effective_to for record in stays if record.effective_to), default=None),
        disputed=any(_disputes(record, answered) for record, _ in now),
        excepted=max((_span(record) for record in exceptions), default=None),
        opted_out=frozenset(
            str(record.value("recipient")) for record, _ in now if record.kind == "opt-out" and entry.opt_out
        ),
    )


def _order(ended: Ended) -> tuple[date, str, str]:
    return ended.on or date.max, ended.event, ended.reason


def _ending(record: Record, since: date, entry: Entry) -> Ended | None:
    if record.kind == "delisting":
        return Ended("lifted", str(record.value("reason")).replace("_", "-"), since)
    if record.kind == "appeal" and record.value("status") == "upheld":
        return Ended("annulled", "appeal-upheld", since)
    if record.kind == "repair-decision" and record.value("outcome") == "granted" and entry.repairable:
        return Ended("lifted", "repaired", since)
    if record.kind == "performance" and record.value("extent") == "full" and entry.ends_when_performed:
        return Ended("lifted", "performed", since)
    return None


def _lasts(record: Record, on: date) -> bool:
    return record.effective_to is None or on <= record.effective_to


def _excepts(record: Record, entry: Entry, on: date) -> bool:
    named = record.value("entry")
    last = _last_day(record)
    return named in (None, entry.id) and last is not None and on <= last


def _span(record: Record) -> tuple[date, date]:
    return record.effective_from or date.max, _last_day(record) or date.max


def _disputes(record: Record, answered: Iterable[object]) -> bool:
    if record.kind == "appeal":
        return record.value("status") in _OPEN_APPEALS
    return record.kind == "objection" and record.record_key not in answered
