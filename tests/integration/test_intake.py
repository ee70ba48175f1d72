"""What parties bring before the hub, through HTTP, Kafka and PostgreSQL, until they are told the outcome."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sharehub.bootstrap import access_file
from sharehub.core.intake import NotKnownError, Objection, Representation
from sharehub.entities import entity_of
from sharehub.intake import open_intake
from sharehub.web.tokens import Tokens
from sharehub.wire.sealing import new_keys, unseal
from tests.conftest import RunningStack
from tests.integration.publishing import World, fresh_world
from tests.integration.pushing import gateway
from tests.integration.saying import Company, Speaker, subject

pytestmark = pytest.mark.integration

MILL, AUTHOR = Company(41), "Zhao Qiuhe, Mill Lane 3, 000-5550188"
PRIVATE, PUBLIC = new_keys()
PERSON = "BR-CPF:***123456**"


@pytest.fixture(scope="module")
def world(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub with a fined mill and a debtor, an environment bureau with a sealing key and a tax bureau without."""
    with fresh_world(stack, tmp_path_factory.mktemp("intake")) as made:
        folder = made.config.parent / "rulebooks"
        agencies = (folder / "agencies.toml").read_text()
        before, between, after = agencies.partition('authority = "environment"')
        (folder / "agencies.toml").write_text(f'{before}sealing_key = "{PUBLIC}"\n{between}{after}')
        matters = {"pollution": "environment", "tax": "tax"}
        text = "".join(f'[{name}]\ntitle = "{name}"\nauthority = "{its}"\n' for name, its in matters.items())
        (folder / "complaints.toml").write_text(text)
        mill = subject(MILL.uscc, name="Blue Mill")
        debtor = subject(PERSON, name="Wang Zhixia", kind="individual")
        often = made.settings.web.model_copy(update={"intake_per_minute": 1_000})
        made.settings = made.settings.model_copy(update={"web": often})
        made.say([Speaker(made.agency("environment")).says("penalty", "p/1", mill)])
        made.say([Speaker(made.agency("court")).says("judgment", "j/1", debtor, able_to_pay=False)])
        made.consolidate()
        yield made


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    with gateway(world) as address:
        yield f"{address}/api/v1"


def post(url: str, path: str, **body: Any) -> httpx.Response:
    return httpx.post(f"{url}/{path}", json=body, timeout=60)


def as_agency(world: World, role: str) -> dict[str, str]:
    token = Tokens(access_file(world.settings)).issue(world.agency(role), "", datetime.now(UTC))[1]
    return {"Authorization": f"Bearer {token}"}


def standing(world: World) -> list[tuple[Any, ...]]:
    return world.rows("SELECT * FROM measures ORDER BY measure_id") + world.rows(
        "SELECT * FROM events ORDER BY event_id"
    )


def told(world: World, identifier: str) -> str:
    found = entity_of(world.hub, identifier)
    assert found is not None
    return json.dumps(found, default=str, ensure_ascii=False)


COMPLAINT = {"about": "Blue Mill", "matter": "pollution", "said": "it smells at night", "jurisdiction": "cn"}


