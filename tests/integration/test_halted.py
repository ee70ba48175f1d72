"""A log that is not the one that was processed stops that partition only, and goes on when somebody answers for it."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg
import pytest

from sharehub.acceptance import Accepting
from sharehub.cli import main
from sharehub.errors import BrokenStateError, FencedError, RefusedError, UsageError
from sharehub.lag import Positions
from sharehub.replay.refill import refill
from tests.integration.installation import PARTITIONS
from tests.integration.publishing import World, until
from tests.integration.saying import Company, Message, Speaker, subject
from tests.integration.test_fencing import delete_records, make_anew, penalties, running

pytestmark = pytest.mark.integration


def on(partition: int, messages: list[Message]) -> list[Message]:
    return [one._replace(partition=partition) for one in messages]


def said(world: World, role: str, first: int, last: int) -> list[Message]:
    """Records of an agency, on partition 0 of its topic."""
    speaker = Speaker(world.agency(role))
    kinds = {"environment": "penalty", "tax": "rating", "register": "licence", "court": "judgment"}
    return on(0, [speaker.says(kinds[role], f"{role}{n}", subject(Company(n + 1).uscc)) for n in range(first, last)])


def lines(world: World) -> dict[tuple[str, int], dict[str, Any]]:
    found = Positions(world.hub).lag(0.1)["partitions"]
    return {(one["topic"], one["partition"]): one for one in found}


def deleted(world: World, role: str) -> None:
    world.say(said(world, role, 5, 10))
    delete_records(world, 8, role)


def anew(world: World, role: str) -> None:
    make_anew(world, role=role)
    world.say(said(world, role, 5, 10))


def shorter(world: World, role: str) -> None:
    """The log as it comes back from a copy that is older: the same topic to all that ask, with fewer records."""
    make_anew(world, role=role)
    world.say(said(world, role, 0, 3))
    _as_if_the_same_topic(world, role)


def other(world: World, role: str) -> None:
    """A log that went another way after it was copied: as many records, not the same."""
    make_anew(world, role=role)
    world.say(said(world, role, 5, 11))
    _as_if_the_same_topic(world, role)


def _as_if_the_same_topic(world: World, role: str) -> None:
    ids = Positions(world.hub).survey().topic_ids
    world.rows("UPDATE partition_claims SET topic_id = %s WHERE topic = %s", ids[world.topic(role)], world.topic(role))


class Case(NamedTuple):
    """What happens to a topic of whose partition 0 five records were processed, and what an operator is told."""

    cause: Callable[[World, str], None]
    code: str
    places: int
    goes_on_at: int
    lost: tuple[int | None, int | None]
    records: int


CASES = {
    "environment": Case(deleted, "records-deleted", 1, 8, (5, 8), 7),
    "tax": Case(anew, "made-anew", PARTITIONS, 0, (5, None), 10),
    "register": Case(shorter, "truncated", 1, 0, (3, 5), 5),
    "court": Case(other, "rewritten", 1, 0, (None, None), 11),
}


def test_each_loss_stops_its_partition_only_and_goes_on_when_accepted(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for role in CASES:
        world.say(said(world, role, 0, 5))
    world.consolidate()
    for role, case in CASES.items():
        case.cause(world, role)
    world.say(on(1, penalties(world, 20, 24)))
    with pytest.raises(BrokenStateError, match=r"nothing more of .* is processed"):
        world.consolidate()
    assert world.counts()["records"] == 20 + 4  # everybody else went on
    assert {world.positions()[world.topic(role), 0] for role in CASES} == {5}

    halted = {place: one for place, one in lines(world).items() if one["alarm"]}
    assert {one["state"] for one in halted.values()} == {"halted"}
    desk = Accepting(world.hub)
    for role, case in CASES.items():
        topic = world.topic(role)
        assert len([place for place in halted if place[0] == topic]) == case.places
        assert f"topic accept {topic} says" in halted[topic, 0]["explanation"]
        plan = desk.plan([topic], by="The head", reason="a disk died")
        assert {one.code for one in plan} == {case.code}
        assert (plan[0].stopped_at, plan[0].goes_on_at) == (5, case.goes_on_at)
        assert (plan[0].lost_from, plan[0].lost_to) == case.lost
        if role == "environment":
            accepted_by_command(world, capsys, case.places)
        else:
            desk.accept(plan)
        with pytest.raises(FencedError):  # the world has moved since the plan
            desk.accept(plan)

    world.consolidate()
    assert world.counts()["records"] == sum(case.records for case in CASES.values()) + 4
    assert not any(one["alarm"] for one in lines(world).values())
    kept = desk.history()
    assert len(kept) == sum(case.places for case in CASES.values())
    assert {(one["approved_by"], one["reason"]) for one in kept} == {("The head", "a disk died")}
    with pytest.raises(psycopg.Error, match="refused"):
        world.rows("DELETE FROM acceptances")
    with pytest.raises(UsageError, match="nothing of"):
        desk.plan([world.topic("tax")], by="", reason="")


def accepted_by_command(world: World, capsys: pytest.CaptureFixture[str], places: int) -> None:
    """A plan by default, somebody who answers, and no surprise."""
    command = ["--config", str(world.config), "--json", "topic", "accept", world.topic("environment")]
    capsys.readouterr()
    assert main(command) == 5
    (first,) = json.loads(capsys.readouterr().out)
    assert (first["lost_from"], first["lost_to"], first["goes_on_at"]) == (5, 8, 8)
    assert main([*command, "--execute"]) == 2
    who = ["--approved-by", "The head", "--reason", "a disk died"]
    assert main([*command, *who, "--execute", "--expect", str(places + 1)]) == 4
    assert main([*command, *who, "--execute", "--expect", str(places)]) == 0


def test_a_topic_that_is_gone_is_an_alarm_and_is_accepted_when_it_was_made_anew(world: World) -> None:
    topic = world.topic("environment")
    world.say(on(2, penalties(world, 0, 5)))
    world.consolidate()
    make_anew(world, partitions=0)
    world.consolidate()  # nobody else is stopped

    found = lines(world)[topic, 2]
    assert (found["state"], found["alarm"]) == ("missing", True)
    with pytest.raises(UsageError, match="there is no topic"):
        Accepting(world.hub).plan([topic], by="", reason="")
    world.hub.init()
    world.say(penalties(world, 5, 7))
    desk = Accepting(world.hub)
    desk.accept(desk.plan([topic], by="The head", reason="a disk died"))
    world.consolidate()
    assert world.counts()["records"] == 7
    assert not any(one["alarm"] for one in lines(world).values())


def test_what_the_hub_has_kept_is_said_again_on_a_topic_that_was_made_anew(world: World) -> None:
    topic = world.topic("environment")
    world.say(penalties(world, 0, 5))
    world.consolidate()
    command = ["--config", str(world.config), "topic", "refill", topic]
    assert main([*command, "--execute"]) == 4  # it is there
    make_anew(world)
    desk = Accepting(world.hub)
    desk.accept(desk.plan([topic], by="The head", reason="a disk died"))
    assert main(command) == 5
    assert main([*command, "--execute"]) == 0
    with pytest.raises(RefusedError, match="holds 5 messages"):
        refill(world.hub, topic)
    environment = Speaker(world.agency("environment"))
    world.say([environment.says("penalty", "p0", subject(Company(1).uscc), revision=2), *penalties(world, 5, 6)])
    world.consolidate()
    assert (world.counts()["records"], world.rows("SELECT sum(duplicates) FROM partition_claims")) == (7, [(5,)])


def test_a_flood_stops_one_agency_and_a_running_worker_goes_on_once_it_is_meant(world: World) -> None:
    topic = world.topic("environment")
    flood = [one._replace(key=b"wrong", partition=0) for one in penalties(world, 0, 40)]
    world.say([*flood, *said(world, "tax", 0, 9)])
    with pytest.raises(RefusedError, match=f"{topic} .*40 of 40 records would be rejected.*40 wrong-key"):
        world.consolidate(rejected_records_min=20)
    assert (world.counts()["records"], world.counts()["rejections"]) == (9, 0)

    with running(world, rejected_records_min=20, batch_records_max=30) as (_, thread, ended):
        until(lambda: lines(world)[topic, 0]["state"] == "halted" and thread.is_alive())
        world.say(said(world, "tax", 9, 12))
        until(lambda: world.counts()["records"] == 12)
        desk = Accepting(world.hub)
        desk.accept(desk.plan([topic], by="The head", reason="the agency means it"))
        until(lambda: world.counts()["rejections"] == 40)
        world.say(flood)
        until(lambda: lines(world)[topic, 0]["state"] == "halted")  # it was meant once
        assert (thread.is_alive(), world.counts()["rejections"]) == (True, 40)
    assert not ended


def test_lag_is_told_in_records_and_time_and_history_is_no_lag(world: World) -> None:
    topic = world.topic("environment")
    world.say(on(0, penalties(world, 0, 5)))
    never = lines(world)[topic, 0]
    assert (never["records"], never["state"], never["position"]) == (5, "waiting", 0)
    world.consolidate()
    world.say(on(0, penalties(world, 5, 8)))
    late = lines(world)[topic, 0]
    assert (late["records"], late["state"], late["eta_seconds"]) == (3, "moving", None)
    assert 0 <= late["seconds"] < 30
    world.rows("UPDATE partition_claims SET began_at = now() + interval '1 minute', advanced_at = now()")
    history = lines(world)[topic, 0]
    assert (history["state"], history["seconds"]) == ("replaying", None)
    world.rows("UPDATE partition_claims SET began_at = NULL, advanced_at = now() - interval '1 hour'")
    assert lines(world)[topic, 0]["state"] == "waiting"
    assert main(["--config", str(world.config), "-q", "topic", "lag", "--seconds", "0.1"]) == 0
