"""Acknowledgements: taken from the log exactly once; wrong ones rejected; what is missing is told and reminded of."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sharehub.acknowledgements import Acknowledgements
from sharehub.bootstrap import access_file
from sharehub.cli import main
from sharehub.dead_letters import DeadLetters
from sharehub.entities import entity_of
from sharehub.store.letters import Wanted
from sharehub.web.tokens import Tokens
from tests.integration.answering import (
    annulled,
    answer_to,
    feed_of,
    fined,
    happened,
    ids,
    rejected_codes,
    repaired,
    standing_answers,
    taken,
)
from tests.integration.publishing import World
from tests.integration.pushing import gateway
from tests.integration.saying import Company, Message

pytestmark = pytest.mark.integration

LATER = datetime.now(UTC).date() + timedelta(days=60)


def test_answers_are_taken_once_and_the_last_decision_counts(world: World) -> None:
    happened(world, *fined(world, 0, 1, 2))
    one, two, three = feed_of(world)
    at = datetime.now(UTC) - timedelta(hours=1)
    applied = answer_to(world, one, acknowledged_at=at)
    said = [
        applied,
        applied,
        answer_to(world, one, "received"),
        answer_to(world, two, "refused", reason="contract signed", acknowledged_at=at),
        answer_to(world, two, "applied", acknowledged_at=at - timedelta(minutes=5)),  # it comes late
        answer_to(world, three, "received"),
    ]
    assert taken(world, *said) == (6, 1, 0, 0)
    assert standing_answers(world) == dict(zip(ids([one, two, three]), ["applied", "refused", "received"], strict=True))

    assert taken(world, *said) == (6, 6, 0, 0)
    assert world.rows("SELECT count(*), count(DISTINCT acknowledgement_id) FROM acknowledgements") == [(5, 5)]


def test_a_wrong_answer_is_a_rejection_of_its_recipient_and_stops_nothing(world: World) -> None:
    happened(world, *fined(world, 0))
    [event] = feed_of(world)
    topic = f"acks.{world.recipient('procurement')}"
    other = answer_to(world, event, feed="inspection")
    wrong = {
        "unknown-event": answer_to(world, {"event_id": str(uuid4())}),
        "not-sent": answer_to(world, event, feed="lenders"),
        "no-reason": answer_to(world, event, "refused"),
        "other-recipient": Message(topic, other.key, other.value),
        "wrong-key": answer_to(world, event, key="another"),
        "from-the-future": answer_to(world, event, acknowledged_at=datetime.now(UTC) + timedelta(days=1)),
        "truncated": Message(topic, b"k", b"\0\0"),
        "bad-magic": Message(topic, None, None),
        "not-an-acknowledgement": Message(topic, b"k", fined(world, 0)[0].value),
    }
    many = [one for one in wrong.values() for _ in range(30)]  # far more than a wrong schema of records may bring
    assert taken(world, *many, answer_to(world, event)) == (271, 0, 270, 0)
    assert set(rejected_codes(world)) == wrong.keys()
    assert standing_answers(world) == {event["event_id"]: "applied"}
    world.relay()
    letters = world.read(f"dead-letter.{world.recipient('procurement')}")
    assert letters.count((wrong["no-reason"].key, wrong["no-reason"].value)) == 30
    listed = DeadLetters(world.hub).first(Wanted(world.recipient("lenders")), 5)
    assert {one.code for one in listed} == {"not-sent"}


def test_a_lift_stays_pending_until_it_is_applied_and_settles_what_came_before(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    happened(world, *fined(world, 0, 1))
    happened(world, repaired(world, 0), *annulled(world, 1))
    events = feed_of(world)
    lifts = [one for one in events if one["event"] in ("lifted", "annulled")]
    assert sorted(one["reason"] for one in lifts) == ["ground-withdrawn", "repaired"]
    [measure] = shown_measures(world, 0)
    assert [(one["recipient"], one["event"], one["status"]) for one in measure["pending_at"]] == [
        (world.recipient("inspection"), "lifted", "waiting"),
        (world.recipient("procurement"), "lifted", "waiting"),
    ]
    assert entity_of(world.hub, Company(1).uscc, known_at=datetime.now(UTC)) is not None

    lift = next(one for one in lifts if one["reason"] == "repaired")
    refusal = answer_to(world, lift, "refused", feed="inspection", reason="not ours")
    taken(world, answer_to(world, lift), refusal)
    [measure] = shown_measures(world, 0)
    assert [(one["status"], one["reason"]) for one in measure["pending_at"]] == [("refused", "not ours")]
    assert "not ours" in measure["pending_at"][0]["words"]

    with world.another_hub(decide_on=None) as hub:
        found = Acknowledgements(hub)
        waits = {one["event_id"] for one in found.waiting(world.recipient("procurement"), limit=10)}
        figures = {one["recipient"]: one for one in found.figures()}
    assert {str(one) for one in waits} == {one["event_id"] for one in events if one["measure_id"] != lift["measure_id"]}
    procurement = figures[world.recipient("procurement")]
    assert (procurement["sent"], procurement["applied"], procurement["waiting"], procurement["overdue"]) == (4, 1, 2, 0)
    assert procurement["median_seconds"] > 0
    assert figures[world.recipient("inspection")]["refused"] == 1
    refused = commanded(world, capsys, "feed", "acks", world.recipient("inspection"), "--refused")
    assert [(one["event"], one["reason"]) for one in refused] == [("lifted", "not ours")]


def test_who_does_not_answer_is_reminded_once_for_each_event_and_step(world: World) -> None:
    happened(world, *fined(world, 0, 1, 2))
    one, two, three = feed_of(world)
    taken(world, answer_to(world, two), answer_to(world, three, "received"))
    at_once = [Thread(target=world.hub.timers, args=(LATER,)) for _ in range(3)]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join(30)
    world.hub.timers(LATER)
    world.relay()
    reminders = [each for each in world.values(f"feed.{world.recipient('procurement')}") if each["event"] == "reminded"]
    assert sorted(each["about_event_id"] for each in reminders) == sorted(ids([one, three]))
    assert {each["step"] for each in reminders} == {3}, "who was not reminded for so long is not reminded three times"
    assert all(isinstance(each["due_on"], date) and each["due_on"] < LATER for each in reminders)

    world.hub.timers(LATER + timedelta(days=60))
    assert world.relay() == 0, "there is no fourth step"
    overdue = overdue_of(world, LATER)
    assert [str(each["event_id"]) for each in overdue] == ids([one, three])
    assert all(each["overdue"] for each in overdue)


def test_reminders_come_step_by_step(world: World) -> None:
    happened(world, *fined(world, 0))
    today = datetime.now(UTC).date()
    steps = []
    for days in range(40):
        world.hub.timers(today + timedelta(days=days))
        [(count,)] = world.rows("SELECT count(*) FROM notices WHERE recipient = %s", world.recipient("procurement"))
        steps.append(count)
    assert steps[5] == 0 and steps[-1] == 3
    assert all(later - earlier in (0, 1) for earlier, later in pairwise(steps))


def commanded(world: World, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert main(["--config", str(world.config), "--json", "-q", *words]) == 0
    return json.loads(capsys.readouterr().out)


def on_log(world: World) -> list[Message]:
    """What lies on the procurement office's topic of answers."""
    topic = f"acks.{world.recipient('procurement')}"
    return [Message(topic, key, value) for key, value in world.read(topic)]


