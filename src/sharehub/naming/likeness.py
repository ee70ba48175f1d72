"""How two names relate, said as a word and a sentence; None where they are simply two names."""

import re
from collections import Counter
from enum import IntEnum
from typing import NamedTuple

from rapidfuzz.distance import OSA

from sharehub.naming.blocking import consonants
from sharehub.naming.folding import squeezed
from sharehub.naming.marks import marks, words
from sharehub.naming.normal import Name, normalised
from sharehub.naming.spelling import Needs, han_respelled, respelled, tells


class Relation(IntEnum):
    """Ordered by how much it takes to believe that one body is meant; the order, not a number, is the meaning."""

    SAME = 1
    ALIAS = 2
    OTHER_SCRIPT = 3
    TRUNCATED = 4
    REORDERED = 5
    RESPELLED = 6
    BRACKETED = 7
    CONTAINED = 8


class Likeness(NamedTuple):
    """The relation of two names, what it is in words, and what else must agree before it is proposed."""

    relation: Relation
    words: str
    needs: Needs


_CUTS = (30, 40, 50, 60, 64, 80, 100, 120, 128, 200, 255)
_SURE = 78
"""From this length on a name that begins another one is cut off; shorter ones often end there by themselves."""
_IN_BRACKETS = re.compile(r"\( [^()]* \)")
_UNSPACED = ("han", "kana", "hangul")


def likeness(left: Name, right: Name) -> Likeness | None:
    """The closest relation of two names, whichever comes first; symmetric."""
    if not left.squeezed or not right.squeezed:
        return None
    if left.squeezed == right.squeezed:
        return Likeness(Relation.SAME, "the names are the same", "nothing")
    if found := _alias(left, right) or _cut(left, right) or _bracketed(left, right):
        return found
    if marks(left) != marks(right):
        return None
    if left.script != right.script:
        return _other_script(left, right)
    return (_glued if left.script in _UNSPACED else _worded)(left, right)


def _alias(left: Name, right: Name) -> Likeness | None:
    """One's other name is the other's name, or they have one in common."""
    for name, other in ((left, right), (right, left)):
        for alias in name.aliases:
            also = normalised(alias)
            if also.squeezed in (other.squeezed, *(normalised(one).squeezed for one in other.aliases)):
                telling = set(also.tokens) - words().generic
                said = f"“{alias}”, an other name of the one, is the name or an other name of the other"
                return Likeness(Relation.ALIAS, said, "nothing" if len(also.squeezed) > 8 and telling else "place")
    return None


def _cut(left: Name, right: Name) -> Likeness | None:
    """One name ends where a field of a list ends, and the other goes on."""
    short, long = sorted((left, right), key=lambda name: len(name.original.strip()))
    length = len(short.original.strip())
    whole, part = squeezed(long.folded), squeezed(short.folded)
    if not whole.startswith(part) or not any(length in (cut, cut - 1) for cut in _CUTS):
        return None
    # A name may have that length by chance; in a short field only a broken word or an open end proves the cut.
    if length < _SURE and (short.legal_forms or f"{long.folded} ".startswith(f"{short.folded} ")):
        return None
    return Likeness(
        Relation.TRUNCATED, f"the one name is cut off after {length} characters and begins the other", "nothing"
    )


def _bracketed(left: Name, right: Name) -> Likeness | None:
    """The names are the same but for a part in brackets, which only one of them has."""
    if bool(left.parts) == bool(right.parts):
        return None
    with_part, other = (left, right) if left.parts else (right, left)
    bare = normalised(_IN_BRACKETS.sub(" ", with_part.folded))
    if bare.squeezed != other.squeezed:
        return None
    part = ", ".join(with_part.parts)
    return Likeness(Relation.BRACKETED, f"the names are the same but for “{part}” in brackets in one", "place")


def _other_script(left: Name, right: Name) -> Likeness | None:
    """The same sound in another script."""
    ours, theirs = squeezed(left.latin), squeezed(right.latin)
    if len(ours) < 4 or len(theirs) < 4:
        return None
    if ours == theirs:
        return Likeness(
            Relation.OTHER_SCRIPT, f"in Latin letters both are “{ours}”", "nothing" if len(ours) > 8 else "place"
        )
    spaced = not {left.script, right.script} & set(_UNSPACED)
    alike = OSA.normalized_similarity(ours, theirs) >= 0.8
    if spaced and alike and [*map(consonants, left.latin.split())] == [*map(consonants, right.latin.split())]:
        return Likeness(Relation.OTHER_SCRIPT, f"in Latin letters they sound alike, “{ours}” and “{theirs}”", "place")
    return None


def _worded(left: Name, right: Name) -> Likeness | None:
    if Counter(left.tokens) == Counter(right.tokens):
        needs: Needs = "nothing" if len(left.tokens) > 2 and any(map(tells, left.tokens)) else "address"
        return Likeness(Relation.REORDERED, "the same words stand in another order", needs)
    found = respelled(left.tokens, right.tokens)
    if found is None:
        return None
    return Likeness(Relation.CONTAINED if found.contained else Relation.RESPELLED, found.words, found.needs)


def _glued(left: Name, right: Name) -> Likeness | None:
    found = han_respelled(left, right)
    return Likeness(Relation.RESPELLED, found.words, found.needs) if found else None
