"""Values of one schema as payloads, by the million: the very bytes that `wire.rows` writes, several times faster.

A writer writes only what it is certain of. Whatever else it is given, it answers None: then the slow way says what is
wrong (`wire.models`), or writes it (`wire.rows`). A property test holds the three together.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sharehub.wire.models import NEVER_EMPTY
from sharehub.wire.registry import Schema
from sharehub.wire.rows import BROKEN, header_of, kept_fields

_TEXT_BYTES_MAX: Final = 2**20
_EPOCH: Final = date(1970, 1, 1).toordinal()
_END, _TRUE, _FALSE = b"\x00", b"\x01", b"\x00"
_DAYS_KEPT: Final = 2**16

Write = Callable[[Any], bytes]


class _Part(NamedTuple):
    """How a field is written; `null` what is written where it may state nothing."""

    write: Write
    null: bytes | None = None


class Written(NamedTuple):
    """A payload in the Confluent wire format, and the hash of what it says (`wire.rows.digest`)."""

    payload: bytes
    content: bytes


class Writer:
    """Writes values of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._header = header_of(schema)
        self._pieces = _pieces_of(json.dumps(schema.raw))
        kept = kept_fields(schema)
        names = [field["name"] for field in schema.raw["fields"]]
        self._kept = itemgetter(*[number for number, name in enumerate(names) if name in kept])

    def write(self, value: Mapping[str, Any]) -> Written | None:
        """The bytes of a value that is certainly valid, else None."""
        try:
            pieces = self._pieces(value)
            payload = self._header + b"".join(pieces)
        except BROKEN:
            return None
        return Written(payload, hashlib.sha256(b"".join(self._kept(pieces))).digest())


@lru_cache(64)
def _pieces_of(raw_text: str) -> Callable[[Mapping[str, Any]], list[bytes]]:
    """How all fields of a schema are written, made once for each text of a schema."""
    raw = json.loads(raw_text)
    return _Builder(raw.get("namespace", "")).pieces(raw)


def field_writers(schema: Schema, within: str = "") -> dict[str, Write]:
    """How each field of a schema is written, or of the record that its field `within` holds; in their order.

    What such a function is not certain of, it refuses with one of `wire.rows.BROKEN`.
    """
    raw = next(field["type"] for field in schema.raw["fields"] if field["name"] == within) if within else schema.raw
    parts = _Builder(raw.get("namespace", schema.raw.get("namespace", ""))).parts(raw)
    return {name: _or_null(part) for name, part in parts}


def _or_null(part: _Part) -> Write:
    write, null = part
    return write if null is None else lambda value: null if value is None else write(value)


def _varint(number: int) -> bytes:
    """Zigzag and variable length (Avro 1.12, "Binary encoding")."""
    left = (number << 1) ^ (number >> 63)
    found = bytearray()
    while left > 0x7F:
        found.append(left & 0x7F | 0x80)
        left >>= 7
    found.append(left)
    return bytes(found)


LENGTHS: Final = tuple(map(_varint, range(2**11)))
"""What stands before a text of so many bytes."""


def _text(value: str) -> bytes:
    data = value.encode()
    length = len(data)
    if length >= len(LENGTHS):
        if length > _TEXT_BYTES_MAX:
            raise ValueError("longer than is certain to fit")
        return _varint(length) + data
    return LENGTHS[length] + data


def _stated(value: str) -> bytes:
    if not value:
        raise ValueError("empty")
    return _text(value)


def _whole(low: int, high: int, value: int) -> bytes:
    if type(value) is not int or not low <= value < high:
        raise ValueError("no whole number of this width")
    return LENGTHS[value] if 0 <= value < len(LENGTHS) else _varint(value)


def _boolean(value: bool) -> bytes:
    if type(value) is not bool:
        raise ValueError("neither true nor false")
    return _TRUE if value else _FALSE


@lru_cache(_DAYS_KEPT, typed=True)
def _day(value: date) -> bytes:
    if type(value) is not date:
        raise ValueError("no calendar date")
    return _varint(value.toordinal() - _EPOCH)


def _amount(precision: int, scale: int, value: Decimal) -> bytes:
    _, digits, exponent = value.as_tuple()
    if exponent != -scale or len(digits) > precision:
        raise ValueError("not of this precision and scale")
    unscaled = int(value.scaleb(scale))
    data = unscaled.to_bytes((unscaled.bit_length() + 8) >> 3, "big", signed=True)
    return LENGTHS[len(data)] + data


def _unsure(value: Any) -> bytes:
    raise ValueError("of a type that only the slow way writes")


