"""What remains of a text when typography is taken away; only to compare texts and to make keys, never to publish."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

Folding = Literal["words", "letters"]

_BRACKETS = str.maketrans("[]{}【】〔〕「」〈〉《》", "()()()()()()()")
_INVISIBLE = re.compile(r"[\s\u200b-\u200d\ufeff]")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_KEPT = frozenset("LMN")
"""Unicode's general categories of letters, marks and digits."""
_UNSEEN = (
    (0x00AD, 0x00AD),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x180E, 0x180E),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x2064),
    (0x2066, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0001, 0xE0001),
    (0xE0020, 0xE007F),
)
"""Unicode 15's characters of category Cf, which nobody sees: first and last code of each run."""
_BLANKS = {char for char in map(chr, range(0x3001)) if char.isspace()}
_FORMAT = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _UNSEEN) + "]")


def typed(text: str) -> str:
    """The characters that a person sees, of half width, for codes; a footnote's raised figure stays what it is."""
    return text.strip() if text.isascii() else _FORMAT.sub("", text.translate(_HALF_WIDTH)).strip()


def half_width(text: str) -> str:
    """The text with characters of half width, each in its place."""
    return text.translate(_HALF_WIDTH)


def begins_like(wanted: Iterable[str]) -> frozenset[str]:
    """Characters with one of which a text begins that may be one of these, by `typed`, or that is not trimmed."""
    first = {word[0] for word in wanted if word}
    wide = {chr(code) for code, half in _HALF_WIDTH.items() if chr(half) in first}
    unseen = {char for first, last in _UNSEEN for char in map(chr, range(first, last + 1))}
    return frozenset(first | wide | unseen | _BLANKS)


def words(text: str) -> str:
    """A text's words: width, case, punctuation and the number of spaces make no difference."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(char if unicodedata.category(char)[0] in _KEPT else " " for char in plain).split())


def letters(text: str) -> str:
    """A text's letters and digits: for writing without spaces, where these carry nothing either."""
    return words(text).replace(" ", "")


def folded(text: str, how: Folding) -> str:
    """The text by its words or by its letters."""
    return words(text) if how == "words" else letters(text)


def title_words(title: str) -> str:
    """A column title's words: full and half width, kinds of brackets, spaces and case make no difference."""
    text = unicodedata.normalize("NFKC", title).translate(_BRACKETS)
    return _INVISIBLE.sub("", text).casefold()


def same_title(one: str, other: str) -> bool:
    """Whether two titles are of one column."""
    return title_words(one) == title_words(other)
