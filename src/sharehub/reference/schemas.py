"""The schemas: ids, fields and their meaning, taken from the released `.avsc` files."""

from collections.abc import Iterator, Mapping
from typing import Any

from sharehub.reference.markdown import code, paragraphs, table
from sharehub.wire.registry import Schema, load_registry

_RECORDS = "gov.sharehub.records"
_INTRODUCTION = """
A value on a topic is `0x00`, the schema id as 4 bytes big-endian, then the Avro binary. The ids are those of
`schemas/released.json`, the same on every installation. A released schema never changes under its id.
"""
_TITLES = ("field", "type", "means")

Row = tuple[str, str, str]


def page() -> str:
    """The page of all schemas."""
    schemas = load_registry().all()
    envelope = _envelope(schemas)
    rows = [(one.id, f"[{one.name}](#{one.name})", code(_full_name(one)), one.raw["doc"]) for one in schemas]
    return paragraphs(
        "# Schemas",
        _INTRODUCTION.strip(),
        table(("id", "name", "Avro name", "is"), rows),
        "## What every record says",
        "The fields that all record schemas share.",
        table(_TITLES, _listed(envelope, {})),
        *(_described(one, envelope) for one in schemas),
    )


def _full_name(schema: Schema) -> str:
    return f"{schema.raw['namespace']}.{schema.raw['name']}"


def _envelope(schemas: list[Schema]) -> list[Any]:
    """The fields that stand word for word in every record schema."""
    records = [one.raw["fields"] for one in schemas if one.raw["namespace"] == _RECORDS]
    return [field for field in records[0] if all(field in other for other in records)]


def _described(schema: Schema, envelope: list[Any]) -> str:
    fields = schema.raw["fields"]
    shared = envelope if schema.raw["namespace"] == _RECORDS else []
    named: dict[str, Any] = {}
    list(_rows(fields, "", named))  # a type may be defined in a field that is not listed here
    own = [field for field in fields if field not in shared]
    also = "Besides [what every record says](#what-every-record-says):" if shared else ""
    return paragraphs(
        f"## {schema.name}", f"Schema {schema.id}. {schema.raw['doc']}", also, table(_TITLES, _listed(own, named))
    )


def _listed(fields: list[Any], named: dict[str, Any]) -> Iterator[Row]:
    for path, kind, words in _rows(fields, "", dict(named)):
        yield code(path), kind, words


def _rows(fields: list[Any], prefix: str, named: dict[str, Any]) -> Iterator[Row]:
    for field in fields:
        path = f"{prefix}{field['name']}"
        yield path, _type(field["type"], named), field["doc"]
        inner, path = _inner(field["type"], path)
        if isinstance(inner, Mapping) and inner.get("type") == "record":
            yield from _rows(inner["fields"], f"{path}.", named)


def _inner(kind: Any, path: str) -> tuple[Any, str]:
    if isinstance(kind, list):
        return _inner(kind[-1], path)
    if isinstance(kind, Mapping) and kind["type"] == "array":
        return _inner(kind["items"], f"{path}[]")
    return kind, path


def _type(kind: Any, named: dict[str, Any]) -> str:
    """A type in words; a named one is remembered where it is defined."""
    if isinstance(kind, list):
        return f"{_type(kind[-1], named)}, or null"
    if isinstance(kind, str):
        return _type(named[kind], named) if kind in named else kind.rpartition(".")[2]
    return _complex(kind, named)


def _complex(kind: Mapping[str, Any], named: dict[str, Any]) -> str:
    if kind["type"] in ("record", "enum"):
        named[kind["name"]] = kind
        return kind["name"] if kind["type"] == "record" else f"one of {', '.join(map(code, kind['symbols']))}"
    if kind["type"] == "array":
        return f"list of {_type(kind['items'], named)}"
    if kind.get("logicalType") == "decimal":
        return f"exact decimal, {kind['precision']} digits, {kind['scale']} after the point"
    return str(kind.get("logicalType", kind["type"]))
