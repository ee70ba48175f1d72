"""The slow fold that judges the consolidator: one thing said after the other, in the order of the broker."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sharehub.core.identifier import Identifier
from sharehub.core.judgement import Judgement
from sharehub.core.record import Record
from sharehub.core.refold import Calendar, Retold, Said, retell
from tests.unit.core.said import catalogue, penalty, rating, said, withdrawal

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
UNTIL = date(2026, 12, 1)
CODE, OTHER = Identifier("CN-USCC", "91350100M000100Y43"), Identifier("CN-TAXNO", "350100M00000001")


def told(*spoken: Record | Judgement) -> Retold:
    """The fold of these, one a day; handed over in no order."""
    messages = [
        Said(FIRST + timedelta(days=number), ("topic", 0, number), judgements=(one,))
        if isinstance(one, Judgement)
        else Said(FIRST + timedelta(days=number), ("topic", 0, number), one)
        for number, one in enumerate(spoken)
    ]
    calendar = Calendar(lambda _on: catalogue(), lambda at: at.date(), (), UNTIL)
    return retell(sorted(messages, key=lambda one: -one.place[2]), calendar)


def events(found: Retold) -> list[str]:
    """What was told of the one measure that the tests look at."""
    return [event.event for event in found.events if event.measure.entry == "cn/major-environmental-penalty"]


def test_a_correction_is_told_after_what_it_corrects_whatever_the_order_of_the_messages() -> None:
    first = penalty(identifiers=(CODE,))
    corrected = penalty(identifiers=(CODE,), revision=2, fine=Decimal("6000000.00"))
    taken_back = replace(withdrawal(first), revision=3, identifiers=(CODE,))
    assert events(told(first, corrected, taken_back)) == ["issued", "amended", "lifted"]


def test_what_is_said_twice_counts_once() -> None:
    assert len(events(told(penalty(identifiers=(CODE,)), penalty(identifiers=(CODE,))))) == 1


def test_a_measure_follows_its_record_when_two_turn_out_to_be_one() -> None:
    both = said("cn-samr", "registration", "r1", identifiers=(CODE, OTHER), name="Both")
    found = told(penalty(identifiers=(OTHER,)), penalty("cn-environment", "p2", identifiers=(CODE,)), both)
    assert len(found.entities) == 1
    assert {home for home, state in found.measures} == {found.entities[0].entity}
    assert ("amended", "entity-merged") in {(event.event, event.reason) for event in found.events}


def test_a_decision_that_moves_a_measure_needs_two_people() -> None:
    alone = Judgement(
        record_key="pair/a",
        revision=1,
        left=CODE,
        right=OTHER,
        verdict="same",
        reason="looked",
        decided_by="one",
        approval_required=False,
    )
    found = told(penalty(identifiers=(CODE,)), rating(2025, identifiers=(OTHER,)), alone)
    assert found.refused == [(("topic", 0, 2), "needs-approval", "approved_by")]
    assert len(found.entities) == 2
