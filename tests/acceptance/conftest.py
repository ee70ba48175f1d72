"""A fresh hub for each test that runs real agencies' files through it."""

from pathlib import Path

import pytest

from tests.acceptance.commands import Commands
from tests.conftest import RunningStack


@pytest.fixture
def commands(
    real_data: Path,
    fresh_stack: RunningStack,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Commands:
    """A fresh home with its own Kafka and PostgreSQL, initialised."""
    monkeypatch.chdir(tmp_path)
    made = Commands(fresh_stack.home, fresh_stack.database_url, real_data, capsys)
    made.json("init")
    return made
