"""What is taken in: numbers, seals, routes, answers, bounds."""

import asyncio
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from sharehub import cli
from sharehub.core.answers import Outcome, outcome_of
from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency, Matter
from sharehub.core.history import history
from sharehub.core.identifier import Identifier
from sharehub.core.intake import LINE_MAX, TEXT_MAX, Objection, text_faults
from sharehub.core.matter import about
from sharehub.core.narrative import change_words
from sharehub.core.record import Record
from sharehub.core.reference_number import BITS, hashed, normal, written
from sharehub.core.routing import route
from sharehub.core.rulebook import Rulebook
from sharehub.errors import RefusedError, UsageError
from sharehub.shipped import shipped
from sharehub.web.intake import intake_router
from sharehub.web.problems import answer_problems
from sharehub.web.rate import Rate
from sharehub.web.tokens import Tokens
from sharehub.wire.complaints import read_matters
from sharehub.wire.rulebooks import load_catalogue
from sharehub.wire.sealing import fingerprint, new_keys, public_of, seal, unseal
from tests.unit.core.arrived import arrived
from tests.unit.core.said import complaint, penalty, said

numbers = st.integers(0, 2**BITS - 1)


@given(numbers, numbers)
def test_a_number_is_read_however_it_is_written_and_its_record_shows_another(bits: int, other: int) -> None:
    number = written(bits)
    spoken = number.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    assert normal(spoken) == normal(number) == number
    assert (written(other) == number) == (other == bits) == (hashed(written(other)) == hashed(number))
    assert not any(part in hashed(number).upper() for part in number.split("-"))


