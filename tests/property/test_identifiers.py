"""Check digits notice errors; reading is idempotent and never guesses."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.cn import uscc as published

from sharehub.core.identifier import (
    SCHEMES,
    USCC_ALPHABET,
    derived,
    main_identifier,
    orgcode_check_digit,
    read,
    uscc_check_digit,
)

BODY = st.text(USCC_ALPHABET, min_size=17, max_size=17).filter(lambda body: not body.isdigit() or body[-2:] != "00")
"""Not the codes that look like a rounded number: these have tests of their own."""
ORGANISATION = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8).filter(lambda it: it.strip("0"))
SCHEME = st.sampled_from(sorted(SCHEMES))
LIKE_A_CODE = st.text("0123456789AEIJLMNSXYZ -.+|:\u200b\uff11\u0661ñß", max_size=20)


@given(BODY)
def test_the_check_digit_is_the_published_one(body: str) -> None:
    assert uscc_check_digit(body) == published.calc_check_digit(body)
    assert read("CN-USCC", body + uscc_check_digit(body)).status == "ok"


@given(BODY, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_every_single_wrong_character_is_noticed(body: str, place: int, char: str) -> None:
    right = body + uscc_check_digit(body)
    wrong = right[:place] + char + right[place + 1 :]
    assert (read("CN-USCC", wrong).status == "ok") == (wrong == right)


@given(BODY, st.integers(0, 16))
def test_every_swap_of_neighbours_is_noticed(body: str, place: int) -> None:
    right = body + uscc_check_digit(body)
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assert (read("CN-USCC", wrong).status == "ok") == (wrong == right)


@given(ORGANISATION)
def test_an_organisation_code_has_one_check_digit(body: str) -> None:
    valid = [digit for digit in "0123456789X" if read("CN-ORGCODE", body + digit).status == "ok"]
    assert valid == [orgcode_check_digit(body)]


@given(ORGANISATION, st.integers(0, 7), st.sampled_from("0123456789"))
def test_every_single_wrong_digit_of_an_organisation_code_is_noticed(body: str, place: int, digit: str) -> None:
    if body[place].isdigit() and body[place] != digit:
        wrong = body[:place] + digit + body[place + 1 :] + orgcode_check_digit(body)
        assert read("CN-ORGCODE", wrong).status == "reject"


@given(st.sampled_from("159NY"), st.text("0123456789", min_size=6, max_size=6), ORGANISATION)
def test_a_unified_code_implies_its_organisation_code_and_no_other(kind: str, region: str, body: str) -> None:
    organisation = body + orgcode_check_digit(body)
    first = f"{kind}1{region}{organisation}"
    code = first + uscc_check_digit(first) if set(first) <= set(USCC_ALPHABET) else ""
    if code and read("CN-USCC", code).status == "ok":
        verdict = read("CN-USCC", code)
        assert [str(one) for one in derived(verdict.identifiers[0])] == [f"CN-ORGCODE:{organisation}"]


@given(SCHEME, st.one_of(LIKE_A_CODE, st.text(max_size=20)))
@example("CN-REGNO", "1|CN-REGNO:2")
@example("CN-TAXNO", "L11010866157227601")
def test_what_was_read_reads_the_same_again(scheme: str, text: str) -> None:
    verdict = read(scheme, text)
    assert (verdict.status == "reject") == (verdict.identifiers == ())
    assert bool(verdict.reason) == (verdict.status != "ok")
    for identifier in verdict.identifiers:
        assert main_identifier(str(identifier)) == identifier
        assert read(identifier.scheme, identifier.value).identifiers == (identifier,)
        for implied in derived(identifier):
            assert read(implied.scheme, implied.value).identifiers == (implied,)


@given(SCHEME, LIKE_A_CODE)
def test_an_identifier_holds_nothing_that_separates_identifiers(scheme: str, text: str) -> None:
    assert all("|" not in identifier.value for identifier in read(scheme, text).identifiers)


@given(st.text(max_size=20))
def test_unknown_schemes_are_refused(text: str) -> None:
    if text not in SCHEMES:
        assert read(text, "1").status == "reject"


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
@given(st.text(" \t\n\u200b\u3000\ufeff", max_size=4))
def test_nothing_is_no_identifier(scheme: str, blank: str) -> None:
    assert read(scheme, blank).status == "reject"
