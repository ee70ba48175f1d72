"""Feeds over HTTP: the events of Kafka in their order, with the same cursor, by page, long poll and stream."""

import json
import threading
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage
from cloudevents.core.bindings.kafka import from_binary_event as from_kafka
from cloudevents.core.formats.json import JSONFormat
from kafka import KafkaConsumer, TopicPartition

from sharehub.bootstrap import access_file, signing_key_file
from sharehub.core.feed import cursor_of
from sharehub.feeds import Feeds
from sharehub.topics import feed_topic
from sharehub.web.problems import KINDS
from sharehub.web.tokens import Tokens
from sharehub.wire.cloudevents import plain
from sharehub.wire.rows import decode
from sharehub.wire.signing import canonical, public_keys, verify
from tests.integration.feeding import FEED, Reader, add_events, data_of, positions, token
from tests.integration.publishing import World, fresh_world
from tests.integration.pushing import gateway
from tests.integration.saying import REGISTRY

pytestmark = pytest.mark.integration

EVENTS = 7


@pytest.fixture(scope="module")
def fed(stack: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Reader]]:
    """A feed with some events, and its recipient; tests that add events have worlds of their own."""
    with fresh_world(stack, tmp_path_factory.mktemp("feeds")) as world:
        add_events(world, 0, EVENTS)
        with gateway(world) as url:
            yield world, Reader(world, url)


@pytest.fixture
def reader(fed: tuple[World, Reader]) -> Reader:
    """The recipient alone."""
    return fed[1]


def code_of(said: httpx.Response) -> str:
    """The kind of problem that was answered; its page is there."""
    assert said.headers["content-type"] == "application/problem+json"
    kind = str(said.json()["type"]).removeprefix("/problems/")
    assert KINDS[kind].status == said.status_code
    return kind


def test_pages_follow_one_another_by_their_links(reader: Reader) -> None:
    found: list[dict[str, Any]] = []
    said = reader.get(limit=3)
    while events := said.json():
        assert len(events) <= 3
        found += events
        assert said.headers["content-type"] == "application/cloudevents-batch+json"
        said = httpx.get(reader.url + said.links["next"]["url"], headers=reader.headers)
    assert positions(found) == [*range(1, EVENTS + 1)]
    assert f"after={found[-1]['cursor']}" in said.links["next"]["url"], "the end leads to what comes next"


def test_http_and_kafka_carry_the_same_events(fed: tuple[World, Reader]) -> None:
    world, reader = fed
    over_http = reader.get().json()
    assert [plain(value) for value in world.values(feed_topic(reader.recipient))] == [one["data"] for one in over_http]


def test_events_are_cloudevents_and_signed(fed: tuple[World, Reader]) -> None:
    world, reader = fed
    keys = httpx.get(f"{reader.url}/.well-known/jwks.json").json()["keys"]
    assert keys == [dict(one) for one in public_keys(signing_key_file(world.settings))]
    for event in reader.get().json():
        read = JSONFormat().read(None, json.dumps(event))  # checks every attribute by the specification
        assert (read.get_id(), read.get_type()) == (event["id"], "gov.sharehub.events.sanction.issued")
        assert (read.get_extension("cursor"), read.get_subject()) == (event["cursor"], event["data"]["entity_id"])
        verify(event["jws"], canonical(event["data"]), keys)


