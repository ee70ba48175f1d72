"""Decoding by column equals decoding by row on every record: it never hangs, and no record disturbs another."""

import json
import pickle
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub.wire.columns import decode_columns
from sharehub.wire.registry import Schema, load_registry
from sharehub.wire.rows import decode, encode

REGISTRY = load_registry()
RECORDS = [schema for schema in REGISTRY.all() if schema.raw["namespace"].endswith(".records")]
PATIENCE_S = 20
HEADER = 5


class Child:
    """The process that decodes; started again after it had to be ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def difference(self, payloads: Sequence[bytes | None]) -> str:
        """What the two decoders disagree on, or that they never come back."""
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, str(Path(__file__).with_name("decoding_child.py"))]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        sink, source = self._process.stdin, self._process.stdout
        assert sink and source
        question = pickle.dumps(list(payloads))
        with suppress(BrokenPipeError):
            sink.write(len(question).to_bytes(4, "big") + question)
            sink.flush()
        if not select.select([source], [], [], PATIENCE_S)[0]:
            self.end()
            return f"decoding by column hangs for more than {PATIENCE_S} s"
        length = source.read(4)
        if len(length) < 4:
            self.end()
            return "decoding by column ends the process"
        return source.read(int.from_bytes(length, "big")).decode()

    def end(self) -> None:
        """Stop the process, whatever it does."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    found = Child()
    yield found
    found.end()


TEXT = st.one_of(st.sampled_from(["", "x", "公司", "\x7f" * 70, "\0", "a" * 100]), st.text(max_size=5))
DATES = st.dates(date(1000, 1, 1), date(9999, 12, 31))
CENTS = st.integers(-(10**20) + 1, 10**20 - 1).map(lambda number: Decimal(number).scaleb(-2))


