"""Rows of a file with their place: CSV in any encoding, also gzipped, and workbooks.

A cell is text, trimmed, as the file has it; a date cell of a workbook is written YYYY-MM-DD. The number of a row is
the one a spreadsheet shows, so a quoted cell of several lines is still one row.
"""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import python_calamine
from charset_normalizer import from_bytes

from sharehub.connect.columns import PROBLEM_COLUMN
from sharehub.connect.mapping import SourceTable
from sharehub.errors import UsageError

WORKBOOKS = frozenset((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"))
_SAMPLE_BYTES = 2**18
_EXACT_BELOW = 10**15
_CELL_MAX = 2**20


class Place(NamedTuple):
    """Where a row stands."""

    name: str
    sheet: str | None
    row: int

    def __str__(self) -> str:
        sheet = f", sheet {self.sheet}" if self.sheet else ""
        return f"{self.name}{sheet}, row {self.row}"


class Row(NamedTuple):
    """One row: its cells by column title, or why it has none (`fault`)."""

    place: Place
    cells: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True)
class Table:
    """An opened file: its column titles, its rows (once), and what a person should know about the reading."""

    name: str
    header: tuple[str, ...]
    rows: Iterator[Row]
    notes: tuple[str, ...] = ()


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
    workbook = path.suffix.lower() in WORKBOOKS or (source.type == "excel" and path.suffix.lower() != ".csv")
    sheet, lines, notes = _workbook(path, source) if workbook else _csv(path, source)
    numbered = enumerate(lines, 1)
    header = _header(path, source, numbered)
    return Table(path.name, header, _rows(path.name, sheet, header, numbered, source.ragged == "pad"), notes)


def _header(path: Path, source: SourceTable, numbered: Iterator[tuple[int, list[str]]]) -> tuple[str, ...]:
    last = source.header_row + source.header_rows - 1
    lines: list[list[str]] = []
    for number, cells in numbered:
        if number >= source.header_row:
            lines.append(cells)
        if number == last:
            found = _distinct(_trimmed(_lowest(lines)))
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


def _distinct(titles: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    for title in titles:
        seen[title] = seen.get(title, 0) + 1
    counted = dict.fromkeys(seen, 0)
    found = []
    for title in titles:
        counted[title] += 1
        found.append(f"{title} [{counted[title]}]" if seen[title] > 1 else title)
    return tuple(found)


def _rows(
    name: str, sheet: str | None, header: tuple[str, ...], numbered: Iterator[tuple[int, list[str]]], pad: bool
) -> Iterator[Row]:
    width = len(header)
    for number, raw in numbered:
        cells = [cell.strip() for cell in raw]
        if not any(cells):
            continue
        fault = ""
        if len(cells) != width:
            if any(cells[width:]) or (len(cells) < width and not pad):
                fault = f"the row has {len(cells)} cells, the header {width}"
            cells += [""] * (width - len(cells))
        titles = header if len(cells) <= width else [*header, *(f"cell {n}" for n in range(width + 1, len(cells) + 1))]
        yield Row(Place(name, sheet, number), dict(zip(titles, cells, strict=False)), fault)


def _csv(path: Path, source: SourceTable) -> tuple[None, Iterator[list[str]], tuple[str, ...]]:
    encoding = source.encoding[0] if len(source.encoding) == 1 else _first_fitting(path, source.encoding)
    notes: tuple[str, ...] = ()
    if encoding == "detect":
        encoding = _detected(path)
        notes = (f"{path.name}: read as {encoding} (detected; state source.encoding to be sure)",)
    return (
        None,
        _csv_lines(path, "utf-8-sig" if encoding.lower() in ("utf-8", "utf8", "utf_8") else encoding, source),
        notes,
    )


def _csv_lines(path: Path, encoding: str, source: SourceTable) -> Iterator[list[str]]:
    csv.field_size_limit(_CELL_MAX)
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    number = 0
    try:
        with opened(path, "rt", encoding=encoding, newline="") as lines:
            for cells in csv.reader(lines, delimiter=source.delimiter):
                number += 1
                yield cells
    except LookupError as error:
        raise UsageError(f"{path}: {encoding!r} is no encoding", hint="correct source.encoding") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: is not {encoding.removesuffix('-sig')} after row {number}: {error.reason}"
        ) from error
    except (csv.Error, OSError, EOFError) as error:
        raise UsageError(f"{path}: cannot be read after row {number}: {error}") from error


def _content(path: Path) -> bytes:
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as stream:
            content: bytes = stream.read()
            return content
    except (OSError, EOFError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error


def _first_fitting(path: Path, encodings: Sequence[str]) -> str:
    """The first of several encodings in which the whole file can be read; the last one where none fits."""
    content = _content(path)
    for encoding in encodings[:-1]:
        with suppress(UnicodeDecodeError, LookupError):
            content.decode(encoding)
            return encoding
    return encodings[-1]


def _detected(path: Path) -> str:
    content = _content(path)
    try:
        content.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        best = from_bytes(content[:_SAMPLE_BYTES]).best()
    if best is None:
        raise UsageError(f"{path}: the encoding cannot be told", hint="state it as source.encoding")
    return best.encoding


def _workbook(path: Path, source: SourceTable) -> tuple[str, Iterator[list[str]], tuple[str, ...]]:
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheet = source.sheet or book.sheet_names[0]
        if sheet not in book.sheet_names:
            raise UsageError(f"{path}: has no sheet {sheet!r}; it has: {', '.join(book.sheet_names)}")
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        raise UsageError(f"{path}: is no workbook that can be read: {error}") from error
    return sheet, ([_text(cell) for cell in row] for row in rows), ()


def _text(cell: object) -> str:
    """A number without its `.0`; one beyond 15 digits in scientific form, for Excel has already lost digits."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell)) if abs(cell) < _EXACT_BELOW else f"{cell:.14E}"
        case datetime() if cell.time().isoformat() != "00:00:00":
            return cell.isoformat(sep=" ")
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
