"""Rejected rows: kept without persons' numbers, given back as the agency's own file has them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from sharehub.connect.assembly import Rejected
from sharehub.connect.columns import PROBLEM_COLUMN
from sharehub.connect.persons import hidden
from sharehub.connect.readers import open_table
from sharehub.connect.rows import Place
from sharehub.connect.source_table import SourceTable
from sharehub.connect.spool import hashed
from sharehub.errors import UsageError


def kept(place: Place, several: Sequence[Rejected], files: Mapping[str, Path]) -> dict[str, Any]:
    """One row with all that is wrong with the records that it states, as it is kept: no number of a person is in it."""
    wrong = [asdict(rejection) for one in several for rejection in one.rejections]
    keys = [one.record_key for one in several]
    return {
        "place": str(place),
        "file": str(files.get(place.name, "")),
        "wrong": [{name: hidden(text) for name, text in one.items()} for one in wrong],
        "row": {title: hidden(cell) for title, cell in several[0].row.cells.items()},
        "keys": [hashed(key).hex() for key in keys if key] if all(keys) else [],
    }


def told(one: dict[str, Any]) -> dict[str, Any]:
    """The same, with all that is wrong in one text."""
    reasons = "; ".join(wrong["reason"] for wrong in one["wrong"])
    return {**one, "told": f"{one['place']}: {reasons}"}


def as_filed(rejects: Iterable[dict[str, Any]], source: SourceTable) -> tuple[list[dict[str, Any]], int]:
    """The rows as they stand in the agency's file; and how many stay masked, for it is not there or not the same."""
    found, masked = [], 0
    for file, several in groupby(rejects, lambda one: one.get("file", "")):
        rows = list(several)
        filed = _filed(Path(file), source, {one["place"] for one in rows}) if file else {}
        for one in rows:
            cells = filed.get(one["place"], {})
            same = {title: hidden(cell) for title, cell in cells.items()} == one["row"]
            masked += not same and any("****" in cell for cell in one["row"].values())
            found.append({**one, "row": cells} if same else one)
    return found, masked


def write_workbook(rejects: Sequence[dict[str, Any]], path: Path, source: SourceTable) -> None:
    """The rejected rows as a workbook that can be corrected and read again.

    Sheet and row of the header are those where the mapping looks for them. Cells are written as text: none is a
    formula.
    """
    header_row = source.header_row + source.header_rows - 1
    titles = list(dict.fromkeys(title for one in rejects for title in one["row"] if title != PROBLEM_COLUMN))
    book = xlsxwriter.Workbook(path)
    red = book.add_format({"font_color": "#C00000", "bold": True})
    sheet = book.add_worksheet(source.sheet or "rejects")
    for column, title in enumerate(titles):
        sheet.write_string(header_row - 1, column, title)
    sheet.write_string(header_row - 1, len(titles), PROBLEM_COLUMN, red)
    for number, one in enumerate(rejects, header_row):
        for column, title in enumerate(titles):
            sheet.write_string(number, column, one["row"].get(title, ""))
        sheet.write_string(number, len(titles), one["told"], red)
    book.close()


def _filed(file: Path, source: SourceTable, places: set[str]) -> dict[str, Mapping[str, str]]:
    """The rows of a file at these places, as far as it can be read."""
    found: dict[str, Mapping[str, str]] = {}
    try:
        for row in open_table(file, source).rows:
            if (place := str(row.place)) in places:
                found[place] = row.cells
                if len(found) == len(places):
                    break
    except UsageError:
        pass
    return found
