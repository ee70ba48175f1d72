"""The relay: every event leaves once, in order and numbered without gaps, for a reader of committed messages."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

import psycopg
import pytest
from kafka import KafkaProducer
from structlog.testing import capture_logs

from sharehub.errors import RefusedError, SharehubError, UnreachableError
from sharehub.feeds import RELAY_ID, Feeds
from sharehub.hub import Hub
from sharehub.stream.transactional import TransactionalSender
from tests.integration.installation import DECIDE_ON
from tests.integration.publishing import World, by_hand, gap_free, until
from tests.integration.saying import Company, Message, Speaker, subject

pytestmark = pytest.mark.integration


def penalties(world: World, first: int, last: int) -> list[Message]:
    """Penalties on as many companies: one event each."""
    said = Speaker(world.agency("environment"))
    return [said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in range(first, last)]


def add_events(world: World, first: int, last: int) -> None:
    """Put events into the outbox, without the log."""
    with by_hand(world) as worker:
        worker.take(*penalties(world, first, last))


def published(world: World, topic: str = "events.sanction") -> list[tuple[str, int]]:
    """Id and position of every committed event."""
    return [(event["event_id"], event["feed_position"]) for event in world.values(topic)]


@contextmanager
def relaying(world: World) -> Iterator[tuple[Hub, Thread, list[Exception]]]:
    """A relay in a thread; what it ended with."""
    ended: list[Exception] = []

    with world.another_hub() as hub:

        def work() -> None:
            try:
                Feeds(hub).relay(until_caught_up=False)
            except Exception as error:  # noqa: BLE001 - the test says which it must be
                ended.append(error)

        thread = Thread(target=work)
        thread.start()
        try:
            yield hub, thread, ended
        finally:
            hub.stopping.set()
            thread.join(30)


def test_a_second_relay_is_refused_while_one_runs(world: World) -> None:
    add_events(world, 0, 3)
    with relaying(world):
        until(lambda: len(published(world)) == 3)
        with pytest.raises(RefusedError, match="another relay"):
            world.relay()
        refused = world.command("relay", "--until-caught-up")
        assert refused.wait(60) == RefusedError.exit_code
        add_events(world, 3, 6)
        until(lambda: len(published(world)) == 6)
    assert world.relay() == 0, "the lock was given back and nothing was left"


def test_what_was_sent_is_not_sent_again(world: World) -> None:
    add_events(world, 0, 5)
    assert world.relay() == 5
    assert world.relay() == 0
    add_events(world, 5, 7)
    assert world.relay() == 2
    sent = published(world)
    assert len({event for event, _ in sent}) == 7
    assert gap_free([position for _, position in sent])


def test_a_late_commit_cannot_slip_in_behind_a_reader(world: World) -> None:
    """The row with the smaller sequence number commits last: it must be numbered last."""
    rejection = "INSERT INTO rejections VALUES (gen_random_uuid(), 't', 0, 0, %s, '', '', '', 'k', 'v', now())"
    with psycopg.connect(world.dsn) as slow:
        slow.execute(rejection, [world.agency("environment")])
        slow.execute("INSERT INTO outbox (rejection_id) SELECT rejection_id FROM rejections")
        add_events(world, 0, 4)
        assert world.relay() == 4
        slow.commit()
    assert world.relay() == 1
    rows = world.rows("SELECT position, seq, rejection_id IS NOT NULL FROM outbox ORDER BY position")
    assert gap_free([position for position, _, _ in rows])
    assert [late for _, _, late in rows] == [False] * 4 + [True]
    assert min(seq for _, seq, _ in rows) == rows[-1][1]


def test_a_step_that_fails_numbers_nothing(world: World) -> None:
    add_events(world, 0, 3)
    world.rows("ALTER TABLE feed_entries ADD CONSTRAINT full_disk CHECK (feed_position < 3)")
    with pytest.raises((SharehubError, psycopg.Error)):
        world.relay()
    assert world.rows("SELECT count(position) FROM outbox") == [(0,)]
    assert world.counts()["feed_entries"] == 0
    world.rows("ALTER TABLE feed_entries DROP CONSTRAINT full_disk")
    assert world.relay() == 3
    assert gap_free([position for _, position in published(world)])


def test_events_do_not_wait_for_the_entities_that_they_change(world: World) -> None:
    add_events(world, 0, 3)
    with capture_logs() as said:
        assert world.relay() == 3
    together = [(one["entries"], one["entities"]) for one in said if one["event"] == "relayed"]
    assert together == [(3, 0), (0, 3)]


def test_an_entity_that_a_worker_holds_keeps_nobody_waiting_and_is_told_again(world: World) -> None:
    """Each waiting for the other's rows, the relay was ended by the database as the one to give way."""

    def untold() -> list[tuple[Any, ...]]:
        return world.rows("SELECT entity_id FROM entities WHERE unpublished")

    add_events(world, 0, 3)
    with psycopg.connect(world.dsn) as worker:
        held = worker.execute("SELECT entity_id FROM entities ORDER BY entity_id LIMIT 1 FOR UPDATE").fetchall()
        with relaying(world) as (_, _, ended):
            until(lambda: untold() == held)
            worker.rollback()
            until(lambda: not untold())
    assert not ended


