"""Rows of a file with their place: text in any encoding, workbooks, exported JSON.

A cell is text, trimmed, as the file has it; a date cell of a workbook is written YYYY-MM-DD. The number of a row is
the one a spreadsheet shows, so a quoted cell of several lines is still one row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import python_calamine

from sharehub.connect.columns import PROBLEM_COLUMN
from sharehub.connect.folding import title_words
from sharehub.connect.formulas import Cells, failed_cells
from sharehub.connect.http_json import open_body
from sharehub.connect.rows import Place, Row, Table, cell_text, distinct
from sharehub.connect.source_table import SourceTable
from sharehub.connect.text_files import Lines, file_content, text_lines
from sharehub.errors import UsageError

__all__ = ["WORKBOOKS", "Place", "Row", "Table", "open_table", "require_file", "workbook_lines"]

WORKBOOKS = frozenset((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"))
_TEXTS = frozenset((".csv", ".tsv", ".tab", ".txt", ".gz"))


def require_file(path: Path) -> None:
    """Return when the file exists.

    Raises:
        UsageError: it does not.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")


def open_table(path: Path, source: SourceTable) -> Table:
    """The rows of a file that is neither blank; title lines above the header are left out.

    Raises:
        UsageError: the file cannot be read as the mapping says, or has no header.
    """
    require_file(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return replace(open_body(path.name, file_content(path), source), path=path.resolve())
    sheet: str | None = None
    if suffix in WORKBOOKS or (source.type == "excel" and suffix not in _TEXTS):
        sheet, lines, count = workbook_lines(path, source)
        read = Lines(lines, (), lambda _done: count)
    else:
        read = text_lines(path, source)
    numbered = enumerate(read.cells, 1)
    header = _header(path, source, numbered)
    found = _rows(Place(path.name, sheet, 0), header, numbered, source)
    return Table(path.name, header, found, read.notes, expected=read.expected, path=path.resolve())


def _header(path: Path, source: SourceTable, numbered: Iterator[tuple[int, list[str]]]) -> tuple[str, ...]:
    last = source.header_row + source.header_rows - 1
    lines: list[list[str]] = []
    for number, cells in numbered:
        if number >= source.header_row:
            lines.append(cells)
        if number == last:
            found = distinct(_trimmed(_lowest(lines)))
            return found if PROBLEM_COLUMN in found else source.header or found
    raise UsageError(f"{path}: has no row {last}, where the header should be")


def _lowest(lines: list[list[str]]) -> list[str]:
    """Of a header of several rows with merged cells, each column's lowest title."""
    return [next(filter(str.strip, reversed(titles)), "") for titles in zip_longest(*lines, fillvalue="")]


def _trimmed(cells: Sequence[str]) -> list[str]:
    found = [cell.strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    return found


def _rows(
    place: Place, header: tuple[str, ...], numbered: Iterator[tuple[int, list[str]]], source: SourceTable
) -> Iterator[Row]:
    width = len(header)
    footnotes = tuple(map(title_words, source.footnotes))
    name, sheet, _ = place
    for number, raw in numbered:
        cells = list(map(str.strip, raw))
        if not any(cells):
            continue
        note = "a footnote or a total" if footnotes and _foots(cells, footnotes) else ""
        if len(cells) == width:
            yield Row(Place(name, sheet, number), dict(zip(header, cells, strict=True)), "", note)
        else:
            yield _of_other_width(Place(name, sheet, number), header, cells, note, pad=source.ragged == "pad")


def _of_other_width(place: Place, header: tuple[str, ...], cells: list[str], note: str, *, pad: bool) -> Row:
    width, fault = len(header), ""
    if any(cells[width:]) or (len(cells) < width and not pad):
        fault = f"the row has {len(cells)} cells, the header {width}"
    cells = cells + [""] * (width - len(cells))
    titles = [*header, *(f"cell {n}" for n in range(width + 1, len(cells) + 1))]
    return Row(place, dict(zip(titles, cells, strict=False)), fault, note)


def _foots(cells: Sequence[str], footnotes: tuple[str, ...]) -> bool:
    """Whether a row begins with such words and is half empty: a company may be called Total."""
    stated = [cell for cell in cells if cell]
    return 2 * len(stated) <= len(cells) and title_words(stated[0]).startswith(footnotes)


def workbook_lines(path: Path, source: SourceTable) -> tuple[str, Iterator[list[str]], int]:
    """The name of the sheet that is meant, the cells of its rows, and how many there are.

    Raises:
        UsageError: the file is no workbook, or has no such sheet.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheet = source.sheet or book.sheet_names[0]
        if sheet not in book.sheet_names:
            raise UsageError(f"{path}: has no sheet {sheet!r}; it has: {', '.join(book.sheet_names)}")
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        raise UsageError(f"{path}: is no workbook that can be read: {error}") from error
    failed = failed_cells(path, sheet)
    count = max(len(rows), *(row + 1 for row, _ in failed)) if failed else len(rows)
    return sheet, _texts(rows, failed, count), count


def _texts(rows: list[list[Any]], failed: Cells, count: int) -> Iterator[list[str]]:
    """The rows as texts, and in them what has no value."""
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in failed.items():
        by_row.setdefault(row, []).append((column, text))
    for number in range(count):
        cells = [cell_text(cell) for cell in rows[number]] if number < len(rows) else []
        for column, text in by_row.get(number, ()):
            cells += [""] * (column + 1 - len(cells))
            cells[column] = text
        yield cells
