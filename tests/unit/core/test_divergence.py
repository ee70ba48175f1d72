"""Where two views differ, for whom, and in which words."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from sharehub.core.divergence import Divergence, Side
from sharehub.core.standing import MeasureState
from tests.unit.core.said import Told, catalogue, penalty


def standing() -> MeasureState:
    """A measure as it is issued."""
    told = Told(catalogue())
    told.on(date(2026, 3, 2), penalty())
    return next(iter(told.standing.values()))


def side(state: MeasureState) -> Side:
    return Side(UUID(int=7), state)


def test_what_only_the_rebuilt_view_has_would_be_issued_to_all_its_recipients() -> None:
    state = standing()
    one = Divergence(None, side(state))
    assert list(one.for_recipients()) == [(name, "issued") for name in state.measure.recipients]
    assert "no such measure live" in " ".join(one.reasons())


def test_what_only_live_has_would_be_lifted() -> None:
    one = Divergence(side(standing()), None)
    assert {outcome for _, outcome in one.for_recipients()} == {"lifted"}
    assert "no such measure follows from penalty p1 of cn-environment" in " ".join(one.reasons())


def test_a_recipient_who_is_left_out_sees_it_lifted_and_a_new_one_issued() -> None:
    old = standing()
    new = replace(old, measure=replace(old.measure, recipients=("another",), rulebook_version="later"))
    told = dict(Divergence(side(old), side(new)).for_recipients())
    assert told == {**dict.fromkeys(old.measure.recipients, "lifted"), "another": "issued"}
    reasons = list(Divergence(side(old), side(new)).reasons())
    assert f"rules: version {old.measure.rulebook_version} → later" in reasons
    assert any(reason.startswith("recipients: ") for reason in reasons)


def test_what_has_ended_on_both_sides_is_no_difference() -> None:
    ended = replace(standing(), status="lifted", reason="ground-withdrawn")
    assert Divergence(side(ended), side(ended)).outcome is None


def test_what_has_ended_on_one_side_says_how_it_ended() -> None:
    ended = replace(standing(), status="lifted", reason="ground-withdrawn")
    one = Divergence(side(standing()), side(ended))
    assert one.outcome == "lifted"
    assert list(one.reasons()) == ["live it is standing (ground-final), rebuilt it is lifted (ground-withdrawn)"]
