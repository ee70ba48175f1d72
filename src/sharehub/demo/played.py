"""What a play of the day gave, as plain values: read by the proof and by the tables, made by the player."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sharehub.demo.day import Pair

Event = Mapping[str, Any]
"""The `data` of one CloudEvent of a feed."""

_STRONGEST = ("CN-USCC", "CN-PERSON", "CN-OFFICE")
_ENDS = frozenset(("lifted", "expired", "annulled"))


@dataclass(frozen=True, slots=True)
class Ran:
    """What one connector made of one file."""

    agency: str
    connector: str
    read: int
    published: int
    duplicates: int
    rejected: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Both runs of every connector, what the hub made of them, and what each recipient was sent."""

    first: tuple[Ran, ...]
    second: tuple[Ran, ...]
    consolidated: Mapping[str, int]
    status: Mapping[str, Any]
    views: Mapping[str, Mapping[str, Any] | None]
    titles: Mapping[str, str]
    agencies: Mapping[str, str]
    feeds_on_day: Mapping[str, tuple[Event, ...]]
    feeds: Mapping[str, tuple[Event, ...]]
    later: int
    seconds: float


def identifiers_of(event: Event) -> tuple[str, ...]:
    """The entity's identifiers in their text form."""
    return tuple(f"{one['scheme']}:{one['value']}" for one in event["identifiers"])


def identifier_of(event: Event) -> str:
    """The identifier by which people know the entity: the unified code before all others."""
    stated = identifiers_of(event)
    strong = [text for scheme in _STRONGEST for text in stated if text.startswith(scheme + ":")]
    return (strong or [*stated, ""])[0]


def in_force(feeds: Iterable[Iterable[Event]]) -> dict[str, Pair]:
    """Each measure that stands after all events of all feeds, with its entity and entry."""
    standing: dict[str, Pair] = {}
    for feed in feeds:
        mine: dict[str, Pair] = {}
        for event in feed:
            if event["event"] in _ENDS:
                mine.pop(event["measure_id"], None)
            else:
                mine[event["measure_id"]] = (identifier_of(event), event["measure"])
        standing |= mine
    return standing


def events_by_kind(feeds: Iterable[Iterable[Event]]) -> dict[str, int]:
    """How many events of each kind there were; one that several recipients were sent counts once."""
    kinds = {event["event_id"]: event["event"] for feed in feeds for event in feed}
    return dict(sorted(Counter(kinds.values()).items()))


def grounds(feeds: Iterable[Iterable[Event]]) -> int:
    """How many final decisions led to something."""
    return len({(event["ground"]["agency"], event["ground"]["record_key"]) for feed in feeds for event in feed})
