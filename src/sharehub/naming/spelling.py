"""Whether two names that are not the same are one name spelled twice: typing errors, endings, a word left out.

Careful by design: a short word, a number or the only telling word of a name that differs makes another name.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA

from sharehub.naming.blocking import consonants
from sharehub.naming.folding import squeezed
from sharehub.naming.marks import HAN_DISTINCT, in_digits, words
from sharehub.naming.normal import Name

_ENDINGS = (
    "ations",
    "ation",
    "tions",
    "tion",
    "ings",
    "ing",
    "ants",
    "ant",
    "ers",
    "er",
    "ies",
    "als",
    "al",
    "es",
    "s",
    "y",
    "e",
    "a",
    "o",
)
_PLACE_SUFFIXES = str.maketrans("", "", "省市县区镇乡")
_KANA = {code: code + 0x60 for code in range(0x3041, 0x3097)} | {
    ord("ー"): None,
    ord("ヶ"): "ケ",
    ord("ッ"): "ツ",
    ord("ャ"): "ヤ",
}
_KANA |= {
    ord("ュ"): "ユ",
    ord("ョ"): "ヨ",
    ord("ァ"): "ア",
    ord("ィ"): "イ",
    ord("ゥ"): "ウ",
    ord("ェ"): "エ",
    ord("ォ"): "オ",
    ord("ヴ"): "ブ",
}


Needs = Literal["nothing", "place", "address", "date"]
"""What else must agree before two names are proposed; each is met by what is stronger too."""


_SYLLABLE = (
    "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?"
    "(?:[iu]?a(?:ng?|i|o)?|[iu]?e(?:ng?|i|r)?|i?o(?:ng|u)?|u[oi]?|ua?ng?|i(?:ng?|u)?|un|ue)"
)
_PINYIN = re.compile(f"(?=.*(?:ng|zh|n$|x|q))(?:{_SYLLABLE})+")
"""Words that are Mandarin by the look of them: of its syllables only, with one of the signs that Spanish words lack."""


_PAIRS_MAX = 2


class Respelled(NamedTuple):
    """What differs, in words, and what else must agree; `contained` where words are left out."""

    words: str
    needs: Needs
    contained: bool = False


def respelled(left: Sequence[str], right: Sequence[str]) -> Respelled | None:
    """One name in words spelled twice, or None; symmetric."""
    common = Counter(left) & Counter(right)
    ours, theirs = (list((Counter(side) - common).elements()) for side in (left, right))
    telling = {word for word in common if tells(word)}
    if not ours or not theirs:
        return _left_out(ours or theirs, telling)
    if len(ours) != len(theirs):
        return _parted(left, right, ours, theirs)
    pairs = _pairs(ours, theirs) if len(ours) <= _PAIRS_MAX else []
    if not pairs or not all(near(*pair) for pair in pairs):
        return None
    said = ", ".join(f"“{one}” and “{other}”" for one, other in pairs)
    return Respelled(f"all words agree but for the spelling of {said}", _needs(pairs, telling))


def tells(word: str) -> bool:
    """Whether a word says who is meant, and not only what they do."""
    return len(word) > 2 and word not in words().generic


def _needs(pairs: list[tuple[str, str]], telling: set[str]) -> Needs:
    """The more of the name is beyond doubt, the less else must agree: little for Alfa Traiding, much for Alva Ltd."""
    if telling and (sum(map(len, telling)) >= 8 or all(not (tells(one) and tells(other)) for one, other in pairs)):
        return "nothing"
    alike = all(
        _once(one) == _once(other) or (min(len(one), len(other)) >= 8 and consonants(one) == consonants(other))
        for one, other in pairs
    )
    return "place" if telling or alike else "address"


def near(left: str, right: str) -> bool:
    """Two spellings of one word: one letter off in five, two in nine, or only another ending of the same stem."""
    shorter = min(len(left), len(right))
    table = words()
    if table.short.get(left, left) == table.short.get(right, right) or _swapped(left, right):
        return True
    if shorter < 5 or not (left + right).isalpha() or {left, right} <= table.apart or {left, right} & table.distinct:
        return False
    if left[0] != right[0] and shorter < 9:
        return False
    if left != right and all(_PINYIN.fullmatch(word) for word in (left, right)):
        return False  # Chengde and Chengdu are two cities, not one misspelled
    return OSA.distance(left, right) <= (2 if shorter >= 9 else 1) or _stem(left) == _stem(right)


def _swapped(left: str, right: str) -> bool:
    """Two neighbouring letters of a word of four and more have changed places."""
    return len(left) > 3 and left.isalpha() and sorted(left) == sorted(right) and OSA.distance(left, right) == 1


def _once(word: str) -> str:
    """The word without doubled letters."""
    return "".join(letter for letter, before in zip(word, " " + word, strict=False) if letter != before)


def _stem(word: str) -> str:
    return next(
        (word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) >= 5), word
    )


def _pairs(ours: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    """Each word with the nearer of the other side's, in the order of the alphabet."""
    ways = [list(zip(sorted(ours), other, strict=True)) for other in (sorted(theirs), sorted(theirs, reverse=True))]
    return min(ways, key=lambda pairs: sum(OSA.distance(a, b) for a, b in pairs))


def _left_out(extra: list[str], telling: set[str]) -> Respelled | None:
    """Words that say little stand in one name only."""
    if len(extra) > 2 or not set(extra) <= words().generic or sum(map(len, telling)) < 6:
        return None
    return Respelled(
        f"only one name has {' and '.join(f'“{word}”' for word in sorted(extra))}", "place", contained=True
    )


def _parted(left: Sequence[str], right: Sequence[str], ours: list[str], theirs: list[str]) -> Respelled | None:
    """The same letters but one, divided into words in another way."""
    one, other = "".join(left), "".join(right)
    if min(len(one), len(other)) < 10 or OSA.distance(one, other) > 1 or len("".join(ours)) < 6:
        return None
    return Respelled(
        f"“{' '.join(sorted(ours))}” and “{' '.join(sorted(theirs))}” are parted into words differently", "place"
    )


def han_respelled(left: Name, right: Name) -> Respelled | None:
    """One name in a script without spaces spelled twice; one character off is firm only where both sound alike."""
    ours, theirs = left.squeezed, right.squeezed
    if _bare(ours) == _bare(theirs) and len(_bare(ours)) >= 4:
        return Respelled("the names are the same but for 省, 市, 县, 区 or small and long kana", "nothing")
    if in_digits(ours) == in_digits(theirs):
        return Respelled("a number is written in digits in one name and in characters in the other", "nothing")
    if min(len(ours), len(theirs)) < 5 or OSA.distance(ours, theirs, score_cutoff=1) != 1:
        return None
    off = {char for char in (Counter(ours) - Counter(theirs)) + (Counter(theirs) - Counter(ours))}
    if off & HAN_DISTINCT or any(char.isascii() for char in off):
        return None
    said = " and ".join(f"“{char}”" for char in sorted(off)) or "the order of two characters"
    if squeezed(left.latin) == squeezed(right.latin):
        return Respelled(f"one character differs and sounds the same: {said}", "address")
    return Respelled(f"one character differs: {said}", "date")


def _bare(text: str) -> str:
    return text.translate(_PLACE_SUFFIXES).translate(_KANA)
