"""Folded texts: typography never tells two apart, letters and digits always do."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sharehub.connect.folding import letters, words

WIDE = {ord(char): chr(ord(char) + 0xFEE0) for char in map(chr, range(0x21, 0x7F))}
NAMES = st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=40)
PLAIN = st.text(st.sampled_from("abcxyz019"), min_size=1, max_size=12)


def test_ways_of_writing_one_name() -> None:
    assert (
        letters("（株）Ｇｒｅｅｎ　Ｗｏｒｋｓ") == letters("(株)Green Works") == letters("【株】ｇｒｅｅｎ・ｗｏｒｋｓ")
    )
    assert letters("㈱青禾－") == letters("(株)青禾−")
    assert words("EXAMPLE  CO.,LTD.") == words("Example Co., Ltd") == "example co ltd"
    assert words("Lakshmi Narayan") != words("Lakshminarayan")
    assert letters("株式会社青禾") != letters("（株）青禾")


@given(NAMES)
def test_folding_again_changes_nothing_and_leaves_no_typography(text: str) -> None:
    assert words(words(text)) == words(text)
    assert letters(letters(text)) == letters(text)
    assert all(unicodedata.category(char)[0] in "LMN" for char in letters(text))


@given(st.lists(PLAIN, min_size=1), st.sampled_from([" ", "\u3000", ", ", " - ", ".", "・"]))
def test_width_case_and_what_stands_between_words_make_no_difference(parts: list[str], between: str) -> None:
    text = between.join(parts)
    assert words(text) == words(" ".join(parts)) == words(text.upper().translate(WIDE))


@given(PLAIN, PLAIN)
def test_different_letters_stay_different(one: str, other: str) -> None:
    assert (letters(one) == letters(other)) == (one == other)