def overdue_of(world: World, on: date) -> list[dict[str, Any]]:
    with world.another_hub(decide_on=on) as hub:
        return Acknowledgements(hub).waiting(world.recipient("procurement"), overdue=True, limit=10)


def shown_measures(world: World, number: int) -> list[dict[str, Any]]:
    found = entity_of(world.hub, Company(number + 1).uscc)
    assert found is not None
    measures: list[dict[str, Any]] = found["measures"]
    return measures


@pytest.fixture
def token(world: World) -> str:
    """The token of the procurement office."""
    return Tokens(access_file(world.settings)).issue(
        world.recipient("procurement"), "", datetime.now(UTC), role="recipient"
    )[1]


def test_answers_over_http_are_answered_one_by_one(world: World, token: str) -> None:
    happened(world, *fined(world, 0, 1))
    one, two = ids(feed_of(world))
    said = {"status": "applied", "acknowledged_by": "Tender desk"}
    with gateway(world) as url:
        path = f"{url}/api/v1/feeds/{world.recipient('procurement')}/acks"

        def post(body: Any, path: str = path, token: str = token) -> httpx.Response:
            return httpx.post(path, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)

        right = post([{**said, "event_id": one, "applied_on": "2026-03-03"}, {**said, "event_id": two}])
        assert (right.status_code, right.json()["accepted"]) == (200, 2)
        again = post({**said, "event_id": one, "status": "refused", "reason": "a contract stands"})
        assert again.status_code == 200
        some = post([{**said, "event_id": one}, {**said, "event_id": str(uuid4())}, {"event_id": two}, 7])
        assert some.status_code == 207
        answers = some.json()["acknowledgements"]
        assert [each["status"] for each in answers] == ["accepted", "rejected", "rejected", "rejected"]
        assert [each["faults"][0]["code"] for each in answers[1:]] == ["unknown-event", "invalid", "invalid"]
        none = post([{**said, "event_id": one, "status": "refused"}])
        assert (none.status_code, none.json()["type"]) == (422, "/problems/all-rejected")
        assert post([], token="wrong").status_code == 401
        assert post([], path.replace("procurement", "lenders")).status_code == 403
        assert httpx.post(path, content=b"{", headers={"Authorization": f"Bearer {token}"}).status_code == 415
    assert taken(world, *on_log(world)) == (4, 0, 0, 0)
    assert standing_answers(world) == {one: "applied", two: "applied"}


def test_answers_from_the_command_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    happened(world, *fined(world, 0, 1))
    one, two = ids(feed_of(world))
    recipient = world.recipient("procurement")
    program = ["--config", str(world.config), "feed", "ack"]
    assert main([*program, recipient, one, "--applied", "--on", "2026-03-03"]) == 0
    assert main([*program, recipient, two, "--refused", "--reason", "no such bidder", "--by", "Tender desk"]) == 0
    for words in (["--refused"], [], ["--applied", "--received"]):
        assert main([*program, recipient, two, *words]) == 2
    taken(world, *on_log(world))
    rows = world.rows(
        "SELECT event_id::text, status, reason, applied_on, acknowledged_by = 'Tender desk' FROM acknowledgements"
    )
    assert set(rows) == {
        (one, "applied", None, date(2026, 3, 3), False),
        (two, "refused", "no such bidder", None, True),
    }
    figures = commanded(world, capsys, "status")["acknowledgements"]
    assert {each["recipient"]: each["applied"] for each in figures}[recipient] == 1