def test_kafka_messages_are_cloudevents_in_binary_mode(fed: tuple[World, Reader]) -> None:
    world, reader = fed
    over_http = {event["id"]: event for event in reader.get().json()}
    place = TopicPartition(feed_topic(reader.recipient), 0)
    consumer = KafkaConsumer(
        bootstrap_servers=world.bootstrap_servers, isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        consumer.assign([place])
        consumer.seek(place, 0)
        found: list[Any] = []
        while len(found) < EVENTS:
            found += consumer.poll(2_000).get(place, [])
    finally:
        consumer.close(autocommit=False)
    for message in found:
        event = from_kafka(KafkaMessage(dict(message.headers), message.key, message.value))
        same = over_http[event.get_id()]
        assert event.get_data() == message.value
        assert decode(REGISTRY, message.value)[1]["event_id"] == event.get_id()
        assert event.get_datacontenttype() == "application/vnd.confluent.avro"
        stated = (event.get_type(), event.get_source(), event.get_subject(), event.get_time().isoformat())
        assert stated == (same["type"], same["source"], same["subject"], same["time"])
        assert dict(message.headers)["jws"].decode() == same["jws"]
    assert len(found) == EVENTS


def test_the_catalogue_tells_a_recipient_of_its_own_feed(fed: tuple[World, Reader]) -> None:
    world, reader = fed
    [told] = httpx.get(f"{reader.url}/api/v1/feeds", headers=reader.headers).json()
    assert told["recipient"] == reader.recipient
    assert (told["position"], told["first_position"], told["snapshot"]) == (EVENTS, 1, None)
    said = ("sanction-event", "agreement-event", "reminder-notice")
    assert told["schema_ids"] == [REGISTRY.latest(one).id for one in said]
    assert told["key_id"] == public_keys(signing_key_file(world.settings))[0]["kid"]
    assert httpx.get(reader.url + told["events"], params={"after": told["cursor"]}, headers=reader.headers).json() == []
    first = httpx.get(reader.url + told["events"], params={"after": told["first_cursor"]}, headers=reader.headers)
    assert positions(first.json()) == [*range(1, EVENTS + 1)]
    publisher = {"Authorization": f"Bearer {token(world, world.agency('tax'), 'agency')}"}
    assert httpx.get(f"{reader.url}/api/v1/feeds", headers=publisher).json() == []


@pytest.mark.parametrize("path", ["events", "stream"])
def test_only_the_recipient_reads_its_feed(fed: tuple[World, Reader], path: str) -> None:
    world, reader = fed
    assert code_of(reader.get(path, recipient=world.recipient("lenders"))) == "other-recipient"
    address = f"{reader.url}/api/v1/feeds/{reader.recipient}/{path}"
    assert code_of(httpx.get(address)) == "not-authenticated"
    publisher = {"Authorization": f"Bearer {token(world, world.agency('tax'), 'agency')}"}
    assert code_of(httpx.get(address, headers=publisher)) == "other-recipient"
    same_name = {"Authorization": f"Bearer {token(world, reader.recipient, 'agency')}"}
    assert code_of(httpx.get(address, headers=same_name)) == "other-recipient"


@pytest.mark.parametrize("path", ["events", "stream"])
@pytest.mark.parametrize("cursor", ["x", "ZjEuMQ==", "é", cursor_of(1)[:-1], cursor_of(EVENTS + 1), cursor_of(10**17)])
def test_a_cursor_of_another_place_is_refused(reader: Reader, path: str, cursor: str) -> None:
    """Beyond the end too: it is another feed's, and waiting for it would lose what comes until then."""
    assert code_of(reader.get(path, after=cursor)) == "bad-cursor"


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1_001}, {"timeout": 61}, {"timeout": "soon"}])
def test_what_is_asked_has_bounds(reader: Reader, query: dict[str, Any]) -> None:
    assert code_of(reader.get(**query)) == "bad-request"


def test_nothing_newer_is_an_empty_list_at_once_or_after_the_wait(reader: Reader) -> None:
    begun = time.monotonic()
    assert reader.get(after=cursor_of(EVENTS)).json() == []
    assert reader.get(after=cursor_of(EVENTS), timeout=1).json() == []
    assert time.monotonic() - begun >= 1


def test_a_stream_resumes_after_the_last_event_that_was_kept(reader: Reader) -> None:
    with reader.stream() as events:
        sent = [one for one in islice(events, EVENTS + 1) if "data" in one]
    assert positions([data_of(one) for one in sent]) == [*range(1, EVENTS + 1)]
    with reader.stream(**{"Last-Event-ID": sent[3]["id"]}) as events:
        rest = [one for one in islice(events, EVENTS - 3) if "data" in one]
    assert rest == sent[4:], "the same bytes"