def values(schema: Any, named: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Any value of a schema."""
    if isinstance(schema, list):
        return st.one_of(st.none(), values(schema[1], named))
    if isinstance(schema, str):
        plain: dict[str, st.SearchStrategy[Any]] = {
            "string": TEXT,
            "int": st.integers(-(2**31), 2**31 - 1),
            "boolean": st.booleans(),
        }
        return plain[schema] if schema in plain else values(named[schema.rpartition(".")[2]], named)
    if "name" in schema:
        named[schema["name"]] = schema
    if schema["type"] == "record":
        return st.fixed_dictionaries({field["name"]: values(field["type"], named) for field in schema["fields"]})
    if schema["type"] == "enum":
        return st.sampled_from(schema["symbols"])
    if schema["type"] == "array":
        return st.lists(values(schema["items"], named), max_size=3)
    return {"date": DATES, "decimal": CENTS}[schema["logicalType"]]


PAYLOADS = {schema.name: values(schema.raw, {}).map(lambda value, s=schema: encode(s, value)) for schema in RECORDS}
PAYLOAD = st.one_of(*PAYLOADS.values())


@st.composite
def corrupted(draw: st.DrawFn, payload: bytes) -> bytes | None:
    """The payload cut, prolonged, changed in some bytes, under another id, or something else altogether."""
    how = draw(st.sampled_from(["flip", "flip", "flip", "cut", "more", "drop", "id", "other", "none"]))
    if how == "none":
        return None
    if how == "other":
        return draw(st.binary(max_size=60))
    if how == "cut":
        return payload[: draw(st.integers(0, len(payload)))]
    if how == "more":
        return payload + draw(st.binary(min_size=1, max_size=9))
    if how == "id":
        return payload[:1] + draw(st.integers(0, 40)).to_bytes(4, "big") + payload[HEADER:]
    place = draw(st.integers(HEADER, len(payload) - 1))
    if how == "drop":
        return payload[:place] + payload[draw(st.integers(place, len(payload))) :]
    return payload[:place] + draw(st.binary(min_size=1, max_size=3)) + payload[place + 1 :]


@st.composite
def batch(draw: st.DrawFn) -> list[bytes | None]:
    """Up to 300 payloads of one kind or of several; a few distinct ones, repeated."""
    one = draw(st.one_of(st.just(PAYLOAD), st.sampled_from([PAYLOADS[name] for name in sorted(PAYLOADS)])))
    distinct = draw(st.lists(one, min_size=1, max_size=5))
    size = draw(st.sampled_from([1, 2, 63, 64, 65, 100, 300]))
    return [distinct[number % len(distinct)] for number in range(size)]


@settings(max_examples=settings().max_examples // 2)
@given(batch())
def test_records_come_out_equal(child: Child, payloads: list[bytes | None]) -> None:
    assert child.difference(payloads) == ""


@given(batch(), st.data())
def test_corrupted_records_are_refused_and_disturb_nobody(
    child: Child, payloads: list[bytes | None], data: st.DataObject
) -> None:
    for place in data.draw(st.lists(st.integers(0, len(payloads) - 1), min_size=1, max_size=4, unique=True)):
        payloads[place] = data.draw(corrupted(payloads[place] or b""))
    assert child.difference(payloads) == ""


def value_of(name: str) -> dict[str, Any]:
    """A small value of the kind; its texts are the names of their fields."""
    found = REGISTRY.latest(name).raw
    named: dict[str, Any] = {}

    def small(schema: Any, field: str) -> Any:
        if isinstance(schema, list):
            return None
        if isinstance(schema, str):
            return (
                small(named[schema], field)
                if schema in named
                else {"string": field, "int": 1, "boolean": False}[schema]
            )
        if "name" in schema:
            named[schema["name"]] = schema
        if schema["type"] == "record":
            return {part["name"]: small(part["type"], part["name"]) for part in schema["fields"]}
        if schema["type"] == "enum":
            return schema["symbols"][0]
        return [] if schema["type"] == "array" else Decimal("1.00")

    return dict(small(found, name))


def payload_of(name: str, **changes: Any) -> bytes:
    return encode(REGISTRY.latest(name), value_of(name) | changes)


def forged(name: str, field: str, kind: Any, value: Any) -> bytes:
    """A payload in which one field was written with another type than its schema's."""
    schema: Schema = REGISTRY.latest(name)
    raw = json.loads(json.dumps(schema.raw))
    for part in raw["fields"]:
        if part["name"] == field:
            part.pop("default", None)
            part["type"] = kind
    stream = BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(raw), value_of(name) | {field: value})
    return b"\0" + schema.id.to_bytes(4, "big") + stream.getvalue()


def fixed(size: int) -> dict[str, Any]:
    return {"type": "fixed", "name": "Bytes", "size": size}


BRANCH = {
    "type": "record",
    "name": "Branch",
    "fields": [{"name": "branch", "type": "long"}, {"name": "text", "type": "string"}],
}
FORGED: dict[str, tuple[str, bytes]] = {
    "a day far after the last year": ("reminder", payload_of("reminder", served_on=10_000_000)),
    "a day far before the first year": ("reminder", payload_of("reminder", served_on=-(2**31))),
    "a decision far after the last year": ("penalty", payload_of("penalty", decided_on=10_000_000)),
    "a revision of 41 bits": ("penalty", forged("penalty", "revision", "long", 2**40)),
    "a truth value of 2": ("arrears", forged("arrears", "contested", fixed(1), b"\x02")),
    "an amount of no bytes": ("arrears", forged("arrears", "balance", "bytes", b"")),
    "an amount of 12 bytes": ("arrears", forged("arrears", "balance", "bytes", b"\x7f" * 12)),
    "an amount of 16 bytes": ("arrears", forged("arrears", "balance", "bytes", b"\x7f" * 16)),
    "an amount of 17 bytes": ("arrears", forged("arrears", "balance", "bytes", b"\x7f" * 17)),
    "an amount of 40 bytes": ("arrears", forged("arrears", "balance", "bytes", b"\x01" * 40)),
    "a symbol before the first": ("penalty", forged("penalty", "finality", "long", -1)),
    "a symbol after the last": ("penalty", forged("penalty", "finality", "long", 3)),
    "a branch before the first": ("penalty", forged("penalty", "case_reference", "long", -2)),
    "a branch after the last": ("penalty", forged("penalty", "case_reference", BRANCH, {"branch": 2, "text": "x"})),
    "a far branch before the first": (
        "penalty",
        forged("penalty", "case_reference", BRANCH, {"branch": -2, "text": "x"}),
    ),
    "a text of negative length": ("penalty", forged("penalty", "facts", "long", -1)),
    "a text of endless length": ("penalty", forged("penalty", "facts", "long", 2**62)),
    "a text that is no text": ("penalty", forged("penalty", "facts", "bytes", b"\xff\xfe")),
    "a list of negative length": ("penalty", forged("penalty", "legal_basis", "long", -(2**63))),
    "a list of endless length": ("penalty", forged("penalty", "legal_basis", "long", 2**62)),
    "a length written too long": ("penalty", forged("penalty", "facts", fixed(3), b"\x82\x00x")),
    "a length written far too long": ("penalty", forged("penalty", "facts", fixed(12), b"\x80" * 11 + b"\0")),
}


