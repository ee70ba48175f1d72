"""A world for one test: its own database, agencies, recipients and topics, on the real stack.

Record topics are found by their prefix and the relay's position lives on one topic, so a new world first clears
the cluster of what an earlier test left. Names carry a mark that no other world has.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from sharehub.cli import main
from sharehub.core.dead_letter import Headers
from sharehub.feeds import Feeds
from sharehub.flow.consolidate import Consolidation, Totals
from sharehub.hub import Hub, open_hub
from sharehub.ports.batch import Messages, Polled
from sharehub.settings import Settings
from sharehub.store.claims import claim_partitions
from sharehub.store.migrate import migrate
from sharehub.topics import CASEWORK, Place
from sharehub.wire.rows import decode
from tests.integration.installation import PARTITIONS, ROLES, Running, config_text, write_rulebooks
from tests.integration.saying import REGISTRY, Message

TABLES = (
    *("records", "facts", "entities", "identifiers", "measures", "events", "outbox", "rejections", "feed_entries"),
    *("links", "judgements", "conflicts", "names", "proposals", "running_clocks", "notices", "letter_steps"),
)


_worlds = count(1)


@dataclass
class World:
    """One hub of its own; `hub` lives in this process, `command` starts another one beside it."""

    names: str
    config: Path
    settings: Settings
    hub: Hub
    dsn: str
    bootstrap_servers: str
    _producer: list[KafkaProducer] = field(default_factory=list)

    def agency(self, role: str) -> str:
        """The name of an agency in this world."""
        return f"{role}-{self.names}"

    def topic(self, role: str) -> str:
        """Where it says things."""
        return f"records.{self.agency(role)}"

    def recipient(self, feed: str) -> str:
        """The name of a recipient in this world."""
        return f"{feed}-{self.names}"

    def say(self, messages: Iterable[Message]) -> int:
        """Put messages on the log in this order and return how many Kafka acknowledged."""
        if not self._producer:
            self._producer.append(
                KafkaProducer(bootstrap_servers=self.bootstrap_servers, acks="all", linger_ms=2, metrics_enabled=False)
            )
        sent = [
            self._producer[0].send(one.topic, one.value, one.key, list(one.headers), one.partition) for one in messages
        ]
        return len([future.get(timeout=20) for future in sent])

    def consolidate(self, **settings: Any) -> Totals:
        """One worker over all that there is."""
        with self.another_hub(**settings) as hub:
            return hub.consolidate(until_caught_up=True)

    @contextmanager
    def another_hub(self, **settings: Any) -> Iterator[Hub]:
        """A second hub on the same world with other settings of the consolidator."""
        changed = self.settings.consolidator.model_copy(update=settings)
        with open_hub(self.settings.model_copy(update={"consolidator": changed})) as hub:
            yield hub

    def relay(self) -> int:
        """Send all that must leave."""
        return Feeds(self.hub).relay(until_caught_up=True)

    def command(self, *words: str, **options: Any) -> "subprocess.Popen[str]":
        """A `sharehub` command in its own process."""
        program = [sys.executable, "-m", "sharehub", "--config", str(self.config), "--json", *words]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SHAREHUB_")}
        return subprocess.Popen(
            program, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, **options
        )

    def ran(self, *words: str) -> tuple[int, str, str]:
        """Exit code, answer and messages of a `sharehub` command; in this process, where all is loaded."""
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["--config", str(self.config), "--json", *words])
        return code, out.getvalue(), err.getvalue()

    def told(self, *words: str) -> Any:
        """What such a command answers, when it must succeed."""
        code, answered, messages = self.ran(*words)
        assert code == 0, messages
        return json.loads(answered)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of one committed statement."""
        with psycopg.connect(self.dsn) as connection:
            cursor = connection.execute(query, values or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        query = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
        return dict(zip(TABLES, self.rows(query)[0], strict=True))

    def forget_all(self) -> None:
        """Empty every table, as after `init`."""
        tables = ", ".join((*TABLES, "partition_claims", "activations", "activation_touched", "acknowledgements"))
        self.rows(f"TRUNCATE {tables} RESTART IDENTITY")

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that must not depend on the order of arrival: who is who, what was said, what stands."""
        return {name: self.rows(query) for name, query in _DUMP.items()}

    def positions(self) -> dict[tuple[str, int], int]:
        """The stored position of every partition."""
        return {(topic, part): at for topic, part, at in self.rows(_POSITIONS)}

    def read(self, topic: str) -> list[tuple[bytes | None, bytes | None]]:
        """Key and value of every committed message of a topic with one partition, in order."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.bootstrap_servers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            metrics_enabled=False,
        )
        try:
            partition = TopicPartition(topic, 0)
            consumer.assign([partition])
            end = consumer.end_offsets([partition])[partition]
            consumer.seek(partition, 0)
            found: list[tuple[bytes | None, bytes | None]] = []
            deadline = time.monotonic() + 40
            while consumer.position(partition) < end and time.monotonic() < deadline:
                found += [(one.key, one.value) for one in consumer.poll(200).get(partition, ())]
            return found
        finally:
            consumer.close(autocommit=False)

    def values(self, topic: str) -> list[dict[str, Any]]:
        """The decoded values of a topic with one partition, in order."""
        return [decode(REGISTRY, value)[1] for _, value in self.read(topic) if value is not None]

    def latest(self, topic: str) -> dict[str, dict[str, Any] | None]:
        """What compaction would leave of a topic: the last value of every key, None for a tombstone."""
        return {
            (key or b"").decode(): decode(REGISTRY, value)[1] if value is not None else None
            for key, value in self.read(topic)
        }