def test_who_waits_is_told_at_once_and_all_share_one_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add_events(world, 0, 2)
    read: list[str] = []
    original = Feeds.events

    def counted(self: Feeds, recipient: str, after: str, entries_max: int) -> list[dict[str, Any]]:
        read.append(after)
        return original(self, recipient, after, entries_max)

    with gateway(world) as url:
        waiting = [Reader(world, url) for _ in range(12)]
        told: list[list[int]] = []

        def poll(reader: Reader) -> None:
            told.append(positions(reader.get(after=cursor_of(2), timeout=30).json()))

        threads = [threading.Thread(target=poll, args=[one]) for one in waiting]
        for one in threads:
            one.start()
        time.sleep(1.5)
        monkeypatch.setattr(Feeds, "events", counted)
        add_events(world, 2, 3)
        for one in threads:
            one.join(30)
    assert told == [[3]] * 12
    assert read == [cursor_of(2)], "the database was asked once for all"


def test_what_is_no_longer_kept_is_told_with_where_to_begin(world: World) -> None:
    add_events(world, 0, 5)
    feed = world.recipient(FEED)
    with gateway(world) as url:
        reader = Reader(world, url)
        with reader.stream(**{"Last-Event-ID": cursor_of(1)}) as events:
            assert data_of(next(one for one in events if "data" in one))
            world.rows("DELETE FROM feed_entries WHERE feed = %s AND feed_position <= 3", feed)
        for path in ("events", "stream"):
            said = reader.get(path, after=cursor_of(1))
            assert code_of(said) == "too-old"
            assert (said.json()["restart"], said.json()["snapshot"]) == (cursor_of(3), None)
        assert positions(reader.get(after=said.json()["restart"]).json()) == [4, 5]


def test_a_stream_ends_with_its_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharehub.web.stream._KEEP_ALIVE_S", 0.3)
    with gateway(world) as url:
        reader = Reader(world, url)
        with reader.stream() as events:
            assert [sorted(one) for one in islice(events, 3)] == [["retry"], ["comment"], ["comment"]]
            tokens = Tokens(access_file(world.settings))
            tokens.revoke(tokens.all()[0].token_id)
            assert len(list(events)) <= 2, "and it ends"
        assert code_of(reader.get("stream")) == "not-authenticated"


def test_streams_and_waiting_polls_end_with_the_server(world: World) -> None:
    ended: list[Any] = []
    with gateway(world) as url:
        reader = Reader(world, url)
        begun = threading.Event()

        def follow() -> None:
            with reader.stream() as events:
                next(events)
                begun.set()
                ended.append(list(events))

        def poll() -> None:
            ended.append(reader.get(timeout=60).json())

        threads = [threading.Thread(target=one) for one in (follow, poll)]
        for one in threads:
            one.start()
        assert begun.wait(30)
        time.sleep(1)
        stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < 20, "the server does not wait for those who wait"
    for one in threads:
        one.join(5)
    assert [len([one for one in found if "data" in one]) for found in ended] == [0, 0], "a clean end, and nothing lost"


def test_a_server_without_a_database_says_so(world: World) -> None:
    elsewhere = world.settings.model_copy(
        update={
            "home": world.settings.home / "elsewhere",
            "kafka": world.settings.kafka.model_copy(update={"bootstrap_servers": world.bootstrap_servers}),
            "database": world.settings.database.model_copy(update={"url": ""}),
        }
    )
    recipient = world.recipient(FEED)
    world.settings = elsewhere
    with gateway(world) as url:
        headers = {"Authorization": f"Bearer {token(world, recipient)}"}
        for path in ("feeds", f"feeds/{recipient}/events", f"feeds/{recipient}/stream", "webhooks"):
            assert code_of(httpx.get(f"{url}/api/v1/{path}", headers=headers)) == "not-ready", path
        assert httpx.get(f"{url}/asyncapi.json").status_code == 200
