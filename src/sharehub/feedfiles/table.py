"""Rows as flat tables for spreadsheets, and back without loss: the columns follow from the schema.

A list stands in one cell, its parts separated by semicolons, and a part that would be misread in double quotes. A list
of records is one column per field, part by part. Identifiers are written as everywhere, `SCHEME:VALUE`.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sharehub.wire.registry import Schema

Cells = Sequence[str]
Row = Mapping[str, Any]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_IDENTIFIERS = "identifiers"


class _Field(NamedTuple):
    """A field of a record: `type` without null, `parts` the fields of the record or of the records in a list."""

    name: str
    type: str
    nullable: bool
    parts: tuple["_Field", ...]


class Table:
    """The columns of a schema's rows."""

    def __init__(self, schema: Schema) -> None:
        named: dict[str, Any] = {}
        self._fields = tuple(_field(one, named) for one in schema.raw["fields"])
        self.columns = tuple(column for field in self._fields for column in _columns(field))

    def cells(self, row: Row) -> list[str]:
        """The row's texts, by column."""
        return [cell for field in self._fields for cell in _cells(field, row[field.name])]

    def row(self, cells: Cells) -> dict[str, Any]:
        """The inverse of `cells`."""
        rest = iter(cells)
        return {field.name: _value(field, rest) for field in self._fields}


def guarded(text: str) -> str:
    """The text for a cell of a CSV file, such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def unguarded(cell: str) -> str:
    """The inverse of `guarded`."""
    return cell.removeprefix("'")


def joined(texts: Sequence[str]) -> str:
    """A list in one cell; the empty list is the empty cell."""
    return ";".join(f'"{text.replace(chr(34), chr(34) * 2)}"' if _misread(text) else text for text in texts)


def parted(cell: str) -> list[str]:
    """The inverse of `joined`."""
    return next(csv.reader([cell], delimiter=";", strict=True)) if cell else []


def _misread(text: str) -> bool:
    return not text or any(sign in text for sign in ';"\r\n')


def _field(raw: Mapping[str, Any], named: dict[str, Any]) -> _Field:
    kinds = raw["type"] if isinstance(raw["type"], list) else [raw["type"]]
    kind = _named(next(one for one in kinds if one != "null"), named)
    items = _named(kind["items"], named) if _type(kind) == "array" else None
    record = kind if _type(kind) == "record" else items if _type(items) == "record" else None
    parts = tuple(_field(part, named) for part in record["fields"]) if record else ()
    return _Field(raw["name"], _type(kind), "null" in kinds, parts)


def _named(kind: Any, named: dict[str, Any]) -> Any:
    """The type itself where the schema only names one that it defined before."""
    if isinstance(kind, dict) and "name" in kind:
        named[kind["name"]] = named[f"{kind.get('namespace', '')}.{kind['name']}"] = kind
    return named.get(kind, kind) if isinstance(kind, str) else kind


def _type(kind: Any) -> str:
    """Its name; of a day or an instant, which are texts in JSON, the name of that."""
    return str(kind.get("logicalType") or kind["type"]) if isinstance(kind, dict) else str(kind or "")


def _columns(field: _Field) -> Iterator[str]:
    if field.parts and field.name != _IDENTIFIERS:
        yield from (f"{field.name}.{column}" for part in field.parts for column in _columns(part))
    else:
        yield field.name


def _cells(field: _Field, value: Any) -> list[str]:
    if field.name == _IDENTIFIERS:
        return [joined([f"{one['scheme']}:{one['value']}" for one in value])]
    if field.type == "record":
        return [cell for part in field.parts for cell in _cells(part, value[part.name])]
    if field.parts:
        rows = [[cell for part in field.parts for cell in _cells(part, one[part.name])] for one in value]
        return [joined([row[place] for row in rows]) for place in range(len(list(_columns(field))))]
    return [joined(value) if field.type == "array" else _text(value)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _value(field: _Field, cells: Iterator[str]) -> Any:
    if field.name == _IDENTIFIERS:
        stated = (one.partition(":") for one in parted(next(cells)))
        return [{"scheme": scheme, "value": value} for scheme, _, value in stated]
    if field.type == "record":
        return {part.name: _value(part, cells) for part in field.parts}
    if field.parts:
        lists = [parted(next(cells)) for _ in _columns(field)]
        return [{part.name: _value(part, rest) for part in field.parts} for rest in map(iter, zip(*lists, strict=True))]
    text = next(cells)
    if field.type == "array":
        return parted(text)
    if not text and field.nullable:
        return None
    return text == "yes" if field.type == "boolean" else int(text) if field.type in ("int", "long") else text
