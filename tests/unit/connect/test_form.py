"""A form made from a schema, filled in as a person or a program would, is a connector without a mapping."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sharehub.cli import main
from sharehub.connect.checking import check_connector
from sharehub.connect.columns import PROBLEM_COLUMN
from sharehub.connect.form import EXAMPLE, NUMBER, form_columns
from sharehub.connect.form_reading import form_connector, read_form
from sharehub.connect.form_workbook import write_form
from sharehub.core.record import WITHDRAWAL
from sharehub.errors import UsageError
from sharehub.wire.registry import load_registry

REGISTRY = load_registry()
KINDS = sorted({schema.name for schema in REGISTRY.all() if schema.says_record} - {WITHDRAWAL})
PENALTY = REGISTRY.latest("penalty")


def form(folder: Path, kind: str = "penalty", mode: str = "append") -> Path:
    path = folder / f"{kind}.xlsx"
    write_form(REGISTRY.latest(kind), mode, path)
    return path


def fill(path: Path, *rows: Mapping[str, Any]) -> Path:
    """Write rows below the example, as a person would."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    for number, row in enumerate(rows, 3):
        for title, value in row.items():
            sheet.cell(number, titles.index(title) + 1, value)
    book.save(path)
    return path


def example(kind: str) -> dict[str, Any]:
    """A row as the example has it, under a number of its own."""
    return {column.title: column.example for column in form_columns(REGISTRY.latest(kind))} | {NUMBER: "2026-1"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_every_form_is_a_record_under_another_number_and_never_itself(tmp_path: Path, kind: str) -> None:
    path = fill(form(tmp_path, kind), example(kind))
    report = check_connector(form_connector(path, "cn-tax", "cn", REGISTRY), REGISTRY)
    assert report.problems == ()
    (record,) = report.records
    assert record["record_key"] == f"form-cn-tax-{kind}/2026-1"
    assert record["subject"]["identifiers"] == [{"scheme": "CN-USCC", "value": "91350100M000100Y43"}]
    assert record["legal_basis"] == [{"instrument": "Name of the law", "article": "Art. 1", "rank": "law"}]


def test_a_form_has_notes_choices_checked_cells_and_a_hidden_sheet(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(form(tmp_path))
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("penalty", "visible"),
        ("How to", "visible"),
        ("sharehub", "hidden"),
    ]
    sheet = book["penalty"]
    by_title = {cell.value: cell for cell in sheet[1]}
    assert by_title["Finality"].comment.text == "Only a final penalty can be a ground (law 3). Required."
    checks = {str(check.sqref).split(":")[0]: check for check in sheet.data_validations.dataValidation}
    assert checks[f"{by_title['Finality'].column_letter}2"].formula1 == '"preliminary,final,under_appeal"'
    assert checks[f"{by_title['Decided on'].column_letter}2"].type == "date"
    assert checks[f"{by_title['Fine'].column_letter}2"].type == "decimal"
    assert sheet.cell(2, 1).value == EXAMPLE


def test_what_is_wrong_in_a_row_is_told_with_its_title(tmp_path: Path) -> None:
    wrong = {
        "Finality": ("perhaps", "Finality: 'perhaps' is none of 'preliminary', 'final', 'under_appeal'"),
        "Facts": ("", "Facts: is empty but required"),
        "Decided on": ("1/2/2026", "Decided on: '1/2/2026' is no date"),
        "Fine": ("many", "Fine: 'many' is no amount"),
        "Identifier scheme": ("", "stands without its scheme"),
        "Identifier": (9.1350100e17, r"Identifier \(CN-USCC\): .* the spreadsheet has destroyed the number"),
        "Second identifier": ("7", "stands without its scheme"),
        NUMBER: ("", "Record number: is empty"),
        "Legal basis: article": ("", "Legal basis: article: is empty"),
    }
    rows = [
        example("penalty") | {NUMBER: str(row), title: cell} for row, (title, (cell, _)) in enumerate(wrong.items())
    ]
    path = fill(form(tmp_path), *rows, example("penalty"))
    report = check_connector(form_connector(path, "cn-tax", "cn", REGISTRY), REGISTRY)
    assert len(report.records) == 1
    for problem, (_, words) in zip(report.problems, wrong.values(), strict=True):
        with pytest.raises(UsageError, match=words):
            raise UsageError(problem)


def test_all_that_is_wrong_in_a_row_is_told_at_once_and_a_form_shows_no_mapping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fill(form(tmp_path), example("penalty") | {"Finality": "perhaps", "Facts": "", "Decided on": "1/2/2026"})
    assert main(["connector", "check", str(path), "--agency", "cn-environment"]) == 1
    told = capsys.readouterr().out
    assert all(words in told for words in ("row 3: Facts: is empty", "'perhaps' is none of", "'1/2/2026' is no date"))
    assert "key.number" not in told


def test_columns_may_be_moved_left_out_and_added(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(fill(form(tmp_path), example("penalty")))
    sheet = book["penalty"]
    sheet.delete_cols([cell.value for cell in sheet[1]].index("Address") + 1)
    sheet.insert_cols(1)
    sheet["A1"] = "our remark"
    book.save(tmp_path / "moved.xlsx")
    report = check_connector(form_connector(tmp_path / "moved.xlsx", "cn-tax", "cn", REGISTRY), REGISTRY)
    assert len(report.records) == 1
    assert report.problems == ("moved.xlsx has a column that the mapping does not know: our remark",)


def test_a_workbook_that_is_no_form_is_told_what_to_do(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(tmp_path / "mine.xlsx")
    with pytest.raises(UsageError, match="is no form") as caught:
        read_form(tmp_path / "mine.xlsx", REGISTRY)
    assert "connector new --from" in caught.value.hint
    book = openpyxl.load_workbook(form(tmp_path))
    book["sharehub"]["B3"] = "9999"
    book.save(tmp_path / "future.xlsx")
    with pytest.raises(UsageError, match="schema 9999"):
        read_form(tmp_path / "future.xlsx", REGISTRY)


def test_a_form_of_rejects_says_what_is_wrong_and_is_never_the_whole_list(tmp_path: Path) -> None:
    rows = [{"row": {NUMBER: "7", "Facts": "=1+1", "our remark": "x"}, "told": "row 3: Facts"}]
    assert write_form(PENALTY, "append", tmp_path / "wrong.xlsx", rows) == 1
    sheet = openpyxl.load_workbook(tmp_path / "wrong.xlsx")["penalty"]
    found = dict(zip(*([cell.value for cell in row] for row in sheet.iter_rows(max_row=2)), strict=True))
    assert {found[NUMBER], found["Facts"], found["our remark"], found[PROBLEM_COLUMN]} == {
        "7",
        "=1+1",
        "x",
        "row 3: Facts",
    }
    assert read_form(tmp_path / "wrong.xlsx", REGISTRY).mode == "append"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["template", "penalty", "-o", "F.csv"], "written as .xlsx"),
        (["template", "withdrawal", "-o", "F.xlsx"], "agencies do not fill in"),
        (["template", "penalty", "-o", "penalty.xlsx"], "may be filled in"),
        (["check", "penalty.xlsx"], "--agency"),
        (["check", "penalty.xlsx", "--agency", "nobody"], "no agency 'nobody'"),
        (["check", "penalty.xlsx", "--agency", "cn-court"], "not competent"),
        (["check", "cn-registry", "--agency", "cn-tax"], "states its agency"),
    ],
)
def test_the_commands_say_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    form(tmp_path)
    assert main(["connector", *words]) in (2, 4)
    assert told in capsys.readouterr().err
