"""A hub whose feeds are read over HTTP, and events to read."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from sharehub.bootstrap import access_file
from sharehub.web.tokens import Role, Tokens
from tests.integration.publishing import World, by_hand
from tests.integration.saying import Company, Speaker, subject

FEED = "procurement"


def token(world: World, holder: str, role: Role = "recipient") -> str:
    """A token of this world."""
    return Tokens(access_file(world.settings)).issue(holder, "", datetime.now(UTC), role)[1]


def add_events(world: World, first: int, last: int) -> None:
    """One more event in the feed for each of these companies, numbered and written down."""
    said = Speaker(world.agency("environment"))
    with by_hand(world) as worker:
        worker.take(*(said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in range(first, last)))
    world.relay()


class Reader:
    """One recipient that reads its feed over HTTP."""

    def __init__(self, world: World, url: str, feed: str = FEED) -> None:
        self.recipient = world.recipient(feed)
        self.headers = {"Authorization": f"Bearer {token(world, self.recipient)}"}
        self.url = url

    def get(self, path: str = "events", recipient: str = "", **query: Any) -> httpx.Response:
        """One call below the feed."""
        address = f"{self.url}/api/v1/feeds/{recipient or self.recipient}/{path}"
        return httpx.get(address, params=query, headers=self.headers, timeout=70)

    @contextmanager
    def stream(self, **headers: str) -> Iterator[Iterator[dict[str, str]]]:
        """The events of a stream, each as its fields; a comment is an event with `comment` alone."""
        address = f"{self.url}/api/v1/feeds/{self.recipient}/stream"
        with httpx.stream("GET", address, headers={**self.headers, **headers}, timeout=40) as said:
            assert said.status_code == 200, said.read()
            assert said.headers["content-type"].startswith("text/event-stream")
            yield fields_of(said.iter_lines())


def fields_of(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Server-sent events as the standard's parser reads them, comments kept."""
    found: dict[str, str] = {}
    for line in lines:
        if not line:
            if found:
                yield found
            found = {}
            continue
        name, _, value = line.partition(":")
        found[name or "comment"] = value.removeprefix(" ")


def positions(events: Sequence[dict[str, Any]]) -> list[int]:
    """Where they stand in the feed."""
    return [event["data"]["feed_position"] for event in events]


def data_of(sent: dict[str, str]) -> dict[str, Any]:
    """The CloudEvent of a sent event."""
    found: dict[str, Any] = json.loads(sent["data"])
    assert sent["id"] == found["cursor"]
    return found
