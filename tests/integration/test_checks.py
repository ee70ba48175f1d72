"""Checks and look-ups over HTTP on the real parts: yes, no, what is missing, who sees what, and who read it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sharehub.bootstrap import access_file
from sharehub.web.tokens import Tokens
from tests.conftest import RunningStack
from tests.integration.publishing import Company, Speaker, World, fresh_world, subject
from tests.integration.pushing import gateway

pytestmark = pytest.mark.integration

FINED, RATED, UNKNOWN, BY_ORGCODE = Company(501), Company(502), Company(503), Company(504)
PERSON = "CN-PERSON:3501**********123*"
NAME = "Wang Zhixia"


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


def token(world: World, holder: str) -> dict[str, str]:
    text = Tokens(access_file(world.settings)).issue(holder, "", datetime.now(UTC))[1]
    return {"Authorization": f"Bearer {text}"}


def asked(world: World, url: str, *lines: dict[str, Any], holder: str = "", **more: Any) -> Any:
    body = {"checks": [{"id": str(n), **one} for n, one in enumerate(lines)], "user": "Li Wei", "reason": "bid 12"}
    headers = token(world, holder or world.agency("tax"))
    found = httpx.post(f"{url}/checks", json=body | more, headers=headers, timeout=60)
    assert found.status_code == 200, found.text
    return found.json()["answers"]


def test_yes_no_and_what_is_missing(world: World, url: str) -> None:
    slip = FINED.uscc[:-1] + ("0" if FINED.uscc[-1] != "0" else "1")
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
        ("not-enough", "check-digit"),
        ("not-enough", "strong-identifier"),
        ("yes",),
        ("not-enough", "identifier"),
    ]
    assert [one["id"] for one in answers] == [str(number) for number in range(len(lines))]
    (measure,) = answers[0]["measures"]
    assert measure["measure"] == "major-penalty" and measure["kind"] == "restriction"
    assert measure["legal_basis"] == ["A law of the test, Art. 1"] and measure["remedies"]
    assert (measure["effective_from"], measure["appeal_state"]) == ("2026-03-02", "none")
    assert answers[0]["words"] == "In force on 2026-06-01: 1 restriction."
    assert all(one["on"] == "2026-06-01" and one["as_of"]["messages"] == 4 for one in answers)
    assert not any("maybe" in json.dumps(one) for one in answers)


def test_in_force_is_computed_for_the_day(world: World, url: str) -> None:
    days = {"2026-03-01": "no", "2026-03-02": "yes", "2029-03-02": "no"}
    found = {day: asked(world, url, {"identifier": FINED.uscc}, on=day)[0]["answer"] for day in days}
    assert found == days
