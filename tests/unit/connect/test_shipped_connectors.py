"""Every shipped connector passes the ready-made tests."""

import shutil
import subprocess
import sys
from pathlib import Path

from sharehub.connect.testing import ConnectorTests
from sharehub.shipped import shipped

SHIPPED = sorted(path.parent for path in shipped("connectors").glob("*/connector.toml"))

for _folder in SHIPPED:
    _name = "Test" + "".join(part.capitalize() for part in _folder.name.split("-"))
    globals()[_name] = type(_name, (ConnectorTests,), {"connector": _folder})


def test_there_are_connectors_to_test() -> None:
    assert len(SHIPPED) >= 18


_MINE = """
from pathlib import Path
from sharehub.connect.testing import ConnectorTests


class TestMine(ConnectorTests):
    connector = Path("my-list")
"""


def test_a_ready_test_that_fails_shows_what_was_compared(tmp_path: Path) -> None:
    shutil.copytree(shipped("connectors") / "cn-tax-rating", tmp_path / "my-list")
    (tmp_path / "test_mine.py").write_text(_MINE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "schema"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "'cn-tax-rating' == 'my-list'" in done.stdout
