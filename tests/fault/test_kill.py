"""Processes die or freeze at any moment; what they were for is done exactly once all the same."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import MemberToRemove

from sharehub import embedded
from sharehub.errors import UnreachableError
from sharehub.wire.rows import decode
from tests.conftest import RunningStack
from tests.integration.publishing import World, by_hand, fresh_world, gap_free, until
from tests.integration.saying import REGISTRY, Company, Message, Speaker, subject

pytestmark = pytest.mark.integration

SEED = 20261126


def penalties(world: World, first: int, last: int) -> list[Message]:
    """Penalties on as many companies: one event each."""
    said = Speaker(world.agency("environment"))
    return [said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in range(first, last)]


@contextmanager
def process(world: World, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """A command that is gone at the end, however the test ends."""
    started = world.command(*words)
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def expel(world: World) -> None:
    """Take every member out of the group, as Kafka does by itself when a session has timed out."""
    client = KafkaAdminClient(bootstrap_servers=world.bootstrap_servers)
    try:
        group = world.settings.consolidator.group
        members = client.describe_groups([group])[group]["members"]
        client.remove_group_members(group, [MemberToRemove(member_id=one["member_id"]) for one in members])
    finally:
        client.close()


def done(world: World) -> int:
    """Messages that were applied so far."""
    return sum(world.positions().values())


def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(world: World) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a test
    published = world.say(penalties(world, 0, 1_000))
    for _ in range(2):
        reached = done(world) + chance.randint(5, 200)
        with process(world, "consolidate") as worker:
            until(lambda reached=reached: done(world) >= reached, pause_s=0.005)
            worker.send_signal(signal.SIGKILL)
        assert done(world) < published, "the worker was killed too late to prove anything"
        expel(world)
    totals = world.consolidate(batch_records_max=1_000)

    counts = world.counts()
    assert counts["records"] == counts["events"] == counts["outbox"] == published
    assert totals.duplicates == 0
    assert world.rows("SELECT sum(records), sum(duplicates) FROM partition_claims") == [(published, 0)]
    assert world.rows("SELECT min(epoch) >= 3 FROM partition_claims") == [(True,)]


def test_a_worker_that_was_frozen_while_another_took_over_writes_nothing_more(world: World) -> None:
    published = world.say(penalties(world, 0, 1_000))
    with process(world, "consolidate") as zombie:
        until(lambda: done(world) >= 50, pause_s=0.005)
        freeze_between_batches(world, zombie)
        before = done(world)
        expel(world)
        successor = world.consolidate(batch_records_max=500)
        assert before < published
        assert successor.records == published - before
        world.say(penalties(world, 1_000, 1_020))
        zombie.send_signal(signal.SIGCONT)
        until(lambda: done(world) == published + 20 or zombie.poll() is not None)
        zombie.send_signal(signal.SIGTERM)
        zombie.wait(30)
    world.consolidate()

    counts = world.counts()
    assert counts["records"] == counts["events"] == published + 20
    assert world.rows("SELECT sum(records), sum(duplicates) FROM partition_claims") == [(published + 20, 0)]


def freeze_between_batches(world: World, worker: "subprocess.Popen[str]") -> None:
    """Stop it where it holds no lock: one that freezes inside a transaction is ended by PostgreSQL first."""
    query = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"""
    while True:
        worker.send_signal(signal.SIGSTOP)
        time.sleep(0.05)
        if world.rows(query) == [(0,)]:
            return
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.01)


class Listener(Thread):
    """A reader of committed messages that listens all the time: positions of each topic as they came."""

    def __init__(self, world: World, topics: list[str]) -> None:
        super().__init__(daemon=True)
        self.heard: dict[str, list[int]] = {topic: [] for topic in topics}
        self.ids: dict[str, set[str]] = {topic: set() for topic in topics}
        self.enough = Event()
        self._servers = world.bootstrap_servers

    def run(self) -> None:
        """Listen until told that it is enough."""
        consumer = KafkaConsumer(
            bootstrap_servers=self._servers, isolation_level="read_committed", enable_auto_commit=False
        )
        partitions = [TopicPartition(topic, 0) for topic in self.heard]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        while not self.enough.is_set():
            for partition, messages in consumer.poll(100).items():
                for message in messages:
                    event = decode(REGISTRY, message.value)[1]
                    self.heard[partition.topic].append(event["feed_position"])
                    self.ids[partition.topic].add(event["event_id"])
        consumer.close(autocommit=False)


_NUMBERED = "SELECT coalesce(max(position), 0) FROM outbox"


def test_a_relay_killed_at_random_publishes_each_event_once_in_order(world: World) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a test
    topics = ["events.sanction", *(f"feed.{world.recipient(feed)}" for feed in ("procurement", "inspection"))]
    listener, stop, added = Listener(world, topics), Event(), [0]

    def add() -> None:
        with by_hand(world) as worker:
            while not stop.is_set():
                size = chance.randint(1, 20)
                worker.take(*penalties(world, added[0], added[0] + size))
                added[0] += size
                time.sleep(0.02)

    listener.start()
    adding = Thread(target=add)
    adding.start()
    try:
        for _ in range(3):
            before = world.rows(_NUMBERED)[0][0]
            with process(world, "relay") as relay:
                until(lambda before=before: world.rows(_NUMBERED)[0][0] > before, pause_s=0.002)
                time.sleep(chance.random() * 0.3)
                relay.send_signal(signal.SIGKILL)
    finally:
        stop.set()
        adding.join()
    world.relay()
    total = added[0]
    until(lambda: all(len(heard) >= total for heard in listener.heard.values()))
    time.sleep(0.3)  # a doubled message would come now
    listener.enough.set()
    listener.join(10)

    assert world.counts()["events"] == total
    for topic in topics:
        assert gap_free(listener.heard[topic]), topic
        assert len(listener.ids[topic]) == len(listener.heard[topic]) == total
    assert len(world.hub.pull(world.recipient("procurement"))) == total


def test_a_relay_without_kafka_ends_with_a_clear_error_and_the_next_goes_on(
    stack: RunningStack, tmp_path: Path
) -> None:
    """Never a silent wait: a relay that hangs keeps the lock, and nobody else may send."""
    home = tmp_path / "kafka"
    with ExitStack() as until_end:
        with embedded.owned(home, postgres=False) as kafka:
            around = RunningStack(kafka.bootstrap_servers, stack.database_url, tmp_path)
            world = until_end.enter_context(fresh_world(around, tmp_path / "world"))
            with by_hand(world) as hand:
                hand.take(*penalties(world, 0, 5))
            relay = until_end.enter_context(process(world, "relay"))
            until(lambda: len(world.read("events.sanction")) == 5)
        with by_hand(world) as hand:
            hand.take(*penalties(world, 5, 8))
        _, errors = relay.communicate(timeout=45)
        assert relay.returncode == UnreachableError.exit_code, errors[-2000:]
        assert "error: Kafka" in errors

        again = until_end.enter_context(embedded.owned(home, postgres=False))
        assert again.bootstrap_servers == world.bootstrap_servers
        assert world.relay() == 3
        assert gap_free([event["feed_position"] for event in world.values("events.sanction")])