def test_a_complaint_is_routed_and_answered_and_moves_nothing(
    world: World, url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    before = standing(world)
    assert before
    taken = post(url, "complaints", **COMPLAINT, identifier=MILL.uscc, author=AUTHOR)
    assert taken.status_code == 201, taken.text
    number, key = taken.json()["reference_number"], taken.json()["record_key"]
    assert taken.json()["agency"] == world.agency("environment")
    assert world.consolidate().rejected == 0
    assert standing(world) == before

    shown = told(world, MILL.uscc)
    assert f"The hub's desk routed a complaint to {world.agency('environment')}; no measure can follow from it" in shown
    assert "it smells" not in shown and "hash:" not in shown

    waiting = httpx.get(f"{url}/matters", headers=as_agency(world, "environment"), timeout=60).json()
    assert [(one["record_key"], one["matter"]) for one in waiting] == [(key, "pollution: it smells at night")]
    assert unseal(waiting[0]["sealed_author"], PRIVATE, key) == AUTHOR
    other = as_agency(world, "tax")
    assert httpx.get(f"{url}/matters", headers=other, timeout=60).json() == []
    said = {"record_key": key, "status": "closed", "by": "Li Wei", "outcome": "a filter is in place"}
    assert httpx.post(f"{url}/complaints/answers", headers=other, json=said, timeout=60).status_code == 404
    assert post(url, "complaints/answers", **said).status_code == 401
    own = as_agency(world, "environment")
    assert httpx.post(f"{url}/complaints/answers", headers=own, json=said, timeout=60).json()["revision"] == 2
    assert world.consolidate().rejected == 0
    assert standing(world) == before

    outcome = post(url, "outcomes", reference_number=number.lower().replace("-", " ")).json()
    assert (outcome["status"], outcome["outcome"]) == ("closed", "a filter is in place")
    assert world.told("casework", "outcome", number)["status"] == "closed"
    assert "a filter" not in told(world, MILL.uscc)
    _nowhere(world, AUTHOR, number, caplog.text + str(capfd.readouterr()))


def _nowhere(world: World, author: str, number: str, logged: str) -> None:
    """Neither the author nor the number is anywhere at the hub: not in the view, not in what was logged."""
    texts = (
        author.encode(),
        author.split(",", maxsplit=1)[0].encode(),
        number.encode(),
        number.replace("-", "").encode(),
    )
    tables = [row[0] for row in world.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    kept = [str(world.rows(f"SELECT t::text FROM {name} t")).encode() for name in tables]
    kept += [bytes(row[0]) for row in world.rows("SELECT payload FROM records")]
    assert len(kept) > 20
    assert not any(text in one for text in texts for one in (*kept, logged.encode()))


def test_a_complaint_does_not_say_what_its_entity_is_in_law(world: World, url: str) -> None:
    """A more protected kind would end measures: a complaint would have moved them (law 4)."""
    before = standing(world)
    taken = post(url, "complaints", **COMPLAINT, identifier=MILL.uscc, kind="public_body")
    assert taken.status_code == 201
    assert world.consolidate().rejected == 0
    assert standing(world) == before
    found = entity_of(world.hub, MILL.uscc)
    assert found is not None and found["kind"] == "company"


def test_where_nobody_can_seal_an_author_nothing_is_sent(world: World, url: str) -> None:
    with open_intake(world.settings) as intake:
        before = len(intake.waiting(world.agency("tax"), 9, all_of_them=True))
    refused = post(url, "complaints", **COMPLAINT | {"matter": "tax", "author": AUTHOR})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/anonymous-only")
    assert "Zhao" not in refused.text and "nothing was sent" in refused.text
    world.consolidate()
    with open_intake(world.settings) as intake:
        assert len(intake.waiting(world.agency("tax"), 9, all_of_them=True)) == before
    anonymous = post(url, "complaints", **COMPLAINT | {"matter": "tax"})
    assert anonymous.json()["agency"] == world.agency("tax")


def test_an_objection_is_known_under_its_number_until_the_agency_has_answered(world: World, url: str) -> None:
    bureau = world.agency("environment")
    stated = {"agency": bureau, "record_key": "p/1", "claim": "the fine was halved", "field": "fine"}
    taken = post(url, "objections", party=MILL.uscc, **stated)
    assert taken.status_code == 201, taken.text
    number, key = taken.json()["reference_number"], taken.json()["record_key"]
    assert post(url, "outcomes", reference_number=number).status_code == 404  # not read yet
    assert world.consolidate().rejected == 0
    assert post(url, "outcomes", reference_number=number).json()["status"] == "waiting"
    assert f"objection of the party to fine of record {bureau}/p/1: the fine was halved" in told(world, MILL.uscc)

    fields = {"concerns_agency": bureau, "concerns_key": "p/1", "objection_key": key}
    world.say([Speaker(bureau).says("objection-outcome", "o/1", subject(MILL.uscc), **fields)])
    assert world.consolidate().rejected == 0
    found = post(url, "outcomes", reference_number=number).json()
    assert (found["status"], found["outcome"], found["answered_on"]) == ("upheld", "a slip", "2026-06-02")


def test_a_debtor_without_a_certain_identifier_is_heard(world: World) -> None:
    court = world.agency("court")
    said = Representation(party=PERSON, agency=court, record_key="j/1", said="I pay by instalments")
    with open_intake(world.settings) as intake:
        number = intake.represent(said).reference_number
    assert world.consolidate().rejected == 0
    shown = told(world, f"RECORD:{court}/j/1")
    assert f"attached what the party itself says on record {court}/j/1: I pay by instalments" in shown
    with open_intake(world.settings) as intake:
        assert intake.outcome(number)["status"] == "attached"


def test_nobody_is_told_whether_a_record_of_somebody_else_exists(world: World, url: str) -> None:
    bureau = world.agency("environment")
    stated = {"agency": bureau, "record_key": "p/1", "claim": "no"}
    others = (
        {"party": Company(42).uscc},
        {"party": "Blue Mill"},
        {"party": MILL.uscc, "record_key": "p/2"},
        {"party": MILL.uscc, "agency": world.agency("tax")},
    )
    answers = [post(url, "objections", **stated | other) for other in others]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    with open_intake(world.settings) as intake, pytest.raises(NotKnownError):
        intake.object(Objection(party=MILL.uscc, agency="hub", record_key="x", claim="no"))


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("objections", {"claim": "c" * 2_001}, "bad-body"),
        ("objections", {"claim": "no", "field": "colour"}, "not-taken"),
        ("objections", {"claim": "no", "more": 1}, "bad-body"),
        ("complaints", COMPLAINT | {"matter": "noise"}, "not-taken"),
        ("complaints", COMPLAINT | {"jurisdiction": "mx"}, "not-taken"),
        ("complaints", COMPLAINT | {"identifier": "CN-USCC:1"}, "not-taken"),
        ("outcomes", {"reference_number": "123"}, "unknown-number"),
    ],
)
def test_what_cannot_be_taken_is_told_without_repeating_it(
    world: World, url: str, path: str, body: dict[str, Any], code: str
) -> None:
    about = {"party": MILL.uscc, "agency": world.agency("environment"), "record_key": "p/1"}
    refused = post(url, path, **(about | body if path == "objections" else body))
    assert refused.json()["type"] == f"/problems/{code}", refused.text
    assert MILL.uscc not in refused.text
