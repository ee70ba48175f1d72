"""Block keys: names that could be the same share at least one key, and few others share it.

A key is a text with a one-letter kind before it, and as a stable 64-bit integer to be stored. Kinds:
`=` the whole core, `~` it in Latin letters, `t` a word, `s` a word's consonants, `d` a short core with one letter
left out, `p` the beginning, `e` the end, `g` three characters of a script without spaces.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b

from sharehub.naming.folding import squeezed
from sharehub.naming.normal import Name, normalised

WHOLE = "="
"""The kind of the key that only names with an equal core share."""
SHORT = 9
"""Up to this many letters a core has a key for each letter left out (SymSpell's deletions), so one typo is found."""
_ENDS = (5, 10)
_BEGINNINGS = (5, 10, 18)
_LIKE = (("ph", "f"), ("kh", "h"), ("ck", "k"), ("ch", "c"), ("sh", "s"), ("zh", "z"), ("ts", "s"), ("qu", "k"))
_ALIKE = str.maketrans("cqwyzj", "kkviss")
_VOWELS = re.compile(r"[aeiouh]+")
_TWICE = re.compile(r"(.)\1+")


def blocks(name: Name) -> frozenset[str]:
    """All block keys of a name, its aliases included; empty only where there is no letter or digit.

    Names that are equal after normalisation share `exact(name)`. Names in one script that differ by one typed
    letter, a legal form, an alias or by being cut off after 30 characters or more share another key.
    """
    keys = set(_keys(name))
    for alias in name.aliases:
        keys.update(_keys(normalised(alias)))
    return frozenset(keys)


def exact(name: Name) -> str:
    """The key that exactly the names with an equal core share."""
    return WHOLE + name.squeezed


@lru_cache(maxsize=1 << 18)
def block_id(key: str) -> int:
    """A key as a signed 64-bit integer, the same in every process and for ever (BLAKE2b)."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little", signed=True)


def block_ids(keys: Iterable[str]) -> list[int]:
    """Keys as integers, sorted, to be stored as a `bigint[]`."""
    return sorted(map(block_id, keys))


def _keys(name: Name) -> Iterator[str]:
    whole = name.squeezed
    if not whole:
        return
    yield WHOLE + whole
    latin = squeezed(name.latin)
    if latin:
        yield "~" + latin
    if name.script in ("han", "kana", "hangul"):
        yield from _grams(whole)
        if len(latin) > len(whole):
            yield "p" + latin[:18]
    else:
        yield from _spelled(latin or whole)
        for token in name.latin.split() or name.tokens:
            yield from _of_word(token)


def _grams(whole: str) -> Iterator[str]:
    """Three characters each; of a name with four or fewer, two, and the name with each one left out."""
    size = 3 if len(whole) > 4 else 2
    for at in range(len(whole) - size + 1):
        yield "g" + whole[at : at + size]
    if len(whole) <= 6:
        yield from _deletions(whole)


def _spelled(whole: str) -> Iterator[str]:
    """What one typo in the whole leaves unhurt: with two ends of five letters, one of them."""
    if len(whole) <= SHORT:
        yield from _deletions(whole)
    for length in _BEGINNINGS:
        if len(whole) >= length:
            yield "p" + whole[:length]
    for length in _ENDS:
        if len(whole) >= length:
            yield "e" + whole[-length:]


def _deletions(whole: str) -> Iterator[str]:
    yield "d" + whole
    if len(whole) > 2:
        for at in range(len(whole)):
            yield "d" + whole[:at] + whole[at + 1 :]


@lru_cache(maxsize=1 << 16)
def _of_word(token: str) -> tuple[str, ...]:
    if len(token) < 3:
        return ()
    sound = consonants(token)
    return ("t" + token, "s" + sound) if len(sound) >= 3 else ("t" + token,)


@lru_cache(maxsize=1 << 16)
def consonants(token: str) -> str:
    """How a Latin word sounds, roughly: its first letter and consonants, alike ones as one, no letter twice."""
    for often, once in _LIKE:
        token = token.replace(often, once)
    token = token.translate(_ALIKE)
    return _TWICE.sub(r"\1", token[:1] + _VOWELS.sub("", token[1:]))
