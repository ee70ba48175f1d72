"""One hub for all clients: events of all kinds, and a server of its own."""

from collections.abc import Iterator

import pytest

from tests.conftest import RunningStack
from tests.integration.pushing import served
from tests.interop.events import every_event
from tests.interop.served import Served


@pytest.fixture(scope="session")
def hub(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The events of a few years on the real topics, and `sharehub serve` beside them."""
    with every_event(stack, tmp_path_factory.mktemp("interop")) as world:
        process = world.command("serve", "--port", "0")
        try:
            yield Served(world, served(process))
        finally:
            process.terminate()
            process.wait(20)
