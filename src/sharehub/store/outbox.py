"""The outbox: what must leave, numbered by the one relay in the order in which it was committed.

Sequence numbers are handed out before commit, so a late commit could slip in behind a reader. Positions
are therefore given only here, under the relay's lock, to rows that are already visible. What is numbered is
written down as it leaves, before it leaves: Kafka, HTTP and files carry the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection

from sharehub.errors import RefusedError
from sharehub.ports.leaving import Leaving, Message, Outgoing
from sharehub.store.entries import History, write_down
from sharehub.store.letters import dead_letter
from sharehub.store.messages import entity_state, measure_state
from sharehub.store.names import Named
from sharehub.topics import ENTITY_STATE, MEASURE_STATE, SANCTION_EVENTS, feed_topic

_RELAY_LOCK = 7_301_003

_NUMBER = """
WITH base AS (SELECT coalesce(max(position), 0) AS last FROM outbox WHERE position IS NOT NULL),
fresh AS (
  SELECT seq, row_number() OVER () AS place
  FROM (SELECT seq FROM outbox WHERE position IS NULL ORDER BY seq LIMIT %s) AS unnumbered
)
UPDATE outbox SET position = base.last + fresh.place FROM base, fresh WHERE outbox.seq = fresh.seq
RETURNING outbox.position
"""

_FEEDS = """
WITH fresh AS (
  SELECT feed.name AS feed, outbox.event_id, outbox.position
  FROM outbox JOIN events USING (event_id)
  LEFT JOIN LATERAL (
    SELECT earlier.body -> 'measure' -> 'recipients' AS recipients FROM events AS earlier
    WHERE earlier.measure_id = events.measure_id AND earlier.number < events.number
      AND earlier.event IN ('issued', 'amended')
    ORDER BY earlier.number DESC LIMIT 1
  ) AS held ON true
  CROSS JOIN LATERAL (
    SELECT %(events)s AS name
    UNION SELECT jsonb_array_elements_text(events.body -> 'measure' -> 'recipients')
    WHERE events.event IN ('issued', 'amended')
    UNION SELECT jsonb_array_elements_text(held.recipients) WHERE events.event <> 'issued'
  ) AS feed
  WHERE outbox.position > %(after)s AND feed.name = ANY(%(agreed)s)
  UNION ALL
  SELECT notices.recipient, notices.notice_id, outbox.position
  FROM outbox JOIN notices USING (notice_id) WHERE outbox.position > %(after)s
),
last AS (
  SELECT feed, (SELECT max(feed_position) FROM feed_entries WHERE feed_entries.feed = every.feed) AS position
  FROM (SELECT DISTINCT feed FROM fresh) AS every
)
INSERT INTO feed_entries (feed, feed_position, event_id)
SELECT fresh.feed, coalesce(last.position, 0) + row_number() OVER (PARTITION BY fresh.feed ORDER BY fresh.position),
  fresh.event_id
FROM fresh LEFT JOIN last USING (feed)
"""

_AFTER = """
SELECT outbox.position, entry.feed, entry.payload, entry.jws,
  coalesce(events.event_id, notices.notice_id)::text AS event_id,
  entry.event,
  coalesce(events.entity_id::text, notices.recipient) AS entity_id,
  coalesce(events.known_at, notices.known_at) AS known_at,
  measures.fact_id,
  rejections.agency, rejections.key AS rejected_key, rejections.payload AS rejected, rejections.headers,
  rejections.rejection_id, rejections.topic, rejections.partition, rejections."offset", rejections.received_at,
  rejections.code, rejections.field, rejections.reason, step.step, step.acted_by, step.reason AS step_reason,
  (SELECT 1 + count(*) FROM letter_steps earlier
    WHERE earlier.rejection_id = outbox.rejection_id AND earlier.step = 'failed'
      AND (earlier.received_at, earlier.step_id) <= (step.received_at, step.step_id)) AS attempts
FROM outbox
LEFT JOIN events USING (event_id)
LEFT JOIN measures USING (measure_id)
LEFT JOIN notices USING (notice_id)
LEFT JOIN rejections USING (rejection_id)
LEFT JOIN letter_steps step USING (step_id)
LEFT JOIN feed_entries entry ON entry.event_id = coalesce(outbox.event_id, outbox.notice_id)
WHERE outbox.position > %(after)s AND outbox.position <= %(last)s ORDER BY outbox.position, entry.feed
"""

_MEASURES = """
SELECT outbox.position, events.event_id, measures.measure_id, measures.status, measures.excepted_to
FROM outbox JOIN events USING (event_id) JOIN measures USING (measure_id)
WHERE outbox.position > %(after)s AND outbox.position <= %(last)s AND measures.number = events.number
"""

_CHANGED = """
SELECT entities.entity_id, entities.kind_rank, entities.name, entities.xmin::text,
  (SELECT array_agg(scheme || ':' || value ORDER BY scheme, value) FROM identifiers
    WHERE identifiers.entity_id = entities.entity_id),
  (SELECT array_agg(measure_id::text ORDER BY measure_id) FROM measures
    WHERE measures.entity_id = entities.entity_id AND status IN ('standing', 'suspended'))
