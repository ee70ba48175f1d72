"""Checks and look-ups over HTTP on the real parts: yes, no, what is missing, who sees what, and who read it."""

import csv
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
import psycopg
import pytest

from sharehub.bootstrap import access_file
from sharehub.cli import main
from sharehub.desk import Desk
from sharehub.entities import entity_of
from sharehub.web.tokens import Role, Tokens
from tests.conftest import RunningStack
from tests.integration.publishing import World, fresh_world
from tests.integration.pushing import gateway
from tests.integration.saying import Company, Speaker, subject

pytestmark = pytest.mark.integration

FINED, RATED, UNKNOWN, BY_ORGCODE = Company(501), Company(502), Company(503), Company(504)
PERSON = "CN-PERSON:3501**********123*"
NAME = "Wang Zhixia"
NOBODY = Company(505).uscc


@pytest.fixture(scope="module")
def world(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A fined company, an A-rated one, one known by its organisation code only, and a debtor."""
    with fresh_world(stack, tmp_path_factory.mktemp("checks")) as made:
        environment, tax, court = (Speaker(made.agency(one)) for one in ("environment", "tax", "court"))
        debtor = subject(PERSON, name=NAME, kind="individual")
        made.say(
            [
                environment.says("penalty", "p/1", subject(FINED.uscc, name="Blue Mill Ltd")),
                tax.says("rating", "r/1", subject(RATED.uscc, name="Green Mill")),
                tax.says("arrears", "a/1", subject(f"CN-ORGCODE:{BY_ORGCODE.orgcode}", name="Red Mill")),
                court.says("judgment", "j/1", debtor),
            ]
        )
        assert made.consolidate().rejected == 0
        yield made


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    with gateway(world) as address:
        yield f"{address}/api/v1"


def token(world: World, holder: str, role: Role = "agency") -> dict[str, str]:
    text = Tokens(access_file(world.settings)).issue(holder, "", datetime.now(UTC), role)[1]
    return {"Authorization": f"Bearer {text}"}


def asked(world: World, url: str, *lines: dict[str, Any], recipient: str = "", **more: Any) -> Any:
    body = {"checks": [{"id": str(n), **one} for n, one in enumerate(lines)], "user": "Li Wei", "reason": "bid 12"}
    headers = token(world, recipient, "recipient") if recipient else token(world, world.agency("tax"))
    found = httpx.post(f"{url}/checks", json=body | more, headers=headers, timeout=60)
    assert found.status_code == 200, found.text
    return found.json()["answers"]


def test_yes_no_and_what_is_missing(world: World, url: str) -> None:
    slip, unknown_slip = (one[:-1] + ("0" if one[-1] != "0" else "1") for one in (FINED.uscc, NOBODY))
    lines = [
        {"identifier": FINED.uscc},
        {"identifier": UNKNOWN.uscc},
        {"identifier": f" {FINED.uscc.lower().replace('cn-uscc', 'CN-USCC')} ", "name": "BLUE MILL"},
        {"identifier": FINED.uscc, "name": "Quite Another Firm"},
        {"name": "Blue Mill Ltd"},
        {"identifier": FINED.uscc.partition(":")[2]},
        {"identifier": "XX-NO:1"},
        {"identifier": "CN-USCC:123"},
        {"identifier": slip},
        {"identifier": unknown_slip},
        {"identifier": "BR-CPF:***123456**"},
        {"identifier": BY_ORGCODE.uscc},
        {},
    ]
    answers = asked(world, url, *lines)
    told = [(one["answer"], *(each["code"] for each in one["missing"])) for one in answers]
    assert told == [
        ("yes",),
        ("no",),
        ("yes",),
        ("not-enough", "name"),
        ("not-enough", "identifier"),
        ("not-enough", "scheme"),
        ("not-enough", "scheme"),
        ("not-enough", "form"),
        ("not-enough", "one-entity"),
        ("not-enough", "check-digit"),
        ("not-enough", "strong-identifier"),
        ("yes",),
        ("not-enough", "identifier"),
    ]
    assert [one["id"] for one in answers] == [str(number) for number in range(len(lines))]
    (measure,) = answers[0]["measures"]
    assert measure["measure"] == "cn/major-penalty" and measure["kind"] == "restriction"
    assert measure["legal_basis"] == ["A law of the test, Art. 1"] and measure["remedies"]
    assert (measure["effective_from"], measure["appeal_state"]) == ("2026-03-02", "none")
    assert answers[0]["words"] == "In force on 2026-06-01: 1 restriction."
    assert all(one["on"] == "2026-06-01" and one["as_of"]["messages"] == 4 for one in answers)
    assert not any("maybe" in json.dumps(one) for one in answers)


def test_many_are_answered_in_their_order_and_none_with_nothing(world: World, url: str) -> None:
    lines = [{"identifier": UNKNOWN.uscc}] * 5_001
    lines[1] = lines[-1] = {"identifier": FINED.uscc}
    answers = asked(world, url, *lines)
    assert [one["id"] for one in answers if one["answer"] == "yes"] == ["1", "5000"] and len(answers) == 5_001
    assert asked(world, url) == []


def test_in_force_is_computed_for_the_day(world: World, url: str) -> None:
    days = {"2026-03-01": "no", "2026-03-02": "yes", "2029-03-02": "no"}
    found = {day: asked(world, url, {"identifier": FINED.uscc}, on=day)[0]["answer"] for day in days}
    assert found == days


def test_a_recipient_is_answered_about_its_own_measures_only(world: World, url: str) -> None:
    """Procurement and inspection apply the restriction, halls and inspection the reward."""
    lines = [{"identifier": FINED.uscc}, {"identifier": RATED.uscc}]
    seen = {
        feed: [one["answer"] for one in asked(world, url, *lines, recipient=world.recipient(feed))]
        for feed in ("procurement", "halls", "lenders")
    }
    assert seen == {"procurement": ["yes", "no"], "halls": ["no", "yes"], "lenders": ["no", "no"]}
    (told,) = asked(world, url, {"identifier": RATED.uscc}, recipient=world.recipient("procurement"))
    assert told["words"] == "No measure that you apply is in force on 2026-06-01."
    headers = token(world, world.recipient("halls"), "recipient")
    assert get(url, FINED.uscc, headers=headers).json()["type"] == "/problems/not-for-you"


def test_who_asks_and_why_is_demanded(world: World, url: str) -> None:
    line = {"checks": [{"id": "1", "identifier": FINED.uscc}]}
    headers = token(world, world.agency("tax"))
    for body in (line, line | {"user": "Li Wei"}, line | {"user": "", "reason": "x"}, {"user": "a", "reason": "b"}):
        assert httpx.post(f"{url}/checks", json=body, headers=headers, timeout=60).status_code == 400
    stated = line | {"user": "Li Wei", "reason": "bid 12"}
    assert httpx.post(f"{url}/checks", json=stated, timeout=60).status_code == 401
    many = stated | {"checks": [{"id": "1"}] * 10_001}
    assert httpx.post(f"{url}/checks", json=many, headers=headers, timeout=60).status_code == 413


def get(url: str, identifier: str, part: str = "", headers: dict[str, str] | None = None, **more: str) -> Any:
    path = "/".join(quote(one, safe="") for one in identifier.split(":", 1))
    return httpx.get(f"{url}/entities/{path}{part}", headers=headers, params=more, timeout=60)


def test_the_shared_view_by_address(world: World, url: str) -> None:
    headers = token(world, world.agency("tax"))
    found = get(url, FINED.uscc, headers=headers)
    assert found.status_code == 200, found.text
    shown = entity_of(world.hub, FINED.uscc)
    assert {name: value for name, value in found.json().items() if name != "as_of"} == shown
    assert found.json()["as_of"]["messages"] == 4
    again = get(url, FINED.uscc, headers=headers | {"If-None-Match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    told = get(url, FINED.uscc, "/timeline", headers).json()
    assert shown is not None and told["timeline"] == shown["timeline"] and "records" not in told
    assert get(url, FINED.uscc, "/how", headers).json()["how"]["steps"]
    before = get(url, FINED.uscc, headers=headers, on="2026-03-01")
    assert not any(one["in_force"] for one in before.json()["measures"])
    assert get(url, f"RECORD:{world.agency('environment')}/p/1", headers=headers).json()["names"] == ["Blue Mill Ltd"]
    problems = {
        "not-authenticated": get(url, FINED.uscc),
        "unknown-entity": get(url, UNKNOWN.uscc, headers=headers),
        "bad-identifier": get(url, "CN-USCC:1", headers=headers),
        "bad-question": get(url, FINED.uscc, headers=headers, known_at="2026-01-01T00:00:00"),
    }
    assert {one.json()["type"].rpartition("/")[2]: one.status_code for one in problems.values()} == {
        "not-authenticated": 401,
        "unknown-entity": 404,
        "bad-identifier": 422,
        "bad-question": 422,
    }
    odd = ("0001-01-01T00:00:00+14:00", "1800-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00")
    assert {get(url, FINED.uscc, headers=headers, known_at=one).status_code for one in odd} <= {422, 404}


def test_a_kept_answer_changes_with_the_view(stack: RunningStack, tmp_path: Path) -> None:
    with fresh_world(stack, tmp_path) as world, gateway(world) as address:
        url, headers = f"{address}/api/v1", token(world, world.agency("tax"))
        said = Speaker(world.agency("environment"))
        world.say([said.says("penalty", "p/1", subject(FINED.uscc, name="Blue Mill"))])
        world.consolidate()
        first = get(url, FINED.uscc, headers=headers)
        assert get(url, FINED.uscc, headers=headers).content == first.content
        world.say([said.says("penalty", "p/1", subject(FINED.uscc, name="Blue Mill"), revision=2, facts="spilled oil")])
        world.consolidate()
        second = get(url, FINED.uscc, headers=headers | {"If-None-Match": first.headers["etag"]})
        assert second.status_code == 200 and "spilled oil" in second.text
        world.relay()
        (measure,) = get(url, FINED.uscc, headers=headers).json()["measures"]
        assert measure["pending_at"]  # sent, and not answered: a recipient's state, which no record changed
        world.say([Speaker(world.agency("court")).says("judgment", "j/1", subject(FINED.uscc, kind="individual"))])
        world.consolidate()
        assert get(url, FINED.uscc, headers=headers).json()["type"] == "/problems/person-in-address"
        assert world.rows("SELECT count(*) FROM reads") == [(5,)]


def test_an_individual_stands_in_no_address_and_is_read_for_a_reason(
    world: World, url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    court, tax = (token(world, world.agency(one)) for one in ("court", "tax"))
    refused = get(url, PERSON, headers=court)
    assert refused.status_code == 400 and "POST /api/v1/look-ups" in refused.json()["detail"]
    assert get(url, f"RECORD:{world.agency('court')}/j/1", headers=court).status_code == 400
    body = {"identifier": PERSON, "user": "Judge Qiao", "reason": "(2026) 12"}
    assert httpx.post(f"{url}/look-ups", json=body, headers=tax, timeout=60).status_code == 403
    shown = httpx.post(f"{url}/look-ups", json=body, headers=court, timeout=60)
    assert shown.status_code == 200 and shown.json()["kind"] == "individual"
    assert NAME not in shown.text and PERSON.partition(":")[2] in shown.text  # masked by the court itself
    (unnamed, named) = asked(world, url, {"identifier": PERSON}, {"identifier": PERSON, "name": NAME})
    assert [one["code"] for one in unnamed["missing"]] == ["name"]
    assert (named["answer"], named["known"], named["entity_id"]) == ("no", False, None)
    logged = caplog.text + str(capfd.readouterr())
    assert PERSON.partition(":")[2] not in logged and NAME not in logged
    kept = str(world.rows("SELECT r::text FROM reads r") + world.rows("SELECT r::text FROM entity_reads r"))
    assert PERSON.partition(":")[2] not in kept and NAME not in kept


def ran(world: World, capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What a command prints, in this process."""
    capsys.readouterr()
    assert main(["--config", str(world.config), "--json", "-q", *words]) == code
    return capsys.readouterr().out


def test_an_entity_can_list_who_read_its_record(world: World, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    bureau = world.agency("environment")
    body = {"checks": [{"id": "1", "identifier": BY_ORGCODE.uscc}], "user": "Zhou", "reason": "bid 77"}
    stated = {"Sharehub-User": "Qian Duo", "Sharehub-Reason": "案 88".encode(), "Sharehub-On-Behalf-Of": "City Hall"}
    headers = token(world, bureau)
    httpx.post(f"{url}/checks", json=body | {"on_behalf_of": "School 3"}, headers=headers, timeout=60)
    httpx.get(f"{url}/entities/CN-ORGCODE/{BY_ORGCODE.orgcode}", headers={**headers, **stated}, timeout=60)
    found = get(url, f"CN-ORGCODE:{BY_ORGCODE.orgcode}", "/reads", headers).json()["reads"]
    told = [(one["act"], one["holder"], one["on_behalf_of"], one["reason"]) for one in found]
    assert told[:3] == [
        ("reads", bureau, bureau, ""),
        ("entity", bureau, "City Hall", "案 88"),
        ("check", bureau, "School 3", "bid 77"),
    ]
    assert found[0]["reader"] == "Environment bureau" and "Qian Duo" not in str(found)
    assert world.rows("SELECT reader FROM reads WHERE reason = 'bid 77'") == [("Zhou",)]
    command = json.loads(
        ran(world, capsys, "entity", "reads", f"CN-ORGCODE:{BY_ORGCODE.orgcode}", "--reason", "asked at desk")
    )
    assert (command[0]["act"], command[0]["reason"]) == ("reads", "asked at desk") and len(command) == len(found) + 1


def test_what_was_read_stays_written_down(world: World) -> None:
    for statement in ("UPDATE reads SET reason = ''", "DELETE FROM entity_reads", "TRUNCATE reads"):
        with pytest.raises(psycopg.errors.RaiseException, match="stays written down"):
            world.rows(statement)


def test_without_the_log_there_is_no_answer(stack: RunningStack, tmp_path: Path) -> None:
    with fresh_world(stack, tmp_path, log=False) as world, gateway(world) as address:
        url = f"{address}/api/v1"
        assert asked(world, url, {"identifier": FINED.uscc})[0]["answer"] == "no"
        world.rows("ALTER TABLE reads ADD CONSTRAINT full_disk CHECK (read_at < '2000-01-01') NOT VALID")
        body = {"checks": [{"id": "1", "identifier": FINED.uscc}], "user": "a", "reason": "b"}
        headers = token(world, world.agency("tax"))
        assert httpx.post(f"{url}/checks", json=body, headers=headers, timeout=60).status_code >= 500
        assert get(url, FINED.uscc, headers=headers).status_code >= 500


def test_a_file_comes_back_with_answers(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bidders.csv"
    rows = [("Blue Mill", FINED.uscc), ("Nobody", UNKNOWN.uscc), ("no number", "")]
    path.write_text("name,USCC\n" + "".join(f"{name},{one.partition(':')[2]}\n" for name, one in rows))
    told = json.loads(ran(world, capsys, "entity", "check", str(path), "--reason", "bid 9", code=1))
    assert (told["rows"], told["yes"], told["no"], told["not_enough"]) == (3, 1, 1, 1)
    with (tmp_path / "bidders-checked.csv").open(encoding="utf-8-sig", newline="") as stream:
        title, fined, unknown, nameless = csv.reader(stream)
    assert title == ["name", "USCC", "answer", "measures", "until", "what is missing", "as of"]
    assert fined[2] == "yes" and fined[3].startswith("No public procurement after a major penalty (restriction, ")
    assert fined[4] == "2029-03-01" and fined[6].startswith("2026-06-01, as the hub knew it at ")
    assert unknown[2:6] == ["no", "", "", ""] and nameless[2] == "not-enough" and "nothing is stated" in nameless[5]
    options = ("-o", str(tmp_path / "out.csv"), "--recipient", world.recipient("halls"))
    assert json.loads(ran(world, capsys, "entity", "check", str(path), *options, code=1))["yes"] == 0
    assert ran(world, capsys, "entity", "check", str(path), code=2) == ""  # the answers are there already
    assert ran(world, capsys, "entity", "show", PERSON, code=4) == ""
    assert json.loads(ran(world, capsys, "entity", "show", PERSON, "--reason", "case 4"))["kind"] == "individual"
    assert world.rows("SELECT asked FROM reads WHERE reason = 'bid 9'") == [(3,)]


MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace"],
    "properties": {
        "versions": {"type": "array", "contains": {"const": "0.2"}},
        "name": {"type": "string"},
        "identifierSpace": {"type": "string"},
        "schemaSpace": {"type": "string"},
        "defaultTypes": {
            "type": "array",
            "uniqueItems": True,
            "items": {"type": "object", "required": ["id", "name"], "additionalProperties": {"type": "string"}},
        },
        "extend": {"type": "object", "properties": {"propose_properties": {"type": "object"}}},
    },
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["result"],
        "properties": {
            "result": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "name", "score"],
                    "properties": {
                        "id": {"type": "string"},
                        "name": {"type": "string"},
                        "description": {"type": "string"},
                        "score": {"type": "number"},
                        "match": {"type": "boolean"},
                        "type": {"type": "array", "items": {"type": "object", "required": ["id"]}},
                        "features": {
                            "type": "array",
                            "items": {"properties": {"value": {"type": ["number", "boolean"]}}},
                        },
                    },
                },
            }
        },
    },
}
EXTENSION = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}},
        "rows": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["str"],
                        "additionalProperties": False,
                        "properties": {"str": {"type": "string"}},
                    },
                },
            },
        },
    },
}
"""What the Reconciliation API 0.2 (W3C community group report, 2023) demands of answers, as far as used here."""


