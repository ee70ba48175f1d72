"""One batch of messages on its way: polled from the log, decoded, counted; and the log it comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import polars as pl

from sharehub.core.dead_letter import Headers
from sharehub.topics import Place


class RacedError(Exception):
    """Another worker was quicker with the same identifiers or rows: do the batch again."""


class Messages(NamedTuple):
    """Consecutive messages of one partition, by column; `appended_ms` is the broker's append time since 1970."""

    offsets: list[int]
    appended_ms: list[int]
    keys: list[bytes | None]
    values: list[bytes | None]

    @classmethod
    def none(cls) -> "Messages":
        """No messages yet."""
        return cls([], [], [], [])


class Halt(NamedTuple):
    """Why nothing more of a partition may be processed before a person has looked: a code and plain words."""

    place: Place
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A partition taken over: the epoch that fences earlier owners, where to go on, and what came last.

    `halt`: why it must not go on. `rejections_accepted_to`: below this offset a flood of rejections is meant.
    """

    place: Place
    epoch: int
    next_offset: int
    last_offset: int | None = None
    last_hash: bytes | None = None
    halt: Halt | None = None
    rejections_accepted_to: int = 0


@dataclass(frozen=True, slots=True)
class Advance:
    """A position to commit with the effects of its batch, with the hash of the last message before it."""

    claim: Claim
    next_offset: int
    last_hash: bytes


class Tally(NamedTuple):
    """Figures of one batch: messages taken, of these seen before, of these rejected; events issued."""

    records: int
    duplicates: int
    rejected: int
    events: int


@dataclass(frozen=True)
class Polled:
    """One bounded batch: consecutive messages of some partitions, in offset order; `headers` of those that have any."""

    messages: Mapping[Place, Messages] = field(default_factory=dict)
    headers: Mapping[Place, Mapping[int, Headers]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(found.offsets) for found in self.messages.values())

    def only(self, places: Iterable[Place]) -> "Polled":
        """The part of the batch that is of these partitions."""
        kept = [place for place in places if place in self.messages]
        return Polled(
            {place: self.messages[place] for place in kept},
            {place: self.headers[place] for place in kept if place in self.headers},
        )

    def headers_at(self, place: Place, offset: int) -> Headers:
        """The headers of one message."""
        return self.headers.get(place, {}).get(offset, ())


@dataclass(frozen=True)
class Fault:
    """A payload that will not decode: its place in the batch, a code and plain words."""

    row: int
    code: str
    reason: str


@dataclass(frozen=True)
class Decoded:
    """Columns of all records of one kind in a batch; column `row` is each record's place in the batch."""

    kind: str
    frame: pl.DataFrame


class Log(Protocol):
    """The subscription of one worker to the record topics."""

    def poll(self, records_max: int, wait_s: float) -> Polled:
        """The next batch of claimed partitions; empty when nothing came in time."""
        ...

    def revoked(self) -> frozenset[Place]:
        """Partitions lost since the last call; what was polled from them is dropped."""
        ...

    def claim_again(self, places: Iterable[Place]) -> None:
        """Take over anew what the group still gives us, at the stored positions."""
        ...

    def follow(self) -> None:
        """Poll topics too that were made since."""
        ...

    def caught_up(self) -> bool:
        """True where everything that was in the log when asked first has been polled."""
        ...

    def hint(self, claims: Iterable[Claim]) -> None:
        """Tell the broker's group the positions, for lag tools only."""
        ...

    def halted(self) -> Mapping[Place, Halt]:
        """The partitions of this worker of which nothing more is polled, and why."""
        ...

    def halt(self, halts: Iterable[Halt]) -> None:
        """Poll nothing more of these partitions before they are claimed again."""
        ...
