"""The benchmark's records are what a connector would publish, and the same in every run."""

from collections import Counter
from datetime import date

import pytest

from benchmarks.expected import expected_events
from benchmarks.records import DECIDE_ON, Mix, company, message, messages
from sharehub.core.identifier import derived, main_identifier, read
from sharehub.wire.columns import decode_columns
from sharehub.wire.models import model_for, problems
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode

MIX = Mix(records=4_000, entities=800)
REGISTRY = load_registry()


def test_companies_have_codes_of_their_own_that_pass_every_check():
    codes = [company(number).uscc for number in range(5_000)]
    assert len(set(codes)) == len(codes)
    for number, code in enumerate(codes):
        verdict = read("CN-USCC", code)
        assert verdict.status == "ok"
        assert [one.value for one in derived(verdict.identifiers[0])] == [company(number).orgcode]


def test_the_mix_adds_up_and_refuses_what_cannot_be_mixed():
    whole = Mix(500_000, 100_000).counts()
    assert sum(whole.values()) == 500_000
    assert whole["registration"] == 100_000
    assert (whole["penalty"], whole["arrears"], whole["judgment"] + whole["reminder"]) == (15_000, 5_000, 2_500)
    with pytest.raises(ValueError, match="cannot be mixed"):
        Mix(1_000, 950).counts()


def test_every_record_is_valid_unique_and_about_a_registered_entity():
    keys: Counter[tuple[str, str]] = Counter()
    registered = {company(number).uscc for number in range(MIX.entities)}
    for name, number in MIX.plan():
        kind, value = MIX.said(name, number)
        assert problems(model_for(REGISTRY.latest(kind)), value) == ()
        assert value["subject"]["identifiers"][0]["value"] in registered
        days = (value["occurred_on"], value["decided_on"], value["effective_from"])
        assert all(date(1990, 1, 1) < day <= DECIDE_ON for day in days if day)
        keys[value["agency"], value["record_key"]] += 1
    assert len(keys) == MIX.records
    assert set(keys.values()) == {1}


def test_two_runs_publish_the_same_messages():
    def everything(_agency: str) -> bool:
        return True

    first = list(messages(REGISTRY, MIX, everything))
    assert first == list(messages(REGISTRY, MIX, everything))
    assert len(first) == MIX.records


def test_messages_carry_the_key_the_headers_and_a_payload_that_decodes_both_ways():
    said = [MIX.said(name, number) for name, number in MIX.plan()[:500]]
    sent = [message(REGISTRY, one) for one in said]
    for (kind, value), one in zip(said, sent, strict=True):
        assert one.topic == f"records.{value['agency']}"
        assert main_identifier(one.key.decode()).value == value["subject"]["identifiers"][0]["value"]
        assert [name for name, _ in one.headers] == ["ce_id", "ce_source", "ce_type"]
        schema, decoded = decode(REGISTRY, one.payload)
        assert (schema.name, {name: decoded[name] for name in value}) == (kind, value)
        assert {decoded[name] for name in decoded.keys() - value.keys()} <= {None}
    found, faults = decode_columns(REGISTRY, [one.payload for one in sent])
    assert faults == []
    assert sum(one.frame.height for one in found) == len(sent)


def test_the_events_to_expect_are_known_before_the_run():
    events = expected_events(MIX)
    assert events == expected_events(MIX)
    assert len(set(events)) == len(events) > 50
