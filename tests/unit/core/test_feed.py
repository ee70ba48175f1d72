"""Cursors: opaque, one for each place, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.feed import cursor_of, position_of


@given(st.integers(0, 2**62))
def test_a_cursor_leads_back_to_its_position(position: int) -> None:
    assert position_of(cursor_of(position)) == position


def test_no_cursor_is_the_beginning() -> None:
    assert position_of("") == 0


@given(st.text(max_size=12))
def test_nothing_else_is_a_cursor(text: str) -> None:
    try:
        assert cursor_of(position_of(text)) == text or not text
    except ValueError:
        return


@pytest.mark.parametrize("text", ["12", "ZjEuLTE", "ZjEuMDE", "ZjEu", "ZjIuMQ", "ZjEuMQ=="])
def test_what_looks_like_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no cursor"):
        position_of(text)
