"""Spreadsheets change how a number looks: what is certain reads the same, what they destroy is never accepted."""

from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.br import cnpj, cpf
from stdnum.cn import uscc as published
from stdnum.iso7064 import mod_11_10, mod_97_10
from stdnum.jp import cn as corporate
from stdnum.mx import rfc

from sharehub.core.identifier import (
    SCHEMES,
    USCC_ALPHABET,
    Identifier,
    derived,
    main_identifier,
    orgcode_check_digit,
    read,
    strong,
    uscc_check_digit,
)
from sharehub.core.scheme import bare, folded

CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
FIRST_DIGIT = st.sampled_from(DIGITS[1:])


def digits(length: int, first: str = "123456789") -> st.SearchStrategy[str]:
    return st.builds(str.__add__, st.sampled_from(first), st.text(DIGITS, min_size=length - 1, max_size=length - 1))


def organisation_code(body: str) -> str:
    return body + orgcode_check_digit(body)


def unified_code(head: str, body: str) -> str:
    first = head + organisation_code(body)
    return first + uscc_check_digit(first)


ORGANISATIONS = digits(8).map(organisation_code)
UNIFIED = st.builds(
    unified_code, digits(7, "159").map(lambda head: head[0] + "1" + head[1:]), st.one_of(digits(8), st.just("MA5HX80Y"))
).filter(lambda code: not code.endswith("000"))
VALID = {
    "CN-USCC": UNIFIED,
    "CN-ORGCODE": ORGANISATIONS,
    "CN-TAXNO": st.builds(str.__add__, digits(6), ORGANISATIONS),
    "CN-REGNO": digits(14).map(lambda body: body + mod_11_10.calc_check_digit(body)),
    "CN-PERMIT": st.builds(str.__add__, UNIFIED, st.sampled_from(["001P", "012Q"])),
    "LEI": st.builds(str.__add__, digits(8), st.text(CAPITALS, min_size=10, max_size=10)).map(
        lambda body: body + mod_97_10.calc_check_digits(body)
    ),
    "BR-CNPJ": digits(12).map(lambda body: body + cnpj.calc_check_digits(body)),
    "BR-CNPJ-ROOT": digits(8),
    "BR-CPF": digits(9).map(lambda body: body + cpf._calc_check_digits(body)).filter(lambda one: len(set(one)) > 1),
    "MX-RFC": st.text("ABCÑ&", min_size=3, max_size=3).map(
        lambda name: f"{name}010203AB" + rfc.calc_check_digit(f"{name}010203AB")
    ),
    "US-NPI": digits(9, "12").map(lambda body: body + luhn.calc_check_digit("80840" + body)),
    "US-EIN": digits(9),
    "JP-CORPNO": digits(12).map(lambda body: corporate.calc_check_digit(body) + body),
    "CR-CPJ": digits(6).map(lambda number: "3101" + number),
}
STATED = st.one_of(*(st.tuples(st.just(name), values) for name, values in VALID.items()))
BLANKS = [" ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\u200c", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u202d"]
BRACKETS = ["()", "（）", "（)", "(）", "【】", "[]", "〔〕", "“”", '""', "《》"]


def widened(char: str) -> str:
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


def disguised(value: str, chance: Random) -> str:
    """The value as cells hold it: any character wide, small or with blanks beside it, marks around it."""
    text = ""
    for char in value:
        shown = chance.choice([char, char.lower(), widened(char), widened(char.lower())])
        text += shown + chance.choice(["", "", "", *BLANKS])
    left, right = chance.choice(["", "", *BRACKETS]) or ("", "")
    return chance.choice(["", *BLANKS]) + chance.choice(["", "", "'", "＇", "’"]) + left + text + right


@given(STATED)
def test_a_valid_number_of_every_scheme_is_accepted(stated: tuple[str, str]) -> None:
    scheme, value = stated
    assert read(scheme, value).status == "ok"
    assert set(VALID) == set(SCHEMES) - {"CN-PERSON", "CN-OFFICE", "RECORD"}


@settings(max_examples=200, deadline=None)
@given(STATED, st.integers(0, 2**32))
def test_ten_thousand_disguises_change_no_identifier(stated: tuple[str, str], seed: int) -> None:
    scheme, value = stated
    chance = Random(seed)  # noqa: S311
    for text in (disguised(value, chance) for _ in range(50)):
        assert read(scheme, text) == read(scheme, value), text


PRINTED = [
    ("CN-ORGCODE", (8,), "-"),
    ("BR-CNPJ", (2, 5, 8, 12), "../-"),
    ("BR-CNPJ-ROOT", (2, 5), ".."),
    ("BR-CPF", (3, 6, 9), "..-"),
    ("MX-RFC", (3, 9), "--"),
    ("US-EIN", (2,), "-"),
    ("JP-CORPNO", (1, 5, 9), "---"),
    ("CR-CPJ", (1, 4), "--"),
]


@pytest.mark.parametrize(("scheme", "places", "marks"), PRINTED)
@given(data=st.data(), hyphen=st.sampled_from("-‐‑–—−－﹣"))
def test_a_number_as_it_is_printed_is_the_number(
    scheme: str, places: tuple[int, ...], marks: str, data: st.DataObject, hyphen: str
) -> None:
    value = data.draw(VALID[scheme])
    parts = [value[start:end] for start, end in zip((0, *places), (*places, None), strict=True)]
    printed = parts[0] + "".join(mark + part for mark, part in zip(marks, parts[1:], strict=True))
    assert read(scheme, printed.replace("-", hyphen)) == read(scheme, value)


@pytest.mark.parametrize(
    "scheme", ["BR-CNPJ", "BR-CPF", "US-NPI", "US-EIN", "JP-CORPNO", "CR-CPJ", "CN-REGNO", "CN-TAXNO"]
)
@given(st.data())
def test_a_number_cell_keeps_fifteen_digits(scheme: str, data: st.DataObject) -> None:
    value = data.draw(VALID[scheme])
    if value.isdigit():
        assert read(scheme, str(float(value))) == read(scheme, value)


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
@given(st.one_of(digits(18), digits(20), UNIFIED, digits(15)))
def test_what_a_number_cell_destroyed_is_never_accepted(scheme: str, value: str) -> None:
    if scheme in ("CN-PERSON", "CN-OFFICE", "RECORD") or not value.isdigit():
        return
    for shown in (f"{float(value):.5E}", f"{float(value):.3E}".replace(".", ",")):
        assert read(scheme, shown).status == "reject"
    if len(value) > 15:
        rounded = value[:15] + "0" * (len(value) - 15)
        assert scheme == "CN-REGNO" or read(scheme, rounded).status != "ok"
        assert read(scheme, f"{rounded}.0").status == "reject"


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18), st.booleans())
def test_a_unified_code_is_right_where_the_published_library_says_so(code: str, right: bool) -> None:
    """The library also wants digits in the first eight places; codes of some registrars begin with a letter."""
    code = "91" + "".join(filter(str.isdigit, code))[:6].ljust(6, "1") + code[8:]
    code = code[:17] + uscc_check_digit(code[:17]) if right else code
    assume(not (code.isdigit() and code.endswith("000")))
    assert (read("CN-USCC", code).status == "ok") == published.is_valid(code)
    assert published.is_valid(code) or not right


