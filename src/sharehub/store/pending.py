"""Which events still wait for their recipients' answers, and what the answers amount to.

An event is settled once its recipient has applied or refused it, or has applied a later event of the same measure:
who has put a lift into effect need not say any more that the issue had been.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.ports.answers import Delivery
from sharehub.topics import SANCTION_EVENTS

WAITING = """
SELECT entry.feed AS recipient, entry.feed_position, entry.event_id, entry.published_at,
  event.event, event.business_on, event.measure_id, event.entity_id, event.body -> 'measure' ->> 'title' AS title,
  receipt.acknowledged_at AS received_at
FROM feed_entries entry JOIN events event USING (event_id)
LEFT JOIN acknowledgements receipt
  ON receipt.standing AND receipt.recipient = entry.feed AND receipt.event_id = entry.event_id
WHERE NOT EXISTS (
  SELECT FROM acknowledgements answer
  WHERE answer.standing AND answer.recipient = entry.feed AND answer.measure_id = event.measure_id
    AND (answer.status = 'applied' AND answer.number >= event.number
      OR answer.status = 'refused' AND answer.number = event.number)
)
"""

"""Events that are not settled; `received_at`: when the recipient said that it has received one."""

_LISTED = f"""
{WAITING} AND entry.feed = %(recipient)s
  AND (%(published_before)s::date IS NULL OR entry.published_at < %(published_before)s::date)
ORDER BY entry.feed_position LIMIT %(limit)s
"""

_REFUSED = """
SELECT entry.feed AS recipient, entry.feed_position, entry.event_id, entry.published_at,
  event.event, event.business_on, event.measure_id, event.entity_id, event.body -> 'measure' ->> 'title' AS title,
  answer.reason, answer.acknowledged_at, answer.acknowledged_by, answer.note
FROM acknowledgements answer JOIN events event USING (event_id)
JOIN feed_entries entry ON entry.feed = answer.recipient AND entry.event_id = answer.event_id
WHERE answer.standing AND answer.status = 'refused' AND answer.recipient = %(recipient)s
ORDER BY entry.feed_position DESC LIMIT %(limit)s
"""

_FIGURES = f"""
WITH terms AS (SELECT * FROM unnest(%(recipients)s::text[], %(before)s::date[]) AS term (recipient, before)),
sent AS (
  SELECT feed AS recipient, count(*) AS sent FROM feed_entries JOIN events USING (event_id) GROUP BY feed
),
waiting AS (
  SELECT recipient, count(*) AS waiting, count(one.received_at) AS received,
    count(*) FILTER (WHERE one.published_at < terms.before) AS overdue
  FROM ({WAITING}) AS one JOIN terms USING (recipient) GROUP BY recipient
),
answered AS (
  SELECT recipient, count(*) FILTER (WHERE status = 'applied') AS applied,
    count(*) FILTER (WHERE status = 'refused') AS refused
  FROM acknowledgements WHERE standing GROUP BY recipient
),
taken AS (
  SELECT answer.recipient, extract(epoch FROM min(answer.received_at) - min(entry.published_at)) AS seconds
  FROM acknowledgements answer
  JOIN feed_entries entry ON entry.feed = answer.recipient AND entry.event_id = answer.event_id
  WHERE answer.status = 'applied' GROUP BY answer.recipient, answer.event_id
),
median AS (
  SELECT recipient, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds FROM taken GROUP BY recipient
)
SELECT recipient, coalesce(sent, 0) AS sent, coalesce(applied, 0) AS applied, coalesce(refused, 0) AS refused,
  coalesce(waiting, 0) AS waiting, coalesce(received, 0) AS received, coalesce(overdue, 0) AS overdue,
  median.seconds::float AS median_seconds
FROM terms LEFT JOIN sent USING (recipient) LEFT JOIN waiting USING (recipient)
LEFT JOIN answered USING (recipient) LEFT JOIN median USING (recipient)
ORDER BY recipient
"""

_NEWEST = """
SELECT DISTINCT ON (event.measure_id, entry.feed)
  entry.feed AS recipient, event.event_id, event.measure_id, event.event, entry.published_at
FROM events event JOIN feed_entries entry USING (event_id)
WHERE event.measure_id = ANY(%(measures)s::uuid[]) AND entry.feed <> %(log)s
  AND (%(known_at)s::timestamptz IS NULL OR entry.published_at <= %(known_at)s)
ORDER BY event.measure_id, entry.feed, event.number DESC
"""

_ANSWERS = """
SELECT recipient, event_id, status, acknowledged_at, acknowledged_by, reason, applied_on, note
FROM acknowledgements
WHERE measure_id = ANY(%(measures)s::uuid[]) AND (%(known_at)s::timestamptz IS NULL OR received_at <= %(known_at)s)
"""


def waiting(
    connection: Connection[Any], recipient: str, published_before: date | None, limit: int
) -> list[dict[str, Any]]:
    """Events that wait for the recipient's answer, the oldest first; those published before a day, or all."""
    values = {"recipient": recipient, "published_before": published_before, "limit": limit}
    return _rows(connection, _LISTED, values)


def refused(connection: Connection[Any], recipient: str, limit: int) -> list[dict[str, Any]]:
    """Events that the recipient refuses, the newest first, with its reason."""
    return _rows(connection, _REFUSED, {"recipient": recipient, "limit": limit})


def figures(connection: Connection[Any], published_before: Mapping[str, date]) -> list[dict[str, Any]]:
    """What became of the events of each recipient; overdue is what was published before its day and waits."""
    values = {"recipients": list(published_before), "before": list(published_before.values())}
    return _rows(connection, _FIGURES, values)


def newest_deliveries(
    connection: Connection[Any], measure_ids: Iterable[UUID], known_at: datetime | None
) -> list[Delivery]:
    """The last event of each measure in each recipient's feed by then, with all answers that it got by then."""
    values = {"measures": sorted(set(measure_ids)), "known_at": known_at, "log": SANCTION_EVENTS}
    given: dict[tuple[str, UUID], list[Acknowledgement]] = {}
    for row in _rows(connection, _ANSWERS, values):
        given.setdefault((row["recipient"], row["event_id"]), []).append(Acknowledgement(**row))
    found = _rows(connection, _NEWEST, values)
    return [Delivery(**row, answers=tuple(given.get((row["recipient"], row["event_id"]), ()))) for row in found]


def _rows(connection: Connection[Any], query: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