@pytest.mark.parametrize("text", ["", "1", "UUUUU-UUUUU-UUUUU-UUUUU", "00000-00000-00000-00000-0", "东信〔2026〕301号"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert normal(text) is None


@given(st.text(max_size=700), st.text(min_size=1, max_size=40))
def test_only_the_holder_of_the_key_opens_a_seal_and_only_where_it_belongs(author: str, about: str) -> None:
    private, public = KEYS
    sealed = seal(author, public, about)
    assert unseal(sealed, private, about) == author
    assert author not in sealed or len(author) < 3
    with pytest.raises(RefusedError):
        unseal(sealed, OTHER[0], about)
    with pytest.raises(RefusedError):
        unseal(sealed, private, about + "x")


KEYS, OTHER = new_keys(), new_keys()


def test_a_seal_does_not_show_how_long_a_name_is() -> None:
    assert len({len(seal("n" * length, KEYS[1], "c")) for length in (1, 3, 40, 200)}) == 1


NO_KEYS = {
    "empty": "",
    "short": "x25519:AAAA",
    "of zeros": "x25519:" + "A" * 43 + "=",
    "another kind": "ed25519:" + KEYS[1][7:],
    "words": "李",
}


@pytest.mark.parametrize("public", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_key_seals_nothing(public: str) -> None:
    with pytest.raises(UsageError):
        seal("A", public, "c")


@pytest.mark.parametrize("sealed", ["", "A", "AAAA", "not base64", "李"])
def test_what_is_no_seal_is_refused_in_words(sealed: str) -> None:
    with pytest.raises((UsageError, RefusedError)):
        unseal(sealed, KEYS[0], "c")


def test_the_private_key_goes_into_a_file_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "key.pem"
    assert cli.main(["--json", "agency", "key", "new", "cn-tax", "-o", str(file)]) == 0
    told, private = capsys.readouterr(), file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(told.out)["sealing_key"] == public_of(private)
    assert json.loads(told.out)["fingerprint"] == fingerprint(public_of(private))
    assert private.splitlines()[1] not in told.out + told.err
    assert cli.main(["agency", "key", "new", "cn-tax", "-o", str(file)]) == 2
    assert file.read_text() == private
    sealed = seal("Zhao Qiuhe", public_of(private), "complaint/1")
    capsys.readouterr()
    assert cli.main(["casework", "unseal", "complaint/1", sealed, "--key", str(file)]) == 0
    assert capsys.readouterr().out == "Zhao Qiuhe\n"
    assert cli.main(["casework", "unseal", "complaint/2", sealed, "--key", str(file)]) == 4


def agency(name: str, authority: str, jurisdiction: str, *kinds: str) -> Agency:
    return Agency(name, name, authority, jurisdiction, kinds)


def books(*places: tuple[str, str | None]) -> tuple[Rulebook, ...]:
    first = load_catalogue(shipped("rulebooks")).rulebooks[0]
    return tuple(replace(first, jurisdiction=place, parent=parent, entries=()) for place, parent in places)


AGENCIES = (
    agency("water", "environment", "land"),
    agency("air", "noise", "land"),
    agency("sound", "noise", "land"),
    agency("city-water", "environment", "city"),
    agency("office", "petitions", "land", "complaint"),
    agency("island-water", "environment", "island"),
)
MATTERS = {name: Matter(name, name, name) for name in ("environment", "noise", "tax", "petitions")}
LAND = Catalogue(books(("land", None), ("city", "land")), {one.id: one for one in AGENCIES}, {}, MATTERS)


@pytest.mark.parametrize(
    ("matter", "place", "goes_to", "because"),
    [
        ("environment", "land", "water", "one"),
        ("environment", "city", "city-water", "one"),
        ("noise", "city", "office", "several"),
        ("tax", "city", "office", "none"),
        ("petitions", "land", "office", "one"),
        ("environment", "island", "island-water", "one"),
        ("tax", "island", "", ""),
        ("environment", "nowhere", "", ""),
    ],
)
def test_a_complaint_goes_to_the_closest_competent_agency_or_the_office_that_takes_complaints(
    matter: str, place: str, goes_to: str, because: str
) -> None:
    found = route(matter, place, LAND)
    assert (found.agency.id if found else "", found.because if found else "") == (goes_to, because)
    if found and because == "several":
        assert "air and sound are both competent" in found.words


def test_every_shipped_matter_is_routed_in_every_shipped_jurisdiction_of_the_country() -> None:
    catalogue = load_catalogue(shipped("rulebooks"))
    assert len(catalogue.matters) >= 8
    for matter, found in catalogue.matters.items():
        routed = route(matter, "cn-qinghe", catalogue)
        assert routed is not None
        assert routed.because == "one" and routed.agency.authority == found.authority


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("[noise]\ntitle = 'n'", "matter 'noise', field 'authority'"), ("[noise]\ntitle = ''\nauthority='a'", "'title'"),
     ("x = 1", "matter 'x'"), ("[", "complaints.toml")],
)  # fmt: skip
def test_a_malformed_matter_is_refused_with_its_place(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "complaints.toml").write_text(text)
    with pytest.raises(UsageError, match=r"complaints\.toml") as refused:
        read_matters(tmp_path / "complaints.toml")
    assert wrong in str(refused.value)


ABOUT = {"concerns_agency": "cn-tax", "concerns_key": "a1"}
LODGED = said("hub", "objection", "objection/1", **ABOUT, field="", claim="no")


def answered(by: str = "cn-tax", /, key: str = "o1", **stated: object) -> Record:
    fields = {"objection_key": "objection/1", "outcome": "upheld", "reason": "a slip", **ABOUT, **stated}
    return said(by, "objection-outcome", key, **fields)


def test_only_the_agency_of_the_record_answers_an_objection() -> None:
    assert outcome_of(LODGED, []) == Outcome("waiting")
    assert outcome_of(LODGED, [LODGED, answered("cn-court"), answered(objection_key="objection/2")]).status == "waiting"
    assert outcome_of(LODGED, [LODGED, answered()]) == Outcome("upheld", "a slip")
    taken_back = said("cn-tax", "withdrawal", "o1", revision=2, reason="r", withdrawn_kind="objection-outcome")
    assert outcome_of(LODGED, [answered(), taken_back]).status == "waiting"
    again = answered(revision=2, outcome="rejected", reason="no")
    assert {outcome_of(LODGED, order).status for order in ([answered(), again], [again, answered()])} == {"rejected"}


def test_a_repair_decision_answers_its_application_or_what_was_lodged_before_it() -> None:
    lodged = said("hub", "repair-application", "r1", **ABOUT, lodged_on=date(2026, 3, 2))
    decision = said("cn-tax", "repair-decision", "d", **ABOUT, outcome="granted", reason="paid", application_key="r1")
    unnamed = {"outcome": "refused", "reason": "not paid", **ABOUT}
    later = said("cn-tax", "repair-decision", "d", decided_on=date(2026, 3, 3), **unnamed)
    sooner = said("cn-tax", "repair-decision", "d", decided_on=date(2026, 3, 1), **unnamed)
    assert outcome_of(lodged, [decision]).status == "granted"
    assert outcome_of(lodged, [later]) == Outcome("refused", "not paid", date(2026, 3, 3))
    assert outcome_of(lodged, [sooner]).status == "waiting"
    assert outcome_of(lodged, [replace(later, agency="cn-court")]).status == "waiting"


def test_the_history_of_a_complaint_tells_nothing_that_is_its_authors() -> None:
    told = {"matter": "noise", "sealed_author": "c2VhbA==", "sealed_for": "f", "reference_number": "hash:1"}
    first = complaint(**told, status="routed")
    second = complaint(
        revision=2, status="closed", outcome="muffled", matter="noise at night", sealed_author="b3RoZXI="
    )
    changes = [change_words(one) for one in history(arrived(first, second), LAND)[1].changes]
    assert changes == ["status: routed → closed"]


def test_texts_are_bounded() -> None:
    fine = Objection(party="p" * LINE_MAX, agency="a", record_key="k", claim="c" * TEXT_MAX)
    assert list(text_faults(fine)) == []
    for wrong in ({"claim": " "}, {"claim": "c" * (TEXT_MAX + 1)}, {"party": "p" * (LINE_MAX + 1)}, {"claim": "\0"}):
        (fault,) = text_faults(replace(fine, **wrong))
        assert fault.startswith(next(iter(wrong)))


def test_an_address_may_call_so_often_in_a_minute_and_no_other_suffers() -> None:
    now = [100.0]
    rate = Rate(3, lambda: now[0])
    assert [rate.wait_s("a") for _ in range(4)] == [0, 0, 0, 61]
    assert rate.wait_s("b") == 0
    now[0] += 59.5
    assert rate.wait_s("a") == 1
    now[0] += 0.5
    assert [rate.wait_s("a") for _ in range(4)] == [0, 0, 0, 61]


def posted(tmp_path: Path, *contents: bytes, media: str = "application/json") -> list[httpx.Response]:
    """The answers of one server without a database that takes two calls a minute."""
    app = FastAPI()
    answer_problems(app)
    app.include_router(intake_router(None, Tokens(tmp_path / "tokens.json"), 2))

    async def calls() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as caller:
            headers = {"content-type": media}
            return [await caller.post("/api/v1/outcomes", content=one, headers=headers) for one in contents]

    return asyncio.run(calls())


def test_too_many_calls_are_told_how_long_to_wait_and_a_server_without_database_says_so(tmp_path: Path) -> None:
    answers = posted(tmp_path, *[json.dumps({"reference_number": written(1)}).encode()] * 3)
    assert [one.json()["type"] for one in answers] == [*["/problems/not-ready"] * 2, "/problems/too-many"]
    assert 0 < int(answers[2].headers["retry-after"]) <= 61
    assert written(1) not in "".join(one.text for one in answers)


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{}", "application/json", 400),
        (b'{"reference_number": 1}', "application/json", 400),
        (b'{"reference_number": "secret"', "application/json", 400),
        (b'{"reference_number": "' + b"secret" * 20_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_not_repeated(
    tmp_path: Path, content: bytes, media: str, status: int
) -> None:
    (refused,) = posted(tmp_path, content, media=media)
    assert refused.status_code == status
    assert "secret" not in refused.text


def test_more_addresses_than_are_kept_cost_no_more_memory() -> None:
    rate = Rate(1, lambda: 0.0)
    for number in range(10_050):
        assert rate.wait_s(str(number)) == 0
    assert len(rate._begun) == 10_000
    assert rate.wait_s("10049") == 61


@given(st.sampled_from(["company", "organisation", "public_body", "individual"]), st.booleans())
def test_a_matter_about_a_record_joins_nothing_and_names_nobody(kind: str, certain: bool) -> None:
    stated = [Identifier("BR-CPF", "***123456**")]
    stated += [Identifier("CN-USCC", "913501000000000354"), Identifier("MX-RFC", "AAA010101AAA")] if certain else []
    record = penalty(identifiers=tuple(stated), names=("Ann",), address="3 Mill Lane", subject_kind=kind)
    subject = about(record, "objection/1", date(2026, 3, 2))["subject"]
    link = stated[1] if certain else record.reference
    assert subject == {"kind": kind, "identifiers": [link._asdict()], "names": [], "address": None}
