"""Only the owner of a partition can write, only from where it stands, and all of a batch or nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import psycopg
import pytest
from kafka import KafkaAdminClient, TopicPartition

from sharehub.errors import BrokenStateError, FencedError, SharehubError, UnreachableError
from sharehub.hub import Hub
from sharehub.store.view import View
from tests.integration.installation import PARTITIONS
from tests.integration.publishing import World, by_hand, create_topic, until
from tests.integration.saying import Company, Message, Speaker, subject

pytestmark = pytest.mark.integration


def penalties(world: World, first: int, last: int) -> list[Message]:
    """Penalties on as many companies."""
    said = Speaker(world.agency("environment"))
    return [
        said.says("penalty", f"p{n}", subject(Company(n + 1).uscc, name=f"Company {n}")) for n in range(first, last)
    ]


def written(world: World) -> dict[str, Any]:
    """All that a batch can change."""
    return {**world.counts(), "positions": world.positions()}


def test_a_worker_whose_partition_was_claimed_by_another_writes_nothing(emptied: World) -> None:
    with by_hand(emptied) as zombie:
        zombie.take(*penalties(emptied, 0, 3))
        emptied.rows("UPDATE partition_claims SET epoch = epoch + 1 WHERE topic = %s", emptied.topic("environment"))
        before = written(emptied)
        with pytest.raises(FencedError):
            zombie.take(*penalties(emptied, 3, 6))
        assert written(emptied) == before


def test_the_next_owner_goes_on_where_the_last_one_committed(emptied: World) -> None:
    with by_hand(emptied) as zombie, by_hand(emptied) as owner:
        zombie.claim()
        zombie.take(*penalties(emptied, 0, 3))
        owner.claim()
        owner.take(*penalties(emptied, 3, 6))
        before = written(emptied)
        with pytest.raises(FencedError):
            zombie.take(*penalties(emptied, 3, 6))
        assert written(emptied) == before
        assert before["records"] == before["events"] == 6
        owner.take(*penalties(emptied, 6, 7))


def test_a_worker_that_lost_one_of_two_partitions_writes_nothing_of_either(emptied: World) -> None:
    rating = Speaker(emptied.agency("tax")).says("rating", "r", subject(Company(1).uscc))
    with by_hand(emptied) as worker:
        emptied.rows("UPDATE partition_claims SET epoch = epoch + 1 WHERE topic = %s", emptied.topic("tax"))
        before = written(emptied)
        with pytest.raises(FencedError):
            worker.take(*penalties(emptied, 0, 3), rating)
        assert written(emptied) == before


def test_a_position_that_moved_under_a_worker_fences_it_too(emptied: World) -> None:
    with by_hand(emptied) as worker:
        emptied.rows("UPDATE partition_claims SET next_offset = 1 WHERE topic = %s", emptied.topic("environment"))
        with pytest.raises(FencedError):
            worker.take(*penalties(emptied, 0, 3))
        assert emptied.counts()["records"] == 0


@contextmanager
def running(world: World, **settings: Any) -> Iterator[tuple[Hub, Thread, list[SharehubError]]]:
    """A worker on the real log, in a thread; what it ended with."""
    ended: list[SharehubError] = []

    with world.another_hub(**settings) as hub:

        def work() -> None:
            try:
                hub.consolidate(until_caught_up=False)
            except SharehubError as error:
                ended.append(error)

        thread = Thread(target=work)
        thread.start()
        try:
            yield hub, thread, ended
        finally:
            hub.stopping.set()
            thread.join(30)


def test_a_running_worker_that_is_fenced_writes_nothing_before_it_has_claimed_again(world: World) -> None:
    epoch = "SELECT epoch FROM partition_claims WHERE topic = %s AND partition = 0"
    mine = world.topic("environment")
    world.say(one._replace(partition=0) for one in penalties(world, 0, 5))
    with running(world) as (_, thread, ended):
        until(lambda: world.counts()["records"] == 5)
        world.rows("UPDATE partition_claims SET epoch = epoch + 1000")
        world.say(one._replace(partition=0) for one in penalties(world, 5, 10))
        until(lambda: not thread.is_alive() or world.counts()["records"] == 10)
    if ended:
        assert [type(error) for error in ended] == [FencedError]
        assert world.counts()["records"] == 5
    else:  # the group gave the partitions out anew meanwhile
        assert world.rows(epoch, mine)[0][0] > 1001

    world.consolidate()
    assert world.counts()["records"] == world.counts()["events"] == 10
    assert world.rows("SELECT sum(records), sum(duplicates) FROM partition_claims") == [(10, 0)]


def test_a_topic_that_was_made_anew_stops_the_worker(world: World) -> None:
    world.say(penalties(world, 0, 5))
    world.consolidate()
    before = written(world)
    make_anew(world)
    world.say(penalties(world, 5, 20))

    with pytest.raises(BrokenStateError, match="topic"):
        world.consolidate()
    assert written(world) == before


def make_anew(world: World, partitions: int = PARTITIONS, role: str = "environment") -> None:
    """Delete an agency's topic and create it again under the same name, unless with no partition."""
    topic = world.topic(role)
    client = KafkaAdminClient(bootstrap_servers=world.bootstrap_servers)
    try:
        client.delete_topics([topic])
        until(lambda: topic not in client.list_topics())
    finally:
        client.close()
    if partitions:
        create_topic(world.bootstrap_servers, topic, partitions)


