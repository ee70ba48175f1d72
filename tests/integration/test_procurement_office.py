"""The example: a fine, and the bidder is turned away; repaired or annulled, and it is admitted; all is acknowledged."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sharehub.acknowledgements import Acknowledgements
from sharehub.bootstrap import access_file
from sharehub.entities import entity_of
from sharehub.web.tokens import Tokens
from tests.integration.answering import annulled, fined, repaired, standing_answers
from tests.integration.publishing import World
from tests.integration.pushing import gateway
from tests.integration.saying import Company

pytestmark = pytest.mark.integration

EXAMPLE = Path(__file__).parents[2] / "examples" / "procurement" / "office.py"
Command = Callable[..., int]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The office's program, run with these words."""
    spec = importlib.util.spec_from_file_location("office", EXAMPLE)
    assert spec is not None and spec.loader is not None
    program: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["office.py", "--home", str(tmp_path), *words])
        code: int = program.main()
        return code

    monkeypatch.setenv("SHAREHUB_HOME", str(tmp_path))
    return run


@pytest.fixture(params=["kafka", "http"])
def way(world: World, request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """How the office reaches the hub."""
    recipient = world.recipient("procurement")
    if request.param == "kafka":
        yield ["--recipient", recipient, "--kafka", world.bootstrap_servers]
        return
    tokens = Tokens(access_file(world.settings))
    token = tokens.issue(recipient, "", datetime.now(UTC), role="recipient")[1]
    with gateway(world) as url:
        yield ["--recipient", recipient, "--url", url, "--token", token]


def test_a_bidder_is_turned_away_while_a_restriction_counts_and_no_longer(
    world: World, office: Command, way: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    mill, dairy = Company(1).uscc, Company(2).uscc
    follow = ["follow", "--once", *way]

    assert office(*follow) == 0
    assert office("admit", mill) == office("admit", dairy) == 0

    world.say(fined(world, 0, 1))
    world.consolidate()
    world.relay()
    assert office(*follow) == 0
    assert office("admit", mill) == office("admit", dairy) == 1
    assert "reconsideration" in capsys.readouterr().out
    assert office("admit", mill, "--on", "2026-03-01") == 0, "the day before the decision"

    world.say([repaired(world, 0), *annulled(world, 1)])
    world.consolidate()
    world.relay()
    assert office("admit", mill) == 1, "the office has not heard of it yet"
    assert entity_of(world.hub, mill)["measures"][0]["pending_at"] != []  # type: ignore[index]
    assert office(*follow) == 0
    assert office("admit", mill) == office("admit", dairy) == 0

    assert world.consolidate().answers == 2, "the other two were taken with the repairs"
    assert list(standing_answers(world).values()) == ["applied"] * 4
    figures = {one["recipient"]: one for one in Acknowledgements(world.hub).figures()}
    assert figures[world.recipient("procurement")]["waiting"] == 0
    assert figures[world.recipient("inspection")]["waiting"] == 4
    waits = [one["recipient"] for one in entity_of(world.hub, mill)["measures"][0]["pending_at"]]  # type: ignore[index]
    assert waits == [world.recipient("inspection")]