def _marked(mark: bytes) -> Write:
    """A text behind the mark of its branch."""
    lengths = tuple(mark + length for length in LENGTHS)

    def text(value: str) -> bytes:
        data = value.encode()
        return lengths[len(data)] + data if len(data) < len(lengths) else mark + _text(value)

    return text


def _straight(parts: Sequence[tuple[str, _Part]]) -> Callable[[Mapping[str, Any]], list[bytes]]:
    """One expression for all fields: a loop over them would take twice as long."""
    known: dict[str, Any] = {"count": len(parts), "ValueError": ValueError, "len": len}
    written = []
    for number, (name, (write, null)) in enumerate(parts):
        known |= {f"write{number}": write, f"null{number}": null}
        stated = f"write{number}(value[{name!r}])"
        optional = f"null{number} if (part := value[{name!r}]) is None else write{number}(part)"
        written.append(stated if null is None else optional)
    exec(  # noqa: S102 -- of names that a released schema has, quoted
        "def pieces(value):\n"
        "    if len(value) != count: raise ValueError('more or fewer fields than the record has')\n"
        f"    return [{', '.join(written)}]",
        known,
    )
    pieces: Callable[[Mapping[str, Any]], list[bytes]] = known["pieces"]
    return pieces


class _Builder:
    """Turns Avro types into functions; remembers named types, which may be used again by name."""

    def __init__(self, space: str) -> None:
        self._space = space
        self._named: dict[str, Write] = {}

    def pieces(self, raw: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], list[bytes]]:
        """The bytes of each field of a record type, in their order."""
        return _straight(self.parts(raw))

    def parts(self, raw: Mapping[str, Any]) -> list[tuple[str, _Part]]:
        """How each field of a record type is written, in their order."""
        return [(field["name"], self._field(field)) for field in raw["fields"]]

    def _field(self, field: Mapping[str, Any]) -> _Part:
        if field["name"] in NEVER_EMPTY and field["type"] == "string":
            return _Part(_stated)
        if field["name"] == "revision":
            return _Part(partial(_whole, 1, 2**31))
        return self._optional(field["type"]) if isinstance(field["type"], list) else _Part(self._kind(field["type"]))

    def _optional(self, raw: list[Any]) -> _Part:
        kinds = [kind for kind in raw if kind != "null"]
        if len(kinds) != 1 or len(raw) != 2:
            return _Part(_unsure)
        write, mark = self._kind(kinds[0]), _varint(raw.index(kinds[0]))
        marked = _marked(mark) if write is _text else lambda value: mark + write(value)
        return _Part(marked, _varint(raw.index("null")))

    def _kind(self, raw: Any) -> Write:
        if isinstance(raw, str):
            return _SIMPLE.get(raw) or self._named.get(raw) or self._named.get(f"{self._space}.{raw}", _unsure)
        if isinstance(raw, list):
            return _unsure
        if "logicalType" in raw:
            return _logical(raw)
        build = {"record": self._record, "enum": self._enum, "array": self._array}.get(raw["type"])
        return build(raw) if build else _SIMPLE.get(raw["type"], _unsure)

    def _record(self, raw: Mapping[str, Any]) -> Write:
        space, self._space = self._space, raw.get("namespace", self._space)
        pieces = self.pieces(raw)
        self._space = space
        return self._remember(raw, lambda value: b"".join(pieces(value)))

    def _enum(self, raw: Mapping[str, Any]) -> Write:
        return self._remember(raw, {word: _varint(place) for place, word in enumerate(raw["symbols"])}.__getitem__)

    def _array(self, raw: Mapping[str, Any]) -> Write:
        write = self._kind(raw["items"])

        def array(value: list[Any]) -> bytes:
            if type(value) is not list:
                raise ValueError("no list")
            return b"".join((_varint(len(value)), *map(write, value), _END)) if value else _END

        return array

    def _remember(self, raw: Mapping[str, Any], write: Write) -> Write:
        self._named[raw["name"]] = self._named[f"{raw.get('namespace', self._space)}.{raw['name']}"] = write
        return write


def _logical(raw: Mapping[str, Any]) -> Write:
    if raw["logicalType"] == "date":
        return _day
    if raw["logicalType"] == "decimal" and raw["type"] == "bytes":
        return partial(_amount, raw["precision"], raw.get("scale", 0))
    return _unsure


_SIMPLE: Final[Mapping[str, Write]] = {
    "string": _text,
    "boolean": _boolean,
    "int": partial(_whole, -(2**31), 2**31),
    "long": partial(_whole, -(2**63), 2**63),
}
