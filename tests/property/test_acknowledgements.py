"""Laws of acknowledgements: which answer counts depends on what was said, not on when it came or how often."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.acknowledgement import (
    Acknowledgement,
    fault,
    published_before,
    reminder_id,
    standing,
    term,
)
from sharehub.core.calendar import Calendar

EVENT = UUID(int=1)
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
CALENDAR = Calendar(
    jurisdiction="cn",
    closed=frozenset(date(2026, 5, day) for day in range(1, 6)),
    working=frozenset([date(2026, 5, 9)]),
    first_year=2026,
    last_year=2026,
)

answers = st.builds(
    Acknowledgement,
    event_id=st.just(EVENT),
    recipient=st.just("procurement"),
    status=st.sampled_from(["received", "applied", "refused"]),
    acknowledged_at=st.integers(0, 4).map(lambda hour: BEGUN + timedelta(hours=hour)),
    acknowledged_by=st.sampled_from(["ana", "bo"]),
    reason=st.sampled_from([None, "not ours"]),
)
days = st.dates(date(2025, 11, 1), date(2027, 2, 28))
terms = st.integers(1, 12)


@given(st.lists(answers), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(given_answers: list[Acknowledgement], chance: object) -> None:
    again = given_answers + given_answers[::2]
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert standing(again) == standing(given_answers)


@given(st.lists(answers, min_size=1))
def test_a_receipt_never_takes_the_place_of_a_decision(given_answers: list[Acknowledgement]) -> None:
    found = standing(given_answers)
    assert found in given_answers
    decided = [one for one in given_answers if one.decided]
    assert found is not None and found.decided == bool(decided)
    if decided:
        last = max(one.acknowledged_at for one in decided)
        assert found.acknowledged_at == last
        refused = any(one.status == "refused" for one in decided if one.acknowledged_at == last)
        assert found.status == ("refused" if refused else "applied")


@given(answers, answers)
def test_different_answers_have_different_ids(one: Acknowledgement, other: Acknowledgement) -> None:
    assert (one.id == other.id) == (one == other)


@given(days, terms, st.integers(1, 3))
def test_what_was_published_before_the_day_is_overdue_and_nothing_else(on: date, within: int, step: int) -> None:
    day = published_before(on, within, step, CALENDAR)
    length = term(within, step)
    assert length.due(day - timedelta(days=1), CALENDAR)[0] < on
    assert all(length.due(day + timedelta(days=later), CALENDAR)[0] >= on for later in range(30))


def test_a_further_reminder_comes_after_another_term() -> None:
    days = [published_before(date(2026, 3, 16), 5, step, CALENDAR) for step in (1, 2)]
    assert days == [date(2026, 3, 9), date(2026, 3, 2)]  # what Sunday the 8th brought had until Friday the 13th
    assert len({reminder_id("a", EVENT, 1), reminder_id("a", EVENT, 2), reminder_id("b", EVENT, 1)}) == 3


def said(**fields: object) -> Acknowledgement:
    stated = {"status": "applied", "acknowledged_at": BEGUN, "acknowledged_by": "ana", "recipient": "procurement"}
    return Acknowledgement(event_id=EVENT, **{**stated, **fields})  # type: ignore[arg-type]


def test_wrong_answers_are_told_what_is_wrong() -> None:
    wrong = {
        "other-recipient": said(recipient="lenders"),
        "no-reason": said(status="refused", reason="  "),
        "no-author": said(acknowledged_by=" "),
        "from-the-future": said(acknowledged_at=BEGUN + timedelta(minutes=6)),
        "bad-date": said(status="received", applied_on=BEGUN.date()),
        "too-long": said(note="x" * 2_001),
        "bad-value": said(note="a\0b"),
    }
    for code, answer in wrong.items():
        found = fault(answer, "procurement", BEGUN)
        assert found is not None and found.code == code
    assert fault(said(applied_on=BEGUN.date() + timedelta(days=2)), "procurement", BEGUN) is not None
    for right in (said(), said(status="refused", reason="no such bidder"), said(applied_on=date(2026, 3, 3))):
        assert fault(right, "procurement", BEGUN) is None
