"""What every reader gives: rows with their place, under column titles."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sharehub.errors import UsageError

_EXACT_BELOW = 10**15
_PLAIN_FROM = 1e-4


class Place(NamedTuple):
    """Where a row stands."""

    name: str
    sheet: str | None
    row: int

    def __str__(self) -> str:
        sheet = f", sheet {self.sheet}" if self.sheet else ""
        return f"{self.name}{sheet}, row {self.row}"


class Row(NamedTuple):
    """One row: its cells by column title, or why it has none (`fault`), or why it is none (`note`)."""

    place: Place
    cells: Mapping[str, str]
    fault: str = ""
    note: str = ""


class Bookmark:
    """The greatest value of one column of a source: where the next run begins to read."""

    def __init__(self, column: str) -> None:
        self.column = column
        self._greatest: Any = None

    def see(self, value: object) -> None:
        """Take notice of one row's value.

        Raises:
            UsageError: it cannot be compared with the others.
        """
        try:
            if value is not None and (self._greatest is None or value > self._greatest):
                self._greatest = value
        except TypeError as error:
            told = (
                f"column {self.column}: {value!r} and {self._greatest!r} cannot be compared, so neither is a bookmark"
            )
            raise UsageError(told, hint="let source.bookmark be one column of instants, days or numbers") from error

    @property
    def text(self) -> str:
        """The greatest value as `read` and a query get it; empty where no row had one."""
        return self._greatest.isoformat() if isinstance(self._greatest, date) else cell_text(self._greatest)


def _unknown(_done: int) -> int:
    return 0


@dataclass(frozen=True)
class Table:
    """An opened source: its column titles, its rows (once), and what a person should know about the reading.

    `expected`: how many rows there will be in all, judged after so many; 0 where that cannot be told. `path`: of a
    file, where it lies.
    """

    name: str
    header: tuple[str, ...]
    rows: Iterator[Row]
    notes: tuple[str, ...] = ()
    bookmark: Bookmark | None = None
    expected: Callable[[int], int] = _unknown
    path: Path | None = None


def row_of(place: Place, header: Sequence[str], cells: Sequence[object]) -> Row:
    """A row of values of any type; what is bytes is no text, nor is what no encoding has, and so a fault."""
    faults, texts = [], {}
    for title, cell in zip(header, cells, strict=True):
        binary = isinstance(cell, (bytes, memoryview))
        text = "" if binary else cell_text(cell).strip()
        texts[title] = text if text.isascii() else text.encode(errors="backslashreplace").decode()
        if binary:
            faults.append(f"{title} holds bytes, not text; leave it out")
        elif texts[title] != text:
            faults.append(f"{title} holds characters that no text encoding has")
    return Row(place, texts, faults[0] if faults else "")


def distinct(titles: Sequence[str]) -> tuple[str, ...]:
    """Column titles, those that come several times with their number."""
    counted = dict.fromkeys(titles, 0)
    found = []
    for title in titles:
        counted[title] += 1
        found.append(f"{title} [{counted[title]}]" if titles.count(title) > 1 else title)
    return tuple(found)


def cell_text(cell: object) -> str:
    """A value as text: a number without its `.0`, with the 15 digits that a spreadsheet keeps; a day as YYYY-MM-DD.

    A number beyond 15 digits is written in scientific form, for a spreadsheet has already lost digits.
    """
    match cell:
        case bool():
            return "true" if cell else "false"
        case float():
            return _number_text(cell)
        case Decimal():
            return f"{cell:f}"
        case datetime() if cell.time() != time():
            return cell.isoformat(sep=" ")
        case datetime():
            return cell.date().isoformat()
        case _:
            return "" if cell is None else str(cell)


def _number_text(number: float) -> str:
    if number.is_integer():
        return str(int(number)) if abs(number) < _EXACT_BELOW else f"{number:.14E}"
    return f"{number:.15g}" if _PLAIN_FROM <= abs(number) < _EXACT_BELOW else str(number)
