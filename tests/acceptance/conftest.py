"""A fresh hub for each test that runs real agencies' files through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sharehub import embedded
from tests.acceptance.commands import Commands


@pytest.fixture
def commands(
    tmp_path: Path, real_data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Commands]:
    """A fresh home with its own Kafka and PostgreSQL, initialised."""
    monkeypatch.chdir(tmp_path)
    with embedded.owned(tmp_path / "home") as stack:
        made = Commands(tmp_path / "home", stack.database_url, real_data, capsys)
        made.json("init")
        yield made
