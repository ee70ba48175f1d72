"""The subscriber: every event in order until it was done, answered, checked; a mirror that stays right."""

import json
import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, TopicPartition

from sharehub import Subscriber
from sharehub.bootstrap import access_file, signing_key_file
from sharehub.core.feed import cursor_of
from sharehub.errors import RefusedError, UsageError
from sharehub.feedfiles.manifest import root_of
from sharehub.snapshots import Snapshots
from sharehub.subscriber import Event, Notice, TooOldError
from sharehub.web.tokens import Tokens
from sharehub.wire.signing import SigningKey
from tests.integration.answering import annulled, feed_of, fined, happened, ids, repaired, standing_answers, taken
from tests.integration.publishing import World
from tests.integration.pushing import gateway
from tests.integration.saying import Message
from tests.integration.test_publisher import BASE_ONLY

pytestmark = pytest.mark.integration

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = Path(__file__).parents[2] / "examples" / "procurement" / "office.py"
Open = Callable[..., Subscriber]


@pytest.fixture
def opened(world: World, tmp_path: Path) -> Open:
    """A way to open the procurement office's subscriber, which knows the hub's key."""

    def subscriber(**stated: Any) -> Subscriber:
        known = {"keys": hub_keys(world), "until_caught_up": True, "settings": world.settings, **stated}
        return Subscriber(world.recipient("procurement"), **known)

    return subscriber


def hub_keys(world: World) -> dict[str, Any]:
    """The hub's public keys."""
    return {"keys": [SigningKey.kept(signing_key_file(world.settings)).public]}


def answers(world: World) -> list[Message]:
    """What lies on the procurement office's topic of answers."""
    topic = f"acks.{world.recipient('procurement')}"
    return [Message(topic, key, value) for key, value in world.read(topic)]


def test_events_come_in_order_until_they_are_done_and_are_answered(world: World, opened: Open) -> None:
    happened(world, *fined(world, 0, 1, 2))
    with opened() as feed, pytest.raises(ZeroDivisionError):
        for event in feed:
            if event.position == 2:
                event.received()
                raise ZeroDivisionError
            event.applied()
    with opened() as feed:
        seen = [(event.position, event.event, event.refused("not ours")) for event in feed]
    assert [position for position, *_ in seen] == [2, 3], "the first was done, the second was not"
    with opened() as feed:
        assert list(feed) == []

    happened(world, repaired(world, 1))
    with opened() as feed:
        [lift] = list(feed)
    assert (lift.event, lift.status, lift.position, lift.number) == ("lifted", "lifted", 4, 2)
    taken(world, *answers(world))
    expected = dict(zip(ids(feed_of(world)), ["applied", "refused", "refused"], strict=False))
    assert standing_answers(world) == expected


def test_a_break_and_a_close_lose_no_answer(world: World, opened: Open) -> None:
    happened(world, *fined(world, 0, 1, 2))
    feed = opened(by="Tender desk")
    for event in feed:
        event.applied(note="by hand")
        if event.position == 2:
            break
    feed.close()
    assert len(answers(world)) == 2
    with opened() as feed:
        assert [event.position for event in feed] == [3]
    with opened(after="") as feed:
        assert [event.position for event in feed] == [1, 2, 3], "a place of one's own is nobody else's"
    with opened(after=cursor_of(2)) as feed:
        assert [event.position for event in feed] == [3]


def test_what_the_hub_has_not_signed_stops_the_loop(world: World, opened: Open, tmp_path: Path) -> None:
    happened(world, *fined(world, 0))
    stranger = {"keys": [SigningKey.kept(tmp_path / "other.pem").public]}
    with opened(keys=stranger) as feed, pytest.raises(RefusedError):
        next(iter(feed))
    with opened() as feed:
        assert len(list(feed)) == 1, "nothing of it was taken for done"
    for damaged in ({}, {"keys": []}, tmp_path / "none.json", str(tmp_path / "none.json")):
        with pytest.raises(UsageError):
            opened(keys=damaged)


