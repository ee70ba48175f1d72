"""What two parties say of themselves, compared one thing at a time: values, outcome, and a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import NamedTuple

from sharehub.core.identifier import SCHEMES, Identifier, derived
from sharehub.naming.forms import agree
from sharehub.naming.likeness import Likeness, Relation
from sharehub.naming.normal import Name
from sharehub.naming.places import Outcome, same_address, same_country, same_region

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


class Feature(NamedTuple):
    """One thing compared: both sides' values, the outcome, and a sentence about it."""

    name: str
    left: str
    right: str
    outcome: Outcome
    words: str


def name_feature(like: Likeness, ours: Name, theirs: Name) -> Feature:
    """The names that are likest, and how they relate."""
    outcome: Outcome = "same" if like.relation is Relation.SAME else "close"
    raw = ", and written alike" if ours.original == theirs.original else ", though written differently"
    words = like.words + (raw if outcome == "same" else "")
    return Feature("NAME", ours.original, theirs.original, outcome, f"Name: {words}.")


def form_feature(ours: Name, theirs: Name) -> Feature:
    """The legal forms of these two names, as codes."""
    left, right = " ".join(ours.legal_forms), " ".join(theirs.legal_forms)
    outcome = agree(ours.legal_forms, theirs.legal_forms)
    return _feature("LEGAL_FORM", "Legal form", left, right, outcome)


def circumstances(left: Party, right: Party) -> Iterator[Feature]:
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
    if left.source and right.source:
        yield _source(left.source, right.source)


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


def _source(left: str, right: str) -> Feature:
    """Who says it. It speaks neither for nor against: one list may name a party twice, two may name it once."""
    words = f"Source: both of {left}." if left == right else f"Source: {left} and {right}."
    return Feature("SOURCE", left, right, "missing", words)


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
