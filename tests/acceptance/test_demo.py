"""`sharehub demo --once` in a process of its own, as somebody on a fresh machine would run it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sharehub.demo import day
from sharehub.demo.home import MARKER
from tests import containers

pytestmark = pytest.mark.integration


def demo(home: Path, addresses: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHAREHUB_")}
    command = [sys.executable, "-m", "sharehub", "--json", "demo", "--once"]
    environment = {**clean, **addresses, "SHAREHUB_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def addresses(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """Empty where the demo starts a stack of its own, else where an empty one runs in containers."""
    if not containers.WANTED:
        return {}
    stack = request.getfixturevalue("fresh_stack")
    return {
        "SHAREHUB_KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers,
        "SHAREHUB_DATABASE__URL": stack.database_url,
    }


def as_it_must_be(home: Path, addresses: Mapping[str, str]) -> None:
    finished = demo(home, addresses)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    told: dict[str, Any] = json.loads(finished.stdout)
    assert told["differences"] == []
    assert told["feeds"] == day.FEEDS
    assert told["events"] == day.EVENTS
    assert told["published_again"] == 0
    assert [path.name for path in home.iterdir()] == ["demo"]
    assert not (home / "demo" / "stack.json").exists(), "the stack outlived its demo"


def test_the_demo_is_as_it_must_be(home: Path, addresses: Mapping[str, str]) -> None:
    as_it_must_be(home, addresses)


def test_the_demo_begins_anew_in_the_same_home(home: Path, addresses: Mapping[str, str]) -> None:
    as_it_must_be(home, addresses)


def test_what_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "demo" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("kept", encoding="utf-8")
    finished = demo(tmp_path, {})
    assert finished.returncode == 4, finished.stderr
    assert mine.read_text(encoding="utf-8") == "kept"
    assert not (mine.parent / MARKER).exists()
