"""On which days each revision speaks for its record, for decisions; `core.validity` shows the same to people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sharehub.core.record import Record

RecordKey = tuple[str, str]
"""Agency and record key."""

ONE_DAY = timedelta(days=1)


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
    said: dict[RecordKey, list[Record]] = {}
    for record in records:
        said.setdefault((record.agency, record.record_key), []).append(record)
    if not said:
        return {}
    return {key: _line(said[key], counts_from) for key in (sorted(said) if len(said) > 1 else said)}


def _line(said: Sequence[Record], counts_from: Callable[[Record], date]) -> Line:
    if len(said) == 1:
        return (Spell(said[0], counts_from(said[0]), None),)
    revisions: dict[int, Record] = {}
    for record in said:
        revisions.setdefault(record.revision, record)
    found: list[Spell] = []
    until: date | None = None
    for number in sorted(revisions, reverse=True):
        since = counts_from(revisions[number])
        if until is None or since <= until:
            found.append(Spell(revisions[number], since, until))
            until = since - ONE_DAY
    return tuple(reversed(found))


def speaking(line: Sequence[Spell], on: date) -> Record | None:
    """The revision that speaks for its record on that day, if one does."""
    return next((spell.record for spell in reversed(line) if spell.speaks(on)), None)


def days_of(spells: Iterable[Spell]) -> set[date]:
    """The days on which what is said changes."""
    return {spell.since for spell in spells} | {spell.until + ONE_DAY for spell in spells if spell.until}
