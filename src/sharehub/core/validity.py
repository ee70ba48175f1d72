"""The two clocks: on which days each revision speaks in law, and which revisions the hub knew at an instant.

In law, a revision counts from its business date (`Record.counts_from`), and on any day the highest revision
that counts by then speaks for its record; the revisions below it are silent from that day on. So the
correction of an error, which states the date of what it corrects, reaches back to it, and a change of status,
which states a date of its own, leaves the days before it as they were. A withdrawal speaks by silence.

As the hub knew it, a revision is there from its receipt on. Both answers are functions of the revisions
received by an instant, so what arrives later cannot change them, and the order of arrival never matters.
Source: effective and recorded time, as in ISO/IEC 9075-2:2011 (application-time and system-time periods).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from sharehub.core.months import ONE_DAY
from sharehub.core.record import Received, Record, RecordKey

Ending = Literal["", "corrected", "withdrawn", "superseded", "over"]
"""Why a revision no longer speaks: it never should have, was taken back, gave way, or its own term ended."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The days on which one revision speaks, `since` to `until`, both inclusive; `until` None: no end is known.

    `successor` is the revision that ends them; where it counts from the same day or an earlier one, there are none.
    """

    said: Received
    since: date
    until: date | None
    successor: Record | None

    @property
    def void(self) -> bool:
        """True for a revision that speaks on no day at all."""
        return self.until is not None and self.until < self.since

    def speaks(self, on: date) -> bool:
        """True on the days of the revision; a withdrawal has them, but states nothing."""
        return self.since <= on and (self.until is None or on <= self.until)

    @property
    def ending(self) -> Ending:
        """What ends it, once it has ended."""
        if self.successor is None:
            return "over" if self.until else ""
        if self.successor.withdrawn:
            return "withdrawn"
        return "corrected" if self.void else "superseded"


def known(received: Iterable[Received], known_at: datetime | None) -> tuple[Received, ...]:
    """What the hub had received by that instant, inclusive; None: everything."""
    return tuple(one for one in received if known_at is None or one.received_at <= known_at)


def revisions(received: Iterable[Received]) -> Mapping[RecordKey, tuple[Received, ...]]:
    """The revisions of every record in their own order, each once: what was received first under a number counts."""
    first: dict[tuple[str, str, int], Received] = {}
    for one in received:
        key = (one.record.agency, one.record.record_key, one.record.revision)
        if key not in first or _before(one, first[key]):
            first[key] = one
    lines: defaultdict[RecordKey, list[Received]] = defaultdict(list)
    for agency, record_key, number in sorted(first):
        lines[agency, record_key].append(first[agency, record_key, number])
    return {key: tuple(line) for key, line in lines.items()}


def content(record: Record) -> str:
    """What the record says, as a text that is the same whatever the order in which its fields were given."""
    detail, originals = dict(sorted(record.detail.items())), dict(sorted(record.originals.items()))
    return repr(replace(record, detail=detail, originals=originals))


def _before(one: Received, other: Received) -> bool:
    if one.received_at != other.received_at:
        return one.received_at < other.received_at
    return content(one.record) < content(other.record)


def validities(line: Iterable[Received]) -> tuple[Validity, ...]:
    """The days of each revision of one record, given in revision order; those that speak at all adjoin."""
    found: list[Validity] = []
    successor: Received | None = None
    for said in reversed(tuple(line)):
        ends = [] if successor is None else [successor.counts_from - ONE_DAY]
        own_end = None if said.record.withdrawn else said.record.effective_to
        outlived = own_end is not None and (not ends or own_end < ends[0])
        until = own_end if outlived else next(iter(ends), None)
        heir = None if successor is None or outlived else successor.record
        found.append(Validity(said, said.counts_from, until, heir))
        if successor is None or said.counts_from < successor.counts_from:
            successor = said
    return tuple(reversed(found))


def as_of(received: Iterable[Received], on: date, known_at: datetime | None = None) -> tuple[Received, ...]:
    """What counted in law on the day, as the hub knew it at the instant: one revision of a record, or none.

    Of each record it is the highest revision known by `known_at` whose business date is not after `on`, unless
    that is a withdrawal or its own `effective_to` has passed.
    """
    lines = revisions(known(received, known_at)).values()
    days = (one for line in lines for one in validities(line))
    return tuple(one.said for one in days if one.speaks(on) and not one.said.record.withdrawn)
