"""Avro's rules beside an independent implementation of them, Python's `avro`, on generated pairs of schemas."""

import json
from typing import Any

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from hypothesis import given
from hypothesis import strategies as st

from sharehub.wire.avro_schema import InvalidSchemaError, normal
from sharehub.wire.compatibility import Level, breaches, faults
from tests.property.schema_pairs import pair, without_logical

SEEDS = st.integers(0, 2**32)


def read(parse: Any, schema: Any) -> Any:
    """The schema as one of the two reads it, or None where it refuses it."""
    try:
        return parse(schema)
    except (InvalidSchemaError, avro.errors.AvroException):
        return None


@given(SEEDS)
def test_both_come_to_the_same_verdict(seed: int) -> None:
    plain = [without_logical(schema) for schema in pair(seed)]
    ours = [read(normal, one) for one in plain]
    theirs = [read(lambda one: avro.schema.parse(json.dumps(one)), one) for one in plain]
    assert [one is None for one in ours] == [one is None for one in theirs]
    if None not in ours:
        verdict = ReaderWriterCompatibilityChecker().get_compatibility(*theirs).compatibility
        assert (not faults(*ours)) == (verdict is SchemaCompatibilityType.compatible)


@given(SEEDS)
def test_every_schema_reads_itself_and_logical_types_only_add_refusals(seed: int) -> None:
    reader, writer = (read(normal, schema) for schema in pair(seed))
    if reader is None or writer is None:
        return
    assert faults(reader, reader) == [] == breaches(writer, [writer], Level.FULL)
    if not faults(reader, writer):
        assert not faults(normal(without_logical(reader)), normal(without_logical(writer)))


@given(SEEDS)
def test_a_normal_form_is_its_own(seed: int) -> None:
    for schema in filter(None, (read(normal, one) for one in pair(seed))):
        assert normal(schema) == schema
