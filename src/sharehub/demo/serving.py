"""Keeps the demo's hub at work until it is told to stop."""

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from sharehub.feeds import Feeds
from sharehub.hub import Hub

_LOOK_EVERY_S: Final = 0.5


def serve(hub: Hub) -> None:
    """Consolidate and relay until Ctrl-C or SIGTERM; a service that fails ends the others and is raised."""
    with _stopped_by_signals(hub), ThreadPoolExecutor(2, thread_name_prefix="demo") as threads:
        services: list[Future[Any]] = [
            threads.submit(hub.consolidate, until_caught_up=False),
            threads.submit(Feeds(hub).relay, until_caught_up=False),
        ]
        while not hub.stopping.wait(_LOOK_EVERY_S) and not any(one.done() for one in services):
            pass
        hub.stopping.set()
        for service in services:
            service.result()


@contextmanager
def _stopped_by_signals(hub: Hub) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        hub.stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