def test_a_reader_is_not_held_up_by_a_transaction_that_is_open(world: World) -> None:
    """A relay that dies leaves its transaction open until Kafka ends it; readers see what was committed."""
    add_events(world, 0, 2)
    world.relay()
    recipient = world.recipient("procurement")
    dying = KafkaProducer(bootstrap_servers=world.bootstrap_servers, transactional_id=f"dying-{world.names}")
    dying.init_transactions()
    dying.begin_transaction()
    dying.send(f"feed.{recipient}", value=b"never committed").get(timeout=10)
    found: list[Any] = []
    reader = Thread(target=lambda: found.append(world.hub.pull(recipient)), daemon=True)
    reader.start()
    reader.join(10)
    try:
        assert not reader.is_alive(), "the reader waits for the open transaction"
        assert len(found[0]) == 2
    finally:
        dying.abort_transaction()
        dying.close()
    assert len(world.hub.pull(recipient)) == 2


def test_a_relay_that_loses_the_database_ends_with_a_clear_error_and_the_next_goes_on(world: World) -> None:
    add_events(world, 0, 3)
    with relaying(world) as (_, thread, ended):
        until(lambda: len(published(world)) == 3)
        world.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        thread.join(30)
        assert not thread.is_alive()
    add_events(world, 3, 5)
    assert world.relay() == 2
    assert gap_free([position for _, position in published(world)])
    assert [type(error) for error in ended] == [UnreachableError]


@contextmanager
def database_away(world: World) -> Iterator[None]:
    """Nobody can connect, as while PostgreSQL restarts."""
    name = world.rows("SELECT current_database()")[0][0]
    with psycopg.connect(world.dsn.replace(f"/{name}?", "/postgres?"), autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            yield
        finally:
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


SERVICES: Mapping[str, Callable[[Hub], object]] = {
    "relay": lambda hub: Feeds(hub).relay(until_caught_up=True),
    "consolidate": lambda hub: hub.consolidate(until_caught_up=True),
    "timers": lambda hub: hub.timers(DECIDE_ON),
    "status": lambda hub: hub.status(),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_without_its_database_ends_with_a_clear_error(world: World, service: str) -> None:
    with world.another_hub() as hub, database_away(world), pytest.raises(UnreachableError, match="PostgreSQL"):
        SERVICES[service](hub)


def test_an_outbox_that_does_not_belong_to_the_published_log_is_refused(world: World) -> None:
    """An empty or restored database numbers from the start; the position on Kafka is beyond it."""
    add_events(world, 0, 5)
    world.relay()
    world.forget_all()
    add_events(world, 10, 13)
    with pytest.raises(SharehubError):
        world.relay()


def test_every_recipient_gets_its_own_events_in_the_common_order(world: World) -> None:
    tax = Speaker(world.agency("tax"))
    with by_hand(world) as worker:
        for n in range(6):
            rating = tax.says("rating", f"r{n}", subject(Company(n + 1).uscc))
            arrears = tax.says("arrears", f"a{n}", subject(Company(n + 1).uscc))
            worker.take(*penalties(world, n, n + 1), rating, arrears)
    world.relay()

    everything = [event for event, _ in published(world)]
    expected = {
        "procurement": {"cn/major-penalty"},
        "inspection": {"cn/major-penalty", "cn/grade-a"},
        "lenders": {"cn/arrears-notice"},
        "halls": {"cn/grade-a"},
    }
    for feed, measures in expected.items():
        events = world.values(f"feed.{world.recipient(feed)}")
        assert {event["measure"] for event in events} == measures
        assert gap_free([event["feed_position"] for event in events])
        order = [everything.index(event["event_id"]) for event in events]
        assert order == sorted(order)


def test_the_relay_keeps_up_with_a_worker_that_writes_at_the_same_time(world: World) -> None:
    with relaying(world):
        for start in range(0, 60, 10):
            add_events(world, start, start + 10)
            time.sleep(0.05)
        until(lambda: world.rows("SELECT count(*) FROM outbox WHERE position IS NULL") == [(0,)])
    world.relay()
    sent = published(world)
    assert len({event for event, _ in sent}) == len(sent) == 60
    assert gap_free([position for _, position in sent])
    assert len(world.latest("state.measure")) == len(world.latest("state.entity")) == 60


@pytest.mark.parametrize("position", [32_000, 2_147_483_000])
def test_a_position_may_be_any_number(world: World, position: int) -> None:
    """Near the end of 16 and of 32 bits too, where PostgreSQL adds up small numbers as they come."""
    add_events(world, 0, 1)
    world.relay()
    world.rows("UPDATE outbox SET position = %s", position)
    with TransactionalSender(world.hub.addresses.bootstrap_servers, RELAY_ID) as sender:
        sender.send([], position)
    add_events(world, 1, 3)
    assert world.relay() == 2
