"""The page for developers of other administrations holds: its two programs, run as they stand, mirror the list."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sharehub.topics import feed_topic
from sharehub.wire.cloudevents import plain
from tests.integration.feeding import FEED, add_events, token
from tests.integration.publishing import World, by_hand, until
from tests.integration.pushing import gateway
from tests.integration.saying import Company, Speaker, subject

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[2] / "docs" / "feeds.md"
PROGRAMS = {
    found[1]: found[0] for found in re.findall(r"```python\n(# (mirror_\w+)\.py:.*?)```", PAGE.read_text(), re.DOTALL)
}


def listed(folder: Path) -> dict[str, tuple[str, Any]]:
    """The mirrored list: status and data of each measure."""
    if not (folder / "list.db").exists():
        return {}
    with closing(sqlite3.connect(folder / "list.db")) as kept:
        try:
            rows = kept.execute("SELECT measure_id, status, data FROM measures").fetchall()
        except sqlite3.OperationalError:  # the program has not made its tables yet
            return {}
    return {measure_id: (status, json.loads(data)) for measure_id, status, data in rows}


@contextmanager
def running(program: str, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """The program as the page has it, killed at the end: it must bear that."""
    (folder / "mirror.py").write_text(PROGRAMS[program], encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "mirror.py"], cwd=folder, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True
    )
    try:
        yield
        assert process.poll() is None, process.communicate()[1]
    finally:
        process.kill()
        process.communicate()


def lift(world: World, number: int) -> None:
    """The penalty is withdrawn, and the measure is lifted."""
    said = Speaker(world.agency("environment"))
    with by_hand(world, 1) as worker:
        worker.take(said.says("withdrawal", f"p{number}", subject(Company(number + 1).uscc), revision=2))
    world.relay()


@pytest.mark.parametrize("program", ["mirror_http", "mirror_kafka"])
def test_the_program_of_the_page_mirrors_the_list(world: World, tmp_path: Path, program: str) -> None:
    recipient, folder = world.recipient(FEED), tmp_path / program
    folder.mkdir()
    add_events(world, 0, 4)
    with gateway(world) as url:
        environment = {"HUB": url, "TOKEN": token(world, recipient), "RECIPIENT": recipient}
        environment["KAFKA"] = world.bootstrap_servers
        with running(program, folder, environment):
            until(lambda: len(listed(folder)) == 4, 60)
        lift(world, 1)
        add_events(world, 4, 6)
        with running(program, folder, environment):
            until(lambda: len(listed(folder)) == 6, 60)
    newest = {one["measure_id"]: one for one in map(plain, world.values(feed_topic(recipient)))}
    found = listed(folder)
    assert {key: status for key, (status, _) in found.items()} == {key: one["status"] for key, one in newest.items()}
    assert sorted(status for status, _ in found.values()) == ["lifted", *["standing"] * 5]
    if program == "mirror_http":
        assert {key: data for key, (_, data) in found.items()} == newest
