"""A hub whose work ends in good order."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Annotated

import typer

from sharehub.cli.context import Cli
from sharehub.hub import Hub, open_hub
from sharehub.telemetry.exposing import exposed

MetricsPort = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port of /metrics and /healthz, 0: any free one; default: metrics.port."),
]
UntilCaughtUp = Annotated[bool, typer.Option("--until-caught-up", help="Do what there is, then exit.")]

_STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def serving_hub(cli: Cli, metrics_port: int | None = None) -> Iterator[Hub]:
    """The hub, told to stop in good order by Ctrl-C or SIGTERM; its metrics at this port, else at the setting's."""
    chosen = cli.settings.metrics
    port = chosen.port if metrics_port is None else metrics_port
    with open_hub(cli.settings) as hub, exposed(chosen.host, port) as address:
        if address:
            cli.say(f"metrics on {address}/metrics")
        previous = {number: signal.signal(number, lambda *_: hub.stopping.set()) for number in _STOPPING}
        try:
            yield hub
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def together(works: Sequence[Callable[[], object]], stopping: Event) -> None:
    """Each in a thread of its own, until all have ended; one that fails, however it does, tells the others to stop.

    Raises:
        Exception: the first failure.
    """
    failures: list[Exception] = []

    def ending(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - told to the caller's thread
            failures.append(error)
            stopping.set()

    threads = [Thread(target=ending, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
