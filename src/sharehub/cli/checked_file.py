"""A file of entities to check: which columns identify them, and the same file back with the answers beside.

A workbook keeps all its sheets, columns and formats. Answers are text, never formulas; of a CSV file every cell that a
spreadsheet would run as a formula gets an apostrophe in front.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import python_calamine

from sharehub.connect.aliases import IDENTIFIER, meaning, says_identifier
from sharehub.connect.readers import require_file, workbook_lines
from sharehub.connect.source_table import SourceTable
from sharehub.connect.text_files import delimiter_of, text_lines
from sharehub.core.check import Ask
from sharehub.core.identifier import SCHEMES
from sharehub.errors import UsageError

ADDED = ("answer", "measures", "until", "what is missing", "as of")
"""Titles of the columns that are added, or filled anew where the file has them as its last ones."""

_RUN = ("=", "+", "-", "@", "\t", "\r")
_HARMLESS = re.compile(r"[+-][\d\s.,()/-]*")
_TEXTS = frozenset((".csv", ".tsv", ".tab", ".txt"))


class Column(NamedTuple):
    """A column that identifies, by its place from 0; without a `scheme` its cells state SCHEME:VALUE themselves."""

    place: int
    title: str
    scheme: str

    def __str__(self) -> str:
        return f"{self.title!r} as {self.scheme or 'SCHEME:VALUE'}"

    def text(self, cells: Sequence[str]) -> str:
        """What the row states in this column, as SCHEME:VALUE, or nothing."""
        cell = cells[self.place].strip() if self.place < len(cells) else ""
        return cell if not cell or not self.scheme or cell.startswith(f"{self.scheme}:") else f"{self.scheme}:{cell}"


@dataclass
class Sheet:
    """One table of the file: its lines as text, the columns that identify, the one of a second factor, if any."""

    name: str
    lines: list[list[str]]
    columns: list[Column]
    name_place: int | None
    notes: Sequence[str] = ()
    answers: dict[int, Sequence[str]] = field(default_factory=dict)

    def asks(self, header_row: int) -> Iterator[tuple[int, Ask]]:
        """Every row that is not blank, by its place from 0, and what it asks."""
        width = self.width(header_row)
        for place, cells in enumerate(self.lines[header_row:], header_row):
            own = cells[:width]
            if any(map(str.strip, own)):
                named = own[self.name_place] if self.name_place is not None and self.name_place < len(own) else ""
                yield place, Ask(str(place), [column.text(own) for column in self.columns], named)

    def width(self, header_row: int) -> int:
        """How many columns the file has of its own, titled or not."""
        titles = _trimmed(self.lines[header_row - 1])
        if tuple(titles[-len(ADDED) :]) == ADDED:
            return len(titles) - len(ADDED)
        return max(len(_trimmed(cells)) for cells in self.lines)


def _trimmed(cells: Sequence[str]) -> Sequence[str]:
    filled = [place for place, cell in enumerate(cells, 1) if cell.strip()]
    return cells[: filled[-1]] if filled else ()


class Wanted(NamedTuple):
    """What the caller states about a file: columns as `TITLE` or `TITLE=SCHEME`, that of names, where titles stand."""

    columns: Sequence[str] = ()
    name: str = ""
    header_row: int = 1
    delimiter: str = ""


def read_file(path: Path, wanted: Wanted) -> list[Sheet]:
    """The tables of a file in which entities are identified; sheets without such a column are left alone.

    Raises:
        UsageError: the file cannot be read, or it is not certain which column identifies.
    """
    require_file(path)
    tables = list(_tables(path, wanted))
    sheets = [sheet for table in tables if (sheet := _sheet(table, wanted))]
    if not sheets:
        titles = [
            title for _, lines, _ in tables if len(lines) >= wanted.header_row for title in lines[wanted.header_row - 1]
        ]
        raise UsageError(
            f"{path}: no column says with certainty that it identifies; there are: {', '.join(filter(None, titles))}",
            hint='--column "TITLE=SCHEME", or --column TITLE where its cells are SCHEME:VALUE',
        )
    return sheets


_Table = tuple[str, list[list[str]], Sequence[str]]
"""A sheet's name, its lines, and what to tell about the reading."""


