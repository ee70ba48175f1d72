"""The queue of a case officer: proposals in order, without those that a better one makes unlikely."""

from collections.abc import Iterable
from typing import NamedTuple

from sharehub.naming.comparison import Comparison, Tier

_NAMED = (Tier.SAME_NAME_SAME_PLACE, Tier.SAME_NAME, Tier.SAME_NAME_OTHER_FORM)
_SPELLED = (Tier.REORDERED, Tier.RESPELLED, Tier.CONTAINED)


class Proposal(NamedTuple):
    """Two references of the caller, who names them, and why they may be one party."""

    left: str
    right: str
    comparison: Comparison
    left_source: str = "left"
    right_source: str = "right"


def queue(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Proposals in the order in which to judge them.

    Left out are pairs whose names only resemble one another while each has a namesake in the other's source: where
    two lists have both the Chengdu and the Chengde branch, each belongs to its like.
    """
    found = list(proposals)
    named = [one for one in found if one.comparison.tier in _NAMED]
    namesakes = {(one.left, one.right_source) for one in named} | {(one.right, one.left_source) for one in named}
    kept = [
        one
        for one in found
        if one.comparison.tier not in _SPELLED
        or not {(one.left, one.right_source), (one.right, one.left_source)} <= namesakes
    ]
    return sorted(kept, key=lambda one: (*one.comparison.order, one.left, one.right))
