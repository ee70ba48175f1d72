"""The answer of a check: never a maybe, never about somebody else, and of an individual only what is lawful."""

from dataclasses import replace
from datetime import date
from typing import get_args
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.check import Answer, Ask, Lead, Word, answer_words, answered, question
from sharehub.core.decision import due
from sharehub.core.reader import Reader, Sight
from sharehub.core.standing import MeasureState, Status
from tests.unit.core.said import catalogue, facts_of, penalty

ON = date(2026, 6, 1)
USCC = "CN-USCC:91350100M000100Y43"
PERSON = "CN-PERSON:3501**********123*"
MEASURE = due(facts_of(penalty()), catalogue(), ON)[0]
STANDING = MeasureState(MEASURE, "standing", 1, "issued", ON)
COMPANY = Lead(uuid4(), "company", ("Blue Mill",))
DEBTOR = Lead(uuid4(), "individual", ("Wang Zhixia",))
APPLIES, OTHER = Sight(MEASURE.recipients[0], "recipient"), Sight("somebody-else", "recipient")
DECIDED, AGENCY = Sight(MEASURE.ground.agency, "agency"), Sight("another-agency", "agency")


def asked(
    ask: Ask,
    *leads: Lead,
    sight: Sight = AGENCY,
    standing: tuple[MeasureState, ...] = (STANDING,),
    reason: str = "case",
) -> Answer:
    return answered(
        question(ask), leads, standing, Reader(sight, "Li Wei", "", reason), ON, lambda name, lead: name in lead.names
    )


def told(answer: Answer) -> str:
    return answer.missing.code if answer.missing else answer.word


@pytest.mark.parametrize(
    ("sight", "lead", "expected"),
    [
        (APPLIES, COMPANY, "yes"),
        (OTHER, COMPANY, "no"),
        (AGENCY, COMPANY, "yes"),
        (DECIDED, COMPANY, "yes"),
        (APPLIES, DEBTOR, "yes"),
        (OTHER, DEBTOR, "no"),
        (DECIDED, DEBTOR, "yes"),
        (AGENCY, DEBTOR, "no"),
        (Sight("operator", "operator"), DEBTOR, "yes"),
    ],
)
def test_who_sees_what(sight: Sight, lead: Lead, expected: str) -> None:
    answer = asked(Ask("1", [USCC]), lead, sight=sight)
    assert told(answer) == expected
    unknown = asked(Ask("1", [USCC]), sight=sight)
    if lead is DEBTOR and expected == "no":  # nothing tells that somebody is known
        assert answer == unknown and answer_words(answer, ON, sight) == answer_words(unknown, ON, sight)


def test_an_individual_needs_a_reason_and_behind_a_mask_the_name() -> None:
    assert told(asked(Ask("1", [PERSON]), DEBTOR, sight=APPLIES)) == "name"
    assert told(asked(Ask("1", [PERSON], "Wang Zhixin"), DEBTOR, sight=APPLIES)) == "name"
    assert told(asked(Ask("1", [PERSON], "Wang Zhixia"), DEBTOR, sight=APPLIES)) == "yes"
    assert told(asked(Ask("1", [PERSON], "Wang Zhixia"), DEBTOR, sight=APPLIES, reason=" ")) == "reason"
    assert told(asked(Ask("1", [USCC]), COMPANY, reason="")) == "yes"


def test_one_number_is_one_entity_or_nothing_is_said() -> None:
    assert told(asked(Ask("1", [USCC]), COMPANY, replace(COMPANY, entity_id=uuid4()))) == "one-entity"
    (stated,) = question(Ask("1", [USCC])).stated
    mine, another = replace(COMPANY, codes=(stated,)), replace(COMPANY, codes=(stated._replace(value="9" * 18),))
    assert told(asked(Ask("1", [USCC]), mine)) == "yes"
    assert told(asked(Ask("1", [USCC]), another)) == "one-entity"


def test_a_contested_entity_has_its_measures_and_no_clean_answer() -> None:
    contested = replace(COMPANY, contested=True)
    assert told(asked(Ask("1", [USCC]), contested)) == "yes"
    assert told(asked(Ask("1", [USCC]), contested, standing=())) == "judgement"


def test_a_doubtful_number_that_nobody_knows_is_a_slip() -> None:
    doubtful = "CN-REGNO:350199000000018"  # one digit off a number whose check digit holds
    assert question(Ask("1", [doubtful])).doubtful
    assert told(asked(Ask("1", [doubtful]))) == "check-digit"
    assert told(asked(Ask("1", [doubtful]), COMPANY)) == "yes"


def test_a_weak_number_does_not_count_beside_a_strong_one() -> None:
    weak = "BR-CPF:***123456**"
    assert told(asked(Ask("1", [weak]), COMPANY)) == "strong-identifier"
    assert told(asked(Ask("1", [weak, USCC]), COMPANY)) == "yes"


@given(
    st.sampled_from(get_args(Status)),
    st.dates(date(2025, 1, 1), date(2031, 1, 1)),
    st.none() | st.dates(date(2025, 1, 1), date(2031, 1, 1)),
    st.sampled_from([APPLIES, OTHER, AGENCY, DECIDED]),
    st.lists(st.sampled_from([COMPANY, DEBTOR, replace(COMPANY, contested=True)]), max_size=2),
    st.lists(st.sampled_from([USCC, PERSON, "CN-USCC:1", "XX:2", "BR-CPF:***123456**", ""]), max_size=3),
    st.sampled_from(["", "Blue Mill", "Wang Zhixia", "Other"]),
)
def test_an_answer_is_a_yes_with_measures_in_force_a_no_or_says_what_is_missing(
    status: Status, starts: date, ends: date | None, sight: Sight, leads: list[Lead], stated: list[str], name: str
) -> None:
    end = ends if ends is None or ends >= starts else None
    state = replace(STANDING, status=status, measure=replace(MEASURE, effective_from=starts, effective_to=end))
    answer = asked(Ask("1", stated, name), *leads, sight=sight, standing=(state,))
    assert answer.word in get_args(Word)
    assert (answer.word == "yes") == bool(answer.measures)
    assert (answer.word == "not-enough") == (answer.missing is not None)
    for one in answer.measures:
        assert one.status == "standing" and starts <= ON and (end is None or end >= ON)
        assert sight.sees(leads[0].kind, one.measure)
    assert "maybe" not in answer_words(answer, ON, sight).casefold()
