"""Avro bodies of one schema to columns, natively, and the rare body that will not decode to a rejection.

The bodies of a batch are framed as one block of an Avro object container and decoded by polars-avro. Three
facts shape this module. A body that is too short or too long shifts those that follow, perhaps another
agency's: so each is followed by a mark, a hash of the whole batch that no publisher can foresee, and every mark
must be read back. The decoder loops for ever when a block holds more bytes than its records use: so every block
ends with a sentinel whose text bytes are no valid length, branch or symbol, and a misaligned block fails. And
the decoder tells only that a block fails: so its bodies are then checked one by one with fastavro, and what
either of the two refuses is a fault.

The decoder is asked for its batches itself, without the lazy frame that `polars_avro.read_avro` puts before it: that
costs five milliseconds, and ten records a tenth of it.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any

import polars as pl
import polars_avro
from polars.datatypes import DataTypeClass
from polars_avro._avro_rs import AvroSource

from sharehub.ports.batch import Decoded, Fault
from sharehub.wire.registry import Registry, Schema
from sharehub.wire.rows import UndecodableError, decode, encode

HEADER_BYTES = 5
_SYNC = bytes(16)
_FIRST_DAY, _LAST_DAY = ((day - date(1970, 1, 1)).days for day in (date.min, date.max))
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
        if schema is not None and not schema.changes_view:
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
        frame, rows, refused = _one_by_one(schema, payloads, rows)
        faults += refused
    if frame is None:
        return None, faults
    placed = frame.hstack([pl.Series("row", rows, dtype=pl.Int64)])
    columns = tuple(frame.schema.items())
    if any(frame.select(_first_look(columns)).row(0)):
        no_day, nul = frame.select(_strange(columns))
        reasons = zip(rows, no_day, nul, strict=True)
        faults += [
            Fault(row, "bad-value", _NO_DAY if first else _NUL) for row, first, other in reasons if first or other
        ]
        placed = placed.filter(~(no_day | nul))
    return Decoded(schema.name, placed), faults


@lru_cache(maxsize=256)
def _first_look(columns: tuple[tuple[str, pl.DataType], ...]) -> list[pl.Expr]:
    """Whether anything strange is anywhere, column by column: quicker than to ask of every row, and mostly enough."""
    days = [_outside(name).any() for name, kind in columns if kind == pl.Date]
    texts = [text for name, kind in columns for text in _texts(pl.col(name), kind, _exploded)]
    looks = [*days, *(text.str.contains("\0", literal=True).any() for text in texts)]
    return [look.alias(str(number)) for number, look in enumerate(looks)]


@lru_cache(maxsize=256)
def _strange(columns: tuple[tuple[str, pl.DataType], ...]) -> tuple[pl.Expr, pl.Expr]:
    """Whether a row holds a day outside the calendar, and whether it holds a NUL."""
    schema = pl.Schema(columns)
    return _impossible(schema).alias("no_day"), _holds_nul(schema).alias("nul")


_NO_DAY = "a date lies outside the years 1 to 9999"
_NUL = "a text holds a NUL character, which no database keeps"


def _impossible(schema: pl.Schema) -> pl.Expr:
    """A day outside the calendar."""
    return pl.any_horizontal([pl.lit(False), *(_outside(name) for name, kind in schema.items() if kind == pl.Date)])


def _outside(column: str) -> pl.Expr:
    """Compared as a number, for polars cannot even show such days."""
    return ~pl.col(column).to_physical().is_between(_FIRST_DAY, _LAST_DAY).fill_null(True)


def _holds_nul(schema: pl.Schema) -> pl.Expr:
    texts = [text for name, kind in schema.items() for text in _texts(pl.col(name), kind, _joined)]
    return pl.any_horizontal([text.str.contains("\0", literal=True).fill_null(False) for text in texts])


_Kind = pl.DataType | DataTypeClass
_OfList = Callable[[pl.Expr, _Kind], Iterator[pl.Expr]]


def _texts(value: pl.Expr, kind: _Kind, of_list: _OfList) -> Iterator[pl.Expr]:
    """Every text in a value; `of_list` says those of a list, from the list and the kind of its elements."""
    if kind == pl.String:
        yield value
    elif isinstance(kind, pl.Struct):
        for part in kind.fields:
            yield from _texts(value.struct.field(part.name), part.dtype, of_list)
    elif isinstance(kind, pl.List):
        yield from of_list(value, kind.inner)


def _joined(value: pl.Expr, inner: _Kind) -> Iterator[pl.Expr]:
    """The texts of a list as one, so that its row is known."""
    if within := list(_texts(pl.element(), inner, _joined)):
        yield value.list.eval(pl.concat_str(within, ignore_nulls=True)).list.join("")


def _exploded(value: pl.Expr, inner: _Kind) -> Iterator[pl.Expr]:
    """The texts of all lists of a column one after the other, whosever they are."""
    yield from _texts(value.explode(), inner, _exploded)


def _one_by_one(
    schema: Schema, payloads: Sequence[bytes | None], rows: list[int]
) -> tuple[pl.DataFrame | None, list[int], list[Fault]]:
    """All rows in one block where that works, else each alone, so that only the refused ones are lost."""
    whole = _framed(schema, payloads, rows) if rows else None
    if whole is not None or not rows:
        return whole, rows, []
    alone = [(row, _framed(schema, payloads, [row])) for row in rows]
    good = [(row, frame) for row, frame in alone if frame is not None]
    reason = "the body holds a number, a branch or a symbol that its schema does not have"
    faults = [Fault(row, "bad-value", reason) for row, frame in alone if frame is None]
    return (pl.concat([frame for _, frame in good]) if good else None), [row for row, _ in good], faults


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
    """The rows as columns, or None where the block does not decode exactly."""
    head, sentinel = _frame_parts(schema)
    bodies = [(payloads[row] or b"")[HEADER_BYTES:] for row in rows]
    mark = blake2b(b"".join(bodies), digest_size=8).hexdigest()
    written = _varint(len(mark)) + mark.encode()
    said = written.join((*bodies, sentinel, b""))
    count = len(rows) + 1
    block = b"".join((head, _varint(count), _varint(len(said)), said, _SYNC))
    try:
        source = AvroSource([partial(io.BytesIO, block)], False, False)  # neither strict nor text as views
        frames = [pl.DataFrame(batch) for batch in source.batch_iter(count, None)]
    except (polars_avro.AvroError, pl.exceptions.PolarsError):
        return None
    if [frame.height for frame in frames] != [count] or not (frames[0]["mark"] == mark).all():
        return None
    records = frames[0]["said"].struct.unnest()
    return records.head(len(rows)) if records["agency"][-1] == _SENTINEL_TEXT else None


@lru_cache(maxsize=256)
def _frame_parts(schema: Schema) -> tuple[bytes, bytes]:
    raw = _bare(schema.raw)
    fields = [{"name": "said", "type": raw}, {"name": "mark", "type": "string"}]
    marked = json.dumps({"type": "record", "name": "Marked", "fields": fields})
    meta = {b"avro.schema": marked.encode(), b"avro.codec": b"null"}
    pairs = b"".join(_varint(len(key)) + key + _varint(len(value)) + value for key, value in meta.items())
    head = b"Obj\x01" + _varint(len(meta)) + pairs + b"\0" + _SYNC
    value = _sentinel(raw, {})
    assert isinstance(value, dict)  # noqa: S101 - a record schema gives a record
    return head, encode(schema, value)[HEADER_BYTES:]


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
