"""One real stack for the whole test run, started when the first test asks for it: embedded, or in containers."""

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from sharehub import embedded
from sharehub.collector import seldom_collected
from tests import containers

_KEPT = ("SHAREHUB_TEST_", "SHAREHUB_CACHE", "SHAREHUB_HYPOTHESIS")
for _name in [name for name in os.environ if name.startswith("SHAREHUB_") and not name.startswith(_KEPT)]:
    del os.environ[_name]  # the settings of whoever runs the tests are none of the tests' business
# The command is started hundreds of times: what Python compiled for the first one serves all.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# No broker of a test lives for long enough to earn back what the second compiler of Java costs.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What needs a browser is run only where it is asked for (`make test-browser`)."""
    asked_for = any("browser" in one for one in config.args)
    return True if collection_path.name == "browser" and not asked_for else None


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Thousands of collected tests are no garbage: to look through them again and again took a tenth of the time."""
    with seldom_collected():
        return (yield)


@dataclass(frozen=True)
class RunningStack:
    """Addresses of the stack under test and a folder for connectors' data."""

    bootstrap_servers: str
    database_url: str
    home: Path


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    """Kafka and PostgreSQL, gone when the run ends; not below pytest's folder, which others close."""
    with TemporaryDirectory(prefix="sharehub-test-") as folder, _addresses(Path(folder)) as (kafka, database):
        yield RunningStack(kafka, database, Path(folder))


@pytest.fixture
def fresh_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStack]:
    """A stack of its own with nothing on it, where commands look for it."""
    home = tmp_path / "home"
    with _addresses(home) as (kafka, database):
        monkeypatch.setenv("SHAREHUB_HOME", str(home))
        monkeypatch.setenv("SHAREHUB_KAFKA__BOOTSTRAP_SERVERS", kafka)
        monkeypatch.setenv("SHAREHUB_DATABASE__URL", database)
        yield RunningStack(kafka, database, home)


@contextmanager
def _addresses(home: Path) -> Iterator[tuple[str, str]]:
    if containers.WANTED:
        with containers.kafka() as kafka, containers.postgres() as database:
            _hasten(database)
            yield kafka, database
    else:
        with embedded.owned(home) as running:
            _hasten(running.database_url)
            yield running.bootstrap_servers, running.database_url


def _hasten(database_url: str) -> None:
    """No machine loses its power in a test: what the server wrote is there after any kill, on the disk or not."""
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real agency files, or a skip that says why."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SHAREHUB_TEST_DATA", beside))
    if not (folder / "README.md").is_file():
        pytest.skip("the folder of real agency files is not here (SHAREHUB_TEST_DATA)")
    return folder