_DUMP = {
    "identifiers": "SELECT scheme, value, entity_id FROM identifiers ORDER BY 1, 2",
    "entities": "SELECT entity_id, kind_rank, name, name_rank FROM entities ORDER BY 1",
    "records": "SELECT subject_id, record_id, agency, md5(payload) FROM records ORDER BY 1, 2",
    "facts": "SELECT fact_id, subject_id, revision, md5(payload) FROM facts ORDER BY 1",
    "standing": """SELECT measure_id, entity_id, entry, kind, status, effective_from, effective_to, body
        FROM measures WHERE status = 'standing' ORDER BY 1""",
}


_POSITIONS = "SELECT topic, partition, next_offset FROM partition_claims ORDER BY 1, 2"


@dataclass
class ByHand:
    """One worker fed by hand: the real consolidation on the real database, with no log between.

    It has partition `number` of every record topic; two of them interleave exactly as a test says.
    """

    world: World
    number: int
    connection: "psycopg.Connection[Any]"
    consolidation: Consolidation

    def claim(self, *roles: str) -> None:
        """Take its partitions over, as an assignment would."""
        topics = [self.world.topic(role) for role in roles or ROLES]
        places = [Place(topic, self.number) for topic in (*topics, CASEWORK)]
        ids = {place.topic: "topic" for place in places}
        group = self.world.settings.consolidator.group
        for one in claim_partitions(self.connection, group, f"worker {self.number}", places, "cluster", ids):
            self.consolidation.claims[one.place] = one

    def take(self, *messages: Message) -> None:
        """These messages as one batch, the next ones of their partitions."""
        polled: dict[Place, Messages] = {}
        headers: dict[Place, dict[int, Headers]] = {}
        for one in messages:
            place = Place(one.topic, self.number)
            found = polled.setdefault(place, Messages.none())
            found.offsets.append(self.consolidation.claims[place].next_offset + len(found.offsets))
            headers.setdefault(place, {})[found.offsets[-1]] = one.headers
            found.appended_ms.append(next_ms())
            found.keys.append(one.key)
            found.values.append(one.value)
        self.consolidation.process(Polled(polled, headers))


_received_ms = [0]


def next_ms() -> int:
    """The time, and never the same twice: what is said later is received later."""
    _received_ms[0] = max(_received_ms[0] + 1, int(time.time() * 1000))
    return _received_ms[0]


@contextmanager
def by_hand(world: World, number: int = 0) -> Iterator[ByHand]:
    """A worker that has claimed partition `number` of every record topic."""
    with psycopg.connect(world.dsn, autocommit=True, options="-c timezone=UTC") as connection:
        worker = ByHand(world, number, connection, world.hub.consolidation(connection))
        worker.claim()
        yield worker


@contextmanager
def fresh_world(
    stack: Running,
    folder: Path,
    *,
    names: str = "",
    partitions: int = PARTITIONS,
    log: bool = True,
    **consolidator: Any,
) -> Iterator[World]:
    """A hub with an empty database of its own and, unless without `log`, a cluster with its topics only.

    Worlds of the same `names` have agencies of the same names, so that their contents can be compared.
    """
    mark = f"w{next(_worlds)}{uuid4().hex[:6]}"
    folder = folder / mark
    folder.mkdir(parents=True)
    server = stack.database_url.replace("+psycopg", "")
    pattern = _migrated(stack.database_url)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {mark} TEMPLATE {pattern}")
    config = folder / "sharehub.toml"
    config.write_text(config_text(stack, mark, folder, partitions, consolidator), encoding="utf-8")
    write_rulebooks(folder / "rulebooks", names or mark)
    settings = Settings.read(config, None, {"home": folder})  # wherever the home of the one who tests is
    with open_hub(settings) as hub:
        if log:
            clear_topics(stack.bootstrap_servers)
            hub.init()
        world = World(
            names or mark, config, settings, hub, server.replace("/sharehub?", f"/{mark}?"), stack.bootstrap_servers
        )
        try:
            yield world
        finally:
            for producer in world._producer:
                producer.close(timeout=5)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {mark} WITH (FORCE)")


@cache
def _migrated(database_url: str) -> str:
    """A database of this server with its tables and nothing in them, of which others are copies: it is made once."""
    name = f"migrated{uuid4().hex[:6]}"
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrate(database_url.replace("/sharehub?", f"/{name}?"))
    return name


def clear_topics(bootstrap_servers: str) -> None:
    """Delete every topic but Kafka's own, and wait until they are gone."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        while left := [name for name in client.list_topics() if not name.startswith("__")]:
            client.delete_topics(left, raise_errors=False)  # one may be gone already
            time.sleep(0.05)
    finally:
        client.close()


def create_topic(bootstrap_servers: str, name: str, partitions: int = 1) -> None:
    """Create one topic by hand, as an administrator would."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        client.create_topics([NewTopic(name, partitions, 1)])
        client.wait_for_topics([name])
    finally:
        client.close()


def until(true: Any, timeout_s: float = 20, pause_s: float = 0.02) -> None:
    """Wait until the condition holds, or fail."""
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(pause_s)


def gap_free(positions: Sequence[int]) -> bool:
    """True for 1, 2, 3 and so on."""
    return list(positions) == list(range(1, len(positions) + 1))
