"""The hub that other people's clients read from: its events in the log, its registry over HTTP."""

from dataclasses import dataclass
from typing import Any

from tests.integration.publishing import World

EVENTS = "events.sanction"
STATE = "state.measure"


@dataclass(frozen=True)
class Served:
    """A world with events of all kinds, and the address of the hub's own `sharehub serve`."""

    world: World
    url: str

    @property
    def registry(self) -> str:
        """Where clients of a schema registry are pointed to."""
        return f"{self.url}/registry"

    @property
    def feed(self) -> str:
        """The topic of the recipient that executes most of the measures."""
        return f"feed.{self.world.recipient('procurement')}"

    def events(self, topic: str = EVENTS) -> list[tuple[str, str, int]]:
        """Id, kind and place of every event of a topic in order, as the hub itself reads them."""
        return list(map(told, self.world.values(topic)))


def told(value: Any) -> tuple[str, str, int]:
    """Id, kind and place of an event, whoever decoded it."""
    return str(value["event_id"]), str(value["event"]), int(value["feed_position"])
