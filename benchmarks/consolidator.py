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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from kafka import KafkaConsumer

from benchmarks.processes import BOUND_S
from sharehub.settings import Settings
from sharehub.stream.admin import administration, existing_topics

_JOIN_S = 60.0


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
    table_bytes_per_record: float

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.records / self.seconds


@dataclass(frozen=True)
class Expected:
    """What must be in the view afterwards."""

    records: int
    entities: int
    events: list[UUID]


@dataclass(frozen=True)
class _Line:
    at: float
    said: dict[str, Any]


def measure(settings: Settings, view: str, workers: int, expected: Expected) -> Run:
    """Let so many workers consolidate everything, and check what they made.

    Raises:
        WrongError: a worker failed, or the view is not what it must be.
    """
    logs = [settings.home / f"{settings.consolidator.group}-{number}.log" for number in range(workers)]
    begun = time.time()
    with _held_back(settings, workers), _started(settings, logs) as started:
        _until_joined(settings, workers, started)
        # Leaving the block of the place holder would come too late: it leaves as soon as all workers wait.
        _finished(started, logs)
    timelines = [_timeline(log) for log in logs]
    return _measured(timelines, begun, view, expected)
