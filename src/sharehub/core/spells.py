"""On which days each revision speaks for its record, for decisions; `core.validity` shows the same to people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sharehub.core.months import ONE_DAY
from sharehub.core.record import Record, RecordKey


class Spell(NamedTuple):
    """The days on which one revision speaks, both inclusive; `until` None: no end is known. A withdrawal is silence."""

    record: Record
    since: date
    until: date | None

    def speaks(self, on: date) -> bool:
        """True on its days, unless the record is taken back on them."""
        return self.since <= on and (self.until is None or on <= self.until) and not self.record.withdrawn


Line = tuple[Spell, ...]


def lines(records: Iterable[Record], counts_from: Callable[[Record], date]) -> Mapping[RecordKey, Line]:
    """The spells of every record in their order, whatever the order of arrival; corrected revisions have none."""
    return {key: _line(said, counts_from) for key, said in by_key(records).items()}


def by_key(records: Iterable[Record]) -> Mapping[RecordKey, Sequence[Record]]:
    """The revisions of every record, the records in the order of their keys, the revisions as they came."""
    said: dict[RecordKey, list[Record]] = {}
    for record in records:
        said.setdefault((record.agency, record.record_key), []).append(record)
    return {key: said[key] for key in sorted(said)} if len(said) > 1 else said


def in_order(said: Sequence[Record]) -> tuple[Record, ...]:
    """The revisions of one record by number; of two texts under one number the first counts."""
    if len(said) == 1:
        return (said[0],)
    revisions: dict[int, Record] = {}
    for record in said:
        revisions.setdefault(record.revision, record)
    return tuple(revisions[number] for number in sorted(revisions))


def _line(said: Sequence[Record], counts_from: Callable[[Record], date]) -> Line:
    if len(said) == 1:
        return (Spell(said[0], counts_from(said[0]), None),)
    found: list[Spell] = []
    until: date | None = None
    for record in reversed(in_order(said)):
        since = counts_from(record)
        if until is None or since <= until:
            found.append(Spell(record, since, until))
            until = since - ONE_DAY
    return tuple(reversed(found))


def speaking(line: Sequence[Spell], on: date) -> Record | None:
    """The revision that speaks for its record on that day, if one does."""
    return next((spell.record for spell in reversed(line) if spell.speaks(on)), None)


def days_of(spells: Iterable[Spell]) -> set[date]:
    """The days on which what is said changes."""
    return {spell.since for spell in spells} | {spell.until + ONE_DAY for spell in spells if spell.until}
