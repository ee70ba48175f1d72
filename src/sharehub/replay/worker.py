"""One process of a replay: its partitions from where they stand to their ends, by the live consolidator's code."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from signal import SIG_IGN, SIGINT, signal
from typing import Any, Protocol

import psycopg

from sharehub.claiming import owner
from sharehub.collector import seldom_collected
from sharehub.errors import BrokenStateError, SharehubError
from sharehub.flow.consolidate import Consolidation
from sharehub.hub import Hub
from sharehub.ports.batch import Polled
from sharehub.replay.plan import Plan
from sharehub.replay.shadow import BASE, GROUP, TOGETHER, codec_of, shadow_hub
from sharehub.replay.source import KeptSource
from sharehub.settings import Settings
from sharehub.store.claims import claim_partitions
from sharehub.store.kept import kept_rows
from sharehub.stream.continuity import broken
from sharehub.stream.replayed import Replayed
from sharehub.telemetry import configure_logs
from sharehub.topics import Place


class Source(Protocol):
    """Where the messages come from."""

    def poll(self, records_max: int) -> Polled:
        """The next messages; none at the end."""
        ...


class Stopping(Protocol):
    """The mark that tells to stop, between threads or between processes."""

    def is_set(self) -> bool:
        """True where it was told."""
        ...

    def set(self) -> None:
        """Tell it."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Return when it was told, or after the time."""
        ...


@dataclass(frozen=True, kw_only=True)
class Task:
    """What one of `workers` processes does: these partitions to these ends, or its part of the kept records.

    `together`: the keys that one process hears, which is the one whose group is `TOGETHER`, and the others do not.
    `alone`: there is no other task.
    """

    settings: Settings
    plan: Plan
    number: int
    workers: int
    records_max: int
    ends: Mapping[Place, int]
    rate: float | None = None
    snapshot: str | None = None
    group: str = GROUP
    together: frozenset[bytes] = frozenset()
    alone: bool = False

    def wanted(self, key: bytes | None) -> bool:
        """True where this process is the one to hear the message."""
        return (key in self.together) == (self.group == TOGETHER)


def work_apart(task: Task, sender: Connection, stopping: Stopping) -> None:
    """As `work`, in a process of its own: whoever asked hears Ctrl-C, and tells us."""
    configure_logs("json", quiet=True)
    signal(SIGINT, SIG_IGN)
    work(task, sender, stopping)


def work(task: Task, sender: Connection, stopping: Stopping) -> None:
    """Take batch after batch until the end, or until told to stop; says how many records each had, None at the end."""
    try:
        if task.snapshot is None:
            _from_topics(task, sender.send, stopping)
        else:
            _from_records(task, task.snapshot, sender.send, stopping)
        sender.send(None)
    except SharehubError as error:
        sender.send(error)
    except BrokenPipeError:
        return  # whoever asked is gone; what was committed counts
    finally:
        sender.close()


def _from_topics(task: Task, told: Callable[[int], None], stopping: Stopping) -> None:
    with shadow_hub(task.settings, task.plan, task.group) as hub, hub.session() as connection:
        consolidation = claimed(hub, task.plan, connection, sorted(task.ends), task.group)
        consolidation.alone = task.alone
        starts = {place: claim.next_offset for place, claim in consolidation.claims.items()}
        wanted = task.wanted if task.together else None
        with Replayed(hub.addresses.bootstrap_servers, starts, task.ends, wanted) as source:
            _run(task, source, consolidation, told, stopping)


def claimed(
    hub: Hub, plan: Plan, connection: psycopg.Connection[Any], places: Sequence[Place], group: str = GROUP
) -> Consolidation:
    """The live consolidator's code over the plan's schema, with these partitions taken over where they stand.

    Raises:
        BrokenStateError: the log is not the one whose positions are stored.
    """
    consolidation = _consolidation(hub, plan, connection)
    claims = claim_partitions(connection, group, owner(), places, plan.cluster_id, plan.topic_ids)
    consolidation.claims.update({claim.place: claim for claim in claims})
    halts = [claim.halt for claim in claims if claim.halt] or broken(hub.addresses.bootstrap_servers, claims)
    if halts:
        raise BrokenStateError(halts[0].reason, hint="sharehub replay cancel --execute, then plan again")
    return consolidation


def _from_records(task: Task, snapshot: str, told: Callable[[int], None], stopping: Stopping) -> None:
    with shadow_hub(task.settings, task.plan, BASE) as hub, hub.session() as connection:
        consolidation = _consolidation(hub, task.plan, connection)
        places = [Place(topic, task.number) for topic in task.plan.topic_ids]
        claims = claim_partitions(connection, BASE, owner(), places, task.plan.cluster_id, task.plan.topic_ids)
        consolidation.claims.update({claim.place: claim for claim in claims})
        rows = kept_rows(hub.addresses.database_url, task.plan.to, task.number, task.workers, snapshot=snapshot)
        source = KeptSource(rows, task.number, hub.registry, {claim.place: claim.next_offset for claim in claims})
        _run(task, source, consolidation, told, stopping)


def _consolidation(hub: Hub, plan: Plan, connection: psycopg.Connection[Any]) -> Consolidation:
    made = hub.consolidation(connection)
    return replace(made, codec=codec_of(hub, plan, made.rules.baseline))


@seldom_collected()
def _run(
    task: Task, source: Source, consolidation: Consolidation, told: Callable[[int], None], stopping: Stopping
) -> None:
    began, done = time.monotonic(), 0
    with ThreadPoolExecutor(1) as ahead:  # the next batch is read while PostgreSQL is busy with this one
        reading = ahead.submit(source.poll, task.records_max)
        while not stopping.is_set() and _asked_for() and len(polled := reading.result()):
            reading = ahead.submit(source.poll, task.records_max)
            consolidation.process(polled)
            done += len(polled)
            told(len(polled))
            if task.rate:
                stopping.wait(max(0.0, began + done / task.rate - time.monotonic()))


def _asked_for() -> bool:
    """False where the process that asked has died."""
    parent = parent_process()
    return parent is None or parent.is_alive()


def shares(ends: Mapping[Place, int], workers: int) -> Sequence[dict[Place, int]]:
    """The partitions dealt out: those of one number go together, as they hold the same entities."""
    return [{place: end for place, end in ends.items() if place.partition % workers == one} for one in range(workers)]
