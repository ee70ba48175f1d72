"""Entries of feeds written down as they leave: each event as its recipient may see it, with its signature."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from sharehub.core.agreement import allowed
from sharehub.core.change import as_held, change_by, told_to
from sharehub.core.competence import Recipient
from sharehub.core.measure import SanctionEvent
from sharehub.core.standing import MeasureState, told
from sharehub.ports.leaving import Leaving
from sharehub.store.documents import event_of
from sharehub.store.messages import event_value, notice_value
from sharehub.store.names import UNNAMED, Named, named
from sharehub.topics import SANCTION_EVENTS

_UNWRITTEN = """
SELECT entry.feed, entry.feed_position, entry.event_id, events.measure_id, events.known_at,
  notices.schema_name, notices.body, notices.known_at
FROM outbox
JOIN feed_entries entry ON entry.event_id = coalesce(outbox.event_id, outbox.notice_id)
LEFT JOIN events ON events.event_id = outbox.event_id
LEFT JOIN notices ON notices.notice_id = outbox.notice_id
WHERE outbox.position > %(after)s AND outbox.position <= %(last)s AND entry.payload IS NULL
ORDER BY outbox.position, entry.feed
"""

_HISTORY = "SELECT event_id, body::text FROM events WHERE measure_id = ANY(%s::uuid[]) ORDER BY measure_id, number"

_WRITE = """
UPDATE feed_entries SET payload = written.payload, jws = written.jws, event = written.event
FROM unnest(%s::bytea[], %s::text[], %s::text[], %s::text[], %s::bigint[])
  AS written (payload, jws, event, feed, feed_position)
WHERE feed_entries.feed = written.feed AND feed_entries.feed_position = written.feed_position
"""


class _Seen(NamedTuple):
    """The events of one batch with the state before each, who their entities are, and what was agreed."""

    agreement: Callable[[str], Recipient]
    events: Mapping[UUID, tuple[MeasureState | None, SanctionEvent]]
    names: Mapping[UUID, Named]


def write_down(connection: Connection, leaving: Leaving, *, after: int, last: int) -> None:
    """Give bytes and signature to the entries of these outbox positions that have none."""
    rows = connection.execute(_UNWRITTEN, {"after": after, "last": last}).fetchall()
    if not rows:
        return
    events = _events(connection, {row[3] for row in rows if row[3] is not None})
    names = named(connection, {event.measure.entity_id for _, event in events.values()})
    seen = _Seen(cache(leaving.agreement), events, names)
    written = [_written(row, seen, leaving) for row in rows]
    connection.execute(_WRITE, [list(column) for column in zip(*written, strict=True)])


def _written(row: Sequence[Any], seen: _Seen, leaving: Leaving) -> tuple[bytes, str, str, str, int]:
    feed, position, event_id = row[:3]
    if event_id in seen.events:
        schema, value = "sanction-event", _told(feed, position, *seen.events[event_id], row[4], seen)
    else:
        schema, value = row[5], notice_value(row[6], event_id, position, row[7])
    return leaving.encode(schema, value), leaving.sign(value), value["event"], feed, position


def _told(
    feed: str, position: int, before: MeasureState | None, event: SanctionEvent, known_at: datetime, seen: _Seen
) -> dict[str, Any]:
    """The whole event on the hub's own log, and in a recipient's feed what was agreed with it, as it concerns it."""
    name = seen.names.get(event.measure.entity_id, UNNAMED)
    event = as_held(before, event)
    if feed == SANCTION_EVENTS:
        return event_value(event, position, known_at, name, change_by(before, event))
    told_event, change = told_to(feed, before, event)
    return allowed(event_value(told_event, position, known_at, name, change), seen.agreement(feed))


def _events(
    connection: Connection, measures: Collection[UUID]
) -> dict[UUID, tuple[MeasureState | None, SanctionEvent]]:
    """Every event of these measures with the state before it, folded from their first events on."""
    last: dict[UUID, MeasureState] = {}
    found: dict[UUID, tuple[MeasureState | None, SanctionEvent]] = {}
    for event_id, body in connection.execute(_HISTORY, [sorted(measures)]):
        event = event_of(body)
        before = last.get(event.measure.id)
        found[event_id] = before, event
        last[event.measure.id] = told(before, event)
    return found
