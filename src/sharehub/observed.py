"""What the parts of a hub are found to be at one moment: values that `status`, `doctor` and the metrics read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sharehub.topics import Place

_NAME_CHARACTERS = 63
"""PostgreSQL cuts longer names of sessions off."""


def session_name(kind: str, owner: str) -> str:
    """The name under which a service is connected, so that the sessions tell which services run; no kind: none."""
    return f"sharehub {kind} {owner}"[:_NAME_CHARACTERS] if kind else "sharehub"


class Service(NamedTuple):
    """A service that is connected to the database; `owner` is its host and process, `since` when it connected."""

    kind: str
    owner: str
    since: datetime

    def is_of(self, owner: str) -> bool:
        """True where this is the service of that owner, whose name may have been cut off."""
        return session_name(self.kind, self.owner) == session_name(self.kind, owner)


class Holding(NamedTuple):
    """A partition as the consolidators' group has it: who claimed it last, how far it is, and why it is halted."""

    place: Place
    owner: str
    next_offset: int
    cluster_id: str
    topic_id: str
    advanced_at: datetime | None
    halt_reason: str = ""


class TopicFound(NamedTuple):
    """A topic as Kafka has it, with the settings that say how long it is kept and whose time it tells."""

    topic_id: str
    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KafkaFound:
    """Kafka: its version, which cluster it is, topics by name, the first and the next offset of each partition read.

    `late` is, for each partition, the first message that was appended after the instant that was asked for, or its
    end: what lies before it and is not processed has waited since before. `relayed` is the outbox position sent.
    """

    version: tuple[int, ...]
    cluster_id: str
    brokers: int
    topics: Mapping[str, TopicFound]
    first: Mapping[Place, int]
    late: Mapping[Place, int]
    end: Mapping[Place, int]
    relayed: int

    def waiting(self, holdings: Mapping[Place, Holding], *, late: bool = False) -> dict[Place, int]:
        """How many messages of each partition are not processed yet, where there are any; `late`: for long."""
        left = {
            place: end - (holdings[place].next_offset if place in holdings else self.first.get(place, 0))
            for place, end in (self.late if late else self.end).items()
        }
        return {place: count for place, count in left.items() if count > 0}


class DatabaseFound(NamedTuple):
    """PostgreSQL: `version` as it counts (180001), its schema's revision, and the newest that this code knows."""

    version: int
    revision: str | None
    newest: str
    known: bool

    @property
    def migrated(self) -> bool:
        """True where this code can read the tables."""
        return self.revision == self.newest or (self.revision is not None and not self.known)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, and since when the oldest does; None where nothing waits."""

    count: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkFound:
    """The work as the database has it: who is at it, how far it is, what waits and what is late.

    `outbox` waits for the relay, `dead_letters` for people, `due` entities for the timers since the day `due_on`.
    """

    services: tuple[Service, ...]
    holdings: Mapping[Place, Holding]
    outbox: Waiting
    outbox_last: int
    dead_letters: Waiting
    due: int
    due_on: date | None
    clocks_overdue: int
    acks_overdue: Mapping[str, int] = field(default_factory=dict)

    def running(self, kind: str) -> list[Service]:
        """The services of this kind that are connected."""
        return [one for one in self.services if one.kind == kind]
