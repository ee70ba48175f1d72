"""Which clocks the records of one entity have started, and what stopped them: a function of the records alone."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from sharehub.core.catalogue import Catalogue
from sharehub.core.clock import Clock, ClockRule, Stop, calendar_of
from sharehub.core.competence import DESK
from sharehub.core.dossier import agency_of
from sharehub.core.process import concerned
from sharehub.core.record import Record, RecordKey
from sharehub.core.safeguard import competent
from sharehub.core.spells import by_key, in_order

Revisions = Mapping[RecordKey, tuple[Record, ...]]


def clocks(records: Iterable[Record], catalogue: Catalogue) -> tuple[Clock, ...]:
    """Every clock of one entity, running or stopped, by record and rule, whatever the order of its records.

    Records of those who are not competent start and stop nothing (law 3).
    """
    told = tuple(records)
    if catalogue.clock_starts.isdisjoint(record.kind for record in told):
        return ()
    heard = (record for record in told if competent(agency_of(record, catalogue), record, catalogue))
    lines = {key: in_order(said) for key, said in by_key(heard).items()}
    return tuple(clock for line in lines.values() for clock in _clocks(line, lines, catalogue))


def _clocks(line: tuple[Record, ...], lines: Revisions, catalogue: Catalogue) -> Iterator[Clock]:
    """The clocks that one record has started: a rule of its own place counts instead of one of the same id above."""
    places = catalogue.lineage(line[-1].jurisdiction)
    seen: set[str] = set()
    for rule in (rule for place in places for rule in catalogue.clocks if rule.jurisdiction == place):
        start = None if rule.id in seen else _start(rule, line)
        if start is not None and _fits(rule, start.about, lines, catalogue):
            seen.add(rule.id)
            yield _clock(rule, start, lines, catalogue)


class _Start(NamedTuple):
    """What started a clock: the revision that counts, the record that it is about, the day, and who must act."""

    record: Record
    about: RecordKey
    on: date
    responsible: str


def _start(rule: ClockRule, line: tuple[Record, ...]) -> _Start | None:
    starting = [record for record in line if rule.starts.shown_by(record)]
    if not starting or not _still_said(rule, starting[-1], line):
        return None
    record = starting[-1]
    on = _started_on(rule, starting)
    if on is None or not rule.in_force(on):
        return None
    about = concerned(record) or (record.agency, record.record_key)
    responsible = {"concerned": about[0], "speaker": record.agency, "hub": DESK.id}[rule.responsible]
    return _Start(record, about, on, responsible)


def _still_said(rule: ClockRule, record: Record, line: tuple[Record, ...]) -> bool:
    """False where a later revision neither starts nor stops the clock: the start was a mistake."""
    own = [stop for stop in rule.stops if stop.relation == "continues"]
    return line[-1] is record or any(stop.shown_by(line[-1]) for stop in own)


def _started_on(rule: ClockRule, starting: list[Record]) -> date | None:
    """The day that the last revision states; where it states none, the first one counts."""
    if isinstance(starting[-1].value(rule.starts.dated_by), date):
        return rule.starts.day(starting[-1])
    return min(filter(None, map(rule.starts.day, starting)), default=None)


def _fits(rule: ClockRule, about: RecordKey, lines: Revisions, catalogue: Catalogue) -> bool:
    """True where the rule counts for the concerned record: its kind, and the authority of its agency."""
    agency = catalogue.agencies.get(about[0])
    authority = agency.authority if agency else ""
    kinds = {record.kind for record in lines.get(about, ())}
    return (
        (not rule.kinds or not kinds.isdisjoint(rule.kinds))
        and (not rule.authorities or authority in rule.authorities)
        and authority not in rule.other_than
    )


def _clock(rule: ClockRule, start: _Start, lines: Revisions, catalogue: Catalogue) -> Clock:
    calendar = calendar_of(catalogue.lineage(start.record.jurisdiction), catalogue.calendars)
    due_on, sure = rule.length.due(start.on, calendar)
    stops = (day for stop in rule.stops for day in _stop_days(stop, start, lines, catalogue))
    return Clock(
        rule=rule.name,
        started_by=(start.record.agency, start.record.record_key),
        concerns=start.about,
        responsible=start.responsible,
        jurisdiction=start.record.jurisdiction,
        started_on=start.on,
        due_on=due_on,
        sure=sure,
        stopped_on=min(stops, default=None),
    )


def _stop_days(stop: Stop, start: _Start, lines: Revisions, catalogue: Catalogue) -> Iterator[date]:
    """The days on which the clock was stopped, none before it started, by those who may."""
    for record in _related(stop, start, lines):
        day = stop.day(record)
        if day is None or not stop.shown_by(record) or not _may_stop(record, start, catalogue):
            continue
        if stop.relation == "answers" and record.value(stop.key_field):
            yield max(day, start.on)  # it names what it answers: a date before that is a slip
        elif day >= start.on:
            yield day


def _related(stop: Stop, start: _Start, lines: Revisions) -> Iterator[Record]:
    """The records that stand to the start as the rule says; an answer without a key answers all that concern it."""
    if stop.relation == "continues":
        own = lines[start.record.agency, start.record.record_key]
        yield from (record for record in own if record.revision > start.record.revision)
    elif stop.relation == "revises":
        yield from (record for record in lines.get(start.about, ()) if record.revision > 1)
    else:
        keys = (None, "", start.record.record_key) if stop.relation == "answers" else ()
        for line in lines.values():
            record = line[-1]
            if concerned(record) == start.about and (not keys or record.value(stop.key_field) in keys):
                yield record


def _may_stop(record: Record, start: _Start, catalogue: Catalogue) -> bool:
    """What an agency must do, it or one of its authority does; the hub's own clocks stop when anybody acts."""
    if start.responsible in (record.agency, DESK.id):
        return True
    due, speaker = catalogue.agencies.get(start.responsible), catalogue.agencies.get(record.agency)
    return due is not None and speaker is not None and due.authority == speaker.authority
