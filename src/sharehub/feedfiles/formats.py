"""Rows written as JSON lines, CSV and workbooks; the same rows give the same bytes."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import IO, Any

import xlsxwriter

from sharehub.feedfiles.table import Cells, guarded
from sharehub.wire.signing import canonical

_SHEET_ROWS_MAX = 1_048_576 - 1
_CELL_MAX = 32_767
_MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""A workbook must say when it was made; with the true instant the same list would have other bytes each day."""
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}


def write_jsonl(stream: IO[bytes], rows: Iterable[Mapping[str, Any]]) -> None:
    """One canonical JSON text per line."""
    stream.writelines(canonical(row) + b"\n" for row in rows)


def write_csv(stream: IO[bytes], columns: Cells, rows: Iterable[Cells]) -> None:
    """CSV as RFC 4180 has it; no cell is a formula."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    text.detach()  # flushes, and leaves the stream open


def write_xlsx(stream: IO[bytes], title: str, columns: Cells, rows: Iterable[Cells]) -> None:
    """A workbook of texts, on as many sheets as it takes; a text that is too long for a cell is cut and says so."""
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        book.set_properties({"created": _MADE_AT})
        bold = book.add_format({"bold": True})
        sheet = _sheet(book, title, columns, bold)
        for number, cells in enumerate(rows):
            page, place = divmod(number, _SHEET_ROWS_MAX)
            if page and not place:
                sheet = _sheet(book, f"{title} {page + 1}", columns, bold)
            for column, text in enumerate(cells):
                sheet.write_string(place + 1, column, _fitting(text))


def _sheet(book: Any, title: str, columns: Cells, bold: Any) -> Any:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 1)
    for column, name in enumerate(columns):
        sheet.write_string(0, column, name, bold)
    return sheet


def _fitting(text: str) -> str:
    if len(text) <= _CELL_MAX:
        return text
    note = f" … ({len(text)} characters; the other formats have them all)"
    return text[: _CELL_MAX - len(note)] + note
