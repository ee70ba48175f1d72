"""What PostgreSQL is found to be, and the work as its tables have it; each answers one question."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from psycopg import Connection
from sqlalchemy import Engine, text

from sharehub.observed import DatabaseFound, Holding, Service, Waiting, WorkFound
from sharehub.store.migrate import revision_of
from sharehub.topics import Place, agency_of

_PRESENT = """
SELECT application_name, min(backend_start) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'sharehub %' GROUP BY 1 ORDER BY 1
"""
_HOLDINGS = """
SELECT topic, partition, owner, next_offset, cluster_id, topic_id, advanced_at, halt_reason
FROM partition_claims WHERE consumer_group = %s
"""
_OUTBOX = """
SELECT count(*), min(written_at) FROM (
  SELECT written_at FROM outbox WHERE position IS NULL
  UNION ALL SELECT written_at FROM outbox WHERE position > %s
) AS unsent
"""
_DEAD_LETTERS = "SELECT count(*), min(first_at) FROM dead_letters WHERE state = 'waiting'"
_DUE = "SELECT count(*), min(next_due_on) FROM entities WHERE next_due_on <= %s"
_PER_TOPIC = """
SELECT topic, sum(records - duplicates - rejections), sum(duplicates), sum(rejections)
FROM partition_claims WHERE consumer_group = %s GROUP BY topic
"""
_OUTCOMES = ("new", "duplicate", "rejected")
_CLOCKS = "SELECT count(*) FROM running_clocks WHERE due_on < %s"


def database_found(engine: Engine) -> DatabaseFound:
    """Its version and the revision of its schema."""
    with engine.connect() as connection:
        version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        found = revision_of(connection)
        return DatabaseFound(version, found.revision, found.head, found.known)


def ahead_s(engine: Engine) -> float:
    """By how many seconds the database's clock is ahead of this machine's."""
    with engine.connect() as connection:
        query = text("SELECT extract(epoch FROM clock_timestamp())::float8")
        connection.execute(query)
        before = time.time()
        theirs = float(connection.execute(query).scalar_one())
        return theirs - (before + time.time()) / 2


def work_found(
    connection: Connection[Any], group: str, relayed: int | None, today: date, acks_overdue: Mapping[str, int]
) -> WorkFound:
    """Services, positions, and all that waits; `relayed` None: what Kafka has is not known, so none of it waits."""
    last = _one(connection, "SELECT coalesce(max(position), 0) FROM outbox")[0]
    due, due_on = _one(connection, _DUE, today)
    return WorkFound(
        services=present(connection),
        holdings=holdings(connection, group),
        outbox=Waiting(*_one(connection, _OUTBOX, last if relayed is None else relayed)),
        outbox_last=last,
        dead_letters=Waiting(*_one(connection, _DEAD_LETTERS)),
        due=due,
        due_on=due_on,
        clocks_overdue=_one(connection, _CLOCKS, today)[0],
        acks_overdue=acks_overdue,
    )


def present(connection: Connection[Any]) -> tuple[Service, ...]:
    """The services that are connected now; the database drops the sessions of those that are gone."""
    rows = connection.execute(_PRESENT)
    named = [(name.removeprefix("sharehub ").partition(" "), since) for name, since in rows]
    return tuple(Service(kind, owner, since) for (kind, _, owner), since in named)


def holdings(connection: Connection[Any], group: str) -> dict[Place, Holding]:
    """Every partition that was ever claimed, by its place."""
    rows = connection.execute(_HOLDINGS, [group])
    return {Place(*row[:2]): Holding(Place(*row[:2]), *row[2:]) for row in rows}


def _one(connection: Connection[Any], query: str, *values: object) -> tuple[Any, ...]:
    row: tuple[Any, ...] = connection.execute(query, values or None).fetchall()[0]
    return row


def agency_counts(connection: Connection[Any], group: str) -> dict[tuple[str, ...], float]:
    """Messages of each agency since the view began, by agency and outcome."""
    counts: Counter[tuple[str, ...]] = Counter()
    for topic, *sums in connection.execute(_PER_TOPIC, [group]):
        if agency := agency_of(topic):
            counts.update({(agency, outcome): int(n) for outcome, n in zip(_OUTCOMES, sums, strict=True)})
    return {labels: float(count) for labels, count in counts.items()}
