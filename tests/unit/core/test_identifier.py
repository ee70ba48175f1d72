"""Identifiers are read as registers write them; what is certain is kept, what is destroyed is refused."""

import pytest

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

WORKED = "91110108661572276L"
EARLY = ("91350100M0001TGQXM", "91350211M0000XUF46", "91350203M0001FUE2P")


@pytest.mark.parametrize(
    "code", [WORKED, "91350100M000100Y43", "91110000100001529B", "91440300MA5HX80Y1Q", "913210007908906337"]
)
def test_a_code_with_the_right_check_digit_is_certain(code: str) -> None:
    verdict = read("CN-USCC", code)
    assert verdict.status == "ok"
    assert verdict.identifiers == (Identifier("CN-USCC", code),)
    assert uscc_check_digit(code[:17]) == code[17]


@pytest.mark.parametrize("code", EARLY)
def test_an_early_code_warns_and_keeps_its_organisation_code(code: str) -> None:
    verdict = read("CN-USCC", code)
    assert verdict.status == "warn"
    assert "check digit" in verdict.reason
    assert verdict.identifiers == (Identifier("CN-USCC", code),)
    assert derived(verdict.identifiers[0]) == (Identifier("CN-ORGCODE", code[8:17]),)


def test_lower_case_and_spaces_are_normalised() -> None:
    assert read("CN-USCC", " 9111 0108\u200b661572276l\n").identifiers == (Identifier("CN-USCC", WORKED),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("9.164E+17", "destroyed"),
        ("9.1350100E17", "destroyed"),
        (WORKED[:17], "18 characters"),
        (WORKED + "0", "18 characters"),
        ("", "18 characters"),
        ("9111010866157227OL", "alphabet"),
        ("91110108661572276I", "alphabet"),
        ("9111010866157227²6L", "18 characters"),
        ("9111010866157227²L", "alphabet"),
    ],
)
def test_a_code_that_cannot_be_one_is_refused_with_the_reason(text: str, reason: str) -> None:
    verdict = read("CN-USCC", text)
    assert verdict.status == "reject"
    assert verdict.identifiers == ()
    assert reason in verdict.reason


def test_every_wrong_character_of_the_worked_example_is_noticed() -> None:
    for place, right in enumerate(WORKED):
        for char in USCC_ALPHABET:
            if char != right:
                assert read("CN-USCC", WORKED[:place] + char + WORKED[place + 1 :]).status == "warn"


def test_every_swap_of_neighbours_in_the_worked_example_is_noticed() -> None:
    for place in range(17):
        first, second = WORKED[place : place + 2]
        if first != second:
            assert read("CN-USCC", WORKED[:place] + second + first + WORKED[place + 2 :]).status == "warn"


@pytest.mark.parametrize(
    ("body", "digit"), [("66157227", "6"), ("M0001TGQ", "X"), ("M000100Y", "4"), ("79089063", "3")]
)
def test_the_check_digit_of_an_organisation_code(body: str, digit: str) -> None:
    assert orgcode_check_digit(body) == digit
    assert read("CN-ORGCODE", f"{body}-{digit}").identifiers == (Identifier("CN-ORGCODE", body + digit),)


@pytest.mark.parametrize("text", ["66157227-5", "6615722", "66157227A", ""])
def test_a_wrong_organisation_code_is_refused(text: str) -> None:
    assert read("CN-ORGCODE", text).status == "reject"


@pytest.mark.parametrize("text", [WORKED, f"L{WORKED}", f"l{WORKED}01"])
def test_a_taxpayer_number_that_holds_a_unified_code_is_that_code(text: str) -> None:
    assert read("CN-TAXNO", text).identifiers == (Identifier("CN-USCC", WORKED),)


@pytest.mark.parametrize("text", ["350100M0001TGQX", "L350100M0001TGQX", "L350100m0001TGQX01", "350100M0001TGQX01"])
def test_an_old_taxpayer_number_implies_its_organisation_code(text: str) -> None:
    verdict = read("CN-TAXNO", text)
    assert (verdict.status, verdict.identifiers) == ("ok", (Identifier("CN-TAXNO", "350100M0001TGQX"),))
    assert derived(verdict.identifiers[0]) == (Identifier("CN-ORGCODE", "M0001TGQX"),)


def test_a_marked_old_number_that_happens_to_fit_the_check_digit_is_no_unified_code() -> None:
    assert read("CN-TAXNO", "L11010866157227601").identifiers == (Identifier("CN-TAXNO", "110108661572276"),)


def test_nothing_is_taken_off_a_taxpayer_number_that_proves_nothing() -> None:
    verdict = read("CN-TAXNO", "L12345678901")
    assert (verdict.status, verdict.identifiers) == ("warn", (Identifier("CN-TAXNO", "L12345678901"),))
    assert derived(verdict.identifiers[0]) == ()


@pytest.mark.parametrize("text", ["12345678", "1" * 21, "9.1110108E+17", "税号", ""])
def test_a_taxpayer_number_of_wrong_form_is_refused(text: str) -> None:
    assert read("CN-TAXNO", text).status == "reject"


