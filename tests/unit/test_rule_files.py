"""Which rule files a replay is on: the same digest once what it tried is what is in use."""

import shutil
from pathlib import Path

import pytest

from sharehub.shipped import shipped
from sharehub.wire.rule_files import rules_digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules."""
    return Path(shutil.copytree(shipped("rulebooks"), tmp_path / "rules"))


@pytest.fixture
def corrected(folder: Path, tmp_path: Path) -> Path:
    """The Mexican rulebook with another title, under a version of its own."""
    text = (folder / "mx" / "2026-1.toml").read_text(encoding="utf-8")
    path = tmp_path / "corrected.toml"
    path.write_text(text.replace('version = "2026-1"', 'version = "2026-1b"'), encoding="utf-8")
    return path


def test_what_is_tried_has_the_digest_that_it_has_once_it_is_in_use(folder: Path, corrected: Path) -> None:
    planned = rules_digest(folder, corrected)
    assert planned != rules_digest(folder)
    (folder / "mx" / "2026-1.toml").unlink()
    shutil.copy(corrected, folder / "mx" / "another name.toml")
    assert rules_digest(folder) == planned
    assert rules_digest(folder, corrected) == planned


def test_a_changed_register_is_another_digest(folder: Path) -> None:
    before = rules_digest(folder)
    with (folder / "recipients.toml").open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    assert rules_digest(folder) != before
