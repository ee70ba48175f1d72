"""One real stack for the whole test run, started when the first test asks for it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sharehub import embedded


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What needs a browser is run only where it is asked for (`make test-browser`)."""
    asked_for = any("browser" in one for one in config.args)
    return True if collection_path.name == "browser" and not asked_for else None


@dataclass(frozen=True)
class RunningStack:
    """Addresses of the stack under test and a folder for connectors' data."""

    bootstrap_servers: str
    database_url: str
    home: Path


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    """The embedded Kafka and PostgreSQL, gone when the run ends; not below pytest's folder, which others close."""
    with TemporaryDirectory(prefix="sharehub-test-") as folder:
        home = Path(folder)
        with embedded.owned(home) as running:
            yield RunningStack(running.bootstrap_servers, running.database_url, home)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real agency files, or a skip that says why."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SHAREHUB_TEST_DATA", beside))
    if not (folder / "README.md").is_file():
        pytest.skip("the folder of real agency files is not here (SHAREHUB_TEST_DATA)")
    return folder
