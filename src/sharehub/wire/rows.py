"""One record as bytes and back, in the Confluent wire format.

A payload is 0x00, the schema id as 4 bytes big-endian, then the Avro binary body. Decoding believes nothing:
what is not exactly one value of a released schema is an `UndecodableError` with a code, never another error.
"""

import hashlib
import struct
from collections.abc import Mapping
from io import BytesIO
from itertools import groupby
from typing import Any, NamedTuple

import fastavro

from sharehub.errors import SharehubError
from sharehub.wire.registry import Registry, Schema

_HEADER = struct.Struct(">bI")
HEADER_BYTES = _HEADER.size
BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    MemoryError,
    struct.error,
    StopIteration,
)
"""What fastavro raises on bytes and values that do not fit."""
_VOLATILE = ("source", "originals", "correlation_id", "causation_id")


class UndecodableError(SharehubError):
    """The bytes are not one value of a released schema; `code` says in which way."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Digest(NamedTuple):
    """What a payload says about itself: enough to know whether the same is said again."""

    schema: Schema
    record_key: str
    revision: int
    content: bytes


def encode(schema: Schema, value: Mapping[str, Any]) -> bytes:
    """The payload of a value that `wire.models` found valid.

    Raises:
        UndecodableError: the value does not fit the schema.
    """
    stream = BytesIO()
    stream.write(header_of(schema))
    try:
        fastavro.schemaless_writer(stream, schema.parsed, value)
    except BROKEN as error:
        raise UndecodableError("bad-value", f"the value does not fit schema {schema.name}: {error}") from error
    return stream.getvalue()


def header_of(schema: Schema) -> bytes:
    """What stands before the body of every payload of this schema."""
    return _HEADER.pack(0, schema.id)


def decode(registry: Registry, payload: bytes) -> tuple[Schema, dict[str, Any]]:
    """The schema and the value of a payload; every byte is accounted for.

    Raises:
        UndecodableError: bad-magic, unknown-schema-id, truncated, trailing-bytes or bad-value.
    """
    schema = schema_of(registry, payload)
    stream = BytesIO(payload)
    value = _read(stream, schema.parsed, _HEADER.size)
    left = len(payload) - stream.tell()
    if left:
        raise UndecodableError("trailing-bytes", f"{left} bytes follow the end of the value")
    return schema, value


def schema_of(registry: Registry, payload: bytes) -> Schema:
    """The released schema that a payload names.

    Raises:
        UndecodableError: bad-magic, truncated or unknown-schema-id.
    """
    if payload[:1] != b"\0":
        raise UndecodableError("bad-magic", "the first byte is not 0, so this is no Confluent-framed record")
    if len(payload) < _HEADER.size:
        raise UndecodableError("truncated", f"the payload has {len(payload)} bytes, its header alone has 5")
    _, schema_id = _HEADER.unpack_from(payload)
    schema = registry.by_id(schema_id)
    if schema is None:
        raise UndecodableError("unknown-schema-id", f"no schema was released under id {schema_id}")
    return schema


def digest(registry: Registry, payload: bytes) -> Digest:
    """Key, revision and content hash of a record, a few times faster than decoding it.

    The hash covers what the agency says about the key: all but revision, supersedes, source, the original
    spelling and the run's ids, written with the newest schema of that name: a new schema changes no content.

    Raises:
        UndecodableError: the payload is no record.
    """
    schema = schema_of(registry, payload)
    newest = registry.latest(schema.name)
    if schema.id != newest.id:
        payload = encode(newest, decode(registry, payload)[1])
    parts = _parts(newest)
    stream, at, content = BytesIO(payload), _HEADER.size, hashlib.sha256()
    head = _read(stream, parts[0].parsed, at)
    at = stream.tell()
    for part in parts[1:-1]:
        _read(stream, part.parsed, at, _NOTHING)
        end = stream.tell()
        if not part.volatile:
            content.update(payload[at:end])
        at = end
    if not parts[-1].volatile:
        content.update(payload[at:])
    return Digest(schema, head["record_key"], head["revision"], content.digest())


class _Part(NamedTuple):
    parsed: Any
    volatile: bool


_NOTHING = fastavro.parse_schema({"type": "record", "name": "Part", "fields": []})
_cut: dict[tuple[int, str], tuple[_Part, ...]] = {}


def _parts(schema: Schema) -> tuple[_Part, ...]:
    """The fields in their order, cut where volatile ones begin and end; the first part is the head."""
    key = (schema.id, schema.name)
    if key not in _cut:
        _cut[key] = _cut_of(schema)
    return _cut[key]


def kept_fields(schema: Schema) -> frozenset[str]:
    """The fields whose bytes, in their order, are what `digest` hashes.

    Raises:
        UndecodableError: the schema is of no kind of record.
    """
    names = [field["name"] for field in schema.raw["fields"]]
    return frozenset(names[_head_of(schema) :]) - set(_VOLATILE)


def _head_of(schema: Schema) -> int:
    """How many fields come before what the agency says: all up to the key, the revision and what it supersedes."""
    names = [field["name"] for field in schema.raw["fields"]]
    if not {"record_key", "revision"} <= set(names):
        raise UndecodableError("bad-value", f"{schema.name} is no kind of record")
    return 1 + max(names.index(name) for name in ("record_key", "revision", "supersedes") if name in names)


def _cut_of(schema: Schema) -> tuple[_Part, ...]:
    fields, head = schema.raw["fields"], _head_of(schema)
    runs = [(False, fields[:head])]
    for volatile, run in groupby(fields[head:], lambda field: field["name"] in _VOLATILE):
        runs.append((volatile, list(run)))
    known: dict[str, Any] = {}  # a later part may name a type that an earlier one defines
    return tuple(_Part(_parsed(schema, run, known), volatile) for volatile, run in runs)


def _parsed(schema: Schema, fields: list[Any], known: dict[str, Any]) -> Any:
    part = {"type": "record", "name": "Part", "namespace": schema.raw.get("namespace", ""), "fields": fields}
    known.pop(f"{part['namespace']}.Part", None)
    return fastavro.parse_schema(part, named_schemas=known)


def _read(stream: BytesIO, parsed: Any, at: int, into: Any = None) -> Any:
    stream.seek(at)
    try:
        return fastavro.schemaless_reader(stream, parsed, into)
    except EOFError as error:
        raise UndecodableError("truncated", "the value ends before its last field") from error
    except BROKEN as error:
        raise UndecodableError("bad-value", f"the body holds a value that its schema cannot: {error}") from error
