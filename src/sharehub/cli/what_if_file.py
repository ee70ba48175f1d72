"""All differences of a trial as a file, one row each, written as they are found."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import xlsxwriter

from sharehub.errors import UsageError

Rows = Sequence[Mapping[str, str]]
Write = Callable[[Rows], None]

_SHEET_ROWS_MAX = 1_000_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def opened(path: Path | None, columns: Sequence[str]) -> Iterator[Write]:
    """What writes rows to the file, by its ending; the file is there only when everything was written.

    Raises:
        UsageError: the ending is neither .csv nor .xlsx, or there is no such folder.
    """
    if path is None:
        yield lambda rows: None
        return
    kind = _KINDS.get(path.suffix.lower())
    if kind is None or not path.parent.is_dir():
        raise UsageError(f"{path}: cannot be written", hint="a .csv or .xlsx file in a folder that exists")
    draft = path.with_name(f".{path.name}.draft")
    try:
        with kind(draft, columns) as write:
            yield write
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _csv(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    """Text in UTF-8 that no spreadsheet runs as a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        yield lambda rows: writer.writerows([_safe(row[name]) for name in columns] for row in rows)


def _safe(text: str) -> str:
    return f"'{text}" if text[:1] in _FORMULA else text


@contextmanager
def _xlsx(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    """Cells of text, none of them a formula; another sheet where one is full."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheets = _Sheets(book, columns)
        yield sheets.write


class _Sheets:
    def __init__(self, book: xlsxwriter.Workbook, columns: Sequence[str]) -> None:
        self._book, self._columns = book, columns
        self._begin()

    def _begin(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet("differences" if number == 1 else f"differences {number}")
        self._sheet.freeze_panes(1, 0)
        self._row = 0
        self._add(self._columns)

    def write(self, rows: Rows) -> None:
        """Add the rows."""
        for row in rows:
            if self._row == _SHEET_ROWS_MAX:
                self._begin()
            self._add([row[name] for name in self._columns])

    def _add(self, cells: Sequence[str]) -> None:
        for column, cell in enumerate(cells):
            self._sheet.write_string(self._row, column, cell)
        self._row += 1


_KINDS = {".csv": _csv, ".xlsx": _xlsx}
