"""One consolidator fed by hand on the real database, with no log between; what a batch costs, to the worker and to
its PostgreSQL session."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import psycopg

from benchmarks.databases import conninfo
from sharehub.flow.consolidate import Consolidation
from sharehub.hub import open_hub
from sharehub.ports.batch import Messages, Polled
from sharehub.settings import Settings
from sharehub.store.claims import claim_partitions
from sharehub.store.migrate import migrate
from sharehub.topics import Place

BATCH = 20_000


class Said(NamedTuple):
    """One message as it would lie on the log."""

    topic: str
    key: bytes
    payload: bytes


class Cost(NamedTuple):
    """What some work took: seconds by the clock, and of processor time (nan where the system does not tell)."""

    records: int
    wall_s: float
    cpu_s: float

    def __add__(self, other: Self) -> "Cost":  # type: ignore[override]
        """Both, one after the other."""
        return Cost(self.records + other.records, self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)


@dataclass
class Worker:
    """A consolidator that has claimed partition 0 of every topic it is given."""

    connection: "psycopg.Connection[Any]"
    consolidation: Consolidation

    def take(self, said: Sequence[Said]) -> Cost:
        """Consolidate these messages in batches; only the consolidator's own work is counted."""
        cost = Cost(0, 0.0, 0.0)
        for first in range(0, len(said), BATCH):
            cost += self._batch(self._polled(said[first : first + BATCH]))
        return cost

    def _batch(self, polled: Polled) -> Cost:
        before = self._processor_s(), time.perf_counter()
        self.consolidation.process(polled)
        return Cost(len(polled), time.perf_counter() - before[1], self._processor_s() - before[0])

    def _polled(self, said: Iterable[Said]) -> Polled:
        """The messages as the next ones of their partitions."""
        now = int(time.time() * 1000)
        polled: dict[Place, Messages] = {}
        for one in said:
            place = Place(one.topic, 0)
            found = polled.setdefault(place, Messages.none())
            found.offsets.append(self.consolidation.claims[place].next_offset + len(found.offsets))
            found.appended_ms.append(now)
            found.keys.append(one.key)
            found.values.append(one.payload)
        return Polled(polled)

    def _processor_s(self) -> float:
        """Processor time of this process and of the session's server process."""
        status = Path(f"/proc/{self.connection.info.backend_pid}/stat")
        if not status.is_file():
            return float("nan")
        user, system = status.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
        return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def count(self, table: str) -> int:
        """Rows of a table."""
        return int(self.connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


@contextmanager
def fed(server_url: str, settings: Settings, topics: Iterable[str]) -> Iterator[Worker]:
    """A worker on an empty database of its own, which is gone after the block; no topic needs to exist."""
    url = conninfo(settings.database.url)
    name = url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(conninfo(server_url), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            migrate(settings.database.url)
            with open_hub(settings) as hub, hub.session() as connection:
                worker = Worker(connection, hub.consolidation(connection))
                group, ids = settings.consolidator.group, dict.fromkeys(topics, "topic")
                for one in claim_partitions(
                    connection, group, "benchmark", [Place(topic, 0) for topic in ids], "cluster", ids
                ):
                    worker.consolidation.claims[one.place] = one
                yield worker
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
