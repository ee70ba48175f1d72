"""What the fault tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RunningStack
from tests.integration.publishing import World, fresh_world


@pytest.fixture
def world(stack: RunningStack, tmp_path: Path) -> Iterator[World]:
    """A hub with its own database, topics and agencies; its workers take small batches."""
    with fresh_world(stack, tmp_path, batch_records_max=10) as made:
        yield made
