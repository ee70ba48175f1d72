"""The outbox: what must leave, numbered by the one relay in the order in which it was committed.

Sequence numbers are handed out before commit, so a late commit could slip in behind a reader. Positions
are therefore given only here, under the relay's lock, to rows that are already visible.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection

from sharehub.core.measure import SanctionEvent
from sharehub.errors import RefusedError
from sharehub.ports import Outgoing
from sharehub.store.documents import event_of
from sharehub.store.messages import entity_state, event_message, measure_state
from sharehub.topics import ENTITY_STATE, SANCTION_EVENTS, dead_letter_topic

_RELAY_LOCK = 7_301_003

_NUMBER = """
WITH base AS (SELECT coalesce(max(position), 0) AS last FROM outbox WHERE position IS NOT NULL),
fresh AS (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM outbox WHERE position IS NULL)
UPDATE outbox SET position = base.last + fresh.place FROM base, fresh WHERE outbox.seq = fresh.seq
RETURNING outbox.position, outbox.event_id
"""

_FEEDS = """
WITH fresh AS (
  SELECT feed.name AS feed, outbox.event_id, outbox.position
  FROM outbox JOIN events USING (event_id)
  CROSS JOIN LATERAL (
    SELECT %(events)s AS name
    UNION ALL SELECT jsonb_array_elements_text(events.body -> 'measure' -> 'recipients')
  ) AS feed
  WHERE outbox.position > %(after)s
),
last AS (SELECT feed, max(feed_position) AS position FROM feed_entries GROUP BY feed)
INSERT INTO feed_entries (feed, feed_position, event_id)
SELECT fresh.feed, coalesce(last.position, 0) + row_number() OVER (PARTITION BY fresh.feed ORDER BY fresh.position),
  fresh.event_id
FROM fresh LEFT JOIN last USING (feed)
"""

_AFTER = """
SELECT outbox.position, events.body, events.known_at, entries.feeds, measures.status, measures.number,
  measures.excepted_to,
  rejections.topic, rejections.partition, rejections."offset", rejections.agency, rejections.key, rejections.payload
FROM outbox
LEFT JOIN events USING (event_id)
LEFT JOIN measures USING (measure_id)
LEFT JOIN rejections USING (rejection_id)
LEFT JOIN LATERAL (
  SELECT jsonb_object_agg(feed, feed_position) AS feeds FROM feed_entries WHERE feed_entries.event_id = outbox.event_id
) AS entries ON true
WHERE outbox.position > %s ORDER BY outbox.position LIMIT %s
"""

_CHANGED = """
SELECT entities.entity_id, entities.kind_rank, entities.name, entities.xmin::text,
  (SELECT array_agg(scheme || ':' || value ORDER BY scheme, value) FROM identifiers
    WHERE identifiers.entity_id = entities.entity_id),
  (SELECT array_agg(measure_id::text ORDER BY measure_id) FROM measures
    WHERE measures.entity_id = entities.entity_id AND status IN ('standing', 'suspended'))
FROM entities WHERE unpublished ORDER BY entity_id LIMIT %s
"""

_NAMES = """
SELECT entities.entity_id, entities.kind_rank, entities.name,
  (SELECT array_agg(scheme || ':' || value ORDER BY scheme, value) FROM identifiers
    WHERE identifiers.entity_id = entities.entity_id)
