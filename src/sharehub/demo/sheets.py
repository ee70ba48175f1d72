"""One delivery of one agency: a table, and the file in which the agency would hand it over."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import xlsxwriter

Cell = str | int | float | date | None
_WRITTEN_AT: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What one agency hands over; the suffix of `file` says in which format, `above` is printed over the header."""

    connector: str
    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    encoding: str = "utf-8"
    above: tuple[str, ...] = ()

    def write(self, folder: Path) -> Path:
        """The file, byte for byte the same for the same table."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.file
        if path.suffix == ".xlsx":
            self._write_workbook(path)
        else:
            path.write_bytes(self._csv().encode(self.encoding))
        return path

    def sample(self) -> "Sheet":
        """A few of its rows, as the sample beside its connector: the first four and the last."""
        few = self.rows if len(self.rows) <= 5 else (*self.rows[:4], self.rows[-1])
        return replace(self, file="sample" + Path(self.file).suffix, rows=few)

    def _csv(self) -> str:
        text = io.StringIO(newline="")
        text.writelines(line + "\r\n" for line in self.above)
        csv.writer(text).writerows([self.header, *self.rows])
        return text.getvalue()

    def _write_workbook(self, path: Path) -> None:
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
            book.set_properties({"created": _WRITTEN_AT, "title": "invented"})
            sheet = book.add_worksheet("Sheet1")
            lines = [*((line,) for line in self.above), self.header, *self.rows]
            for number, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, column, datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001
                    elif isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    elif cell is not None:
                        sheet.write_number(number, column, cell)


def columns(titles: str) -> tuple[str, ...]:
    """The titles of a header, written with commas between them."""
    return tuple(titles.split(","))


def table(
    header: tuple[str, ...], rows: tuple[Mapping[str, Cell], ...]
) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """Rows given by column name, in the order of the header; what a row does not state is empty.

    Raises:
        KeyError: a row states a column that the header does not have.
    """
    unknown = {name for row in rows for name in row} - set(header)
    if unknown:
        raise KeyError(f"columns outside the header: {', '.join(sorted(unknown))}")
    return header, tuple(tuple(row.get(name) for name in header) for row in rows)