@pytest.mark.parametrize("text", ["EKU9003173C9", "Ñ&A010101AB1", "eku-900317-3c9"])
def test_an_rfc_is_kept_in_upper_case(text: str) -> None:
    assert read("MX-RFC", text).identifiers == (Identifier("MX-RFC", text.upper().replace("-", "")),)


@pytest.mark.parametrize("text", ["XXXXXXXXXXXX", "XXXXXXXXXXXXX", "xxxxxxxxxxxx"])
def test_an_identity_that_a_court_suppressed_is_never_an_identifier(text: str) -> None:
    verdict = read("MX-RFC", text)
    assert verdict.status == "reject"
    assert "court" in verdict.reason


@pytest.mark.parametrize("text", ["EK9003173C9", "EKUUU9003173C9", "EKU90031C9", ""])
def test_an_rfc_of_wrong_form_is_refused(text: str) -> None:
    assert read("MX-RFC", text).status == "reject"


@pytest.mark.parametrize(
    ("scheme", "text"), [("MX-RFC", "EKU\u0669\u0660\u0660\u0663\u0661\u0667" + "3C9"), ("CN-TAXNO", "١١٠١٠٨661572276")]
)
def test_only_the_ten_ascii_digits_are_digits(scheme: str, text: str) -> None:
    assert read(scheme, text).status == "reject"


@pytest.mark.parametrize("scheme", ["CN-REGNO", "CN-PERSON", "CN-OFFICE", "RECORD"])
def test_a_scheme_without_check_refuses_only_what_states_nothing(scheme: str) -> None:
    for text in (" \t", "0", "000", "-", "无", "n/a", "a|b"):
        assert read(scheme, text).status == "reject"
    assert read(scheme, "a-1").identifiers == (Identifier(scheme, "A-1"),)


def test_an_unknown_scheme_is_refused_and_implies_nothing() -> None:
    assert read("PLATFORM-POINTS", "AAA").status == "reject"
    assert derived(Identifier("PLATFORM-POINTS", "AAA")) == ()


def test_the_text_form_of_an_identifier_reads_back() -> None:
    identifier = Identifier("CN-USCC", WORKED)
    assert main_identifier(str(identifier)) == identifier
    assert main_identifier("CN-REGNO:a:b") == Identifier("CN-REGNO", "a:b")
    with pytest.raises(ValueError, match="SCHEME:VALUE"):
        main_identifier("91110108661572276L")


def test_every_scheme_is_described() -> None:
    assert all(scheme.title and scheme.form and scheme.check and scheme.source for scheme in SCHEMES.values())


@pytest.mark.parametrize(
    ("scheme", "text", "value"),
    [
        ("LEI", "213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D15"),
        ("BR-CNPJ", "16.727.230/0001-97", "16727230000197"),
        ("BR-CNPJ", "12.ABC.345/01DE-35", "12ABC34501DE35"),
        ("BR-CNPJ-ROOT", "16.727.230", "16727230"),
        ("BR-CPF", "390.533.447-05", "***533447**"),
        ("BR-CPF", "XXX.533.447-XX", "***533447**"),
        ("US-NPI", "1234567893", "1234567893"),
        ("US-EIN", "91-1144442", "911144442"),
        ("JP-CORPNO", "5-8356-7825-6246", "5835678256246"),
        ("CR-CPJ", "3-101-999999", "3101999999"),
        ("CN-PERMIT", f"{WORKED}001p", f"{WORKED}001P"),
        ("CN-REGNO", "123456789012342", "123456789012342"),
        ("CN-REGNO", "No（第0001）号", "NO(第0001)号"),
        ("CN-TAXNO", "350100000000019.0", "350100000000019"),
    ],
)
def test_a_number_as_registers_print_it_has_one_normal_form(scheme: str, text: str, value: str) -> None:
    assert read(scheme, text).identifiers == (Identifier(scheme, value),)


