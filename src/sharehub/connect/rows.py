"""What every reader gives: rows with their place, under column titles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import NamedTuple

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


@dataclass(frozen=True)
class Table:
    """An opened source: its column titles, its rows (once), and what a person should know about the reading."""

    name: str
    header: tuple[str, ...]
    rows: Iterator[Row]
    notes: tuple[str, ...] = ()


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
