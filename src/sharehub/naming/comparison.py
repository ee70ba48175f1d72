"""Two parties compared by name for a case officer: what agrees, what differs, feature by feature, in words.

A comparison proposes; it merges nothing. No number says how likely it is: proposals have a tier, a word whose
order is only the order in which a queue shows them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import product

from sharehub.naming.features import Feature, Party, circumstances, form_feature, name_feature
from sharehub.naming.forms import agree
from sharehub.naming.likeness import Likeness, Relation, likeness
from sharehub.naming.normal import Name, normalised
from sharehub.naming.places import Outcome
from sharehub.naming.spelling import Needs

__all__ = ["Comparison", "Feature", "Party", "Tier", "compare"]


class Tier(IntEnum):
    """Why a pair is proposed, in the order in which the queue shows them."""

    SAME_NAME_SAME_PLACE = 1
    SAME_NAME = 2
    SAME_NAME_OTHER_FORM = 3
    ALSO_KNOWN_AS = 4
    OTHER_SCRIPT = 5
    TRUNCATED = 6
    REORDERED = 7
    RESPELLED = 8
    SAME_NAME_OTHER_PLACE = 9
    SAME_BUT_BRACKETS = 10
    CONTAINED = 11
    SAME_NAME_OTHER_IDENTIFIER = 12


@dataclass(frozen=True)
class Comparison:
    """A proposal: why it is made, and every feature that speaks for or against it."""

    tier: Tier
    features: tuple[Feature, ...]

    @property
    def match_key(self) -> str:
        """What agrees (+), is close (~) and differs (−), as `+NAME+COUNTRY−LEGAL_FORM`; what is missing is left out."""
        signs = {"same": "+", "close": "~", "differs": "−"}
        return "".join(signs[one.outcome] + one.name for one in self.features if one.outcome in signs)

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Where the pair stands in the queue, smallest first: by tier; then fewer features that differ; then more that
        are the same; then by the alphabet, so that the order is always the same. It is an order, not a measure."""
        outcomes = [one.outcome for one in self.features]
        text = min((self.features[0].left, self.features[0].right), key=str.casefold).casefold()
        return self.tier, outcomes.count("differs"), -outcomes.count("same"), text

    @property
    def words(self) -> str:
        """All sentences, one per line, what was missing on a side last."""
        said = sorted(self.features, key=lambda one: one.outcome == "missing")
        return "\n".join(one.words for one in said)


def compare(left: Party, right: Party) -> Comparison | None:
    """The proposal that both parties are one, or None where their names do not suggest it.

    Symmetric but for the sides of the features. Individuals are never proposed: a person's name is shared by many
    (Law 5, Law 11). Two values of an identifier of which an entity has one (`single` in core/identifier.py) leave only
    equal names, and last in the queue.
    """
    if "individual" in (left.kind, right.kind):
        return None
    found = _likest(left, right)
    if found is None:
        return None
    like, ours, theirs = found
    features = (name_feature(like, ours, theirs), form_feature(ours, theirs), *circumstances(left, right))
    tier = _tier(like, {one.name: one.outcome for one in features}, features)
    return Comparison(tier, features) if tier else None


def _likest(left: Party, right: Party) -> tuple[Likeness, Name, Name] | None:
    """The closest relation among all names of both."""
    best: tuple[Likeness, Name, Name] | None = None
    for ours, theirs in product(map(normalised, left.names), map(normalised, right.names)):
        like = likeness(ours, theirs)
        if like and (best is None or _rank(like, ours, theirs) < _rank(*best)):
            best = like, ours, theirs
    return best


def _rank(like: Likeness, ours: Name, theirs: Name) -> tuple[int, bool, list[str]]:
    differs = agree(ours.legal_forms, theirs.legal_forms) == "differs"
    return like.relation, differs, sorted((ours.original, theirs.original))


def _tier(like: Likeness, outcomes: dict[str, Outcome], features: Sequence[Feature]) -> Tier | None:
    """Which tier, or None where what else is known does not carry the names' likeness."""
    place = _place(outcomes)
    if any(one.name.startswith("IDENTIFIER") and one.outcome == "differs" for one in features):
        return Tier.SAME_NAME_OTHER_IDENTIFIER if like.relation is Relation.SAME else None
    if like.relation is Relation.SAME:
        return _same_name(place, features[1])
    return _TIERS[like.relation] if place != "differs" and _met(like.needs, place, outcomes, features) else None


def _met(needs: Needs, place: Outcome, outcomes: dict[str, Outcome], features: Sequence[Feature]) -> bool:
    """Whether what a likeness needs is there; an equal date is stronger than an address, this than a place."""
    if needs == "nothing" or any(one.name.endswith("_ON") and one.outcome == "same" for one in features):
        return True
    return outcomes.get("ADDRESS") == "same" if needs == "address" else needs == "place" and place == "same"


_TIERS = {
    Relation.ALIAS: Tier.ALSO_KNOWN_AS,
    Relation.OTHER_SCRIPT: Tier.OTHER_SCRIPT,
    Relation.TRUNCATED: Tier.TRUNCATED,
    Relation.REORDERED: Tier.REORDERED,
    Relation.RESPELLED: Tier.RESPELLED,
    Relation.BRACKETED: Tier.SAME_BUT_BRACKETS,
    Relation.CONTAINED: Tier.CONTAINED,
}


def _same_name(place: Outcome, form: Feature) -> Tier:
    """Equal names; a form on one side only is another form: an office and a company may share a name."""
    if place == "differs":
        return Tier.SAME_NAME_OTHER_PLACE
    if form.outcome != "same" and (form.left or form.right):
        return Tier.SAME_NAME_OTHER_FORM
    return Tier.SAME_NAME_SAME_PLACE if place == "same" else Tier.SAME_NAME


def _place(outcomes: dict[str, Outcome]) -> Outcome:
    """Country, region and address together: an equal address wins, a difference beats a coarser agreement; two
    addresses of one country but no common region leave it open."""
    country, region, address = (outcomes.get(name, "missing") for name in ("COUNTRY", "REGION", "ADDRESS"))
    if address == "same":
        return "same"
    if "differs" in (country, region):
        return "differs"
    if address == "differs" and region == "missing":
        return "missing"
    return "same" if "same" in (country, region) or "close" in (region, address) else "missing"
