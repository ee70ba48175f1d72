"""Expand, then contract: the code that was released last works on the next schema, and the new code goes on after it.

Before the first release stands the last commit with another newest migration. A migration that cannot leave the old
code running says so in a constant `STOP`, the reason, and an operator stops the services for it.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic.script import ScriptDirectory

from sharehub.demo.play import demo_settings
from sharehub.feeds import Feeds
from sharehub.hub import open_hub
from sharehub.settings import Settings
from sharehub.store.migrate import SCRIPTS, migrate
from tests.conftest import RunningStack
from tests.integration.publishing import clear_topics, gap_free

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
VERSIONS = "src/sharehub/store/migrations/versions"
PLAY = """
import json, sys
from pathlib import Path
from sharehub.demo.play import demo_settings, play
from sharehub.demo.proof import differences
from sharehub.hub import open_hub
from sharehub.settings import Settings

with open_hub(demo_settings(Settings.read(Path(sys.argv[1]), None, {}))) as hub:
    print(json.dumps(differences(play(hub, lambda _: None))))
"""


def git(*words: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=True).stdout


def released_commit() -> str:
    """The last release, else the last commit with another newest migration."""
    try:
        if tags := git("tag", "--list", "v*", "--sort=-creatordate").split():
            return tags[0].decode()
        newest = max((ROOT / VERSIONS).glob("[0-9]*.py")).name
        added = git("log", "-1", "--diff-filter=A", "--format=%H", "--", f"{VERSIONS}/{newest}").decode().strip()
        return git("rev-parse", "--verify", f"{added}^").decode().strip()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the history of the project is not here: a shallow clone, or no git")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code that was released, with its own schemas, rules and connectors."""
    folder = tmp_path_factory.mktemp("released")
    wanted = git("archive", released_commit(), "src", "schemas", "rulebooks", "connectors", "pyproject.toml")
    with tarfile.open(fileobj=io.BytesIO(wanted)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def config(stack: RunningStack, tmp_path: Path) -> Iterator[Path]:
    """Settings of a hub with nothing in it."""
    clear_topics(stack.bootstrap_servers)
    name = f"upgrade_{uuid4().hex[:8]}"
    server = stack.database_url.replace("+psycopg", "")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    file = tmp_path / "sharehub.toml"
    file.write_text(
        f'home = "{tmp_path}"\nkafka.bootstrap_servers = "{stack.bootstrap_servers}"\n'
        f'database.url = "{stack.database_url.replace("/sharehub?", f"/{name}?")}"\n',
        encoding="utf-8",
    )
    yield file
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def stops(released: Path) -> list[str]:
    """Why the services must stop for a migration that the released code does not have."""
    known = {file.name for file in (released / VERSIONS).glob("[0-9]*.py")}
    new = [one for one in ScriptDirectory(str(SCRIPTS)).walk_revisions() if Path(one.path).name not in known]
    assert new or git("tag", "--list", "v*"), "the commit before the newest migration has it already"
    return [f"{one.revision}: {one.module.STOP}" for one in new if hasattr(one.module, "STOP")]


def test_the_released_code_runs_on_the_next_schema_and_the_new_code_after_it(config: Path, released: Path) -> None:
    if stopping := stops(released):
        pytest.skip(f"the services are stopped for {'; '.join(stopping)}")
    settings = demo_settings(Settings.read(config, None, {}))
    with open_hub(settings) as hub:
        hub.init()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHAREHUB_")}
    old = subprocess.run(
        [sys.executable, "-c", PLAY, str(config)],
        env=clean | {"PYTHONPATH": str(released / "src")},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert old.returncode == 0, old.stderr[-3000:]
    assert json.loads(old.stdout.splitlines()[-1]) == []  # log lines come before it
    with open_hub(settings) as hub:
        hub.init()
        before = {one["recipient"]: one["position"] for one in Feeds(hub).recipients()}
        assert hub.consolidate(until_caught_up=True).records == 0
        assert hub.timers(date(2036, 1, 1)) > 0
        Feeds(hub).relay(until_caught_up=True)
        for recipient, position in before.items():
            positions = [event["data"]["feed_position"] for event in hub.pull(recipient)]
            assert gap_free(positions)
            assert len(positions) >= position


def test_the_released_code_leaves_a_newer_database_as_it_is(config: Path) -> None:
    """A roll-back runs `init` of the old version again."""
    url = Settings.read(config, None, {}).database.url
    migrate(url)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from a later version'")
    migrate(url)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("from a later version",)]
