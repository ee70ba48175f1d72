"""Whether a record is a ground of an entry on a day: conditions, what must stand beside it, what takes its place."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sharehub.core.condition import Condition
from sharehub.core.dossier import Dossier
from sharehub.core.entry import Entry, Exit
from sharehub.core.months import add_months
from sharehub.core.process import Ended, concerned
from sharehub.core.record import Record, Scalar
from sharehub.core.safeguard import shielded, undecided
from sharehub.core.spells import Line, speaking


class Met(NamedTuple):
    """A ground that holds: the records that stand beside it, and those that report the same."""

    beside: tuple[Record, ...]
    witnesses: tuple[Record, ...]


class Question(NamedTuple):
    """A record that speaks since a day, an entry whose ground it could be, all else known, and the day asked for."""

    record: Record
    since: date
    entry: Entry
    dossier: Dossier
    on: date


def examine(asked: Question) -> Met | Ended:
    """The ground as the entry asks for it on that day, or why there is none."""
    for refuse in _REFUSALS:
        refused = refuse(asked)
        if refused is not None:
            return refused
    beside: list[Record] = []
    for need in asked.entry.requires:
        found = need.met_by(asked.record, _said(asked.dossier, need.record_kind, asked.on))
        if not found:
            return Ended("lifted", "ground-ended", asked.on)
        beside += found
    return Met(tuple(beside), _witnesses(asked))


def _left(asked: Question) -> Ended | None:
    for way_out in asked.entry.exits:
        if leaves(way_out, asked.record):
            day = exit_day(way_out, asked.record) or asked.since
            if day <= asked.on:
                return Ended(way_out.event, way_out.reason, day)
    return None


def _unmatched(asked: Question) -> Ended | None:
    if matches(asked.record, asked.entry, asked.dossier):
        return None
    return Ended("lifted", "ground-ended", asked.since, asked.record.revision)


def _unlawful(asked: Question) -> Ended | None:
    broken = undecided(asked.record) or shielded(asked.record)
    return Ended("lifted", f"law-{broken.law}", asked.since) if broken else _of_age(asked)


def _of_age(asked: Question) -> Ended | None:
    """A court that found the debtor a minor in one judgment has found it for all (law 5)."""
    if "individual" not in asked.entry.entity_kinds:
        return None
    found = (record.value("minor") is True for record in _said(asked.dossier, asked.record.kind, asked.on))
    return Ended("lifted", "law-5", asked.on) if any(found) else None


def _exempt(asked: Question) -> Ended | None:
    exempt = any(test.holds(asked.record) for test in asked.entry.unless)
    return Ended("lifted", "exempt", asked.since) if exempt else None


def matches(record: Record, entry: Entry, dossier: Dossier) -> bool:
    """True where the record passes every test, about a subject of a kind that the entry knows, by its authority."""
    agency = dossier.catalogue.agencies.get(record.agency)
    return (
        agency is not None
        and agency.authority == entry.ground.authority
        and record.subject_kind in entry.entity_kinds
        and entry.ground.matches(record)
    )


def leaves(way_out: Exit, record: Record) -> bool:
    """True where the record states what ends the measure."""
    return all(test.holds(record) for test in way_out.where)


def exit_day(way_out: Exit, record: Record) -> date | None:
    """The day that the record states for it, such as that of performance."""
    return stated_day(way_out.where, record)


def stated_day(where: tuple[Condition, ...], record: Record) -> date | None:
    """The latest date among the fields that must be stated, such as the day of service."""
    stated = (record.value(test.field) for test in where if test.operator == "present" and test.operand is True)
    return max((value for value in stated if isinstance(value, date)), default=None)


def related(record: Record, entry: Entry, dossier: Dossier) -> Iterator[Line]:
    """Lines of other records on which the answer of `examine` depends."""
    kinds = {need.record_kind for need in entry.requires} | {bar.record_kind for bar in entry.barred_by}
    if entry.latest_by is not None or entry.same_ground_by or "individual" in entry.entity_kinds:
        kinds.add(record.kind)
    for kind in sorted(kinds):
        yield from dossier.of_kind(kind)


def _said(dossier: Dossier, kind: str, on: date) -> Iterator[Record]:
    for line in dossier.of_kind(kind):
        record = speaking(line, on)
        if record is not None:
            yield record


def _replaced(asked: Question) -> Ended | None:
    """A later record of the same authority, alike in `latest_among`, has taken its place."""
    record, _, entry, dossier, on = asked
    if entry.latest_by is None:
        return None
    days = [
        spell.since
        for line in dossier.of_kind(record.kind)
        for spell in line
        if spell.speaks(on)
        and dossier.catalogue.agencies[spell.record.agency].authority == entry.ground.authority
        and _later(spell.record.value(entry.latest_by), record.value(entry.latest_by))
        and all(spell.record.value(name) == record.value(name) for name in entry.latest_among)
    ]
    return Ended("lifted", "replaced-by-later", min(days)) if days else None


def _later(rival: Scalar, mine: Scalar) -> bool:
    if isinstance(rival, date) and isinstance(mine, date):
        return rival > mine
    return isinstance(rival, int) and isinstance(mine, int) and rival > mine


def _barred(asked: Question) -> Ended | None:
    """After some records no new ground of the same case counts for months; the ground that they ended is another."""
    record, since, entry, dossier, on = asked
    for bar in entry.barred_by:
        for said in _said(dossier, bar.record_kind, on):
            about_it = concerned(said) == (record.agency, record.record_key)
            same_case = record.case_reference is not None and said.case_reference == record.case_reference
            first = said.counts_from
            if not same_case or about_it or first is None or not all(test.holds(said) for test in bar.where):
                continue
            if first <= since < add_months(first, bar.months):
                return Ended("lifted", bar.reason, since)
    return None


def _reported(asked: Question) -> Ended | None:
    """Another record of the same decision came first: that one is the ground, this one its witness."""
    witnesses = _witnesses(asked)
    if witnesses and min(map(_place, witnesses)) < _place(asked.record):
        return Ended("lifted", "same-ground", asked.on)
    return None


def _witnesses(asked: Question) -> tuple[Record, ...]:
    """Other agencies' records of the very same decision."""
    record, _, entry, dossier, on = asked
    mine = [record.value(name) for name in entry.same_ground_by]
    if not mine or any(value in (None, "") for value in mine):
        return ()
    return tuple(
        other
        for other in _said(dossier, record.kind, on)
        if other is not record
        and [other.value(name) for name in entry.same_ground_by] == mine
        and matches(other, entry, dossier)
    )


def _place(record: Record) -> tuple[date, str, str]:
    return record.counts_from or date.max, record.agency, record.record_key


_REFUSALS = (_left, _unmatched, _unlawful, _exempt, _replaced, _barred, _reported)
"""Each says why there is no ground, or nothing; the first that does is told."""
