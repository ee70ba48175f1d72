"""Which event may follow which, and what then stands; a measure that lacks what the law asks cannot be made."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any, get_args

import pytest

from sharehub.core.decision import due, fold
from sharehub.core.entity import masked
from sharehub.core.measure import EventKind, Measure, SanctionEvent, UnlawfulError
from sharehub.core.standing import Standing, Status, evolve
from tests.unit.core.said import catalogue, facts_of, penalty

MEASURE = due(facts_of(penalty()), catalogue(), date(2026, 6, 1))[0]

LEADS_TO: dict[Status, tuple[EventKind, ...]] = {
    "standing": ("issued",),
    "suspended": ("issued", "suspended"),
    "lifted": ("issued", "lifted"),
    "expired": ("issued", "expired"),
    "annulled": ("issued", "annulled"),
}
FOLLOWS: dict[tuple[Status | None, EventKind], Status] = {
    (None, "issued"): "standing",
    ("standing", "amended"): "standing",
    ("standing", "suspended"): "suspended",
    ("standing", "lifted"): "lifted",
    ("standing", "expired"): "expired",
    ("standing", "annulled"): "annulled",
    ("suspended", "amended"): "suspended",
    ("suspended", "resumed"): "standing",
    ("suspended", "lifted"): "lifted",
    ("suspended", "expired"): "expired",
    ("suspended", "annulled"): "annulled",
    ("lifted", "issued"): "standing",
    ("expired", "issued"): "standing",
    ("annulled", "issued"): "standing",
    ("standing", "disputed"): "standing",
    ("suspended", "disputed"): "suspended",
    ("standing", "excepted"): "standing",
    ("suspended", "excepted"): "suspended",
}
IN_PLACE = ("standing", "suspended")


def event(kind: EventKind, number: int, measure: Measure = MEASURE) -> SanctionEvent:
    return SanctionEvent(event=kind, number=number, business_on=date(2026, 6, 1), reason=kind, measure=measure)


def after(status: Status | None) -> Standing:
    kinds = LEADS_TO[status] if status else ()
    return fold({}, [event(kind, number) for number, kind in enumerate(kinds, 1)])


@pytest.mark.parametrize(("before", "kind"), list(product([None, *LEADS_TO], get_args(EventKind))))
def test_an_event_follows_only_where_the_law_lets_it(before: Status | None, kind: EventKind) -> None:
    standing = after(before)
    number = standing[MEASURE.id].number + 1 if before else 1
    expected = FOLLOWS.get((before, kind))
    if expected is None:
        with pytest.raises(UnlawfulError, match="cannot follow") as refused:
            evolve(standing, event(kind, number))
        assert refused.value.law == 8
    else:
        state = evolve(standing, event(kind, number))[MEASURE.id]
        assert (state.status, state.number, state.reason) == (expected, number, kind)
        assert state.in_place is (expected in IN_PLACE)


@pytest.mark.parametrize("number", [-1, 0, 1, 3])
def test_numbers_leave_no_gap_and_never_repeat(number: int) -> None:
    with pytest.raises(UnlawfulError, match=f"event {number} cannot follow event 1"):
        evolve(after("standing"), event("lifted", number))


def test_only_an_issue_or_an_amendment_changes_the_measure() -> None:
    longer = replace(MEASURE, effective_to=date(2030, 1, 1))
    standing = evolve(after("standing"), event("amended", 2, longer))
    assert standing[MEASURE.id].measure == longer
    standing = evolve(standing, event("lifted", 3, MEASURE))
    assert standing[MEASURE.id].measure == longer


def test_one_measure_leaves_the_others_alone() -> None:
    other = replace(MEASURE, id=due(facts_of(penalty(key="p2")), catalogue(), date(2026, 6, 1))[0].id)
    standing = fold({}, [event("issued", 1), event("issued", 1, other), event("lifted", 2)])
    assert [standing[one.id].status for one in (MEASURE, other)] == ["lifted", "standing"]


def test_the_same_event_always_has_the_same_id() -> None:
    first = event("issued", 1)
    assert first.id == event("issued", 1).id
    assert first.id != event("issued", 2).id


LACKS: list[tuple[int, dict[str, Any]]] = [
    (2, {"ground": replace(MEASURE.ground, record_key="")}),
    (2, {"legal_basis": ()}),
    (2, {"authority": ""}),
    (2, {"effective_to": None, "exit": ""}),
    (2, {"remedies": ()}),
    (10, {"relatedness": ""}),
    (2, {"effective_to": date(2026, 1, 1)}),
]


@pytest.mark.parametrize(("law", "change"), LACKS, ids=lambda value: str(value) if isinstance(value, int) else "")
def test_a_measure_that_lacks_what_the_law_asks_cannot_be_made(law: int, change: dict[str, Any]) -> None:
    with pytest.raises(UnlawfulError, match=f"law {law}") as refused:
        replace(MEASURE, **change)
    assert refused.value.law == law


def test_either_a_term_or_an_exit_is_enough() -> None:
    assert replace(MEASURE, exit="").effective_to
    assert replace(MEASURE, effective_to=None).exit


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        ("individual", "王小明", "王**"),
        ("individual", "Ann Lee", "A******"),
        ("individual", "王", "王"),
        ("individual", "", ""),
        ("individual", None, None),
        ("company", "北京某某有限公司", "北京某某有限公司"),
        ("public_body", "某局", "某局"),
    ],
)
def test_only_the_first_character_of_a_persons_name_is_shown(kind: str, name: str | None, shown: str | None) -> None:
    assert masked(kind, name) == shown
