"""Cells of a workbook whose formula has no result: a reader of values sees nothing there, and nothing may be lost.

A program that writes a workbook leaves its formulas to be calculated when it is opened: their results are missing, or
0, and the workbook says so (ECMA-376, 18.2.2 `fullCalcOnLoad`). The old .xls and .xlsb always hold a result.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

NOT_CALCULATED: Final = "#NOT CALCULATED!"
"""What stands in a cell whose formula was never calculated."""
FAILED: Final = frozenset(
    (NOT_CALCULATED, "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!")
)
"""What stands in a cell whose formula gave no value."""

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OFFICE, _TABLE = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table"))
_A1: Final = re.compile(r"([A-Z]+)([0-9]+)")
_ERROR: Final = re.compile(r"[^\W\d_]+:[0-9]{3}")
"""LibreOffice's own errors, such as Err:502, in whatever language."""
_SUSPECT: Final = re.compile(rb'<f[ />]|t="e"')

Cells = Mapping[tuple[int, int], str]
"""Row and column, from 0, and what stands there."""


def failed_cells(path: Path, sheet: str) -> Cells:
    """The cells of a sheet whose formula has no result."""
    read = {".xlsx": _of_excel, ".xlsm": _of_excel, ".ods": _of_office}.get(path.suffix.lower())
    if read is None:
        return {}
    try:
        with ZipFile(path) as book:
            return dict(read(book, sheet))
    except (BadZipFile, KeyError, ElementTree.ParseError):
        return {}  # whoever reads the values says what is wrong with the file


def _of_excel(book: ZipFile, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    workbook = _tree(book, "xl/workbook.xml")
    links = {one.get("name"): one.get(_LINK) for one in workbook.iter(f"{_MAIN}sheet")}
    parts = {one.get("Id"): one.get("Target", "") for one in _tree(book, "xl/_rels/workbook.xml.rels")}
    part = parts[links[sheet]]
    part = part.lstrip("/") if part.startswith("/") else f"xl/{part}"
    if not _suspect(book, part):
        return
    calculation = workbook.find(f"{_MAIN}calcPr")
    open_ = calculation is not None and calculation.get("fullCalcOnLoad") in {"1", "true"}
    with book.open(part) as stream:
        for cell in _elements(stream, f"{_MAIN}c", f"{_MAIN}row"):
            text = _result(cell, open_)
            if text and (place := _A1.fullmatch(cell.get("r", ""))):
                yield (int(place[2]) - 1, _column(place[1])), text


def _result(cell: ElementTree.Element, unsure: bool) -> str:
    """What stands in a cell without a value; nothing where it has one."""
    value = cell.findtext(f"{_MAIN}v") or ""
    if cell.get("t") == "e":
        return value if value in FAILED else "#VALUE!"
    if cell.find(f"{_MAIN}f") is None or cell.get("t") == "str":
        return ""
    return NOT_CALCULATED if not value or (unsure and value == "0") else ""


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _of_office(book: ZipFile, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    tables = {one.get(f"{_TABLE}name"): one for one in _tree(book, "content.xml").iter(f"{_TABLE}table")}
    row = 0
    for line in tables[sheet].iter(f"{_TABLE}table-row"):
        column, times = 0, int(line.get(f"{_TABLE}number-rows-repeated", 1))
        for cell in line:
            many = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
            if cell.get(f"{_TABLE}formula") and (text := _shown(cell)):
                places = product(range(row, row + times), range(column, column + many))
                yield from ((place, text) for place in places)
            column += many
        row += times


def _shown(cell: ElementTree.Element) -> str:
    """What stands in a formula's cell of a free workbook that has no value; nothing where it has one."""
    if not cell.get(f"{_OFFICE}value-type"):
        return NOT_CALCULATED
    text = "".join(cell.itertext()).strip()
    return text if text in FAILED else "#VALUE!" if _ERROR.fullmatch(text) else ""


def _suspect(book: ZipFile, part: str) -> bool:
    """Whether the sheet has a formula or an error at all."""
    with book.open(part) as stream:
        before = b""
        while block := stream.read(2**20):
            if _SUSPECT.search(before + block):
                return True
            before = block[-8:]
    return False


def _tree(book: ZipFile, part: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(part))  # noqa: S314 -- expat bounds entities that grow


def _elements(stream: IO[bytes], wanted: str, group: str) -> Iterator[ElementTree.Element]:
    """The elements of one name, one after another; each group is forgotten once it was seen."""
    for _, found in ElementTree.iterparse(stream):  # noqa: S314 -- as above
        if found.tag == wanted:
            yield found
        elif found.tag == group:
            found.clear()