FROM entities WHERE unpublished ORDER BY entity_id LIMIT %s
"""

_PUBLISHED = """
WITH told AS (
  SELECT entities.entity_id
  FROM unnest(%s::uuid[], %s::text[]) AS seen (entity_id, version) JOIN entities USING (entity_id)
  WHERE entities.xmin::text = seen.version FOR UPDATE OF entities SKIP LOCKED
)
UPDATE entities SET unpublished = false FROM told WHERE entities.entity_id = told.entity_id
"""
"""A row that a worker holds is left, to be told once more: waiting for it, each could wait for the other."""


class PostgresOutbox:
    """The outbox as the elected relay sees it."""

    def __init__(self, connection: Connection, leaving: Leaving) -> None:
        self._connection = connection
        self._leaving = leaving

    def wait(self, wait_s: float) -> None:
        """Return when something was committed to the outbox, or after the time."""
        for _ in self._connection.notifies(timeout=wait_s, stop_after=1):
            return

    def _number(self, entries_max: int) -> None:
        """Give positions, in the outbox and in every feed, to what has none."""
        given = self._connection.execute(_NUMBER, [entries_max]).fetchall()
        if given:
            first = min(row[0] for row in given)
            agreed = [SANCTION_EVENTS, *self._leaving.agreed()]
            self._connection.execute(_FEEDS, {"events": SANCTION_EVENTS, "after": first - 1, "agreed": agreed})

    def last_position(self) -> int:
        """The last position that was given, 0 before the first."""
        return int(self._connection.execute("SELECT coalesce(max(position), 0) FROM outbox").fetchall()[0][0])

    def after(self, position: int, entries_max: int) -> Sequence[Outgoing]:
        """Entries beyond the position, in order, numbered, written down, and as the messages to send."""
        window = {"after": position, "last": position + entries_max}
        history = History(self._connection)
        with self._connection.transaction():
            self._number(entries_max)
            write_down(self._connection, self._leaving, history, **window)
        cursor = self._connection.cursor(binary=True, row_factory=psycopg.rows.dict_row)
        rows = cursor.execute(_AFTER, window).fetchall()
        states = self._measure_states(window, history)
        return [
            Outgoing(number, (*map(self._message, found), *states.get(number, ())))
            for number, found in groupby(rows, key=itemgetter("position"))
        ]

    def _message(self, row: Mapping[str, Any]) -> Message:
        if row["agency"] is not None:
            return dead_letter(row)
        feed, jws = row["feed"], row["jws"]
        topic = feed if feed == SANCTION_EVENTS else feed_topic(feed)
        return Message(topic, row["entity_id"].encode(), row["payload"], self._leaving.headers(feed, row, jws))

    def _measure_states(self, window: Mapping[str, int], history: History) -> dict[int, tuple[Message]]:
        """The measures as they stand after their last events, by the position of these events."""
        rows = self._connection.execute(_MEASURES, window).fetchall()
        history.read(row[2] for row in rows)
        found: dict[int, tuple[Message]] = {}
        for position, event_id, _, status, excepted_to in rows:
            _, event, entity = history[event_id]
            key, value = measure_state(event, status, excepted_to, entity)
            found[position] = (Message(MEASURE_STATE, key.encode(), self._leaving.encode("measure", value)),)
        return found

    def unpublished_entities(self, entities_max: int) -> tuple[Sequence[Outgoing], Mapping[str, object]]:
        """Entities that changed, and the row versions that were read."""
        rows = self._connection.execute(_CHANGED, [entities_max]).fetchall()
        states = [self._entity_state(row[0], Named(row[1], row[2], tuple(row[4] or ())), row[5] or ()) for row in rows]
        gone = [
            row[0] for row in self._connection.execute("SELECT entity_id FROM gone_entities LIMIT %s", [entities_max])
        ]
        states += [Outgoing(0, (Message(ENTITY_STATE, str(one).encode(), None),)) for one in gone]
        return states, {"ids": [row[0] for row in rows], "versions": [row[3] for row in rows], "gone": gone}

    def _entity_state(self, entity_id: UUID, entity: Named, measures: Sequence[str]) -> Outgoing:
        key, value = entity_state(entity_id, entity, measures)
        payload = None if value is None else self._leaving.encode("entity", value)
        return Outgoing(0, (Message(ENTITY_STATE, key.encode(), payload),))

    def entities_published(self, token: Mapping[str, object]) -> None:
        """Clear the mark of rows that are still as they were read, and that no worker is about to change."""
        if token["gone"]:
            self._connection.execute("DELETE FROM gone_entities WHERE entity_id = ANY(%s::uuid[])", [token["gone"]])
        if token["ids"]:
            self._connection.execute(_PUBLISHED, [token["ids"], token["versions"]])


@contextmanager
def elected(connection: Connection, leaving: Leaving) -> Iterator[PostgresOutbox]:
    """The outbox, for the one relay that holds the lock.

    Raises:
        RefusedError: another relay is running.
    """
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_RELAY_LOCK]).fetchone()
    if not row or not row[0]:
        raise RefusedError("another relay is running", hint="stop it first, or leave it the work")
    connection.execute("LISTEN outbox")
    try:
        yield PostgresOutbox(connection, leaving)
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