@pytest.mark.parametrize("neighbours", [0, 100])
@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_record_stops_nothing_and_disturbs_nobody(child: Child, forgery: str, neighbours: int) -> None:
    name, payload = FORGED[forgery]
    # The branch -2 is the null of fastavro, which then loses its place, and the text of polars-avro, which does not.
    alone = ("", "row 0 is accepted by column only") if forgery == "a far branch before the first" else ("",)
    assert child.difference([payload, *[payload_of(name)] * neighbours]) in alone


def test_two_records_in_one_message_and_none_in_another_shift_nobody(child: Child) -> None:
    payloads: list[bytes | None] = [payload_of("penalty", record_key=f"key {number}") for number in range(100)]
    assert payloads[10]
    payloads[10] += payload_of("penalty", record_key="one too many")[HEADER:]
    payloads[20] = payload_of("penalty")[:HEADER]
    assert child.difference(payloads) == ""


def test_bytes_moved_from_one_message_to_the_next_shift_nobody(child: Child) -> None:
    payloads = [payload_of("penalty", record_key=f"key {number}") for number in range(100)]
    moved = payloads[11][HEADER : HEADER + 9]
    payloads[10] += moved
    payloads[11] = payloads[11][:HEADER] + payloads[11][HEADER + 9 :]
    assert child.difference(payloads) == ""


def test_a_refused_record_has_a_code_and_a_reason() -> None:
    good = payload_of("penalty")
    payloads = [good, good[:-1], good + b"\0", b"\1" + good[1:], b"\0\0\0\x7f\xff" + good[HEADER:], None, b""]
    decoded, faults = decode_columns(REGISTRY, payloads)
    assert [one.frame["row"].to_list() for one in decoded] == [[0]]
    assert {fault.row: fault.code for fault in faults} == {
        1: "truncated",
        2: "trailing-bytes",
        3: "bad-magic",
        4: "unknown-schema-id",
        5: "bad-magic",
        6: "bad-magic",
    }
    assert all(fault.reason for fault in faults)


def test_order_and_rows_of_each_kind_are_kept() -> None:
    payloads = [payload_of(name, record_key=str(number)) for number in range(40) for name in ("penalty", "arrears")]
    decoded, faults = decode_columns(REGISTRY, payloads)
    assert faults == []
    assert {one.kind: one.frame["row"].to_list() for one in decoded} == {
        "penalty": list(range(0, 80, 2)),
        "arrears": list(range(1, 80, 2)),
    }
    assert all(one.frame["record_key"].to_list() == [str(number) for number in range(40)] for one in decoded)


@pytest.mark.parametrize("days", [0, 1, 365 * 40])
def test_a_day_is_the_same_day(days: int) -> None:
    day = date(1985, 1, 1) + timedelta(days=days)
    payload = payload_of("penalty", decided_on=day)
    assert decode(REGISTRY, payload)[1]["decided_on"] == day
    assert decode_columns(REGISTRY, [payload] * 70)[0][0].frame["decided_on"].to_list() == [day] * 70
