"""What somebody types is an identifier, or it is said what is missing; nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.asking import askable, asked
from sharehub.core.identifier import SCHEMES, Identifier

USCC = "91350100M000100Y43"


@pytest.mark.parametrize(
    ("scheme", "text"),
    [("CN-USCC", USCC), ("", f"CN-USCC:{USCC}"), ("", f"cn-uscc: {USCC.lower()} "), ("LEI", f"CN-USCC:{USCC}")],
)
def test_a_number_with_its_kind_is_enough(scheme: str, text: str) -> None:
    assert asked(scheme, text).identifier == Identifier("CN-USCC", USCC)


@pytest.mark.parametrize(
    ("scheme", "text", "missing"),
    [
        ("", "", "number"),
        ("CN-USCC", "  ", "number"),
        ("", "CN-USCC:", "number"),
        ("", "Blue River Mills", "kind"),
        ("", "Blue: River", "kind"),
        ("", USCC, "kind"),
        ("CN-USCC", "12", "form"),
        ("XX-NONE", "12", "known-kind"),
        ("", "CN-PERSON:3501**********1234", "known-kind"),
        ("BR-CPF", "***123456**", "known-kind"),
        ("", "RECORD:cn-tax/1", "known-kind"),
    ],
)
def test_what_is_missing_is_said(scheme: str, text: str, missing: str) -> None:
    found = asked(scheme, text)
    assert (found.identifier, found.missing) == (None, missing)


def test_kinds_are_offered_where_the_form_fits_and_none_for_a_name() -> None:
    assert "CN-USCC" in asked("", USCC).perhaps
    assert asked("", "Blue River Mills").perhaps == ()


@given(st.sampled_from(["", *SCHEMES]), st.text(max_size=40))
def test_only_numbers_of_those_who_may_be_asked_about_come_out(scheme: str, text: str) -> None:
    found = asked(scheme, text)
    assert (found.identifier is None) == bool(found.missing)
    assert found.identifier is None or askable(found.identifier.scheme)
    assert all(map(askable, found.perhaps))
