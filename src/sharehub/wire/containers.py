"""Avro object container files, believed as little as any other bytes.

Only uncompressed files written with a released schema are read: a compressed block may unfold to any size, and a
foreign schema may describe values that take no bytes, so that a small file never ends.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import IO, Any

import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from sharehub.wire.cloudevents import plain
from sharehub.wire.registry import Registry, Schema, fingerprint
from sharehub.wire.rows import BROKEN, UndecodableError

_BROKEN = (*BROKEN, RecursionError, EOFError, SchemaParseException, UnknownType)


def read_container(registry: Registry, data: bytes) -> tuple[Schema, list[dict[str, Any]]]:
    """The schema and all values of a container file.

    Raises:
        UndecodableError: no container, compressed, of no released schema, or damaged; nothing of it is used.
    """
    try:
        found = fastavro.reader(BytesIO(data))
        codec = found.codec
    except _BROKEN as error:
        raise UndecodableError("bad-container", f"this is no Avro object container file: {error}") from error
    if codec != "null":
        raise UndecodableError("compressed", f"the file is compressed ({codec}); send it with the codec null")
    schema = _released(registry, found.writer_schema)
    try:
        return schema, list(found)
    except _BROKEN as error:
        raise UndecodableError("bad-container", f"the file is damaged: {error}") from error


def _released(registry: Registry, written: Any) -> Schema:
    try:
        stated = fingerprint(written)
    except _BROKEN as error:
        raise UndecodableError("unknown-schema", f"the file's schema cannot be read: {error}") from error
    for schema in registry.all():
        if schema.says_record and schema.fingerprint == stated:
            return schema
    raise UndecodableError("unknown-schema", "the file was written with a schema that was not released for records")


def write_container(
    stream: IO[bytes], schema: Schema, values: Iterable[Mapping[str, Any]], marker: bytes = b""
) -> None:
    """Write plain values as a container file; with the same marker (16 bytes) the same values give the same bytes."""
    instants = [field["name"] for field in schema.raw["fields"] if _is_instant(field["type"])]
    typed = ({**value, **{name: datetime.fromisoformat(value[name]) for name in instants}} for value in values)
    fastavro.writer(stream, schema.parsed, typed, codec="deflate", sync_marker=marker)


def read_plain(data: bytes) -> Iterator[dict[str, Any]]:
    """The plain values of a container file that the hub wrote.

    Raises:
        UndecodableError: it is none, or damaged.
    """
    try:
        for value in fastavro.reader(BytesIO(data)):
            yield plain(value)
    except (*_BROKEN, zlib.error) as error:
        raise UndecodableError("bad-container", f"this is no Avro object container file: {error}") from error


def _is_instant(kind: Any) -> bool:
    return isinstance(kind, dict) and kind.get("logicalType") == "timestamp-micros"
