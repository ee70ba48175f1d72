"""What the integration tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RunningStack
from tests.integration.publishing import World, fresh_world


@pytest.fixture
def world(stack: RunningStack, tmp_path: Path) -> Iterator[World]:
    """A hub with its own database, topics and agencies."""
    with fresh_world(stack, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def world_without_log(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One database for all tests that feed workers by hand and read no topic."""
    with fresh_world(stack, tmp_path_factory.mktemp("bare"), log=False) as made:
        yield made


@pytest.fixture
def emptied(world_without_log: World) -> World:
    """That world with nothing in it."""
    world_without_log.forget_all()
    return world_without_log
