"""Looks at an agency's file: its format, where its titles stand, what its columns hold. States nothing as certain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from sharehub.connect.aliases import footnote_words, meaning
from sharehub.connect.folding import title_words as folded
from sharehub.connect.readers import WORKBOOKS, open_table, require_file, workbook_lines
from sharehub.connect.source_table import SourceTable
from sharehub.connect.text_files import detected_encoding, text_lines
from sharehub.errors import UsageError

_LOOKED_AT = 30
_ROWS_MAX = 2_000
_FULL = 0.8
_KNOWN = 0.3
_BROKEN = 0.1
_UNTITLED_MIN = 2
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Survey:
    """What a file looks like: how to read it, its titles, and the cells of each column in its first rows.

    `doubt` says why the titles may not stand over their cells.
    """

    path: Path
    source: SourceTable
    header: tuple[str, ...]
    cells: dict[str, tuple[str, ...]]
    doubt: str = ""

    def stated(self, title: str) -> tuple[str, ...]:
        """The cells of a column that are not empty."""
        return tuple(filter(None, self.cells[title]))


def survey(path: Path, sheet: str = "") -> Survey:
    """The survey of a CSV or TSV file or a workbook.

    Raises:
        UsageError: it cannot be read, or no row looks like titles.
    """
    require_file(path)
    workbook = path.suffix.lower() in WORKBOOKS
    source = _workbook_source(path, sheet) if workbook else _text_source(path)
    lines = list(islice(workbook_lines(path, source)[1] if workbook else text_lines(path, source)[0], _ROWS_MAX))
    row, rows = _header_at(path, lines)
    changes = {"header_row": row, "header_rows": rows, "footnotes": _footnotes(lines[row:]), "ragged": "pad"}
    if workbook:
        changes.pop("ragged")
    source = source.model_copy(update=changes)
    table = open_table(path, source)
    looked_at = [one for one in islice(table.rows, _ROWS_MAX) if not one.note]
    found = [one.cells for one in looked_at if not one.fault]
    broken = (len(looked_at) - len(found)) > _BROKEN * len(looked_at)
    header = tuple(filter(None, table.header))
    doubt = _doubt(broken, header)
    cells = {title: tuple(one.get(title, "") for one in found) for title in header}
    return Survey(path, source, header, cells, doubt)


def _doubt(broken: bool, header: Sequence[str]) -> str:
    if broken:
        return "many rows have more cells than there are titles: state source.header"
    if any("\t" in title for title in header):
        return "a title has a tab in it, so that titles may not stand over their cells: state source.header"
    return ""


def _workbook_source(path: Path, sheet: str) -> SourceTable:
    source = SourceTable(type="excel", mode="append", sheet=sheet)
    return source.model_copy(update={"sheet": workbook_lines(path, source)[0]})


def _text_source(path: Path) -> SourceTable:
    encoding = (detected_encoding(path),)
    tries = [SourceTable(type="csv", mode="append", encoding=encoding, delimiter=sign) for sign in _DELIMITERS]
    return max(tries, key=lambda source: _width(path, source))


def _width(path: Path, source: SourceTable) -> float:
    widths = [len(cells) for cells in islice(text_lines(path, source)[0], _LOOKED_AT) if cells]
    return median(widths) if widths else 0


def _header_at(path: Path, lines: Sequence[list[str]]) -> tuple[int, int]:
    """The row of the titles, from 1, and of how many rows they are: where most are known, else the first full one."""
    best, found = 1, (0, 1)
    possible = [one for number in range(1, len(lines[:_LOOKED_AT]) + 1) for one in _titles_at(lines, number)]
    for titles, number, rows in possible:
        if _known(titles) > max(best, _KNOWN * _filled(titles)):
            best, found = _known(titles), (number, rows)
    if found[0]:
        return found
    widest = max(map(_filled, lines[:_LOOKED_AT]), default=0)
    full = [(number, rows) for titles, number, rows in possible if widest > 1 and _filled(titles) >= _FULL * widest]
    if not full:
        raise UsageError(
            f"{path}: no row looks like titles",
            hint="a table needs one row that names its columns; another sheet: --sheet NAME",
        )
    return full[0]


def _titles_at(lines: Sequence[list[str]], number: int) -> Iterator[tuple[list[str], int, int]]:
    """What the titles would be if they began in this row: it alone, or merged with the next one."""
    upper, lower = lines[number - 1], lines[number] if number < len(lines) else []
    two = _merged(upper, lower)
    sparse = bool(two) and 2 * _filled(lower) <= _filled(two)  # a row of data would state more
    untitled = _filled(two) - _filled(upper) >= _UNTITLED_MIN  # so many columns would have no title by this row alone
    if not (sparse or untitled):
        yield upper, number, 1
    if two:
        yield two, number, 2


def _known(cells: Sequence[str]) -> int:
    return sum(meaning(cell).certain for cell in cells if cell.strip())


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _merged(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """The titles of a header of two rows; none where the lower row is data: it has a cell where the upper has one."""
    if sum(bool(above.strip()) for above in upper) < 2:  # one cell is a title of the page
        return []
    if not any(not above.strip() and below.strip() for above, below in zip(upper, lower, strict=False)):
        return []
    if any(any(char.isdigit() for char in below) for below in lower):
        return []
    return [below if below.strip() else above for above, below in zip(upper, lower, strict=False)]


def _footnotes(lines: Sequence[list[str]]) -> tuple[str, ...]:
    firsts = [folded(next(filter(str.strip, cells), "")) for cells in lines if 2 * _filled(cells) <= len(cells)]
    return tuple(word for word in footnote_words() if any(first.startswith(folded(word)) for first in firsts))