def delete_records(world: World, before: int, role: str = "environment") -> None:
    """Remove the beginning of partition 0 of an agency's topic, as retention would."""
    client = KafkaAdminClient(bootstrap_servers=world.bootstrap_servers)
    try:
        client.delete_records({TopicPartition(world.topic(role), 0): before})
    finally:
        client.close()


def test_records_deleted_before_they_were_processed_stop_the_worker(world: World) -> None:
    world.say(one._replace(partition=0) for one in penalties(world, 0, 5))
    world.consolidate()
    world.say(one._replace(partition=0) for one in penalties(world, 5, 10))
    delete_records(world, 8)
    before = written(world)

    with pytest.raises(BrokenStateError, match="deleted"):
        world.consolidate()
    assert written(world) == before


def test_records_deleted_after_they_were_processed_are_not_missed(world: World) -> None:
    world.say(one._replace(partition=0) for one in penalties(world, 0, 5))
    world.consolidate()
    world.say(one._replace(partition=0) for one in penalties(world, 5, 10))
    delete_records(world, 5)
    assert world.consolidate().records == 5


@pytest.mark.parametrize("what", ["shorter", "rewritten"])
def test_a_log_that_is_not_the_one_that_was_processed_stops_the_worker(world: World, what: str) -> None:
    world.say(one._replace(partition=0) for one in penalties(world, 0, 5))
    world.consolidate()
    change = {
        "shorter": "UPDATE partition_claims SET next_offset = 9, last_offset = 8 WHERE next_offset = 5",
        "rewritten": "UPDATE partition_claims SET last_record_hash = 'another' WHERE next_offset = 5",
    }
    world.rows(change[what])
    before = written(world)
    world.say(one._replace(partition=0) for one in penalties(world, 5, 7))

    with pytest.raises(BrokenStateError):
        world.consolidate()
    assert written(world) == before


_FAIL = """
CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  {action}
  RETURN NULL;
END $$;
CREATE {kind} TRIGGER fail AFTER {change} ON {table} {when} FOR EACH ROW EXECUTE FUNCTION fail();
"""
_STEPS = {
    "identifiers": "INSERT",
    "records": "INSERT",
    "entities": "INSERT",
    "facts": "INSERT",
    "events": "INSERT",
    "measures": "INSERT",
    "outbox": "INSERT",
    "rejections": "INSERT",
    "partition_claims": "UPDATE",
}


@contextmanager
def failing(world: World, table: str, *, action: str = "RAISE 'disk full';", at_commit: bool = False) -> Iterator[None]:
    """The database itself fails when that table is written, or when such a transaction commits."""
    kind, when = ("CONSTRAINT", "DEFERRABLE INITIALLY DEFERRED") if at_commit else ("", "")
    world.rows(_FAIL.format(action=action, kind=kind, when=when, table=table, change=_STEPS[table]))
    try:
        yield
    finally:
        world.rows(f"DROP TRIGGER fail ON {table}")


def batch_of_everything(world: World) -> list[Message]:
    """A batch that writes to every table: new, old, merging, deciding and rejected."""
    said, tax = Speaker(world.agency("register")), Speaker(world.agency("tax"))
    both = subject(Company(3).uscc, "CN-REGNO:3")
    return [
        said.says("registration", "g", both, name="Three"),
        *penalties(world, 0, 5),
        tax.says("arrears", "d", subject("CN-REGNO:3")),
        tax.says("rating", "bad", both)._replace(key=b"wrong"),
    ]


@pytest.mark.parametrize("at_commit", [False, True], ids=["when written", "at commit"])
@pytest.mark.parametrize("table", _STEPS)
def test_a_batch_that_fails_at_any_step_writes_nothing(emptied: World, table: str, at_commit: bool) -> None:
    with by_hand(emptied) as worker:
        worker.take(Speaker(emptied.agency("tax")).says("arrears", "d0", subject("CN-REGNO:3")))
        before = written(emptied)
        with failing(emptied, table, at_commit=at_commit), pytest.raises(psycopg.Error):
            worker.take(*batch_of_everything(emptied))
        assert written(emptied) == before

        worker.take(*batch_of_everything(emptied))
    counts = emptied.counts()
    assert (counts["records"], counts["rejections"], counts["entities"]) == (8, 1, 5)
    assert counts["outbox"] == counts["events"] + counts["rejections"]


@pytest.mark.parametrize("table", ["records", "outbox", "partition_claims"])
def test_a_lost_connection_leaves_nothing_of_the_batch(emptied: World, table: str) -> None:
    suicide = "PERFORM pg_terminate_backend(pg_backend_pid());"
    with by_hand(emptied) as worker:
        before = written(emptied)
        with failing(emptied, table, action=suicide), pytest.raises(UnreachableError):
            worker.take(*batch_of_everything(emptied))
        until(lambda: written(emptied) == before)
    with by_hand(emptied) as next_worker:
        next_worker.take(*batch_of_everything(emptied))
    assert emptied.counts()["records"] == 7


def test_a_session_that_the_database_has_ended_is_told_plainly(world: World) -> None:
    with (
        world.hub.session() as connection,
        pytest.raises(UnreachableError, match="idle-in-transaction"),
        View(connection, "g").transaction() as txn,
    ):
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 50")
        time.sleep(0.5)
        txn.merge_count()
