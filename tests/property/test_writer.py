"""The fast writer writes what the slow one writes, hashes what the log's reader hashes, and refuses what is invalid."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub.wire.models import model_for, problems
from sharehub.wire.registry import Schema
from sharehub.wire.rows import digest, encode
from sharehub.wire.writer import Writer
from tests.property.test_decoding import REGISTRY, values

NEWEST = sorted({schema.name for schema in REGISTRY.all() if schema.says_record})
WRONG = st.sampled_from(
    (None, 1, -1, 2**31, 2**63, 1.0, True, "", "x", "\ud800", b"x", date(2026, 1, 1), datetime(2026, 1, 1), [], {})
) | st.sampled_from(tuple(map(Decimal, ("1", "1.00", "1.000", "1E+30", "NaN", "-0.01", "99999999999999999999.99"))))


@cache
def writer_of(name: str) -> tuple[Schema, Writer]:
    schema = REGISTRY.latest(name)
    return schema, Writer(schema)


def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """The value with one thing in it replaced, at any depth, or a field more or less."""
    if isinstance(value, dict) and value:
        name = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 9)) == 0:
            return {key: part for key, part in value.items() if key != name} | draw(st.sampled_from(({}, {"other": 1})))
        return {**value, name: spoilt(draw, value[name])}
    if isinstance(value, list) and value and draw(st.booleans()):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], spoilt(draw, value[place]), *value[place + 1 :]]
    return draw(WRONG)


@st.composite
def stated(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    name = draw(st.sampled_from(NEWEST))
    value = draw(values(REGISTRY.latest(name).raw, {}))
    return name, spoilt(draw, value) if draw(st.booleans()) else value


@settings(max_examples=settings().max_examples)
@given(stated())
def test_what_the_writer_writes_is_valid_and_the_same_bytes(case: tuple[str, dict[str, Any]]) -> None:
    name, value = case
    schema, writer = writer_of(name)
    written = writer.write(value)
    if written is None:
        return
    assert not problems(model_for(schema), value)
    assert written.payload == encode(schema, value)
    assert written.content == digest(REGISTRY, written.payload).content


@pytest.mark.parametrize("name", NEWEST)
@given(data=st.data())
@settings(max_examples=max(3, settings().max_examples // 20))
def test_the_writer_leaves_no_whole_and_valid_value_to_the_slow_way(name: str, data: st.DataObject) -> None:
    schema, writer = writer_of(name)
    value = data.draw(values(schema.raw, {}))
    if not problems(model_for(schema), value):
        assert writer.write(value) is not None
