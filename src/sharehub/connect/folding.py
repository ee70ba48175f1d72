"""What remains of a text when typography is taken away; only to compare texts and to make keys, never to publish."""

import unicodedata
from typing import Literal

Folding = Literal["words", "letters"]

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_KEPT = frozenset("LMN")
"""Unicode's general categories of letters, marks and digits."""


def typed(text: str) -> str:
    """The characters that a person sees, of half width, for codes; a footnote's raised figure stays what it is."""
    return "".join(char for char in text.translate(_HALF_WIDTH) if unicodedata.category(char) != "Cf").strip()


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
