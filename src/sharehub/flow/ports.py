"""What the flows need from the outside; drivers live behind these protocols."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Place(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


class Message(NamedTuple):
    """One message as polled: `appended_ms` is the broker's append time in milliseconds since 1970."""

    offset: int
    appended_ms: int
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A partition taken over: the epoch that fences earlier owners, and where to go on."""

    place: Place
    epoch: int
    next_offset: int
    last_hash: bytes | None = None


@dataclass(frozen=True)
class Polled:
    """One bounded batch: consecutive messages of some partitions, in offset order."""

    messages: Mapping[Place, Sequence[Message]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(found) for found in self.messages.values())


class Log(Protocol):
    """The subscription of one worker to the record topics."""

    def poll(self, records_max: int, wait_s: float) -> Polled:
        """The next batch of claimed partitions; empty when nothing came in time."""
        ...

    def revoked(self) -> frozenset[Place]:
        """Partitions lost since the last call; what was polled from them is dropped."""
        ...

    def rewind(self, claims: Iterable[Claim]) -> None:
        """Go back to the positions of these claims."""
        ...

    def caught_up(self) -> bool:
        """True where everything that was in the log when asked first has been polled."""
        ...