def test_notices_are_told_apart(world: World, opened: Open) -> None:
    happened(world, *fined(world, 0))
    world.hub.timers(datetime.now(UTC).date() + timedelta(days=60))
    world.relay()
    happened(world, *fined(world, 1))
    notices: list[Notice] = []
    with opened(on_notice=notices.append) as feed:
        events = list(feed)
    assert [one.position for one in events] == [1, 3]
    assert [(one.position, one.event, one.data["about_event_id"]) for one in notices] == [
        (2, "reminded", str(events[0].id))
    ]
    assert not isinstance(notices[0], Event)


def test_a_place_that_the_feed_does_not_have_is_told(world: World, opened: Open, tmp_path: Path) -> None:
    happened(world, *fined(world, 0, 1, 2))
    with opened(after=cursor_of(500)) as feed, pytest.raises(UsageError, match="500"):
        next(iter(feed))
    for said in ("", "{}", '{"recipient": "other", "cursor": ""}', '{"recipient": "RECIPIENT", "cursor": "x"}'):
        place = tmp_path / "place.json"
        place.write_text(said.replace("RECIPIENT", world.recipient("procurement")))
        with pytest.raises(UsageError):
            opened(place=place)
    with opened(place=str(tmp_path / "text.json")) as feed:
        assert len(list(feed)) == 3
    assert (tmp_path / "text.json").is_file(), "a path may be a text"
    client = KafkaAdminClient(bootstrap_servers=world.bootstrap_servers)
    client.delete_records({TopicPartition(f"feed.{world.recipient('procurement')}", 0): 2})
    client.close()
    with opened() as feed, pytest.raises(TooOldError):
        next(iter(feed))
    with opened(after=cursor_of(2)) as feed:
        assert [event.position for event in feed] == [3]


def test_over_http_keys_are_asked_for_once_and_kept(world: World, opened: Open) -> None:
    happened(world, *fined(world, 0, 1, 2))
    token = Tokens(access_file(world.settings)).issue(
        world.recipient("procurement"), "", datetime.now(UTC), role="recipient"
    )[1]
    pinned = world.settings.home / "subscriber" / f"{world.recipient('procurement')}.keys.json"
    with gateway(world) as url:
        with opened(url=url, token=token, keys=None) as feed:
            first = next(iter(feed))
            first.applied()
        assert json.loads(pinned.read_text())["keys"][0] == hub_keys(world)["keys"][0]
        with opened() as feed:  # the way is another, the place is the same
            assert [event.position for event in feed] == [2, 3]
        assert len(answers(world)) == 1
        world.rows("DELETE FROM feed_entries WHERE feed = %s AND feed_position = 1", world.recipient("procurement"))
        with opened(url=url, token=token, after="") as feed, pytest.raises(TooOldError) as old:
            next(iter(feed))
        assert old.value.restart == cursor_of(1)
        with pytest.raises(RefusedError), opened(url=url, token="wrong", after="") as feed:
            next(iter(feed))


def test_the_base_installation_subscribes(world: World, tmp_path: Path) -> None:
    happened(world, *fined(world, 0))
    use = """
import sys
with Subscriber(sys.argv[1], kafka=sys.argv[2], until_caught_up=True) as feed:
    for event in feed:
        event.applied()
"""
    program = BASE_ONLY.partition("from sharehub import Publisher")[0] + "from sharehub import Subscriber\n" + use
    run(world, tmp_path, [sys.executable, "-c", program, world.recipient("procurement"), world.bootstrap_servers])
    assert len(answers(world)) == 1


def snippets(world: World, page: str) -> list[str]:
    """The Python blocks of a page, for this world's procurement office."""
    found = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    return [one.replace("cn-procurement", world.recipient("procurement")) for one in found]


