"""The queue of a case officer: proposals in order, without those that a better one makes unlikely."""

from collections.abc import Iterable
from typing import NamedTuple

from sharehub.naming.comparison import Comparison, Tier

_NAMED = (Tier.SAME_NAME_SAME_PLACE, Tier.SAME_NAME, Tier.SAME_NAME_OTHER_FORM)
_SPELLED = (Tier.REORDERED, Tier.RESPELLED, Tier.CONTAINED)


class Proposal(NamedTuple):
    """Two references of the caller and why they may be one party."""

    left: str
    right: str
    comparison: Comparison


def queue(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Proposals in the order in which to judge them.

    Left out are pairs whose names only resemble one another while both have a namesake on the other side: where two
    lists have both the Chengdu and the Chengde branch, each belongs to its like.
    """
    found = list(proposals)
    lefts = {one.left for one in found if one.comparison.tier in _NAMED}
    rights = {one.right for one in found if one.comparison.tier in _NAMED}
    kept = [one for one in found if not (one.comparison.tier in _SPELLED and one.left in lefts and one.right in rights)]
    return sorted(kept, key=lambda one: (*one.comparison.order, one.left, one.right))
