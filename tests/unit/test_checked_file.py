"""A file to check: which columns identify is never guessed, and the file comes back whole, with nothing that runs."""

import time
from pathlib import Path

import openpyxl
import pytest

from sharehub.cli.checked_file import ADDED, Sheet, Wanted, read_file, write_file
from sharehub.core.check import Ask
from sharehub.errors import UsageError

USCC = "91350100M000100Y43"
ANSWER = ("yes", "=HYPERLINK(1)", "open", "", "2026-06-01")


def csv_file(folder: Path, *lines: str) -> Path:
    path = folder / "bidders.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def asks(sheet: Sheet, header_row: int = 1) -> list[Ask]:
    return [ask for _, ask in sheet.asks(header_row)]


def test_columns_are_found_by_their_titles(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "序号,企业名称,统一社会信用代码,LEI", f"1,Blue Mill,{USCC},", "2,Green Mill,,X", ",,,")
    (sheet,) = read_file(path, Wanted(name="企业名称"))
    assert [str(one) for one in sheet.columns] == ["'统一社会信用代码' as CN-USCC", "'LEI' as LEI"]
    assert asks(sheet) == [Ask("1", [f"CN-USCC:{USCC}", ""], "Blue Mill"), Ask("2", ["", "LEI:X"], "Green Mill")]


@pytest.mark.parametrize("header", ["number,firm", "credit code of the firm,x", "", "企业名称,法定代表人"])
def test_nothing_is_guessed(tmp_path: Path, header: str) -> None:
    with pytest.raises(UsageError, match="no column says with certainty") as refused:
        read_file(csv_file(tmp_path, header, f"{USCC},a"), Wanted())
    assert "--column" in refused.value.hint


def test_a_column_can_be_named(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "A list", "number,firm", f"{USCC},a", f"CN-USCC:{USCC},b")
    (sheet,) = read_file(path, Wanted(("number=CN-USCC",), header_row=2))
    assert asks(sheet, 2) == [Ask("2", [f"CN-USCC:{USCC}"], ""), Ask("3", [f"CN-USCC:{USCC}"], "")]
    (plain,) = read_file(path, Wanted(("number",), header_row=2))
    assert asks(plain, 2)[0].identifiers == [USCC]
    with pytest.raises(UsageError, match="no scheme"):
        read_file(path, Wanted(("number=XX",), header_row=2))


def test_a_text_file_comes_back_with_nothing_that_runs(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "USCC,note,phone", f"{USCC},=cmd|' /C calc'!A0,+86 591 1234", f"{USCC},@x,-5.00")
    (sheet,) = read_file(path, Wanted())
    sheet.answers = {1: ANSWER, 2: ANSWER}
    out = tmp_path / "out.csv"
    write_file(path, [sheet], Wanted(), out)
    title, first, second = out.read_text(encoding="utf-8-sig").splitlines()
    assert title == f"USCC,note,phone,{','.join(ADDED)}"
    assert first == f"{USCC},'=cmd|' /C calc'!A0,+86 591 1234,yes,'=HYPERLINK(1),open,,2026-06-01"
    assert second.startswith(f"{USCC},'@x,-5.00,yes")
    (again,) = read_file(out, Wanted())
    again.answers = {1: ("no", "", "", "", ""), 2: ("no", "", "", "", "")}
    write_file(out, [again], Wanted(), tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text(encoding="utf-8-sig").splitlines()[1].endswith("1234,no,,,,")


def test_a_workbook_comes_back_whole(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "notes"
    notes["A1"] = "=1+1"
    table = book.create_sheet("bidders")
    for row in (("No", "统一社会信用代码", "price"), (1, USCC, 12.5), (2, "", 13)):
        table.append(row)
    table["F3"] = "a remark without a title"
    table.column_dimensions["B"].width = 33
    path, out = tmp_path / "bidders.xlsx", tmp_path / "out.xlsx"
    book.save(path)
    (sheet,) = read_file(path, Wanted())
    assert [(place, one.identifiers) for place, one in sheet.asks(1)] == [(1, [f"CN-USCC:{USCC}"]), (2, [""])]
    sheet.answers = {1: ANSWER, 2: ("not-enough", "", "", "state it", "")}
    write_file(path, [sheet], Wanted(), out)
    found = openpyxl.load_workbook(out)
    assert found.sheetnames == ["notes", "bidders"] and found["notes"]["A1"].value == "=1+1"
    rows = [[cell.value for cell in row] for row in found["bidders"].iter_rows()]
    assert rows[0] == ["No", "统一社会信用代码", "price", None, None, None, *ADDED]
    assert rows[1] == [1, USCC, 12.5, None, None, None, "yes", "=HYPERLINK(1)", "open", None, "2026-06-01"]
    assert rows[2][5:7] == ["a remark without a title", "not-enough"]
    assert found["bidders"]["H2"].data_type == "s" and found["bidders"].column_dimensions["B"].width == 33


def test_what_is_no_table_is_told(tmp_path: Path) -> None:
    for name, content in (("a.xls", b"x"), ("b.xlsx", b"no workbook"), ("c.pdf", b"%PDF")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError):
            read_file(tmp_path / name, Wanted())


def test_a_long_file_is_read_in_a_time_that_grows_with_its_rows(tmp_path: Path) -> None:
    def seconds(rows: int) -> float:
        file = tmp_path / f"{rows}.csv"
        file.write_text("RFC\n" + "ABC010101AA1\n" * rows, encoding="utf-8")
        (sheet,) = read_file(file, Wanted())
        begun = time.process_time()
        assert sum(1 for _ in sheet.asks(1)) == rows
        return time.process_time() - begun

    assert min(seconds(4_000), seconds(4_000)) < 24 * min(seconds(500) for _ in range(5))
