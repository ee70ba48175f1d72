"""Our rules of compatibility beside Java's `SchemaCompatibility`, on thousands of generated pairs.

They differ on purpose, each time tried on its own below:

- A field of an enum type with a default, missing from what is written and without a default of its own: Java compares
  the enum with the whole record and calls it TYPE_MISMATCH; we call it READER_FIELD_MISSING_DEFAULT_VALUE. Both refuse.
- Logical types: Java looks only at what is stored. We refuse to read one logical type as another, which would turn days
  into milliseconds, or move a decimal point, without an error.

- Where an alias makes two written fields one field of the reader, Java throws; we say AMBIGUOUS_ALIAS.
- A recursive type that turns out not to be readable: Java keeps what it had concluded from trusting it, and lets pass
  what no reader can read (shown with a value below); we look again.
- A default of bytes beyond U+00FF is no bytes by the specification; Java takes it, we do not.
"""

import json
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import fastavro
import jpype
import pytest
from fastavro.read import SchemaResolutionError
from jpype import JClass

from sharehub.wire.avro_schema import InvalidSchemaError, normal
from sharehub.wire.compatibility import Rule, faults
from sharehub.wire.registry import load_registry
from tests.interop.jvm import started
from tests.property.schema_pairs import pair, trusting, without_logical

PAIRS = 3000


@pytest.fixture(scope="module", autouse=True)
def _java() -> None:
    started()


def java_rules(reader: Any, writer: Any) -> set[str]:
    """The kinds of incompatibility that Java finds."""
    checked = JClass("org.apache.avro.SchemaCompatibility").checkReaderWriterCompatibility(reader, writer)
    return {str(one.getType().name()) for one in checked.getResult().getIncompatibilities()}


def java_schema(schema: Any) -> Any:
    """The schema as Java reads it, or None where it does not."""
    try:
        return JClass("org.apache.avro.Schema").Parser().parse(json.dumps(schema))
    except jpype.JException:
        return None


def our_schema(schema: Any) -> Any:
    """The schema as we read it, or None where we do not."""
    try:
        return normal(schema)
    except InvalidSchemaError:
        return None


def our_rules(reader: Any, writer: Any) -> set[str]:
    """The rules that we find broken."""
    return {str(fault.rule) for fault in faults(reader, writer)}


def test_both_find_the_same_rules_broken() -> None:
    verdicts: Counter[bool] = Counter()
    for seed in range(PAIRS):
        plain = [without_logical(schema) for schema in pair(seed)]
        ours, theirs = [our_schema(one) for one in plain], [java_schema(one) for one in plain]
        assert [one is None for one in ours] == [one is None for one in theirs], seed
        if None in ours:
            continue
        found, wanted = our_rules(*ours), java_rules(*theirs)
        verdicts[not found] += 1
        assert bool(found) == bool(wanted), seed
        if Rule.DEFAULT not in found:
            assert found == wanted, seed
        else:
            assert found | {Rule.TYPE} == wanted | {Rule.DEFAULT, Rule.TYPE}, seed
    assert min(verdicts[True], verdicts[False]) > PAIRS // 5


def test_the_released_schemas_are_compatible_for_both() -> None:
    schemas = load_registry().all()
    for one in schemas:
        for other in (other for other in schemas if other.name == one.name):
            assert java_rules(java_schema(one.raw), java_schema(other.raw)) == set()
            assert our_rules(normal(one.raw), normal(other.raw)) == set()


def record(*fields: Any) -> dict[str, Any]:
    """A record of these fields."""
    return {"type": "record", "name": "R", "fields": list(fields)}


def test_a_missing_enum_is_a_missing_default() -> None:
    enum = {"type": "enum", "name": "E", "symbols": ["A"], "default": "A"}
    reader, writer = record({"name": "f", "type": enum}), record()
    assert java_rules(java_schema(reader), java_schema(writer)) == {Rule.TYPE}
    assert our_rules(normal(reader), normal(writer)) == {Rule.DEFAULT}


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        ({"type": "long", "logicalType": "timestamp-millis"}, {"type": "long", "logicalType": "timestamp-micros"}),
        ({"type": "long", "logicalType": "timestamp-millis"}, {"type": "int", "logicalType": "date"}),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 4},
        ),
    ],
)
def test_one_logical_type_is_not_read_as_another(reader: Any, writer: Any) -> None:
    assert java_rules(java_schema(reader), java_schema(writer)) == set()
    assert our_rules(normal(reader), normal(writer)) == {Rule.LOGICAL}


def test_an_alias_that_joins_two_fields_is_refused() -> None:
    reader = record({"name": "a", "type": "int", "aliases": ["b"]})
    writer = record({"name": "a", "type": "int"}, {"name": "b", "type": "int"})
    with pytest.raises(jpype.JException):
        java_rules(java_schema(reader), java_schema(writer))
    assert our_rules(normal(reader), normal(writer)) == {Rule.ALIAS}


def test_what_trusted_a_type_that_fails_is_looked_at_again() -> None:
    reader, writer = trusting()
    inner = {"inner": {"back": None}, "leaf": "text"}
    stream = BytesIO()
    fastavro.schemaless_writer(stream, writer, {"a": inner, "b": {"back": inner}})
    stream.seek(0)
    with pytest.raises(SchemaResolutionError):
        fastavro.schemaless_reader(stream, writer, reader)
    assert java_rules(java_schema(reader), java_schema(writer)) == set()
    assert our_rules(normal(reader), normal(writer)) == {Rule.BRANCH}


def test_a_default_of_bytes_that_is_none() -> None:
    schema = record({"name": "a", "type": "bytes", "default": "\u0100"})
    assert java_schema(schema) is not None
    assert our_schema(schema) is None


def invalid() -> Iterator[Any]:
    """Texts that are no schemas."""
    yield from (1, {}, {"type": 1}, {"type": {"type": "array", "items": "int"}}, "Unknown", [["int"]], ["int", "int"])
    yield from ({"type": "array"}, {"type": "map", "values": "Unknown"}, {"type": "fixed", "name": "F", "size": -1})
    yield from ({"type": "enum", "name": "E", "symbols": symbols} for symbols in ("A", ["A", "A"], ["a-b"]))
    yield {"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}
    yield from (record(field) for field in ({"name": "1", "type": "int"}, {"name": "a"}, {"type": "int"}))
    yield record({"name": "a", "type": "int"}, {"name": "a", "type": "int"})
    for kind, default in (("int", "1"), ("int", 2**31), ("string", None), ("boolean", 0)):
        yield record({"name": "a", "type": kind, "default": default})
    yield record({"name": "a", "type": {"type": "array", "items": "int"}, "default": ["x"]})
    yield record({"name": "a", "type": record()})


@pytest.mark.parametrize("schema", invalid(), ids=json.dumps)
def test_both_refuse_what_is_no_schema(schema: Any) -> None:
    assert java_schema(schema) is None
    assert our_schema(schema) is None
