"""A hub whose work ends in good order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from sharehub.cli.context import Cli
from sharehub.hub import Hub, open_hub

_STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def serving_hub(cli: Cli) -> Iterator[Hub]:
    """The hub, told to stop in good order by Ctrl-C or SIGTERM."""
    with open_hub(cli.settings) as hub:
        previous = {number: signal.signal(number, lambda *_: hub.stopping.set()) for number in _STOPPING}
        try:
            yield hub
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