def _tables(path: Path, wanted: Wanted) -> Iterator[_Table]:
    suffix = path.suffix.lower()
    if suffix in _TEXTS:
        lines, notes, _ = text_lines(path, _source(wanted))
        yield "", list(lines), notes
    elif suffix == ".xlsx":
        for name in _sheet_names(path):
            yield name, list(workbook_lines(path, SourceTable(type="excel", mode="append", sheet=name))[1]), ()
    else:
        raise UsageError(f"{path}: only .xlsx and .csv come back with answers", hint="save it as one of them")


def _source(wanted: Wanted) -> SourceTable:
    return SourceTable(type="csv", mode="append", delimiter=wanted.delimiter)


def _sheet_names(path: Path) -> list[str]:
    try:
        return list(python_calamine.CalamineWorkbook.from_path(path).sheet_names)
    except (python_calamine.CalamineError, OSError) as error:
        raise UsageError(f"{path}: is no workbook that can be read: {error}") from error


def _sheet(table: _Table, wanted: Wanted) -> Sheet | None:
    name, lines, notes = table
    if len(lines) < wanted.header_row:
        return None
    titles = [title.strip() for title in lines[wanted.header_row - 1]]
    columns = [*_stated(titles, wanted.columns)] if wanted.columns else [*_certain(titles)]
    names = [place for place, title in enumerate(titles) if wanted.name and title == wanted.name]
    return Sheet(name, lines, columns, names[0] if names else None, notes) if columns else None


def _stated(titles: Sequence[str], columns: Iterable[str]) -> Iterator[Column]:
    for text in columns:
        title, _, scheme = text.rpartition("=") if "=" in text else (text, "", "")
        if scheme and scheme not in SCHEMES:
            raise UsageError(f"{scheme!r} is no scheme of identifiers", hint=f"one of: {', '.join(SCHEMES)}")
        known = meaning(title)
        for place, found in enumerate(titles):
            if found == title:
                yield Column(place, title, scheme or (known.scheme if known.certain else ""))


def _certain(titles: Sequence[str]) -> Iterator[Column]:
    """Columns whose title says which scheme it is, or that it holds an identifier that states its own."""
    for place, title in enumerate(titles):
        found = meaning(title)
        if found.certain and found.targets == (IDENTIFIER,):
            yield Column(place, title, found.scheme)
        elif says_identifier(title):
            yield Column(place, title, "")


def write_file(path: Path, sheets: Sequence[Sheet], wanted: Wanted, out: Path) -> None:
    """Write the file again, with the answers in the columns of `ADDED`."""
    (_write_text if path.suffix.lower() in _TEXTS else _write_workbook)(path, sheets, wanted, out)


def _write_text(path: Path, sheets: Sequence[Sheet], wanted: Wanted, out: Path) -> None:
    (sheet,) = sheets
    width = sheet.width(wanted.header_row)
    with out.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter_of(path, _source(wanted)), lineterminator="\r\n")
        for place, cells in enumerate(sheet.lines):
            own = cells[:width] if place >= wanted.header_row - 1 else cells
            added = ADDED if place == wanted.header_row - 1 else sheet.answers.get(place, ())
            padded = [*own, *([""] * (width - len(own)))] if added else own
            writer.writerow(map(_unrun, (*padded, *added)))


def _unrun(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RUN) and not _HARMLESS.fullmatch(cell) else cell


def _write_workbook(path: Path, sheets: Sequence[Sheet], wanted: Wanted, out: Path) -> None:
    book = openpyxl.load_workbook(path)
    for sheet in sheets:
        table = book[sheet.name]
        first = sheet.width(wanted.header_row) + 1
        titled = {wanted.header_row - 1: ADDED}
        for place, texts in (titled | sheet.answers).items():
            for column, text in enumerate(texts, first):
                _write_cell(table.cell(place + 1, column), text)
    book.save(out)


def _write_cell(cell: Any, text: str) -> None:
    cell.value = text or None
    if text:
        cell.data_type = "s"  # whatever it begins with, it is text
