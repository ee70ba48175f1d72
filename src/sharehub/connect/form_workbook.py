"""Writes a form as a workbook: notes on the titles, drop-downs, checked cells, an example row, a page of advice."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from sharehub.connect.columns import PROBLEM_COLUMN
from sharehub.connect.form import HOW_TO_SHEET, META_FIRST, META_SHEET, FormColumn, form_columns
from sharehub.wire.registry import Schema

_ROWS_MAX = 1_048_576
_FORMATS = {"text": "@", "boolean": "@", "date": "yyyy-mm-dd", "money": "#,##0.00", "integer": "0"}
_MODES = {
    "append": "Every row adds a record or corrects one; what you leave out of the next file stays as it is.",
    "snapshot": "The workbook is your whole list: a record whose row you delete is withdrawn with the next run.",
}
_ADVICE = (
    "One row is one record. Fill in the sheet {kind!r}, from row 3 on; the example in row 2 is never published.",
    "Titles in bold must be filled in. Rest on a title to see what it means.",
    "Order of columns, and optional columns that you delete, make no difference. Titles must stay as they are.",
    "Days are written 2026-01-31. Amounts are numbers in the currency unit, not in thousands.",
    "Numbers of companies are text: a cell formatted as a number loses digits, and is then refused.",
    "The record number is your own, and never changes: the same number with other content corrects the record.",
    "{mode}",
    "See what would happen, without sending anything:  sharehub connector check FILE --agency YOURS",
    "Publish:  sharehub connector run FILE --agency YOURS     Running it again sends only what changed.",
    "Rows that are wrong come back:  sharehub connector rejects FILE --agency YOURS -o wrong.xlsx",
    "Correct them there, in the red column you see what is wrong, and run that file in the same way.",
)


def write_form(schema: Schema, mode: str, path: Path, rejects: Iterable[Mapping[str, Any]] | None = None) -> int:
    """Write a kind's form, empty but for the example, or with these rejected rows to be mended; returns their number.

    All cells are text, numbers or dates: none is a formula.
    """
    columns = form_columns(schema)
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(schema.name)
        _titles(book, sheet, columns)
        _checks(sheet, columns)
        rows = list(rejects or ())
        if rejects is None:
            _example(book, sheet, columns)
        else:
            _rejected(book, sheet, columns, rows)
        _how_to(book, schema, mode, columns)
        _meta(book, schema, mode)
    return len(rows)


def _titles(book: Any, sheet: Any, columns: tuple[FormColumn, ...]) -> None:
    bold, plain = (book.add_format({"bold": bold, "bg_color": "#DDE7F0", "text_wrap": True}) for bold in (True, False))
    for number, column in enumerate(columns):
        sheet.set_column(number, number, 22, book.add_format({"num_format": _FORMATS.get(column.kind, "@")}))
        sheet.write_string(0, number, column.title, bold if column.required else plain)
        sheet.write_comment(0, number, _note(column), {"x_scale": 2})
    sheet.freeze_panes(1, 1)


def _note(column: FormColumn) -> str:
    return f"{column.doc}{' Required.' if column.required else ''}"


def _checks(sheet: Any, columns: tuple[FormColumn, ...]) -> None:
    for number, column in enumerate(columns):
        if check := _check(column):
            sheet.data_validation(1, number, _ROWS_MAX - 1, number, check)


def _check(column: FormColumn) -> dict[str, Any]:
    if column.choices:
        return {
            "validate": "list",
            "source": list(column.choices),
            "error_message": "Choose one of the words in the list.",
        }
    if column.kind == "date":
        told = "A day of the calendar, for example 2026-01-31."
        return {"validate": "date", "criteria": ">=", "value": date(1900, 1, 1), "error_message": told}
    if column.kind in ("money", "integer"):
        number = "decimal" if column.kind == "money" else "integer"
        limits = {"criteria": "between", "minimum": -(10**15), "maximum": 10**15}
        return {"validate": number, **limits, "error_message": "A number, without its unit."}
    return {}


def _example(book: Any, sheet: Any, columns: tuple[FormColumn, ...]) -> None:
    for number, column in enumerate(columns):
        look = book.add_format({"italic": True, "font_color": "#808080", "num_format": _FORMATS.get(column.kind, "@")})
        if column.kind == "date":
            sheet.write_datetime(1, number, date.fromisoformat(str(column.example)), look)
        elif isinstance(column.example, int):
            sheet.write_number(1, number, column.example, look)
        else:
            sheet.write_string(1, number, column.example, look)


def _rejected(book: Any, sheet: Any, columns: tuple[FormColumn, ...], rows: list[Mapping[str, Any]]) -> None:
    red = book.add_format({"font_color": "#C00000", "bold": True})
    known = [column.title for column in columns]
    titles = [*known, *dict.fromkeys(title for one in rows for title in one["row"] if title not in known)]
    titles = [title for title in titles if title != PROBLEM_COLUMN]
    for place, title in enumerate(titles[len(known) :], len(known)):
        sheet.write_string(0, place, title)
    sheet.write_string(0, len(titles), PROBLEM_COLUMN, red)
    for number, one in enumerate(rows, 1):
        for place, title in enumerate(titles):
            sheet.write_string(number, place, one["row"].get(title, ""))
        sheet.write_string(number, len(titles), one["told"], red)


def _how_to(book: Any, schema: Schema, mode: str, columns: tuple[FormColumn, ...]) -> None:
    sheet = book.add_worksheet(HOW_TO_SHEET)
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100, wrap)
    sheet.write_string(0, 0, f"How to publish: {schema.raw['doc']}", bold)
    for number, line in enumerate(_ADVICE, 2):
        sheet.write_string(number, 1, line.format(kind=schema.name, mode=_MODES[mode]))
    for number, column in enumerate(columns, len(_ADVICE) + 3):
        sheet.write_string(number, 0, column.title, bold if column.required else None)
        words = f" One of: {', '.join(column.choices)}." if column.choices else ""
        sheet.write_string(number, 1, f"{_note(column)}{words}")


def _meta(book: Any, schema: Schema, mode: str) -> None:
    sheet = book.add_worksheet(META_SHEET)
    for number, row in enumerate(
        ((META_FIRST, "1"), ("kind", schema.name), ("schema", str(schema.id)), ("mode", mode))
    ):
        sheet.write_row(number, 0, row)
    sheet.hide()
