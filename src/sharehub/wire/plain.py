"""Records as JSON: field names of the schema, dates as `2026-03-02`, exact decimals as text.

Converting guesses nothing and loses nothing: what is not in its one form stays as it is, for `wire.models` to refuse.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sharehub.wire.registry import Schema

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")

Convert = Callable[[Any], Any]


class Reader:
    """Reads JSON objects of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._convert = dict(_fields(schema.raw))

    def value(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """The value that an object states, as far as it can be read."""
        value = dict(stated)
        for name, convert in self._convert.items():
            if name in value:
                value[name] = convert(value[name])
        return value


def to_json(value: Any) -> Any:
    """The value as JSON takes it; the inverse of `Reader.value`."""
    if isinstance(value, Mapping):
        return {name: to_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def json_schema(schema: Schema, optional: frozenset[str]) -> dict[str, Any]:
    """The JSON Schema of a kind of record, with `kind` as its first field; `optional` may be left out."""
    described = object_schema(schema, optional)
    described["properties"] = {"kind": {"const": schema.name}, **described["properties"]}
    described["required"] = ["kind", *described["required"]]
    return described


def object_schema(schema: Schema, optional: frozenset[str]) -> dict[str, Any]:
    """The JSON Schema of a schema's values; `optional` fields may be left out."""
    return _object(schema.raw, optional)


def _fields(raw: Any) -> Iterator[tuple[str, Convert]]:
    for field in raw["fields"]:
        if convert := _converter(field["type"]):
            yield field["name"], convert


def _converter(kind: Any) -> Convert | None:
    if isinstance(kind, list):
        return next(filter(None, map(_converter, kind)), None)
    if not isinstance(kind, dict):
        return None
    if found := _LOGICAL.get(kind.get("logicalType", "")):
        return found
    if kind["type"] == "record":
        inner = dict(_fields(kind))
        return _group(inner) if inner else None
    item = _converter(kind["items"]) if kind["type"] == "array" else None
    return _list(item) if item else None


def _group(inner: Mapping[str, Convert]) -> Convert:
    def convert(stated: Any) -> Any:
        if not isinstance(stated, Mapping):
            return stated
        return {name: inner[name](part) if name in inner else part for name, part in stated.items()}

    return convert


def _list(item: Convert) -> Convert:
    return lambda stated: [item(part) for part in stated] if isinstance(stated, list) else stated


def _day(stated: Any) -> Any:
    if isinstance(stated, str) and _DATE.fullmatch(stated):
        try:
            return date.fromisoformat(stated)
        except ValueError:
            return stated
    return stated


def _decimal(stated: Any) -> Any:
    return Decimal(stated) if isinstance(stated, str) and _DECIMAL.fullmatch(stated) else stated


def _instant(stated: Any) -> Any:
    """An instant with its zone; one without stays a text, for nobody may guess the zone."""
    try:
        found = datetime.fromisoformat(stated) if isinstance(stated, str) else None
    except ValueError:
        return stated
    return found if found is not None and found.tzinfo is not None else stated


_LOGICAL: Mapping[str, Convert] = {"date": _day, "decimal": _decimal, "timestamp-micros": _instant}


def _object(raw: Any, optional: frozenset[str] = frozenset()) -> dict[str, Any]:
    fields = raw["fields"]
    properties = {field["name"]: _described(field) for field in fields}
    required = [field["name"] for field in fields if "default" not in field and field["name"] not in optional]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _described(field: Any) -> dict[str, Any]:
    return {**_json_type(field["type"]), **({"description": field["doc"]} if "doc" in field else {})}


def _json_type(kind: Any) -> dict[str, Any]:
    if isinstance(kind, list):
        return {"anyOf": [_json_type(part) for part in kind]}
    if isinstance(kind, str):
        return dict(_SIMPLE[kind])
    if kind.get("logicalType") == "decimal":
        whole, scale = kind["precision"] - kind["scale"], kind["scale"]
        return {"type": "string", "pattern": rf"^-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{scale}}})?$"}
    if kind.get("logicalType") == "date":
        return {"type": "string", "format": "date"}
    if kind.get("logicalType") == "timestamp-micros":
        return {"type": "string", "format": "date-time"}
    return _COMPLEX[kind["type"]](kind)


_SIMPLE: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "long": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "null": {"type": "null"},
}
_COMPLEX: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "record": _object,
    "enum": lambda kind: {"enum": kind["symbols"]},
    "array": lambda kind: {"type": "array", "items": _json_type(kind["items"])},
}