def environment(world: World, folder: Path) -> dict[str, str]:
    """What a downstream system is given."""
    return {
        "PYTHONPATH": ":".join(sys.path),
        "SHAREHUB_HOME": str(folder / "home"),
        "SHAREHUB_KAFKA__BOOTSTRAP_SERVERS": world.bootstrap_servers,
    }


def run(world: World, folder: Path, program: list[str]) -> str:
    """What a program prints that must succeed."""
    done = subprocess.run(
        program, cwd=folder, env=environment(world, folder), capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_mirrors_of_the_page_are_right_whatever_happens_to_them(world: World, tmp_path: Path) -> None:
    chance = random.Random(20261126)  # noqa: S311 - a test
    programs = dict(zip(("list", "file"), snippets(world, "subscribe.md"), strict=False))
    for folder in programs:
        (tmp_path / folder).mkdir()
    number = 0
    for _ in range(2):
        fresh = range(number, number + 40)
        number += 40
        happened(world, *fined(world, *fresh))
        ended = chance.sample(fresh, 15)
        happened(world, *annulled(world, *ended[:8]), *(repaired(world, one) for one in ended[8:]))
        for folder, program in programs.items():
            killed(world, tmp_path / folder, program, chance.randint(3, 30))
    for folder, program in programs.items():
        run(world, tmp_path / folder, [sys.executable, "-c", program])

    expected = hub_list(world)
    with sqlite3.connect(tmp_path / "list" / "mirror.db") as mirror:
        rows = mirror.execute("SELECT id, number, status, starts, ends FROM measures").fetchall()
    assert {row[0]: row[1:] for row in rows} == expected
    lines = [line.split(",") for line in (tmp_path / "file" / "mirror.csv").read_text(encoding="utf-8").splitlines()]
    assert len(lines) > len(feed_of(world)), "it was never killed between an event and its answer"
    kept = {
        line[0]: (int(line[1]), line[2], line[-2], line[-1] or None)
        for line in sorted(lines, key=lambda one: int(one[1]))
    }
    assert kept == expected
    assert {status for _, status, *_ in expected.values()} == {"standing", "lifted"}
    taken(world, *answers(world))
    assert set(standing_answers(world)) == set(ids(feed_of(world)))


def test_the_list_of_the_page_is_the_hubs(world: World, tmp_path: Path) -> None:
    program = snippets(world, "subscribe.md")[2]
    happened(world, *fined(world, *range(8)))
    run(world, tmp_path, [sys.executable, "-c", program])
    happened(world, *annulled(world, 0, 1), *fined(world, 8))
    run(world, tmp_path, [sys.executable, "-c", program])
    rows = map(json.loads, (tmp_path / "mirror.jsonl").read_text(encoding="utf-8").splitlines())
    version = Snapshots(world.hub).publish(world.recipient("procurement"), datetime.now(UTC))
    assert (root_of(rows), version.measures) == (version.root, 7)


SLOWLY = """
import time
from sharehub.subscriber import Event
answer = Event.applied
Event.applied = lambda event: (print(flush=True), time.sleep(0.03), answer(event))
"""


def killed(world: World, folder: Path, program: str, events: int) -> None:
    """Start it and kill it, at the latest after so many events."""
    started = subprocess.Popen(
        [sys.executable, "-c", SLOWLY + program], cwd=folder, env=environment(world, folder), stdout=subprocess.PIPE
    )
    assert started.stdout is not None
    for _ in range(events):
        started.stdout.readline()
    started.send_signal(signal.SIGKILL)
    started.communicate(timeout=10)


def hub_list(world: World) -> Mapping[str, tuple[Any, ...]]:
    """Every measure that the procurement office was ever told of, as the hub has it."""
    query = """
        SELECT measure_id::text, number, status, effective_from::text, effective_to::text FROM measures
        WHERE body -> 'recipients' ? %s
    """
    return {row[0]: row[1:] for row in world.rows(query, world.recipient("procurement"))}