def reconciled(url: str, **form: Any) -> Any:
    found = httpx.post(url, data={name: json.dumps(value) for name, value in form.items()}, timeout=60)
    assert found.status_code == 200, found.text
    return found.json()


def test_a_spreadsheet_is_reconciled_in_a_session(world: World, url: str) -> None:
    Desk(world.hub).find(lambda entities: None)
    stated = {"user": "Li Wei", "reason": "tender 5"}
    opened = httpx.post(f"{url}/reconciliations", json=stated, headers=token(world, world.agency("tax")), timeout=60)
    assert opened.status_code == 201, opened.text
    service = opened.json()["url"]
    manifest = httpx.get(service, timeout=60).json()
    assert jsonschema_rs.is_valid(MANIFEST, manifest) and "CN-USCC" in {one["id"] for one in manifest["defaultTypes"]}
    proposing = manifest["extend"]["propose_properties"]
    columns = httpx.get(proposing["service_url"] + proposing["service_path"], timeout=60).json()["properties"]
    queries = {
        "q0": {"query": FINED.uscc.partition(":")[2], "type": "CN-USCC", "type_strict": "should"},
        "q1": {"query": "blue mill", "limit": 3},
        "q2": {"query": "Blue Mill", "properties": [{"pid": "CN-USCC", "v": FINED.uscc.partition(":")[2]}]},
        "q3": {"query": UNKNOWN.uscc},
        "q4": {"query": f"{PERSON}", "properties": [{"pid": "name", "v": NAME}]},
        "q5": {"query": NAME},
    }
    found = reconciled(service, queries=queries)
    assert jsonschema_rs.is_valid(RESULTS, found)
    matched = {name: [(one["id"], one["match"]) for one in each["result"]] for name, each in found.items()}
    ours = FINED.uscc
    assert {name: matched[name] for name in ("q0", "q2", "q3", "q4", "q5")} == {
        "q0": [(ours, True)],
        "q2": [(ours, True)],
        "q3": [],
        "q4": [],
        "q5": [],
    }
    assert matched["q1"] and not any(match for _, match in matched["q1"])
    assert all(one["score"] < 100 for one in found["q1"]["result"])
    wanted = [{"id": one["id"]} for one in columns]
    fetched = reconciled(service, extend={"ids": [ours, UNKNOWN.uscc], "properties": wanted})
    assert jsonschema_rs.is_valid(EXTENSION, fetched)
    assert [fetched["rows"][one]["answer"] for one in (ours, UNKNOWN.uscc)] == [[{"str": "yes"}], [{"str": "no"}]]
    assert world.rows("SELECT DISTINCT act FROM reads WHERE reason = 'tender 5' ORDER BY 1") == [
        ("check",),
        ("reconcile",),
    ]
    base = url.removesuffix("/api/v1")
    assert jsonschema_rs.is_valid(MANIFEST, httpx.get(f"{base}/reconcile", timeout=60).json())
    allowed = {"": "GET, POST", "/properties": "GET", "/a-session": "GET, POST"}
    for path, methods in allowed.items():
        assert httpx.options(f"{base}/reconcile{path}", timeout=60).headers["allow"] == methods
    refused = {
        httpx.get(f"{base}/reconcile", params={"queries": json.dumps(queries)}, timeout=60).status_code: 401,
        httpx.get(service, params={"queries": json.dumps({"q4": queries["q4"]})}, timeout=60).status_code: 400,
        httpx.get(f"{base}/reconcile/no-session", timeout=60).status_code: 401,
        httpx.post(service, data={"queries": "[1"}, timeout=60).status_code: 422,
    }
    assert all(status == wanted for status, wanted in refused.items())
