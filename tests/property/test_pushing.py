"""What a sender is told before sending is what the consolidator will say; JSON and typed records lose nothing."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub import records
from sharehub.core.admission import refusal
from sharehub.core.publication import Numbered, Said, numbered
from sharehub.core.record import Rejection
from sharehub.push.drafts import LEFT_OUT, Drafting
from sharehub.reference.pages import MODELS, models
from sharehub.wire.plain import Reader, json_schema, to_json
from sharehub.wire.registry import Schema
from sharehub.wire.rows import decode
from tests.property.test_admission import Case, cases
from tests.unit.messages import REGISTRY, rejections

KINDS = Drafting(REGISTRY).kinds
SCALAR = ("wrong-agency", "bad-identifier", "bad-date", "bad-value")
EARLIER = ("unknown-agency", "incompetent", "individual", "no-record-key", "bad-revision", "wrong-key")


@settings(max_examples=settings().max_examples)
@given(cases())
def test_the_scalar_laws_are_those_of_the_columns(case: Case) -> None:
    value = decode(REGISTRY, case.message.payload or b"")[1]
    found = refusal(value, case.message.topic_of)
    columns = rejections(case.message)
    if not columns:
        assert found is None
    elif columns[0][0] in SCALAR:
        assert found is not None
        assert (found.code, found.field, found.reason) == columns[0]
    else:
        assert columns[0][0] in EARLIER


def typed(kind: Any) -> st.SearchStrategy[Any]:
    """Values of an Avro type."""
    if isinstance(kind, list):
        return st.one_of(*map(typed, kind))
    if isinstance(kind, dict):
        if "logicalType" in kind:
            return LOGICAL[kind["logicalType"]]
        return {"record": record, "enum": symbol, "array": several}[kind["type"]](kind)
    return SIMPLE[kind]


def record(raw: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Values of a record type."""
    return st.fixed_dictionaries({field["name"]: typed(field["type"]) for field in raw["fields"]})


def symbol(raw: Any) -> st.SearchStrategy[str]:
    """Symbols of an enum."""
    return st.sampled_from(raw["symbols"])


def several(raw: Any) -> st.SearchStrategy[list[Any]]:
    """Values of an array."""
    return st.lists(typed(raw["items"]), max_size=2)


LOGICAL = {"date": st.dates(), "decimal": st.decimals(-(10**17), 10**17, places=2)}
SIMPLE = {
    "null": st.none(),
    "string": st.text(st.characters(codec="utf-8"), min_size=1, max_size=9),
    "int": st.integers(1, 2**31 - 1),
    "boolean": st.booleans(),
}


@pytest.mark.parametrize("schema", KINDS, ids=lambda schema: schema.name)
@settings(max_examples=25)
@given(st.data())
def test_json_says_every_value_exactly(schema: Schema, data: st.DataObject) -> None:
    value = data.draw(record(schema.raw))
    assert Reader(schema).value(to_json(value)) == value
    drafted = Drafting(REGISTRY).from_plain(value["agency"], {"kind": schema.name, **to_json(value)})
    assert drafted.faults == ()
    assert drafted.value == value


@pytest.mark.parametrize("schema", KINDS, ids=lambda schema: schema.name)
def test_the_json_schema_lists_the_fields_of_the_record(schema: Schema) -> None:
    described = json_schema(schema, LEFT_OUT)
    assert described["properties"].keys() == {"kind", *schema.fields}
    assert not LEFT_OUT & set(described["required"])


@given(st.one_of(st.text(max_size=12), st.floats(), st.integers(), st.booleans(), st.none(), st.lists(st.none())))
def test_what_is_no_date_and_no_exact_decimal_is_refused(stated: Any) -> None:
    plain = {"kind": "arrears", "record_key": "k", "jurisdiction": "cn", "tax_kind": "VAT", "contested": False}
    about = {"kind": "company", "identifiers": [], "names": []}
    drafted = Drafting(REGISTRY).from_plain("a", {**plain, "subject": about, "balance": stated, "decided_on": stated})
    fields_at_fault = {fault.field for fault in drafted.faults}
    assert "balance" in fields_at_fault or isinstance(drafted.value["balance"], Decimal)
    assert "decided_on" in fields_at_fault or stated is None or isinstance(drafted.value["decided_on"], date)
    assert fields_at_fault  # no text is both


def test_the_typed_models_are_those_of_the_schemas() -> None:
    assert MODELS.read_text(encoding="utf-8") == models.module(), "sharehub/records.py is stale: run make docs"
    for schema in KINDS:
        model = getattr(records, schema.raw["name"])
        assert model.kind == schema.name
        assert {one.name for one in fields(model)} == schema.fields - {"agency"}


REVISIONS = st.lists(
    st.builds(Said, st.integers(1, 5), st.sampled_from([b"A", b"B"]), st.just(0), st.integers(0, 9), st.just("")),
    max_size=5,
    unique_by=lambda said: said.revision,
)


@given(REVISIONS, st.sampled_from([b"A", b"B"]), st.one_of(st.none(), st.integers(1, 6)))
def test_a_revision_never_says_two_things_and_repeating_changes_nothing(
    said: list[Said], content: bytes, stated: int | None
) -> None:
    found = numbered(content, stated, said)
    taken = {one.revision: one.content for one in said}
    if isinstance(found, Rejection):
        assert stated is not None and taken[stated] != content
    elif found.said is None:
        assert found.revision not in taken
        again = numbered(content, stated, [*said, Said(found.revision, content, 0, 10)])
        assert isinstance(again, Numbered) and again.said is not None
        assert again.revision == found.revision
    else:
        assert found.said.content == content


def test_the_newest_says_what_counts() -> None:
    said = [Said(1, b"A", 0, 0), Said(2, b"B", 0, 1)]
    assert numbered(b"A", None, said) == Numbered(3, 2)
    assert numbered(b"A", None, said, "call#0") == Numbered(3, 2)
    assert numbered(b"A", None, [said[0]._replace(call="call#0"), said[1]], "call#0").said is not None  # type: ignore[union-attr]
