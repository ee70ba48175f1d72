"""Answers in JSON are ASCII, whatever they quote."""

import json

from hypothesis import given
from hypothesis import strategies as st

from sharehub.web.problems import AsciiJson

TEXTS = st.text() | st.text(st.characters(max_codepoint=127)) | st.sampled_from(("\ud800", "税务", "\x7f\x00", "é"))
VALUES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)


@given(VALUES)
def test_the_answer_is_ascii_and_says_what_it_was_given(value: object) -> None:
    body = AsciiJson(value).body
    assert bytes(body).isascii()
    assert json.loads(bytes(body)) == value
