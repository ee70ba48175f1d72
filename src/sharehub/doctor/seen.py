"""What was looked at, as values: the machine, Kafka, PostgreSQL and the work between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sharehub.observed import DatabaseFound, KafkaFound, WorkFound
from sharehub.topics import Topic


class Home(NamedTuple):
    """The data folder, and the room on its disk in bytes."""

    path: Path
    usable: bool
    free: int
    total: int


class Limits(NamedTuple):
    """From where on something is a finding."""

    disk_free_bytes_min: int
    clock_skew_seconds_max: float
    waiting_seconds_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look at everything, at `now`, on the hub's day `today`; a part that was not reached is None, with its fault.

    `stated` names the settings that somebody stated, with where; `unknown` what names no setting. `kafka_ahead_s` and
    `database_ahead_s` are how far the clocks of both are ahead of this machine's.
    """

    now: datetime
    today: date
    limits: Limits
    stated: Sequence[str]
    unknown: Sequence[str]
    home: Home
    crc32c: bool
    schemas: int = 0
    schemas_fault: str = ""
    rules_fault: str = ""
    stack_fault: str = ""
    servers: str = ""
    wanted: Sequence[Topic] = ()
    kafka: KafkaFound | None = None
    kafka_fault: str = ""
    kafka_ahead_s: float | None = None
    probe_fault: str = ""
    database: DatabaseFound | None = None
    database_fault: str = ""
    database_ahead_s: float = 0
    work: WorkFound | None = None

    @property
    def late_before(self) -> datetime:
        """What waits since before this instant has waited too long."""
        return self.now - timedelta(seconds=self.limits.waiting_seconds_max)
