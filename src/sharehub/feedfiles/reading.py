"""Rows of a list read back, whatever the format: the hub's own files, and a recipient's copy of them."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO, StringIO
from typing import Any

import python_calamine

from sharehub.errors import UsageError
from sharehub.feedfiles.table import Table, unguarded
from sharehub.wire.containers import read_plain
from sharehub.wire.rows import UndecodableError

Row = Mapping[str, Any]

_BROKEN = (ValueError, LookupError, TypeError, csv.Error, UndecodableError, python_calamine.CalamineError)


def read_rows(data: bytes, name: str, table: Table) -> list[Row]:
    """The rows of a list, as plain values; the format is that of the file's name.

    Raises:
        UsageError: the file cannot be read as such a list; says where it stops.
    """
    ending = name.rpartition(".")[2]
    if ending not in _READERS:
        raise UsageError(f"{name}: a list is one of {', '.join(_READERS)}")
    found: list[Row] = []
    try:
        found.extend(_READERS[ending](data, table))
    except _BROKEN as error:
        raise UsageError(f"{name}: after {len(found)} rows: {error}") from error
    return found


def read_jsonl(data: bytes, _table: Table | None = None) -> Iterator[Row]:
    """The objects of JSON lines.

    Raises:
        ValueError: a line is none.
    """
    for line in data.splitlines():
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("a line is no JSON object")
        yield row


def _csv(data: bytes, table: Table) -> Iterator[Row]:
    lines = csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    _check_columns(next(lines, []), table)
    for cells in lines:
        yield table.row([unguarded(cell) for cell in cells])


def _xlsx(data: bytes, table: Table) -> Iterator[Row]:
    for lines in workbook_cells(data):
        _check_columns(next(lines, []), table)
        yield from map(table.row, lines)


def workbook_cells(data: bytes) -> Iterator[Iterator[list[str]]]:
    """The rows of every sheet, as texts.

    Raises:
        ValueError, CalamineError: it is no workbook.
    """
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        yield (list(map(str, cells)) for cells in sheet)


def _avro(data: bytes, _table: Table) -> Iterator[Row]:
    return read_plain(data)


def _check_columns(found: list[str], table: Table) -> None:
    if tuple(found) != table.columns:
        strange = sorted(set(found) ^ set(table.columns))
        raise ValueError(f"the columns are not those of a list; {', '.join(strange) or 'their order'} differ")


_READERS: Mapping[str, Callable[[bytes, Table], Iterator[Row]]] = {
    "jsonl": read_jsonl,
    "csv": _csv,
    "xlsx": _xlsx,
    "avro": _avro,
}
