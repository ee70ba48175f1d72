"""Serves the application until it is told to stop; what is under way is finished first."""

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from sharehub.errors import SharehubError, UsageError

_BACKLOG = 256
_GRACE_S = 45
"""Longer than one delivery to Kafka may take, so that a call under way gets its answer."""


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one.

    Raises:
        UsageError: the address cannot be used, for example because something else listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off; without, every answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        return listener
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(f"cannot listen on {host}:{port}: {error}", hint="choose another with --port") from error


class _Server(uvicorn.Server):
    """Says that it ends before it waits for the calls under way: those that wait themselves would hold it up."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new calls, and finish those under way."""
        await self._ending()
        await super().shutdown(sockets)


async def _nobody_waits() -> None:
    """No call of the application waits for anything."""


@contextmanager
def serving(
    app: FastAPI, listener: socket.socket, ending: Callable[[], Awaitable[None]] = _nobody_waits
) -> Iterator[threading.Thread]:
    """The application on a thread of its own; at the end, calls under way are finished, and new ones not taken.

    `ending` lets those go that wait for what may never come.
    """
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=_GRACE_S, server_header=False
    )
    server = _Server(config, ending)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web")
    thread.start()
    try:
        yield thread
    finally:
        server.should_exit = True
        thread.join(_GRACE_S + 5)
        listener.close()
        if thread.is_alive():
            raise SharehubError("the web server did not stop in time")
