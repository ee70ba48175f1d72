"""Payloads decode to what was encoded, and nothing else decodes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub.wire.models import model_for, problems
from sharehub.wire.registry import Registry, Schema, load_registry
from sharehub.wire.rows import UndecodableError, decode, digest, encode

REGISTRY = load_registry()
PENALTY = REGISTRY.latest("penalty")


def penalty(**changes: Any) -> dict[str, Any]:
    """A valid penalty."""
    blank = {field["name"]: field.get("default") for field in PENALTY.raw["fields"]}
    subject = {
        "kind": "company",
        "identifiers": [{"scheme": "CN-USCC", "value": "91230199MAQH0A015C"}],
        "names": ["青禾示例粮油有限公司"],
        "address": None,
    }
    return {
        **blank,
        "agency": "cn-samr",
        "record_key": "c/1",
        "revision": 1,
        "jurisdiction": "cn",
        "subject": subject,
        "decided_on": date(2020, 2, 29),
        "legal_basis": [{"instrument": "Law", "article": "Art. 1", "rank": "law"}],
        "source": {"name": "f.csv", "sheet": None, "row": 2},
        "violation_type": "v",
        "facts": "f",
        "penalty_kind": "fine",
        "fine": Decimal("12.50"),
        "finality": "final",
        **changes,
    }


def code_of(payload: bytes) -> str:
    with pytest.raises(UndecodableError) as caught:
        decode(REGISTRY, payload)
    return caught.value.code


def test_a_payload_is_framed_and_decodes_to_its_value() -> None:
    payload = encode(PENALTY, penalty())
    assert payload[:5] == b"\0" + PENALTY.id.to_bytes(4, "big")
    assert decode(REGISTRY, payload) == (PENALTY, penalty())


def test_what_is_no_payload_says_why() -> None:
    payload = encode(PENALTY, penalty())
    assert code_of(b"\1" + payload[1:]) == "bad-magic"
    assert code_of(b"") == "bad-magic"
    assert code_of(payload[:4]) == "truncated"
    assert code_of(b"\0\0\0\xff\xff" + payload[5:]) == "unknown-schema-id"
    assert code_of(payload[:-1]) == "truncated"
    assert code_of(payload + b"x") == "trailing-bytes"


def test_a_value_that_does_not_fit_is_not_encoded() -> None:
    with pytest.raises(UndecodableError) as caught:
        encode(PENALTY, penalty(fine="a lot"))
    assert caught.value.code == "bad-value"


@settings(max_examples=500, deadline=None)
@given(body=st.binary(max_size=300), schema=st.sampled_from(REGISTRY.all()))
def test_garbage_raises_nothing_but_undecodable(body: bytes, schema: Schema) -> None:
    try:
        decode(REGISTRY, b"\0" + schema.id.to_bytes(4, "big") + body)
    except UndecodableError as error:
        assert error.code in {"truncated", "trailing-bytes", "bad-value"}


@settings(max_examples=500, deadline=None)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_damaged_payload_raises_nothing_but_undecodable(at: int, byte: int) -> None:
    payload = bytearray(encode(PENALTY, penalty()))
    payload[at % len(payload)] = byte
    for read in (decode, digest):
        try:
            read(REGISTRY, bytes(payload))
        except UndecodableError as error:
            assert str(error)


def test_the_content_ignores_who_read_it_where_and_when() -> None:
    def content(**changes: Any) -> bytes:
        return digest(REGISTRY, encode(PENALTY, penalty(**changes))).content

    elsewhere = {"name": "other.xlsx", "sheet": "S", "row": 99}
    again = content(revision=7, supersedes="x", source=elsewhere, correlation_id="r", causation_id="c")
    assert content() == again
    assert content() != content(fine=Decimal("12.51"))
    assert content() != content(case_reference="a case")


def test_a_new_schema_release_changes_no_content() -> None:
    added = {"name": "note", "type": ["null", "string"], "default": None}
    newer = Schema(900, "penalty", {**PENALTY.raw, "fields": [*PENALTY.raw["fields"], added]})
    registry = Registry([PENALTY, newer])
    before = digest(registry, encode(PENALTY, penalty()))
    after = digest(registry, encode(newer, {**penalty(), "note": None}))
    assert before.content == after.content
    assert before.schema.id == PENALTY.id


def test_events_are_no_records() -> None:
    with pytest.raises(UndecodableError):
        digest(REGISTRY, b"\0" + REGISTRY.latest("sanction-event").id.to_bytes(4, "big"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agency": ""}, "agency"),
        ({"record_key": ""}, "record_key"),
        ({"revision": 0}, "revision"),
        ({"revision": True}, "revision"),
        ({"revision": 2**31}, "revision"),
        ({"decided_on": "2020-02-29"}, "decided_on"),
        ({"fine": Decimal("1.001")}, "fine"),
        ({"fine": Decimal("1.000")}, "fine"),
        ({"fine": Decimal(10) ** 19}, "fine"),
        ({"fine": 1.5}, "fine"),
        ({"finality": "sure"}, "finality"),
        ({"facts": None}, "facts"),
        ({"facts": "\ud800"}, "facts"),
        ({"score": 3}, "score"),
        ({"subject": {"kind": "company", "identifiers": [], "names": [1]}}, "subject.names.0"),
    ],
)
def test_models_name_the_field_that_is_wrong(changes: dict[str, Any], field: str) -> None:
    found = problems(model_for(PENALTY), penalty(**changes))
    assert [one.field for one in found] == [field]
    assert "Input" not in found[0].reason


amounts = st.none() | st.decimals(allow_nan=True, allow_infinity=True)
texts = st.text(max_size=20) | st.none() | st.integers() | st.characters(categories=("Cs",))


@settings(max_examples=300, deadline=None)
@given(fine=amounts, facts=texts, on=st.dates() | st.none() | st.datetimes(), revision=st.integers() | st.booleans())
def test_what_a_model_accepts_encodes_and_comes_back(fine: Any, facts: Any, on: Any, revision: Any) -> None:
    value = penalty(fine=fine, facts=facts, decided_on=on, revision=revision)
    if not problems(model_for(PENALTY), value):
        assert decode(REGISTRY, encode(PENALTY, value))[1] == value


def test_every_released_schema_has_a_model() -> None:
    assert all(model_for(schema) for schema in REGISTRY.all())