FROM entities WHERE entity_id = ANY(%s::uuid[])
"""


class PostgresOutbox:
    """The outbox as the elected relay sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def number(self) -> int:
        """Give positions, in the outbox and in every feed, to what has none."""
        with self._connection.transaction():
            given = self._connection.execute(_NUMBER).fetchall()
            if given:
                first = min(row[0] for row in given)
                self._connection.execute(_FEEDS, {"events": SANCTION_EVENTS, "after": first - 1})
        return len(given)

    def last_position(self) -> int:
        """The last position that was given, 0 before the first."""
        return int(self._connection.execute("SELECT coalesce(max(position), 0) FROM outbox").fetchall()[0][0])

    def after(self, position: int, entries_max: int) -> Sequence[Outgoing]:
        """Numbered entries beyond the position, in order, as the messages to send."""
        rows = self._connection.execute(_AFTER, [position, entries_max]).fetchall()
        events = {row[0]: event_of(row[1]) for row in rows if row[1] is not None}
        names = self._names({event.measure.entity_id for event in events.values()})
        return [
            Outgoing(row[0], _event_messages(events[row[0]], row, names))
            if row[0] in events
            else Outgoing(row[0], _rejection_messages(row))
            for row in rows
        ]

    def _names(self, entity_ids: set[UUID]) -> dict[UUID, tuple[int, str | None, Sequence[str]]]:
        rows = self._connection.execute(_NAMES, [sorted(entity_ids)])
        return {row[0]: (row[1], row[2], row[3] or ()) for row in rows}

    def unpublished_entities(self, entities_max: int) -> tuple[Sequence[Outgoing], Mapping[str, object]]:
        """Entities that changed, and the row versions that were read."""
        rows = self._connection.execute(_CHANGED, [entities_max]).fetchall()
        states = [Outgoing(0, (entity_state(row[0], row[1], row[2], row[4] or (), row[5] or ()),)) for row in rows]
        gone = [
            row[0] for row in self._connection.execute("SELECT entity_id FROM gone_entities LIMIT %s", [entities_max])
        ]
        states += [Outgoing(0, ((ENTITY_STATE, str(one), "", None),)) for one in gone]
        return states, {"ids": [row[0] for row in rows], "versions": [row[3] for row in rows], "gone": gone}

    def entities_published(self, token: Mapping[str, object]) -> None:
        """Clear the mark of rows that are still as they were read."""
        query = """
            UPDATE entities SET unpublished = false FROM unnest(%s::uuid[], %s::text[]) AS seen (entity_id, version)
            WHERE entities.entity_id = seen.entity_id AND entities.xmin::text = seen.version
        """
        if token["gone"]:
            self._connection.execute("DELETE FROM gone_entities WHERE entity_id = ANY(%s::uuid[])", [token["gone"]])
        if token["ids"]:
            self._connection.execute(query, [token["ids"], token["versions"]])


def _event_messages(
    event: SanctionEvent, row: Sequence[Any], names: Mapping[UUID, tuple[int, str | None, Sequence[str]]]
) -> tuple[tuple[str, str, str, Any], ...]:
    known_at, feeds, status, number, excepted_to = row[2:7]
    kind_rank, name, identifiers = names.get(event.measure.entity_id, (0, None, ()))
    messages = [
        event_message(event, feed, position, known_at, kind_rank, name, identifiers)
        for feed, position in sorted(feeds.items())
    ]
    if number == event.number:
        messages.append(measure_state(event, status, excepted_to, kind_rank, name, identifiers))
    return tuple(messages)


def _rejection_messages(row: Sequence[Any]) -> tuple[tuple[str, bytes | None, str, Any], ...]:
    agency, key, payload = row[10], row[11], row[12]
    return ((dead_letter_topic(agency), key, "", payload),)


@contextmanager
def elected(connection: Connection) -> Iterator[PostgresOutbox]:
    """The outbox, for the one relay that holds the lock.

    Raises:
        RefusedError: another relay is running.
    """
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_RELAY_LOCK]).fetchone()
    if not row or not row[0]:
        raise RefusedError("another relay is running", hint="stop it first, or leave it the work")
    try:
        yield PostgresOutbox(connection)
    finally:
        if not connection.closed and not connection.broken:
            with _ignoring_lost_connection():
                connection.execute("SELECT pg_advisory_unlock(%s)", [_RELAY_LOCK])


@contextmanager
def _ignoring_lost_connection() -> Iterator[None]:
    """A lost session has given its lock back already."""
    try:
        yield
    except psycopg.OperationalError:
        return
