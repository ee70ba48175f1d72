"""Fifty readers of one feed on one server process, which is stopped or killed five times: each event once, in order."""

import asyncio
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from tests.integration.feeding import FEED, add_events, token
from tests.integration.publishing import World
from tests.integration.pushing import served

pytestmark = pytest.mark.integration

READERS = 50
RESTARTS = 5
EVENTS = 120


class Follower:
    """An event source: comes back with the id of the last event, and keeps what came, as it came."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.connections = 0
        self._last = ""

    async def follow(self, client: httpx.AsyncClient, path: str, done: asyncio.Event) -> None:
        """Read until told to end, whatever happens to the server."""
        while not done.is_set():
            with suppress(httpx.TransportError):
                headers = {"Last-Event-ID": self._last} if self._last else {}
                async with client.stream("GET", path, headers=headers) as said:
                    self.connections += said.status_code == 200
                    await self._read(said)
            await asyncio.sleep(0.1)

    async def _read(self, said: httpx.Response) -> None:
        found: dict[str, str] = {}
        async for line in said.aiter_lines():
            name, _, value = line.partition(": ")
            if name in ("id", "data"):
                found[name] = value
            elif not line and found:
                self._last = found["id"]
                self.positions.append(json.loads(found["data"])["data"]["feed_position"])
                found = {}


@contextmanager
def serving(world: World, port: int) -> Iterator["subprocess.Popen[str]"]:
    """A server on the port, until the block ends it or is over."""
    process = world.command("serve", "--port", str(port))
    try:
        served(process)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate()


def restart_while_it_grows(world: World, port: int) -> None:
    """Add events all the time; every server but the last is stopped, or killed, in the middle of them."""
    share = EVENTS // (RESTARTS + 1)
    for number in range(RESTARTS):
        with serving(world, port) as process:
            add_events(world, number * share, number * share + share // 2)
            process.kill() if number % 2 else process.terminate()
            add_events(world, number * share + share // 2, (number + 1) * share)


@pytest.mark.timeout(180)
def test_fifty_readers_miss_and_repeat_nothing(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    feed = world.recipient(FEED)
    headers = {"Authorization": f"Bearer {token(world, feed)}"}
    followers = [Follower() for _ in range(READERS)]

    async def everything() -> None:
        done = asyncio.Event()
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60, limits=limits
        ) as client:
            path = f"/api/v1/feeds/{feed}/stream"
            reading = [asyncio.create_task(one.follow(client, path, done)) for one in followers]
            await asyncio.to_thread(restart_while_it_grows, world, port)
            await asyncio.to_thread(last_server, world, port, followers)
            done.set()
            await asyncio.gather(*reading)

    asyncio.run(everything())
    assert all(one.positions == [*range(1, EVENTS + 1)] for one in followers)
    assert min(one.connections for one in followers) >= RESTARTS


def last_server(world: World, port: int, followers: list[Follower]) -> None:
    """The server that stays until everybody has everything."""
    with serving(world, port):
        add_events(world, EVENTS // (RESTARTS + 1) * RESTARTS, EVENTS)
        waiting = threading.Event()
        for _ in range(600):
            if all(len(one.positions) >= EVENTS for one in followers):
                break
            waiting.wait(0.1)
        waiting.wait(1)  # long enough for one too many to show
