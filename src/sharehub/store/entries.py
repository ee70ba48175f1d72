"""Entries of feeds written down as they leave: each event as its recipient may see it, with its signature."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from sharehub.core.agreement import allowed
from sharehub.core.change import as_held, change_by, told_to
from sharehub.core.measure import SanctionEvent
from sharehub.core.standing import MeasureState, told
from sharehub.ports import Leaving
from sharehub.store.documents import event_of
from sharehub.store.messages import event_value, notice_value
from sharehub.store.names import UNNAMED, Named, named
from sharehub.topics import SANCTION_EVENTS

_UNWRITTEN = """
SELECT entry.feed, entry.feed_position, entry.event_id, events.body, events.known_at,
  notices.schema_name, notices.body, notices.known_at
FROM outbox
JOIN feed_entries entry ON entry.event_id = coalesce(outbox.event_id, outbox.notice_id)
LEFT JOIN events ON events.event_id = outbox.event_id
LEFT JOIN notices ON notices.notice_id = outbox.notice_id
WHERE outbox.position > %(after)s AND outbox.position <= %(after)s + %(most)s AND entry.payload IS NULL
ORDER BY outbox.position, entry.feed
"""

_HISTORY = "SELECT body FROM events WHERE measure_id = ANY(%s::uuid[]) ORDER BY measure_id, number"

_WRITE = "UPDATE feed_entries SET payload = %s, jws = %s, event = %s WHERE feed = %s AND feed_position = %s"


class _Seen(NamedTuple):
    """What stands beside the events of one batch: the state before each of them, and who their entities are."""

    before: Mapping[UUID, MeasureState | None]
    names: Mapping[UUID, Named]


def write_down(connection: Connection, leaving: Leaving, *, after: int, most: int) -> None:
    """Give bytes and signature to the entries of these outbox positions that have none; all, or none of them."""
    with connection.transaction():
        rows = connection.execute(_UNWRITTEN, {"after": after, "most": most}).fetchall()
        if not rows:
            return
        events = {row[2]: event_of(row[3]) for row in rows if row[3] is not None}
        seen = _Seen(
            _before(connection, events.values()),
            named(connection, {event.measure.entity_id for event in events.values()}),
        )
        with connection.cursor() as cursor:
            cursor.executemany(_WRITE, [_written(row, events, seen, leaving) for row in rows])


def _written(
    row: Sequence[Any], events: Mapping[UUID, SanctionEvent], seen: _Seen, leaving: Leaving
) -> tuple[bytes, str, str, str, int]:
    feed, position, event_id = row[:3]
    if event_id in events:
        schema, value = "sanction-event", _told(feed, position, events[event_id], row[4], seen, leaving)
    else:
        schema, value = row[5], notice_value(row[6], event_id, position, row[7])
    return leaving.encode(schema, value), leaving.sign(value), value["event"], feed, position


def _told(
    feed: str, position: int, event: SanctionEvent, known_at: datetime, seen: _Seen, leaving: Leaving
) -> dict[str, Any]:
    """The whole event on the hub's own log, and in a recipient's feed what was agreed with it, as it concerns it."""
    name, before = seen.names.get(event.measure.entity_id, UNNAMED), seen.before[event.id]
    event = as_held(before, event)
    if feed == SANCTION_EVENTS:
        return event_value(event, position, known_at, name, change_by(before, event))
    told_event, change = told_to(feed, before, event)
    return allowed(event_value(told_event, position, known_at, name, change), leaving.agreement(feed))


def _before(connection: Connection, events: Iterable[SanctionEvent]) -> dict[UUID, MeasureState | None]:
    """The state of the measure before every event of these measures, folded from their first events on."""
    measures = sorted({event.measure.id for event in events})
    last: dict[UUID, MeasureState] = {}
    found: dict[UUID, MeasureState | None] = {}
    for (body,) in connection.execute(_HISTORY, [measures]):
        event = event_of(body)
        found[event.id] = last.get(event.measure.id)
        last[event.measure.id] = told(found[event.id], event)
    return found