@pytest.mark.parametrize(
    ("scheme", "text", "reason"),
    [
        ("LEI", "213800KUD8LXJWSQ9D15", "mistyped"),
        ("LEI", "213800KUD8LAJWSQ9D1", "18 letters and digits"),
        ("BR-CNPJ", "16.727.230/0001-98", "mistyped"),
        ("BR-CNPJ", "16727230000197000", "2 check digits"),
        ("BR-CNPJ", "00000000000000", "no number"),
        ("BR-CPF", "231.002.999-01", "mistyped"),
        ("BR-CPF", "111.111.111-11", "no number"),
        ("BR-CPF", "***.533.447", "masks"),
        ("US-NPI", "1234567894", "mistyped"),
        ("US-NPI", "3234567895", "mistyped"),
        ("US-NPI", "0000000000", "no number"),
        ("US-EIN", "123-45-6789", "after the second"),
        ("JP-CORPNO", "2-8356-7825-6246", "mistyped"),
        ("CR-CPJ", "0101230456", "does not begin with 0"),
        ("CN-USCC", "0" * 18, "no number"),
        ("CN-USCC", "916400000000000000", "destroyed"),
        ("CN-USCC", "9,164E+17", "destroyed"),
        ("CN-USCC", "912301031271783000.0", "destroyed"),
        ("CN-TAXNO", "9.1110108E+17", "destroyed"),
        ("CN-TAXNO", "911101086615720000", "destroyed"),
        ("CN-ORGCODE", "000000000", "no number"),
        ("CN-REGNO", "3.20402E+14", "destroyed"),
        ("CN-PERMIT", f"{WORKED}01P", "22 characters"),
        ("MX-RFC", "XAXX010101000", "general public"),
        ("MX-RFC", "xexx-010101-000", "foreign residents"),
    ],
)
def test_a_number_that_names_nobody_is_refused_with_the_reason(scheme: str, text: str, reason: str) -> None:
    verdict = read(scheme, text)
    assert (verdict.status, verdict.identifiers) == ("reject", ())
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("scheme", "text", "value"),
    [
        ("MX-RFC", "ACC071123LL8", "ACC071123LL8"),
        ("MX-RFC", "ACC071323LL8", "ACC071323LL8"),
        ("CR-CPJ", "3120000000", "3120000000"),
        ("CN-REGNO", "123456789012343", "123456789012343"),
        ("CN-PERMIT", f"{EARLY[0]}001P", f"{EARLY[0]}001P"),
    ],
)
def test_a_doubtful_number_is_kept_with_a_warning(scheme: str, text: str, value: str) -> None:
    verdict = read(scheme, text)
    assert (verdict.status, verdict.identifiers) == ("warn", (Identifier(scheme, value),))


def test_a_warning_says_whether_the_organisation_code_holds() -> None:
    assert "organisation code" not in read("CN-USCC", EARLY[0]).reason
    both = WORKED[:16] + "5" + WORKED[17]
    assert "organisation code" in read("CN-USCC", both).reason
    assert derived(Identifier("CN-USCC", both)) == ()


def test_a_permit_number_carries_the_code_of_its_holder() -> None:
    holder = (Identifier("CN-USCC", WORKED), Identifier("CN-ORGCODE", WORKED[8:17]))
    assert derived(Identifier("CN-PERMIT", f"{WORKED}001P")) == holder
    assert derived(Identifier("CN-PERMIT", f"{EARLY[0]}001P")) == (Identifier("CN-ORGCODE", EARLY[0][8:17]),)
    verdict = read("CN-USCC", f"{WORKED}001P")
    assert (verdict.status, verdict.identifiers) == ("warn", holder[:1])
    assert read("CN-USCC", f"{EARLY[0]}001P").status == "reject"


def test_a_permit_that_lost_its_beginning_gives_the_organisation_code_only_where_it_is_proven() -> None:
    verdict = read("CN-PERMIT", "2276950035001P")
    assert (verdict.status, verdict.identifiers) == ("warn", (Identifier("CN-ORGCODE", "227695003"),))
    assert read("CN-PERMIT", "2276950045001P").status == "reject"
    assert read("CN-USCC", "2276950035001P").status == "reject"


def test_one_look_alike_is_replaced_where_both_check_digits_prove_it() -> None:
    verdict = read("CN-USCC", "9111O108661572276L")
    assert (verdict.status, verdict.identifiers) == ("warn", (Identifier("CN-USCC", WORKED),))
    assert verdict.reason == "'O' in place 5 was read as 0; both check digits prove it"
    assert read("CN-TAXNO", "9111O108661572276L") == verdict
    assert read("CN-USCC", EARLY[0].replace("0", "O", 1)).status == "reject"


def test_a_lawful_code_that_ends_like_a_rounded_number_is_kept_with_a_warning() -> None:
    code = next(
        whole
        for number in range(100_000)
        if (body := f"91110108{number:07d}0" + orgcode_check_digit(f"{number:07d}0")).endswith("00")
        and (whole := body + uscc_check_digit(body)).endswith("000")
        and number
    )
    for scheme in ("CN-USCC", "CN-TAXNO"):
        verdict = read(scheme, code)
        assert (verdict.status, verdict.identifiers) == ("warn", (Identifier("CN-USCC", code),))
        assert "zeros" in verdict.reason


def test_an_establishment_leads_to_its_legal_person() -> None:
    assert derived(Identifier("BR-CNPJ", "16727230000197")) == (Identifier("BR-CNPJ-ROOT", "16727230"),)
    assert (SCHEMES["BR-CNPJ"].single, SCHEMES["BR-CNPJ-ROOT"].single) == (False, True)


def test_what_several_may_share_merges_nobody() -> None:
    assert {name for name in SCHEMES if not strong(Identifier(name, "1"))} == {"BR-CPF"}
    assert not strong(Identifier("PLATFORM-POINTS", "1"))


def test_a_single_identifier_is_strong() -> None:
    assert all(scheme.strength == "strong" for scheme in SCHEMES.values() if scheme.single)
