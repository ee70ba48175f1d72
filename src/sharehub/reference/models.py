"""The typed models of records, `sharehub.records`, written from the released schemas."""

from collections.abc import Iterator
from textwrap import indent, wrap
from typing import Any, Literal

from sharehub.push.drafts import LEFT_OUT
from sharehub.wire.registry import Schema, load_registry

_HEAD = '''"""Typed records to publish, one class per kind. Written by `make docs` from `schemas/`; do not edit.

Days are `datetime.date`, amounts exact `Decimal`. A record without `revision` is the next one of its key, or the newest
one said again. The agency is that of the `Publisher`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal
'''
_SIMPLE = {"string": "str", "int": "int", "long": "int", "boolean": "bool", "bytes": "bytes"}
_LOGICAL = {"date": "date", "decimal": "Decimal"}
_WIDTH = 110
_LINE = 120


def module() -> str:
    """The text of the module, as `ruff format` leaves it."""
    registry = load_registry()
    names = sorted({schema.name for schema in registry.all() if schema.says_record})
    kinds = [registry.latest(name) for name in names]
    named: dict[str, Any] = {}
    for kind in kinds:
        _remember(kind.raw, named)
    enums = [_enum(raw) for raw in named.values() if raw["type"] == "enum"]
    groups = [_class(raw, raw["fields"]) for raw in named.values() if raw["type"] == "record"]
    every = "\n    | ".join(kind.raw["name"] for kind in kinds)
    shared = _shared(kinds)
    envelope = _class({"name": "Envelope", "doc": "What every record says, whatever its kind."}, shared, "kw_only")
    said = [_record(kind, shared) for kind in kinds]
    union = f'Record = (\n    {every}\n)\n"""Any of them."""'
    return "\n\n".join([_HEAD.rstrip(), "\n".join(enums) + "\n", *groups, envelope, *said, union]) + "\n"


def _remember(raw: Any, named: dict[str, Any]) -> None:
    """Collect the named types that a record's fields use, those first that others are made of."""
    for field in raw["fields"]:
        for part in _named(field["type"]):
            if part["type"] == "record":
                _remember(part, named)
            named.setdefault(part["name"], part)


def _named(kind: Any) -> Iterator[Any]:
    for part in kind if isinstance(kind, list) else [kind]:
        if isinstance(part, dict) and part["type"] == "array":
            yield from _named(part["items"])
        elif isinstance(part, dict) and "name" in part:
            yield part


def _enum(raw: Any) -> str:
    symbols = list(map(_quoted, raw["symbols"]))
    line = f"{raw['name']} = Literal[{', '.join(symbols)}]"
    if len(line) <= _LINE:
        return line
    return "\n".join([f"{raw['name']} = Literal[", *(f"    {symbol}," for symbol in symbols), "]"])


def _shared(kinds: list[Schema]) -> list[Any]:
    """The fields that all kinds have, alike."""
    first, *others = kinds
    return [field for field in _own(first) if all(field in _own(kind) for kind in others)]


def _record(schema: Schema, shared: list[Any]) -> str:
    constant = f'    kind: ClassVar[Literal["{schema.name}"]] = "{schema.name}"\n\n'
    own = [field for field in _own(schema) if field not in shared]
    return _class({**schema.raw, "name": f"{schema.raw['name']}(Envelope)"}, own, "kw_only", constant)


def _own(schema: Schema) -> list[Any]:
    return [field for field in schema.raw["fields"] if field["name"] != "agency"]


def _class(raw: Any, fields: list[Any], how: Literal["", "kw_only"] = "", constant: str = "") -> str:
    head = f"@dataclass(frozen=True, slots=True{', kw_only=True' if how else ''})\nclass {raw['name']}:"
    said = raw.get("doc") or f"{raw['name']} of a record, as its agency states it."
    rows = [indent(f"{_field(field, bool(how))}\n{_words(field['doc'])}", "    ") for field in fields]
    return "\n".join([head, indent(_words(said), "    "), "", constant + "\n".join(rows)]) + "\n"


def _field(field: Any, of_record: bool) -> str:
    name, kind = field["name"], _type(field["type"])
    if of_record and name in LEFT_OUT and not kind.startswith("tuple"):
        return f"{name}: {kind} | None = None"
    if "default" in field:
        default = tuple(field["default"]) if isinstance(field["default"], list) else field["default"]
        return f"{name}: {kind} = {default!r}"
    empty = kind.startswith("tuple") and name != "identifiers"
    return f"{name}: {kind} = ()" if empty else f"{name}: {kind}"


def _type(kind: Any) -> str:
    if isinstance(kind, list):
        return " | ".join([*(_type(part) for part in kind if part != "null"), *(["None"] if "null" in kind else [])])
    if isinstance(kind, str):
        return _SIMPLE.get(kind, kind.rpartition(".")[2])
    if "logicalType" in kind:
        return _LOGICAL[kind["logicalType"]]
    return f"tuple[{_type(kind['items'])}, ...]" if kind["type"] == "array" else str(kind["name"])


def _words(text: str) -> str:
    lines = wrap(text, _WIDTH)
    return f'"""{lines[0]}"""' if len(lines) == 1 else '"""' + "\n".join(lines) + '\n"""'


def _quoted(text: str) -> str:
    return f'"{text}"'
