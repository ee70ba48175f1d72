"""A record that cannot be admitted is refused with code, place and reason; its neighbours are not touched."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sharehub.core.catalogue import Catalogue
from sharehub.core.condition import Condition
from sharehub.core.record import Record
from tests.unit.core.said import (
    arrears,
    catalogue,
    complaint,
    judgment,
    licence,
    listing,
    penalty,
    rating,
    reminder,
    withdrawal,
)
from tests.unit.messages import CODE, Message, admission, facts_kept, message, rejections

EVERY_KIND = [penalty(), licence(), judgment(), reminder(1), rating(2025), arrears(), listing(), complaint()]


@pytest.mark.parametrize("record", EVERY_KIND, ids=lambda record: record.kind)
def test_a_lawful_record_is_admitted(record: Record) -> None:
    batch, found = admission(message(record))
    assert found.rejected.height == 0
    row = found.admitted.row(0, named=True)
    assert (row["kind"], row["record_key"], row["main"]) == (record.kind, record.record_key, CODE)
    assert row["payload"] == batch["payload"][0]


def test_a_withdrawal_is_within_the_competence_for_what_it_withdraws() -> None:
    assert rejections(message(withdrawal(penalty()))) == []


def test_a_court_may_speak_of_an_individual_and_any_agency_may_take_back_what_it_said() -> None:
    assert rejections(message(judgment(subject_kind="individual"))) == []
    assert rejections(message(reminder(1, subject_kind="individual"))) == []
    assert rejections(message(withdrawal(penalty(subject_kind="individual")))) == []


def test_a_record_without_identifiers_is_keyed_by_itself() -> None:
    assert rejections(message(complaint(), "")) == []
    wrong = message(complaint(), "", key=b"RECORD:cn-petitions/other")
    assert rejections(wrong) == [("wrong-key", "key", "the message key must be RECORD:cn-petitions/c1")]


REFUSED: list[tuple[Message, str, str, str]] = [
    (message(penalty("loyalty-points")), "unknown-agency", "agency", "no agency loyalty-points is registered"),
    (message(penalty(), topic_of="cn-samr"), "wrong-agency", "agency", "says agency cn-environment on the topic of"),
    (message(penalty("cn-court")), "incompetent", "kind", "cn-court is not competent for records of kind penalty"),
    (message(rating(2025, agency="cn-samr")), "incompetent", "kind", "not competent for records of kind rating"),
    (message(penalty(jurisdiction="mx")), "incompetent", "jurisdiction", "not competent in jurisdiction mx"),
    (message(penalty("qinghe-housing")), "incompetent", "jurisdiction", "not competent in jurisdiction cn"),
    (message(penalty(subject_kind="individual")), "individual", "subject.kind", "only a court may say something"),
    (message(complaint(subject_kind="individual")), "individual", "subject.kind", "cn-petitions is no court"),
    (message(penalty(key="")), "no-record-key", "record_key", "no key"),
    (message(penalty(revision=0)), "bad-revision", "revision", "revision 0 is below 1"),
    (message(penalty(), "CN-USCC:123"), "bad-identifier", "subject.identifiers", "18 characters"),
    (message(penalty(), CODE.lower().replace("cn-uscc", "CN-USCC")), "bad-identifier", "subject.identifiers",
     f"must be published as {CODE}"),
    (message(penalty(), CODE, "POINTS:1"), "bad-identifier", "subject.identifiers", "scheme 'POINTS' is not known"),
    (message(penalty(), CODE, "CN-REGNO:1|CN-REGNO:2"), "bad-identifier", "subject.identifiers", "vertical bar"),
    (message(penalty(), "MX-RFC:XXXXXXXXXXXX"), "bad-identifier", "subject.identifiers", "court"),
    (message(penalty(), key=b"CN-REGNO:1"), "wrong-key", "key", f"must be {CODE}"),
    (message(penalty(), key=None), "wrong-key", "key", f"must be {CODE}"),
    (message(penalty(), key=b"\xff"), "wrong-key", "key", f"must be {CODE}"),
    (message(penalty(decided_on=date(1849, 12, 31))), "bad-date", "dates", "1850 to 2200"),
    (message(penalty(effective_to=date(2200, 1, 2))), "bad-date", "dates", "1850 to 2200"),
    (message(penalty(effective_from=date(2026, 2, 2), effective_to=date(2026, 2, 1))), "bad-date", "effective_to",
     "ends on 2026-02-01 before it begins on 2026-02-02"),
    (Message("cn-samr", CODE.encode(), b"\1"), "bad-magic", "", "first byte"),
    (Message("cn-samr", CODE.encode(), None), "bad-magic", "", "first byte"),
]  # fmt: skip


@pytest.mark.parametrize(("refused", "code", "field", "reason"), REFUSED)
def test_a_record_is_refused_with_code_place_and_reason(refused: Message, code: str, field: str, reason: str) -> None:
    [(its_code, its_field, its_reason)] = rejections(refused)
    assert (its_code, its_field) == (code, field)
    assert reason in its_reason


def test_the_first_reason_is_given_where_there_are_several() -> None:
    several = message(penalty("loyalty-points", key="", revision=0), "CN-USCC:1", key=b"")
    assert [found[0] for found in rejections(several)] == ["unknown-agency"]


def test_refused_records_leave_their_neighbours_alone() -> None:
    messages = [message(penalty(key=f"p{number}")) for number in range(100)]
    places = range(3, 3 + 4 * len(REFUSED), 4)
    for place, (refused, *_) in zip(places, REFUSED, strict=True):
        messages[place] = refused
    found = admission(*messages)[1]
    assert found.rejected.height == len(REFUSED)
    assert set(found.admitted["record_key"]) == {f"p{number}" for number in range(100) if number not in places}


@pytest.mark.parametrize("day", [10_000_000, -(2**31)])
@pytest.mark.parametrize("record", [penalty(), reminder(1)], ids=["of the decision", "of service"])
def test_a_day_that_no_calendar_has_refuses_one_record_only(record: Record, day: Any) -> None:
    name = "decided_on" if record.kind == "penalty" else "served_on"
    far = replace(record, **({name: day} if name == "decided_on" else {"detail": {**record.detail, name: day}}))
    assert len(rejections(message(far), *[message(record)] * 70)) == 1


def test_nothing_at_all_is_admitted_from_nothing_that_decodes() -> None:
    found = admission(Message("cn-samr", None, b""))[1]
    assert (found.admitted.height, found.rejected.height) == (0, 1)


@pytest.mark.parametrize(
    ("record", "kept"),
    [
        (penalty(), True),
        (penalty(finality="preliminary"), False),
        (penalty(finality="preliminary", revision=2), True),
        (withdrawal(penalty()), True),
        (arrears("0.00"), True),
        (arrears(contested=True), False),
        (licence(category="food"), False),
        (listing("presumed"), False),
        (complaint(), False),
        (complaint(revision=2), True),
        (reminder(1), True),
        (reminder(1, served_on=None), False),
    ],
)
def test_only_what_an_entry_could_decide_on_is_kept(record: Record, kept: bool) -> None:
    everything, relevant = facts_kept(message(record))
    assert len(everything) == 1
    assert bool(relevant) is kept


def test_a_later_rating_that_replaces_a_reward_is_kept() -> None:
    assert facts_kept(message(rating(2025, "B")))[1] != []


def changed(*where: Condition) -> Catalogue:
    books = catalogue().rulebooks
    ground = replace(books[0].entries[0].ground, record_kind="penalty", authority="environment", where=where)
    entry = replace(books[0].entries[0], ground=ground)
    return replace(catalogue(), rulebooks=(replace(books[0], entries=(entry,)),))


@pytest.mark.parametrize(
    "test",
    [
        Condition("licence_effect", "present", False),
        Condition("licence_effect", "is_not", "revoked"),
        Condition("finality", "one_of", ("final",)),
        Condition("fine", "is", "5000000.00"),
        Condition("fine", "one_of", ("5000000.00",)),
        Condition("decided_on", "is", "2026-02-10"),
        Condition("decided_on", "is", date(2026, 2, 10)),
        Condition("decided_on", "one_of", ("2026-02-10",)),
    ],
)
def test_what_a_condition_accepts_is_kept(test: Condition) -> None:
    record = penalty(licence_effect="")
    if test.holds(record):
        assert facts_kept(message(record), rulebooks=changed(test))[1] != []
