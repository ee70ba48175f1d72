"""Two parties compared by name for a case officer: what agrees, what differs, feature by feature, in words.

A comparison proposes; it merges nothing. No number says how likely it is: proposals have a tier, a word whose
order is only the order in which a queue shows them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from itertools import product
from typing import NamedTuple

from sharehub.core.identifier import SCHEMES, Identifier, derived
from sharehub.naming.forms import agree
from sharehub.naming.likeness import Likeness, Relation, likeness
from sharehub.naming.normal import Name, normalised
from sharehub.naming.places import Outcome, same_address, same_country, same_region
from sharehub.naming.spelling import Needs

CLOSE_DAYS = 400
"""Dates this near count as close: a bank recognises another's debarment within about a year."""


@dataclass(frozen=True)
class Party:
    """One side of a comparison as its source describes it; what is not known is left empty.

    `kind` is an entity kind (company, organisation, public-body, individual); `dates` are (what, when), such as
    ("registered_on", 2015-03-02) or ("decided_on", …); several of one kind may be given.
    """

    names: tuple[str, ...]
    kind: str = "company"
    country: str = ""
    region: str = ""
    addresses: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    dates: tuple[tuple[str, date], ...] = ()
    source: str = ""


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


class Feature(NamedTuple):
    """One thing compared: both sides' values, the outcome, and a sentence about it."""

    name: str
    left: str
    right: str
    outcome: Outcome
    words: str


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
    features = (_name(like, ours, theirs), _form(ours, theirs), *_circumstances(left, right))
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


def _name(like: Likeness, ours: Name, theirs: Name) -> Feature:
    outcome: Outcome = "same" if like.relation is Relation.SAME else "close"
    raw = ", and written alike" if ours.original == theirs.original else ", though written differently"
    words = like.words + (raw if outcome == "same" else "")
    return Feature("NAME", ours.original, theirs.original, outcome, f"Name: {words}.")


def _form(ours: Name, theirs: Name) -> Feature:
    left, right = " ".join(ours.legal_forms), " ".join(theirs.legal_forms)
    outcome = agree(ours.legal_forms, theirs.legal_forms)
    return _feature("LEGAL_FORM", "Legal form", left, right, outcome)


def _circumstances(left: Party, right: Party) -> Iterator[Feature]:
    """Everything but the names that either side tells."""
    if left.kind != right.kind:
        yield _feature("KIND", "Kind", left.kind, right.kind, "differs" if left.kind and right.kind else "missing")
    if left.country or right.country:
        yield _feature("COUNTRY", "Country", left.country, right.country, same_country(left.country, right.country))
    if left.region or right.region:
        yield _feature("REGION", "Region", left.region, right.region, same_region(left.region, right.region))
    if left.addresses or right.addresses:
        yield _address(left.addresses, right.addresses)
    yield from _identifiers(left, right)
    yield from _dates(left, right)


def _address(left: tuple[str, ...], right: tuple[str, ...]) -> Feature:
    rank: tuple[Outcome, ...] = ("same", "close", "differs", "missing")
    ways = [
        (rank.index(same_address(ours, theirs)), ours, theirs)
        for ours, theirs in product(left or ("",), right or ("",))
    ]
    place, ours, theirs = min(ways)
    return _feature("ADDRESS", "Address", ours, theirs, rank[place])


def _identifiers(left: Party, right: Party) -> Iterator[Feature]:
    """Schemes that both sides have, given or implied; a scheme of which an entity may have several never differs."""
    ours, theirs = (_by_scheme(party.identifiers) for party in (left, right))
    for scheme in sorted(ours.keys() & theirs.keys()):
        single = scheme in SCHEMES and SCHEMES[scheme].single
        outcome: Outcome = "same" if ours[scheme] & theirs[scheme] else "differs" if single else "missing"
        left_values, right_values = (", ".join(sorted(one[scheme])) for one in (ours, theirs))
        yield _feature(f"IDENTIFIER[{scheme}]", scheme, left_values, right_values, outcome)


def _by_scheme(identifiers: Sequence[Identifier]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for given in identifiers:
        for one in (given, *derived(given)):
            found.setdefault(one.scheme, set()).add(one.value)
    return found


def _dates(left: Party, right: Party) -> Iterator[Feature]:
    """Kinds of dates that both sides have."""
    for what in sorted({what for what, _ in left.dates} & {what for what, _ in right.dates}):
        ours, theirs = (sorted(day for kind, day in party.dates if kind == what) for party in (left, right))
        apart, one, other = min((abs((a - b).days), a, b) for a, b in product(ours, theirs))
        outcome: Outcome = "same" if apart == 0 else "close" if apart <= CLOSE_DAYS else "differs"
        yield _feature(what.upper(), what.removesuffix("_on").capitalize(), one.isoformat(), other.isoformat(), outcome)


def _feature(name: str, title: str, left: str, right: str, outcome: Outcome) -> Feature:
    """A feature with its sentence."""
    if outcome == "same":
        words = f"{title}: the same, {left}." if left == right else f"{title}: the same, written {left} and {right}."
    elif outcome == "missing":
        words = f"{title}: {left or right} on one side only." if left or right else f"{title}: not said on either side."
        words = f"{title}: {left} and {right}; one may have several." if left and right else words
    else:
        words = f"{title}: {'alike' if outcome == 'close' else 'different'}, {left} and {right}."
    return Feature(name, left, right, outcome, words)
