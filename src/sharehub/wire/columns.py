"""Avro bodies of one schema to columns, natively, and the rare body that will not decode to a rejection.

The bodies of a batch are framed as one block of an Avro object container and decoded by polars-avro. Two
facts about that decoder shape this module. It loops for ever when a block holds more bytes than its records
use, so every block ends with a sentinel whose text bytes are no valid length, branch or symbol: a misaligned
block fails. And one short body shifts all that follow, so a block that fails is checked body by body with
fastavro, and only what is exact is framed again.
"""

import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl
import polars_avro

from sharehub.ports import Decoded, Fault
from sharehub.wire.registry import Registry, Schema
from sharehub.wire.rows import UndecodableError, decode, encode

HEADER_BYTES = 5
_SYNC = bytes(16)
_SENTINEL_TEXT = "\x7f" * 64
_EXACT_BELOW = 64
"""Blocks smaller than this are checked body by body anyway: it costs nothing and is exact."""


def decode_columns(registry: Registry, payloads: Sequence[bytes | None]) -> tuple[list[Decoded], list[Fault]]:
    """Decode a batch of payloads, one frame per schema; order within a schema is kept."""
    groups: dict[bytes, list[int]] = {}
    for row, payload in enumerate(payloads):
        groups.setdefault(payload[:HEADER_BYTES] if payload else b"", []).append(row)
    decoded: list[Decoded] = []
    faults: list[Fault] = []
    for header, rows in groups.items():
        schema = registry.by_id(int.from_bytes(header[1:], "big")) if header[:1] == b"\0" else None
        if schema is not None and not schema.says_record:
            faults += [
                Fault(row, "not-a-record", f"schema {schema.name} is none of an agency's records") for row in rows
            ]
        elif schema is None or len(header) < HEADER_BYTES:
            faults += _explained(registry, payloads, rows)[1]
        else:
            found, wrong = _decode_group(registry, schema, payloads, rows)
            faults += wrong
            decoded += [found] if found else []
    return decoded, faults


def _decode_group(
    registry: Registry, schema: Schema, payloads: Sequence[bytes | None], rows: list[int]
) -> tuple[Decoded | None, list[Fault]]:
    faults: list[Fault] = []
    frame = _framed(schema, payloads, rows) if len(rows) >= _EXACT_BELOW else None
    if frame is None:
        rows, faults = _explained(registry, payloads, rows)
        frame = _framed(schema, payloads, rows) if rows else None
        if rows and frame is None:
            raise RuntimeError(f"schema {schema.name}: the native decoder refuses what fastavro accepts")
    if frame is None:
        return None, faults
    return Decoded(schema.name, frame.with_columns(pl.Series("row", rows, dtype=pl.Int64))), faults


def _explained(registry: Registry, payloads: Sequence[bytes | None], rows: list[int]) -> tuple[list[int], list[Fault]]:
    exact: list[int] = []
    faults: list[Fault] = []
    for row in rows:
        try:
            decode(registry, payloads[row] or b"")
            exact.append(row)
        except UndecodableError as error:
            faults.append(Fault(row, error.code, str(error)))
    return exact, faults


def _framed(schema: Schema, payloads: Sequence[bytes | None], rows: list[int]) -> pl.DataFrame | None:
    head, sentinel = _frame_parts(schema.id, json.dumps(_bare(schema.raw)))
    bodies = b"".join([(payloads[row] or b"")[HEADER_BYTES:] for row in rows] + [sentinel])
    count = len(rows) + 1
    block = b"".join((head, _varint(count), _varint(len(bodies)), bodies, _SYNC))
    try:
        frame = polars_avro.read_avro(io.BytesIO(block), batch_size=count)
    except (polars_avro.AvroError, pl.exceptions.PolarsError):
        return None
    aligned = frame.height == count and frame["agency"][-1] == _SENTINEL_TEXT
    return frame.head(len(rows)) if aligned else None


@lru_cache(maxsize=256)
def _frame_parts(schema_id: int, bare: str) -> tuple[bytes, bytes]:
    raw = json.loads(bare)
    meta = {b"avro.schema": bare.encode(), b"avro.codec": b"null"}
    pairs = b"".join(_varint(len(key)) + key + _varint(len(value)) + value for key, value in meta.items())
    head = b"Obj\x01" + _varint(len(meta)) + pairs + b"\0" + _SYNC
    value = _sentinel(raw, {})
    assert isinstance(value, dict)  # noqa: S101 - a record schema gives a record
    return head, encode(Schema(schema_id, raw["name"], raw), value)[HEADER_BYTES:]


def _bare(schema: Any) -> Any:
    """The schema without documentation: the decoder parses it once per block."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key not in ("doc", "default")}
    return [_bare(part) for part in schema] if isinstance(schema, list) else schema


def _sentinel(schema: Any, named: dict[str, Any]) -> object:
    """A value of the schema whose text is all DEL characters: read as a number, they are negative."""
    if isinstance(schema, list):
        return _sentinel(schema[-1], named)
    if isinstance(schema, str):
        return _sentinel(named[schema], named) if schema in named else _PLAIN[schema]
    return _sentinel_complex(schema, named)


def _sentinel_complex(schema: Mapping[str, Any], named: dict[str, Any]) -> object:
    kind = schema["type"]
    if "name" in schema and kind in ("record", "enum"):
        named[schema["name"]] = schema
        named[f"{schema.get('namespace', '')}.{schema['name']}"] = schema
    if kind == "record":
        return {field["name"]: _sentinel(field["type"], named) for field in schema["fields"]}
    if kind == "enum":
        return schema["symbols"][0]
    if kind == "array":
        return [_sentinel(schema["items"], named)]
    if "logicalType" in schema:
        return Decimal(0) if schema["logicalType"] == "decimal" else 0
    return _sentinel(kind, named)


_PLAIN: Mapping[str, object] = {
    "string": _SENTINEL_TEXT,
    "bytes": _SENTINEL_TEXT.encode(),
    "int": 0,
    "long": 0,
    "boolean": False,
    "null": None,
}


def _varint(number: int) -> bytes:
    encoded = bytearray()
    number <<= 1
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
