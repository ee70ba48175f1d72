"""A payload that may be damaged, decoded as far as it goes: for people who look at a dead letter."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

import fastavro

from sharehub.wire.registry import Registry, Schema
from sharehub.wire.rows import BROKEN, HEADER_BYTES, UndecodableError, decode, schema_of


class Part(NamedTuple):
    """What could be read: of which schema, the fields up to the first that cannot be, and what is wrong with it."""

    schema: str
    value: Mapping[str, Any]
    wrong: str


def decoded(registry: Registry, payload: bytes | None) -> Part:
    """The value of a payload, or its first fields; never an error."""
    try:
        schema, value = decode(registry, payload or b"")
    except UndecodableError as error:
        return _first_fields(registry, payload or b"", str(error))
    return Part(schema.name, value, "")


def _first_fields(registry: Registry, payload: bytes, wrong: str) -> Part:
    try:
        schema = schema_of(registry, payload)
    except UndecodableError:
        return Part("", {}, wrong)
    stream = BytesIO(payload)
    stream.seek(HEADER_BYTES)
    value: dict[str, Any] = {}
    for name, parsed in _fields(schema):
        try:
            value |= fastavro.schemaless_reader(stream, parsed, None)
        except (*BROKEN, EOFError) as error:
            return Part(schema.name, value, f"{wrong}; {name} cannot be read: {str(error) or 'the bytes end there'}")
    return Part(schema.name, value, wrong)


def _fields(schema: Schema) -> list[tuple[str, Any]]:
    """Each field as a record of its own; a later one may name a type that an earlier one defines."""
    known: dict[str, Any] = {}
    space = schema.raw.get("namespace", "")
    found = []
    for field in schema.raw["fields"]:
        part = {"type": "record", "name": f"Only_{field['name']}", "namespace": space, "fields": [field]}
        found.append((field["name"], fastavro.parse_schema(part, named_schemas=known)))
    return found
