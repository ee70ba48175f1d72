"""What counts of the things people decided about a pair."""

from dataclasses import replace

import pytest

from sharehub.core.identifier import Identifier
from sharehub.core.judgement import Judgement, standing_judgements

LEFT, RIGHT = Identifier("CN-REGNO", "1"), Identifier("CN-REGNO", "2")
SAME = Judgement(
    record_key="pair/1/2",
    revision=1,
    left=LEFT,
    right=RIGHT,
    verdict="same",
    reason="the registrar's letter",
    decided_by="Li Wei",
    approved_by="Chen Yu",
)


@pytest.mark.parametrize("verdict", ["different", "unsure"])
def test_what_two_people_decided_stands_until_two_people_overturn_it(verdict: str) -> None:
    alone = replace(SAME, revision=2, verdict=verdict, approved_by=None)
    assert standing_judgements([SAME, alone]) == (SAME,)
    approved = replace(alone, revision=3, approved_by="Chen Yu")
    assert standing_judgements([approved, alone, SAME]) == (approved,)


def test_nobody_approves_what_they_decided_themselves() -> None:
    assert standing_judgements([replace(SAME, approved_by="Li Wei")]) == ()


def test_a_decision_without_a_reason_does_not_count() -> None:
    assert standing_judgements([replace(SAME, reason=" ")]) == ()
