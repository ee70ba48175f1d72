"""The ends of feeds as they grow: read once for everybody who follows them, however many do.

One task asks where the followed feeds end, reads what is new and wakes those who wait. It runs while somebody follows.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol

import structlog
from starlette.concurrency import run_in_threadpool

from sharehub.core.feed import cursor_of
from sharehub.errors import UnreachableError

log = structlog.get_logger()

_LOOK_EVERY_S = 0.1
_LOOK_AGAIN_S = 1.0
"""Pause after the database did not answer."""
_KEPT_MAX = 500
_READS_AT_ONCE = 8


class Entry(NamedTuple):
    """An event of a feed as it leaves: its place, and its CloudEvent as JSON."""

    position: int
    cursor: str
    text: str


class Feeds(Protocol):
    """Feeds as they are read; `sharehub.feeds` has them."""

    def events(self, recipient: str, after: str, entries_max: int) -> Sequence[Mapping[str, Any]]: ...
    def ends(self, recipients: Sequence[str]) -> Mapping[str, int]: ...


class Tail:
    """The newest entries of one feed; `last` is the position up to which they were read."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.entries: deque[Entry] = deque(maxlen=_KEPT_MAX)
        self.followers = 0

    def after(self, position: int, entries_max: int) -> list[Entry] | None:
        """What follows the position; None where that is not here."""
        if position >= self.last:
            return []
        if not self.entries or position < self.entries[0].position - 1:
            return None
        return [one for one in self.entries if one.position > position][:entries_max]


class Tails:
    """All feeds of one server; lives on its event loop."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._tails: dict[str, Tail] = {}
        self._grown = asyncio.Condition()
        self._reads = asyncio.Semaphore(_READS_AT_ONCE)
        self._task: asyncio.Task[None] | None = None
        self.ending = False

    async def end(self) -> None:
        """Let everybody who waits go."""
        self.ending = True
        await self._wake()

    async def read(self, recipient: str, position: int, entries_max: int) -> list[Entry]:
        """What follows the position now. Raises as `Feeds.events`."""
        found = await self._asked(self._feeds.events, recipient, cursor_of(position), entries_max)
        return [_entry(one) for one in found]

    async def last(self, recipient: str) -> int:
        """Where the feed ends now."""
        return int((await self._asked(self._feeds.ends, [recipient]))[recipient])

    @asynccontextmanager
    async def following(self, recipient: str) -> AsyncIterator[Tail]:
        """The end of the feed, kept up to date for as long as somebody follows it."""
        last = self._tails[recipient].last if recipient in self._tails else await self.last(recipient)
        tail = self._tails.setdefault(recipient, Tail(last))
        tail.followers += 1
        try:
            yield tail
        finally:
            tail.followers -= 1
            if not tail.followers:
                del self._tails[recipient]

    async def next(self, recipient: str, tail: Tail, position: int, entries_max: int, wait_s: float) -> list[Entry]:
        """What follows the position, as soon as there is something; empty where nothing came, or the server ends.

        Raises as `Feeds.events`.
        """
        if tail.last <= position:
            self._keep_looking()
            try:
                async with asyncio.timeout(wait_s), self._grown:
                    await self._grown.wait_for(lambda: tail.last > position or self.ending)
            except TimeoutError:
                return []
        found = tail.after(position, entries_max)
        return await self.read(recipient, position, entries_max) if found is None else found

    def _keep_looking(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while self._tails and not self.ending:
            try:
                await self._grow()
                await asyncio.sleep(_LOOK_EVERY_S)
            except UnreachableError as error:
                log.warning("feeds_unreachable", reason=str(error))
                await asyncio.sleep(_LOOK_AGAIN_S)

    async def _grow(self) -> None:
        ends = await self._asked(self._feeds.ends, [*self._tails])
        for recipient, tail in [*self._tails.items()]:
            if tail.last < ends.get(recipient, 0):
                from_position = max(tail.last, ends[recipient] - _KEPT_MAX)
                if from_position > tail.last:  # the entries kept must follow one another
                    tail.entries.clear()
                if entries := await self.read(recipient, from_position, _KEPT_MAX):
                    tail.entries.extend(entries)
                    tail.last = entries[-1].position
                    await self._wake()

    async def _wake(self) -> None:
        async with self._grown:
            self._grown.notify_all()

    async def _asked(self, ask: Callable[..., Any], *of: Any) -> Any:
        async with self._reads:
            return await run_in_threadpool(ask, *of)


def _entry(event: Mapping[str, Any]) -> Entry:
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return Entry(event["data"]["feed_position"], event["cursor"], text)
