"""Reads of the shared view; each answers one question in one statement per table."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Connection, text

from sharehub.store import letters
from sharehub.topics import agency_of


def measures_in_place(connection: Connection, entity_ids: Sequence[UUID]) -> list[str]:
    """Measures that stand or are suspended on any of these entities, as `title (id)`."""
    query = """
        SELECT body ->> 'title' || ' (' || measure_id || ')' FROM measures
        WHERE entity_id = ANY(:ids) AND status IN ('standing', 'suspended') ORDER BY 1
    """
    return list(connection.execute(text(query), {"ids": list(entity_ids)}).scalars())


def counts(connection: Connection, group: str, on: date) -> dict[str, Any]:
    """Figures of the hub in all and per agency; what is in force is computed for the day."""
    totals = connection.execute(text(_TOTALS), {"on": on}).one()._asdict()
    positions = connection.execute(text(_PER_TOPIC), {"group": group}).all()
    measures: dict[str, int] = dict(connection.execute(text(_PER_AGENCY), {"on": on}).tuples().all())
    taken = {agency: row for row in positions if (agency := agency_of(row.topic))}
    dead = letters.counts(cast("psycopg.Connection[Any]", connection.connection.driver_connection))
    agencies = {
        agency: {
            "records": int(taken[agency].records) if agency in taken else 0,
            "duplicates": int(taken[agency].duplicates) if agency in taken else 0,
            "rejections": dead.get(agency, {}).get("rejections", 0),
            "dead_letters_waiting": dead.get(agency, {}).get("waiting", 0),
            "measures_in_force": measures.get(agency, 0),
        }
        for agency in sorted({*taken, *dead})
    }
    named = ("records", "duplicates", "rejections", "dead_letters_waiting")
    return totals | {name: sum(agency[name] for agency in agencies.values()) for name in named} | {"agencies": agencies}


_IN_FORCE = """
WITH in_force AS (
  SELECT * FROM measures
  WHERE status = 'standing' AND effective_from <= :on AND (effective_to IS NULL OR :on <= effective_to)
    AND (excepted_to IS NULL OR :on NOT BETWEEN excepted_from AND excepted_to)
)
"""
_TOTALS = f"""
{_IN_FORCE}
SELECT (SELECT count(*) FROM entities) AS entities,
  (SELECT count(*) FROM in_force) AS measures_in_force,
  (SELECT count(DISTINCT entity_id) FROM in_force WHERE kind = 'restriction') AS entities_under_restriction,
  (SELECT count(DISTINCT (body -> 'ground' ->> 'agency', body -> 'ground' ->> 'record_key')) FROM in_force) AS grounds,
  (SELECT count(*) FROM events) AS events,
  (SELECT count(*) FROM running_clocks WHERE due_on < :on) AS clocks_overdue,
  (SELECT coalesce(max(position), 0) FROM outbox) AS outbox_position,
  (SELECT count(*) FROM outbox WHERE position IS NULL) AS outbox_waiting
"""
_PER_TOPIC = """
SELECT topic, sum(records - duplicates - rejections) AS records, sum(duplicates) AS duplicates
FROM partition_claims WHERE consumer_group = :group GROUP BY topic ORDER BY topic
"""
_PER_AGENCY = f"""
{_IN_FORCE}
SELECT body -> 'ground' ->> 'agency', count(*) FROM in_force GROUP BY 1
"""


def events_by_kind(connection: Connection) -> dict[str, int]:
    """How many events of each kind were issued."""
    rows = connection.execute(text("SELECT event, count(*) FROM events GROUP BY event ORDER BY event"))
    return dict(rows.tuples().all())


def feed_positions(connection: Connection) -> dict[str, int]:
    """The last position of every feed."""
    rows = connection.execute(text("SELECT feed, max(feed_position) FROM feed_entries GROUP BY feed"))
    return dict(rows.tuples().all())
