"""The consolidator itself: real workers on an empty view, from the first claim to the last applied batch.

Workers join through a place holder that is a member of their group already. Kafka completes a join only when all
members have answered; the place holder answers by leaving, once every worker waits. So all workers get their
partitions in the same moment, and none works alone for the seconds that a rebalance takes.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from kafka import KafkaConsumer

from benchmarks.processes import BOUND_S
from sharehub.settings import Settings
from sharehub.store.engine import LIVE
from sharehub.stream.admin import administration, existing_topics

_JOIN_S = 30
_LOOK_S = 0.05


class WrongError(Exception):
    """The run did not do what it must; its figures mean nothing."""


@dataclass(frozen=True)
class Run:
    """What one run of the consolidator did and how long it took; `shares` are the workers' records."""

    workers: int
    seconds: float
    start_up_seconds: float
    records: int
    batches: int
    shares: tuple[int, ...]
    events: int
    table_bytes_per_record: float = 0.0

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.records / self.seconds


@dataclass(frozen=True)
class Expected:
    """What must be in the view afterwards: so many records and entities, and exactly these events."""

    records: int
    entities: int
    events: list[UUID]


def measure(settings: Settings, view: str, workers: int, expected: Expected) -> Run:
    """Let so many workers consolidate everything, and check what they made.

    Raises:
        WrongError: a worker failed, or the view is not what it must be.
    """
    run = consolidated(settings, workers)
    return replace(run, table_bytes_per_record=verified(view, expected))


def consolidated(settings: Settings, workers: int) -> Run:
    """Let so many workers consolidate everything that there is.

    Raises:
        WrongError: a worker failed, or records were rejected or taken twice.
    """
    logs = [settings.home / f"{settings.consolidator.group}-{number}.log" for number in range(workers)]
    begun = time.time()
    with _started(settings, logs) as processes:
        _await_claims(processes, logs)
        for process, log in zip(processes, logs, strict=True):
            if process.wait(BOUND_S) != 0:
                raise WrongError(f"a worker ended with code {process.returncode}: {_last_words(log)}")
    told = [_told(log) for log in logs]
    claimed = [line for lines in told for line in lines if line["event"] == "partitions_claimed"]
    applied = [[line for line in lines if line["event"] == "batch_applied"] for lines in told]
    batches = [line for lines in applied for line in lines]
    first = min(_seconds(line) for line in claimed)
    if any(line["duplicates"] or line["rejected"] for line in batches):
        raise WrongError("records were rejected, or taken twice")
    return Run(
        workers=workers,
        seconds=max(_seconds(line) for line in batches) - first,
        start_up_seconds=first - begun,
        records=sum(line["records"] for line in batches),
        batches=len(batches),
        shares=tuple(sum(line["records"] for line in lines) for lines in applied),
        events=sum(line["events"] for line in batches),
    )


def verified(view: str, expected: Expected, schema: str = LIVE) -> float:
    """Check the view against what it must be; returns the bytes that a record takes in its table and index.

    Raises:
        WrongError: something is missing or too much.
    """
    with psycopg.connect(view, options=f"-c search_path={schema}") as connection:
        found = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
            for name in ("records", "entities", "rejections")
        }
        events = [row[0] for row in connection.execute("SELECT event_id FROM events ORDER BY event_id")]
        size = connection.execute("SELECT pg_total_relation_size('records')").fetchall()[0][0]
    wanted = {"records": expected.records, "entities": expected.entities, "rejections": 0}
    if found != wanted:
        raise WrongError(f"the view holds {found}, but must hold {wanted}")
    if events != expected.events:
        raise WrongError(
            f"{len(events)} events were issued and {len(expected.events)} must be, "
            f"{len(set(events) ^ set(expected.events))} of them differ"
        )
    return float(size) / expected.records


@contextmanager
def _started(settings: Settings, logs: Sequence[Path]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers that have joined their group together; none is left when the block ends."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with _place_holder(settings):
            processes += [_worker(settings, log) for log in logs]
            _await_members(settings, len(logs) + 1, processes, logs)
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def _worker(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sharehub", "consolidate", "--until-caught-up"]
    with log.open("wb") as lines:
        return subprocess.Popen(
            command, cwd=settings.home, env=environment(settings), stdout=subprocess.DEVNULL, stderr=lines
        )


def environment(settings: Settings) -> dict[str, str]:
    """These settings for a child process, which finds every module that this process finds."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SHAREHUB_")} | {
        "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry),
        "SHAREHUB_HOME": str(settings.home),
        "SHAREHUB_KAFKA__BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "SHAREHUB_DATABASE__URL": settings.database.url,
        "SHAREHUB_CONSOLIDATOR__GROUP": settings.consolidator.group,
        "SHAREHUB_CONSOLIDATOR__DECIDE_ON": str(settings.consolidator.decide_on),
        "SHAREHUB_LOG": "json",
    }


@contextmanager
def _place_holder(settings: Settings) -> Iterator[None]:
    """A member of the group that reads nothing and learns of a rebalance only when it leaves."""
    topics = [name for name in existing_topics(settings.kafka.bootstrap_servers) if name.startswith("records.")]
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka.bootstrap_servers,
        group_id=settings.consolidator.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        heartbeat_interval_ms=60_000,
        session_timeout_ms=180_000,
        max_partition_fetch_bytes=1_024,
    )
    try:
        consumer.subscribe(topics=topics)
        # One long poll: kafka-python 3.0.12 loses the assignment when a poll ends while it is under way.
        consumer.poll(_JOIN_S * 1_000, max_records=1)
        if not consumer.assignment():
            raise WrongError("the place holder of the group got no partitions")
        consumer.pause(*consumer.assignment())
        yield
    finally:
        consumer.close(autocommit=False)


def _await_members(
    settings: Settings, members: int, processes: Sequence[subprocess.Popen[bytes]], logs: Sequence[Path]
) -> None:
    group = settings.consolidator.group
    with administration(settings.kafka.bootstrap_servers) as client:

        def joined() -> bool:
            return len(client.describe_groups([group])[group]["members"]) >= members

        _await(joined, "the workers did not join their group", processes, logs)


def _await_claims(processes: Sequence[subprocess.Popen[bytes]], logs: Sequence[Path]) -> None:
    def claimed() -> bool:
        return all("partitions_claimed" in log.read_text(encoding="utf-8", errors="replace") for log in logs)

    _await(claimed, "a worker joined its group but never got partitions", processes, logs)


def _await(
    reached: Callable[[], bool], otherwise: str, processes: Sequence[subprocess.Popen[bytes]], logs: Sequence[Path]
) -> None:
    deadline = time.monotonic() + _JOIN_S
    while not reached():
        for process, log in zip(processes, logs, strict=True):
            if process.poll():
                raise WrongError(f"a worker ended while it was starting: {_last_words(log)}")
        if time.monotonic() > deadline:
            raise WrongError(otherwise)
        time.sleep(_LOOK_S)


def _told(log: Path) -> list[dict[str, Any]]:
    lines = log.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def _seconds(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


def _last_words(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2_000:]
