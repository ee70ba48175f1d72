"""How long one record states one value: over consecutive revisions, without a break."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

from sharehub.core.months import ONE_DAY
from sharehub.core.record import Received, Record, RecordKey
from sharehub.core.validity import Ending, Validity, revisions, validities

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one record claims, from `since` to `until` in law, both inclusive (None: open).

    `record` is the newest revision that says it, `received_at` the instant since which the hub knows it. `ending` says
    why it no longer counts, `ended_by` by which revision.
    """

    record: Record
    since: date
    until: date | None
    received_at: datetime
    ending: Ending
    ended_by: int | None

    @property
    def current(self) -> bool:
        """True where it counts on the day for which it was asked."""
        return not self.ending


class Span(NamedTuple, Generic[T]):
    """A value that consecutive revisions of one record state without a break, and the days of those revisions."""

    value: T
    members: tuple[Validity, ...]

    @property
    def since(self) -> date:
        """From when the agency says it counts."""
        return self.members[0].since

    @property
    def until(self) -> date | None:
        """The last day, inclusive; None where no end is known, or it never began."""
        last = self.members[-1]
        return None if last.void else last.until

    @property
    def received_at(self) -> datetime:
        """Since when the hub knows it from this record."""
        return min(one.said.received_at for one in self.members)

    def record(self, on: date) -> Record:
        """The newest revision that states it and counts by the day."""
        return next((one for one in reversed(self.members) if one.since <= on), self.members[0]).said.record

    def speaks(self, on: date) -> bool:
        """True where one of the revisions speaks on that day."""
        return any(one.speaks(on) for one in self.members)

    def ending(self, on: date) -> tuple[Ending, int | None]:
        """Why it no longer counts on the day, and by which revision; empty while it does."""
        last = self.members[-1]
        successor = last.successor.revision if last.successor else None
        return ("", None) if self.speaks(on) else (last.ending, successor)


def spans(
    received: Iterable[Received], on: date, states: Callable[[Record], Iterable[T]]
) -> Iterator[tuple[RecordKey, Span[T]]]:
    """The values that each record has stated by the day, in revision order; `states` gives those of a revision."""
    for key, line in revisions(received).items():
        for value, members in _unbroken(validities(line), states):
            living = tuple(one for one in members if not one.void) or members[:1]
            if living[0].since <= on:
                yield key, Span(value, living)


def _unbroken(
    line: Iterable[Validity], states: Callable[[Record], Iterable[T]]
) -> Iterator[tuple[T, tuple[Validity, ...]]]:
    going: dict[T, list[Validity]] = {}
    for one in line:
        stated = () if one.said.record.withdrawn else tuple(dict.fromkeys(states(one.said.record)))
        for value in [value for value in going if value not in stated or _apart(going[value], one)]:
            yield value, tuple(going.pop(value))
        for value in stated:
            going.setdefault(value, []).append(one)
    yield from ((value, tuple(members)) for value, members in going.items())


def _apart(earlier: Iterable[Validity], later: Validity) -> bool:
    """True where the last of the earlier ones ended by itself, some days before the later one begins."""
    ends = [one.until for one in earlier if one.until is not None and not one.void]
    return bool(ends) and not later.void and ends[-1] + ONE_DAY < later.since