LOOK_ALIKES = ["0O", "0О", "0Ο", "1I", "1Ι", "5S", "2Z", "2Ζ", "AА", "AΑ", "BВ", "CС", "HН", "MМ", "XХ", "YУ", "PР"]


@given(UNIFIED, st.integers(0, 17), st.sampled_from(LOOK_ALIKES))
def test_a_look_alike_is_recovered_only_as_the_code_that_was_meant(code: str, place: int, pair: str) -> None:
    right, shown = pair
    verdict = read("CN-USCC", code[:place] + shown + code[place + 1 :])
    if code[place] == right:
        assert (verdict.status, verdict.identifiers) == ("warn", (Identifier("CN-USCC", code),))
        assert f"was read as {right}" in verdict.reason
    else:
        assert verdict.status == "reject"


@given(UNIFIED, st.integers(0, 17), st.integers(0, 17))
def test_two_look_alikes_are_refused(code: str, first: int, second: int) -> None:
    assume(first != second)
    wrong = "".join("O" if place in (first, second) else char for place, char in enumerate(code))
    assert read("CN-USCC", wrong).status == "reject"


@given(STATED)
def test_what_an_identifier_implies_is_certain(stated: tuple[str, str]) -> None:
    for identifier in read(*stated).identifiers:
        for implied in derived(identifier):
            assert read(implied.scheme, implied.value).identifiers == (implied,)
            assert read(implied.scheme, implied.value).status == "ok"
            assert strong(implied)


@given(UNIFIED, st.sampled_from(["001P", "002Q"]))
def test_a_permit_leads_to_its_holder(code: str, mark: str) -> None:
    holder = (Identifier("CN-USCC", code), Identifier("CN-ORGCODE", code[8:17]))
    assert derived(Identifier("CN-PERMIT", code + mark)) == holder
    assert read("CN-USCC", code + mark).identifiers == holder[:1]
    assert read("CN-PERMIT", code[8:] + mark).identifiers == holder[1:]


@settings(max_examples=500)
@given(
    st.sampled_from(sorted(SCHEMES)),
    st.one_of(st.text(), st.text("ßǆΐᾳﬁŉＡａ１²①．（）()'\"[]0.E+-*X\u0345\u0301 |", max_size=25)),
)
def test_any_text_gets_a_verdict_that_reads_the_same_again(scheme: str, text: str) -> None:
    verdict = read(scheme, text)
    assert (verdict.status == "reject") == (verdict.identifiers == ())
    assert bool(verdict.reason) == (verdict.status != "ok")
    for identifier in verdict.identifiers:
        assert read(identifier.scheme, identifier.value).identifiers == (identifier,)
        assert main_identifier(str(identifier)) == identifier


def test_folding_is_done_once_for_every_character() -> None:
    wrong = [hex(code) for code in range(0x110000) if folded(once := folded("A" + chr(code) + "A")) != once]
    assert wrong == []


@given(st.text())
def test_taking_off_is_done_once(text: str) -> None:
    assert bare(bare(text)) == bare(text)


@given(UNIFIED, st.sampled_from(USCC_ALPHABET), st.integers(0, 17))
def test_a_wrong_unified_code_says_which_check_digit_fails(code: str, char: str, place: int) -> None:
    wrong = code[:place] + char + code[place + 1 :]
    verdict = read("CN-USCC", wrong)
    holds = read("CN-ORGCODE", wrong[8:17]).status == "ok"
    if verdict.status == "warn" and "zeros" not in verdict.reason:
        assert ("organisation code" in verdict.reason) != holds
        assert bool(derived(verdict.identifiers[0])) == holds
