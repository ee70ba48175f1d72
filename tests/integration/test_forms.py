"""A form from its making to the log and back: published without a mapping, silent the second time, mended once."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sharehub.cli import main
from sharehub.connect.form import NUMBER
from tests.integration.test_connectors import Agency, Stack
from tests.unit.connect.test_form import example, fill

pytestmark = pytest.mark.integration


class Office:
    """A person at an agency, with the command line."""

    def __init__(self, agency: Agency, capsys: pytest.CaptureFixture[str]) -> None:
        self.agency, self.capsys = agency, capsys

    def __call__(self, *words: str) -> tuple[int, Any]:
        """Exit code and answer of a command."""
        code = main(["connector", *words, "--json", "-q"])
        out = self.capsys.readouterr().out
        return code, json.loads(out) if out else None

    def publish(self, path: Path, *words: str) -> tuple[int, int, int, int, int]:
        """Code, published, unchanged, withdrawn, rejected of a run."""
        code, ran = self("run", str(path), "--agency", self.agency.name, "--jurisdiction", "cn", *words)
        return (code, *(ran[name] for name in ("published", "unchanged", "withdrawn", "rejected")))


@pytest.fixture
def office(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Office:
    """An agency of its own."""
    agency = Agency(stack, tmp_path)
    monkeypatch.setenv("SHAREHUB_KAFKA__BOOTSTRAP_SERVERS", agency.bootstrap_servers)
    monkeypatch.setenv("SHAREHUB_HOME", str(agency.home))
    return Office(agency, capsys)


def test_a_form_is_made_filled_published_and_mended(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "ours.xlsx"
    assert office("template", "penalty", "-o", str(path))[0] == 0
    good, bad = example("penalty"), example("penalty") | {NUMBER: "2026-2", "Fine": "much"}
    fill(path, good, bad)
    named = ("--agency", office.agency.name, "--jurisdiction", "cn")
    assert office("check", str(path), *named)[0] == 1
    assert office("preview", str(path), *named)[1]["new"] == 1
    assert office.publish(path) == (1, 1, 0, 0, 1)
    assert office.publish(path) == (1, 0, 1, 0, 1)
    wrong = tmp_path / "wrong.xlsx"
    code, told = office("rejects", str(path), *named, "-o", str(wrong))
    assert (code, len(told), told[0]["place"]) == (0, 1, "ours.xlsx, sheet penalty, row 4")
    sheet = openpyxl.load_workbook(wrong)["penalty"]
    titles = [cell.value for cell in sheet[1]]
    assert "'much' is no amount" in str(sheet.cell(2, titles.index("what is wrong") + 1).value)
    book = openpyxl.load_workbook(wrong)
    book["penalty"].cell(2, titles.index("Fine") + 1, 70_000)
    book.save(wrong)
    assert office.publish(wrong) == (0, 1, 0, 0, 0)
    assert office("rejects", str(path), *named)[1] == []
    key = f"form-{office.agency.name}-penalty"
    assert office.agency.revisions() == {f"{key}/2026-1": [(1, "penalty")], f"{key}/2026-2": [(1, "penalty")]}


def test_a_form_that_is_the_whole_list_withdraws_what_leaves_it_but_its_rejects_do_not(
    office: Office, tmp_path: Path
) -> None:
    path, fewer = tmp_path / "all.xlsx", tmp_path / "fewer.xlsx"
    for name, numbers in ((path, (1, 2)), (fewer, (1,))):
        office("template", "penalty", "-o", str(name), "--mode", "snapshot")
        fill(name, *(example("penalty") | {NUMBER: str(number)} for number in numbers))
    assert office.publish(path) == (0, 2, 0, 0, 0)
    book = openpyxl.load_workbook(fewer)
    book["penalty"].cell(1, book["penalty"].max_column + 1, "what is wrong")
    book.save(tmp_path / "mended.xlsx")
    assert office.publish(tmp_path / "mended.xlsx") == (0, 0, 1, 0, 0)
    assert office.publish(fewer) == (0, 0, 1, 1, 0)
