"""From the text of a cell to a value: exactly what is stated, or a `CellError`; never a guess."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sharehub.connect.eras import era_date
from sharehub.connect.folding import Folding, folded, typed
from sharehub.connect.mapping import FieldTable
from sharehub.core import identifier

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d{2}", re.IGNORECASE)
_LONGER_THAN_SCIENTIFIC = 5
"""Letters and digits alone are a number in scientific form only where they are four, such as 9E17."""
_AMOUNT_DIGITS_MAX = 20
"""Precision of every amount in the schemas."""
_FRACTION = re.compile(r"\d+[.,]0+")
_EXCEL_DAY_0 = date(1899, 12, 30)
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class CellError(Exception):
    """A cell that cannot be read; caught where the row is assembled and made a rejection there."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identified:
    """Identifiers that a cell certainly states, and a warning where the form is doubtful."""

    identifiers: tuple[dict[str, str], ...]
    warning: str = ""


Read = Callable[[str], Any]


def reader(stated: FieldTable, scale: int = 2) -> Read:
    """The function that reads a non-empty cell of this source."""
    if stated.map:
        return _mapped(stated)
    if stated.folded:
        return _folded(stated.folded)
    build = _READERS.get(stated.type or "text")
    return build(stated, scale) if build else str


def _folded(how: Folding) -> Read:
    def read_folded(text: str) -> str:
        found = folded(text, how)
        if not found:
            raise CellError("empty", f"{text!r} has neither letters nor digits")
        return found

    return read_folded


def _mapped(stated: FieldTable) -> Read:
    words = stated.map

    def mapped(text: str) -> Any:
        found = words.get(text)
        if found is None and stated.unknown == "keep":
            return text
        if found is None:
            raise CellError("unknown-word", f"{text!r} is none of {', '.join(map(repr, words))}")
        return found

    return mapped


def _dates(formats: tuple[str, ...]) -> Read:
    def read_date(text: str) -> date:
        try:
            if _ISO.fullmatch(text):
                return date.fromisoformat(text)
            for wanted in formats:
                if found := _in_format(text, wanted):
                    return found
        except (ValueError, OverflowError) as error:
            raise CellError("date", f"{text!r} is no day of the calendar") from error
        raise CellError("date", f"{text!r} is no date in the form {' or '.join(formats)}")

    return read_date


def _in_format(text: str, wanted: str) -> date | None:
    if wanted == "era":
        return era_date(text)
    if wanted == "excel":
        return _EXCEL_DAY_0 + timedelta(days=int(text)) if re.fullmatch(r"[1-9]\d{4}", text) else None
    try:
        return datetime.strptime(text, wanted).date()  # noqa: DTZ007 -- a calendar date has no zone
    except ValueError:
        return None


def _money(stated: FieldTable, scale: int) -> Read:
    thousands = "," if stated.decimal == "." else "."
    shape = re.compile(rf"-?\d+(?:{re.escape(stated.decimal)}\d+)?")
    grouped = re.compile(rf"-?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(stated.decimal)}\d+)?")

    def read_money(text: str) -> Decimal:
        plain, unit = _without_unit("".join(typed(text).split()), stated.units)
        if not shape.fullmatch(plain) and not grouped.fullmatch(plain):
            raise CellError("amount", f"{text!r} is no amount with {stated.decimal!r} before its fraction")
        number = Decimal(plain.replace(thousands, "").replace(stated.decimal, ".")) * (unit or stated.factor)
        try:
            exact = number.quantize(Decimal(1).scaleb(-scale))
        except InvalidOperation as error:
            raise CellError("amount", f"{text!r} has too many digits") from error
        if exact.adjusted() >= _AMOUNT_DIGITS_MAX - scale:
            raise CellError("amount", f"{text!r} has too many digits")
        if exact != number:
            raise CellError("amount", f"{text!r} has more than {scale} decimal places in the unit of the record")
        return exact

    return read_money


def _without_unit(plain: str, units: Mapping[str, int]) -> tuple[str, int]:
    """An amount without the unit before or behind it, the longest that fits, and what that unit is worth, else 0."""
    for word in sorted(units, key=len, reverse=True):
        word_typed = "".join(typed(word).split())
        if plain.endswith(word_typed):
            return plain.removesuffix(word_typed), units[word]
        if plain.startswith(word_typed):
            return plain.removeprefix(word_typed), units[word]
    return plain, 0


def _integer(cell: str) -> int:
    text = typed(cell)
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise CellError("number", f"{text!r} is no whole number")
    return int(text)


def _boolean(text: str) -> bool:
    found = _WORDS.get(text.casefold())
    if found is None:
        raise CellError("unknown-word", f"{text!r} is neither true nor false; map the agency's words")
    return found


def _identified(stated: FieldTable) -> Read:
    def read_identifier(cell: str) -> Identified:
        text = typed(cell)
        unspaced = "".join(text.split())
        if _SCIENTIFIC.fullmatch(unspaced) or _FRACTION.fullmatch(unspaced):
            raise CellError("identifier", f"{text!r}: the spreadsheet has destroyed the number; format it as text")
        verdict = identifier.read(stated.scheme, text.zfill(stated.pad))
        if verdict.status == "reject":
            raise CellError("identifier", verdict.reason)
        found = tuple({"scheme": one.scheme, "value": one.value} for one in verdict.identifiers)
        return Identified(found, verdict.reason if verdict.status == "warn" else "")

    return read_identifier


def stating(scheme: str, missing: frozenset[str]) -> Callable[[str], bool]:
    """The function that tells of a cell whether it is, letter by letter, one sound identifier of this scheme.

    In doubt it says no: then `reader` tells what the cell is.
    """

    def states(cell: str) -> bool:
        if len(cell) < _LONGER_THAN_SCIENTIFIC or not (cell.isascii() and cell.isalnum()):
            return False
        return identifier.read(scheme, cell) == ("ok", ((scheme, cell),), "") and cell not in missing

    return states


_READERS: Mapping[str, Callable[[FieldTable, int], Read]] = {
    "date": lambda stated, _scale: _dates(stated.formats),
    "money": _money,
    "integer": lambda _stated, _scale: _integer,
    "boolean": lambda _stated, _scale: _boolean,
    "identifier": lambda stated, _scale: _identified(stated),
}
