"""Avro's rules of resolution, one by one: what a reader's schema makes of what was written."""

import json
from typing import Any

import pytest

from sharehub.wire.avro_schema import InvalidSchemaError, normal, read_schema
from sharehub.wire.compatibility import Level, Rule, breaches, faults
from tests.property.schema_pairs import trusting


def record(*fields: Any, name: str = "R", **more: Any) -> dict[str, Any]:
    """A record of these fields; of a mere type, `f` and its number is the name."""
    made = [one if _is_field(one) else {"name": f"f{place}", "type": one} for place, one in enumerate(fields)]
    return {"type": "record", "name": name, "fields": made, **more}


def _is_field(one: Any) -> bool:
    return isinstance(one, dict) and "name" in one and one["type"] not in ("record", "enum", "fixed")


def enum(*symbols: str, **more: Any) -> dict[str, Any]:
    """An enum of these symbols."""
    return {"type": "enum", "name": "E", "symbols": list(symbols), **more}


def found(reader: Any, writer: Any) -> list[tuple[str, str]]:
    """Rule and place of each fault."""
    return [(fault.rule, fault.path) for fault in faults(normal(reader), normal(writer))]


DATE = {"type": "int", "logicalType": "date"}
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
CHAIN = record("int", {"name": "next", "type": ["null", "R"]})
LONGER = record("long", {"name": "next", "type": ["null", "R"]})
TEXTS = record("string", {"name": "next", "type": ["null", "R"]})
FIXED = {"type": "fixed", "name": "F", "size": 2}


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        *(
            (wide, narrow)
            for wide, narrow in (("long", "int"), ("float", "long"), ("double", "float"), ("double", "int"))
        ),
        ("bytes", "string"),
        ("string", "bytes"),
        (["null", "long"], "int"),
        ("long", ["int", "long"]),
        (["string", "null"], ["null", "string"]),
        (enum("A", "B"), enum("A")),
        (enum("A", default="A"), enum("A", "B")),
        (record("int", {"name": "x", "type": "int", "default": 1}), record("int")),
        (record("int"), record("int", "string")),
        (record({"name": "new", "type": "int", "aliases": ["f0"]}), record("int")),
        (record("int", name="New", aliases=["R"]), record("int")),
        (record("int", namespace="a"), record("int", namespace="b")),
        (LONGER, CHAIN),
        ({"type": "array", "items": "long"}, {"type": "array", "items": "int"}),
        ({"type": "map", "values": "long"}, {"type": "map", "values": "int"}),
        (DATE, "int"),
        ("long", MILLIS),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
        ),
    ],
)
def test_what_can_be_read(reader: Any, writer: Any) -> None:
    assert found(reader, writer) == []


@pytest.mark.parametrize(
    ("reader", "writer", "wanted"),
    [
        ("int", "long", (Rule.TYPE, "/")),
        ("string", ["null", "string"], (Rule.TYPE, "/")),
        (["null", "int"], "string", (Rule.BRANCH, "/")),
        (["null", "int"], ["null", "string"], (Rule.BRANCH, "/1")),
        (enum("A"), enum("A", "B"), (Rule.SYMBOLS, "/symbols")),
        (FIXED, {**FIXED, "size": 3}, (Rule.SIZE, "/size")),
        (FIXED, {**FIXED, "name": "G"}, (Rule.NAME, "/name")),
        (record("int", "string"), record("int"), (Rule.DEFAULT, "/fields/1")),
        (
            record(record("int", name="In")),
            record(record("string", name="In")),
            (Rule.TYPE, "/fields/0/type/fields/0/type"),
        ),
        (
            record({"type": "array", "items": "int"}),
            record({"type": "array", "items": "long"}),
            (Rule.TYPE, "/fields/0/type/items"),
        ),
        (
            record({"name": "a", "type": "int", "aliases": ["f0"]}),
            record("int", {"name": "a", "type": "int"}),
            (Rule.ALIAS, "/fields/0"),
        ),
        (CHAIN, LONGER, (Rule.TYPE, "/fields/0/type")),
        (MILLIS, DATE, (Rule.LOGICAL, "/")),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            {"type": "bytes", "logicalType": "decimal", "precision": 9},
            (Rule.LOGICAL, "/"),
        ),
    ],
)
def test_what_cannot_be_read(reader: Any, writer: Any, wanted: tuple[str, str]) -> None:
    assert wanted in found(reader, writer)


def test_a_refuted_type_counts_wherever_it_was_trusted() -> None:
    """`S` fits as long as `R` might. `R` does not, which is no matter at `a`, where `X` reads it, but is one in `S`."""
    assert found(*trusting()) == [(Rule.BRANCH, "/fields/1/type/fields/0/type/1")]


def test_a_shared_type_is_told_of_once_in_full_and_costs_little() -> None:
    """Each level uses the one below twice: its faults would double at each."""

    def tower(leaf: str) -> Any:
        level: Any = record(leaf, leaf, name="L0")
        for number in range(1, 40):
            level = record(level, f"L{number - 1}", name=f"L{number}")
        return level

    assert len(found(tower("int"), tower("string"))) == 2 + 39


LAST_GIVEN = record("int", {"name": "x", "type": "int", "default": 0})
LAST_NEEDED = record("int", {"name": "x", "type": "int"})


@pytest.mark.parametrize(
    ("level", "new", "readers"),
    [
        (Level.NONE, "string", []),
        (Level.BACKWARD, LAST_NEEDED, []),
        (Level.BACKWARD_TRANSITIVE, LAST_NEEDED, ["new"]),
        (Level.FORWARD, record(), ["old"]),
        (Level.FORWARD_TRANSITIVE, record(), ["old", "old"]),
        (Level.FULL, record("int", "string"), ["new"]),
        (Level.FULL_TRANSITIVE, record("int", "string"), ["new", "new"]),
    ],
)
def test_levels_say_who_must_read_whom(level: Level, new: Any, readers: list[str]) -> None:
    """A default taken away again is seen only against the releases before the last."""
    older = [normal(record("int")), normal(LAST_GIVEN)]
    assert [breach.reader for breach in breaches(normal(new), older, level)] == readers


def test_one_schema_has_one_normal_form() -> None:
    short = {"type": "record", "name": "R", "namespace": "a.b", "fields": [{"name": "x", "type": enum("A")}]}
    long = {
        "fields": [{"order": "ascending", "type": {**enum("A"), "name": "a.b.E"}, "name": "x"}],
        "name": "a.b.R",
        "type": "record",
    }
    assert normal(short) == normal(long)
    assert normal({"type": "string"}) == read_schema(" string ") == "string"
    assert normal(record("int")) != normal(record("int", doc="Said otherwise."))
    assert normal(record({"name": "x", "type": "int", "default": 0})) != normal(record({"name": "x", "type": "int"}))


@pytest.mark.parametrize(
    "text", ["", "{", "nothing", "[" * 5000, json.dumps("x"), json.dumps({**record(), "fields": [{"type": "int"}]})]
)
def test_a_text_that_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(InvalidSchemaError):
        read_schema(text)
