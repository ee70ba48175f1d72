"""Writes an empty scenario table: a workbook with notes, drop-downs and checked cells, and a page that says how."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from sharehub.connect.form import HOW_TO_SHEET, META_SHEET, symbols
from sharehub.scenarios import columns as c
from sharehub.scenarios.rules import Rules

SHEET = "Scenarios"
_ROWS_MAX = 1_048_576
_DAYS = (c.ON, c.FROM, c.BUSINESS)
_ADVICE = (
    "One row is one thing that happens or must be so; the rows that follow a title are one story, or scenario.",
    "A record that arrives: its kind in 'says', its day in 'on', and its fields in the columns in the middle.",
    "What must stand on a day: 'expect' in 'says', stands in 'expected', the entry of the rulebook beside it.",
    "On a day with a row 'expect', name everything that stands: what is not named must not stand.",
    "Nothing at all: 'expect', nothing. That one entry does not apply: nothing, with the entry.",
    "What was issued on a day, with its date in law: 'event' in 'says', for example lifted in 'expected'.",
    "A record that the hub must refuse: rejected in 'expected', in the row of the record itself.",
    "The same 'key' again is the next revision: state what changes; '-' clears a value; 'withdrawal' takes it back.",
    "What you leave out is filled in: the company, the one competent agency, the day of decision, plain texts.",
    "Delete the columns of fields that you do not need. Order of columns makes no difference; titles must stay.",
    "Days are written 2026-01-31, amounts 2000000.00, yes or no. Texts stay texts: nothing here is a formula.",
    "Lay the file in RULEBOOKS/JURISDICTION/scenarios/ and run it:  sharehub rulebook test",
)
_EXAMPLE = (
    ("scenario", "on", "says", "agency", "fine", "finality", "expected", "expected entry", "why"),
    ("A large fine", "2026-02-10", "penalty", "cn-environment", "2000000.00", "final", "", "", ""),
    ("", "", "expect", "", "", "", "stands", "major-environmental-penalty", "Two million is a large fine"),
    ("", "2029-02-10", "expect", "", "", "", "expired", "major-environmental-penalty", "Three years"),
)


def write_template(path: Path, rules: Rules) -> None:
    """Write an empty table for these rulebooks; all cells are text or days, none is a formula."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(SHEET)
        columns = _columns(rules)
        _titles(book, sheet, columns)
        _how_to(book, columns)
        lists = book.add_worksheet(META_SHEET)
        lists.hide()
        for place, (title, words) in enumerate(_choices(rules).items()):
            lists.write_column(0, place, words)
            _choose(sheet, [column.title for column in columns].index(title), place, len(words))


def _columns(rules: Rules) -> tuple[c.Column, ...]:
    """Those of every table, and the fields that the rulebooks look at."""
    fields: dict[str, str] = {}
    for kind, names in sorted(rules.looked_at.items()):
        raw = {field["name"]: field for field in rules.kinds[kind].raw["fields"]} if kind in rules.kinds else {}
        for title, (name, *_) in c.fields_of(rules.kinds[kind]).items() if raw else ():
            if name in names or name == "decided_on":
                words = f" One of: {', '.join(symbols(raw[name]['type']))}." if symbols(raw[name]["type"]) else ""
                fields.setdefault(title, f"{raw[name]['doc']}{words}")
    return (*c.BEFORE, *(c.Column(title, doc) for title, doc in fields.items()), *c.AFTER)


def _choices(rules: Rules) -> dict[str, list[str]]:
    """The words of the columns that have a drop-down."""
    return {
        c.SAYS: [c.EXPECT, c.EVENT, *sorted(rules.kinds)],
        c.AGENCY: sorted(rules.agencies),
        c.EXPECTED: list(c.WORDS),
        c.ENTRY: sorted(rules.entries),
    }


def _titles(book: Any, sheet: Any, columns: Iterable[c.Column]) -> None:
    bold, plain = (book.add_format({"bold": bold, "bg_color": "#DDE7F0", "text_wrap": True}) for bold in (True, False))
    text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
    for number, column in enumerate(columns):
        sheet.set_column(number, number, 20, day if column.title in _DAYS else text)
        sheet.write_string(0, number, column.title, bold if column.title in c.NEEDED else plain)
        sheet.write_comment(0, number, column.doc, {"x_scale": 2})
        if column.title in _DAYS:
            check = {"validate": "date", "criteria": ">=", "value": date(1900, 1, 1)}
            sheet.data_validation(1, number, _ROWS_MAX - 1, number, check)
    sheet.freeze_panes(1, 1)


def _choose(sheet: Any, column: int, place: int, words: int) -> None:
    letter = chr(ord("A") + place)
    source = f"={META_SHEET}!${letter}$1:${letter}${words}"
    told = "Choose one of the words in the list."
    sheet.data_validation(
        1, column, _ROWS_MAX - 1, column, {"validate": "list", "source": source, "error_message": told}
    )


def _how_to(book: Any, columns: Iterable[c.Column]) -> None:
    sheet = book.add_worksheet(HOW_TO_SHEET)
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 28)
    sheet.write_string(0, 0, "How to write scenarios", bold)
    lines = [*(("", line) for line in _ADVICE), ("", ""), *((column.title, column.doc) for column in columns)]
    for number, (title, words) in enumerate(lines, 2):
        sheet.write_string(number, 0, title, bold if title in c.NEEDED else None)
        sheet.write_string(number, 1, words)
    for number, row in enumerate(_EXAMPLE, len(lines) + 4):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell)
