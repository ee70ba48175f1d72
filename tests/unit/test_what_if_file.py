"""Files of differences, and what is refused before anything is read."""

import csv
from pathlib import Path

import openpyxl
import pytest

from sharehub import cli
from sharehub.cli.what_if_file import opened
from sharehub.errors import UsageError
from sharehub.shipped import shipped

COLUMNS = ("outcome", "name")
ROWS = [{"outcome": "issued", "name": "=1+1"}, {"outcome": "lifted", "name": "清河"}]


def test_no_cell_of_a_csv_file_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "found.csv"
    with opened(path, COLUMNS) as write:
        write(ROWS[:1])
        write(ROWS[1:])
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["outcome", "name"], ["issued", "'=1+1"], ["lifted", "清河"]]


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "found.xlsx"
    with opened(path, COLUMNS) as write:
        write(ROWS)
    sheet = openpyxl.load_workbook(path)["differences"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["outcome", "name"],
        ["issued", "=1+1"],
        ["lifted", "清河"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}


@pytest.mark.parametrize("name", ["found.csv", "found.xlsx"])
def test_what_was_interrupted_leaves_no_file_and_the_one_before_in_place(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), opened(path, COLUMNS) as write:
        write(ROWS)
        raise KeyboardInterrupt
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["found.pdf", "nowhere/found.csv"])
def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError), opened(tmp_path / name, COLUMNS):
        pass


def test_a_database_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHAREHUB_DATABASE__URL", "postgresql+psycopg://127.0.0.1:1/none")
    monkeypatch.setenv("SHAREHUB_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    rulebook, output = shipped("rulebooks") / "cn" / "2026-1.toml", tmp_path / "found.csv"
    assert (
        cli.main(["--home", str(tmp_path), "rulebook", "what-if", "--rulebook", str(rulebook), "-o", str(output)]) == 3
    )
    assert "PostgreSQL" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_check_refuses_is_refused_in_the_same_words_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "2026-9.toml"
    text = (shipped("rulebooks") / "cn" / "2026-1.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('target_service = "procurement"', 'target_service = "water"'), encoding="utf-8")
    said = []
    for words in (["rulebook", "check", str(path)], ["rulebook", "what-if", "--rulebook", str(path)]):
        assert cli.main(["--home", str(tmp_path), *words]) == 4  # nothing runs in that home
        said.append(capsys.readouterr().err.splitlines())
    refused = [line for line in said[1] if "law 6" in line]
    assert refused
    assert set(said[1]) <= set(said[0])
