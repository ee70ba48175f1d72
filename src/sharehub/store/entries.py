"""Entries of feeds written down as they leave: each event as its recipient may see it, with its signature."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from sharehub.core.agreement import allowed
from sharehub.core.change import Change, change_by
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

_WRITE = "UPDATE feed_entries SET payload = %s, jws = %s WHERE feed = %s AND feed_position = %s"


class _Seen(NamedTuple):
    """What stands beside the events of one batch: what each changed, and who their entities are."""

    changes: Mapping[UUID, Change]
    names: Mapping[UUID, Named]


def write_down(connection: Connection, leaving: Leaving, *, after: int, most: int) -> None:
    """Give bytes and signature to the entries of these outbox positions that have none; all, or none of them."""
    with connection.transaction():
        rows = connection.execute(_UNWRITTEN, {"after": after, "most": most}).fetchall()
        if not rows:
            return
        events = {row[2]: event_of(row[3]) for row in rows if row[3] is not None}
        seen = _Seen(
            _changes(connection, events.values()),
            named(connection, {event.measure.entity_id for event in events.values()}),
        )
        with connection.cursor() as cursor:
            cursor.executemany(_WRITE, [_written(row, events, seen, leaving) for row in rows])


def _written(
    row: Sequence[Any], events: Mapping[UUID, SanctionEvent], seen: _Seen, leaving: Leaving
) -> tuple[bytes, str, str, int]:
    feed, position, event_id = row[:3]
    if event_id in events:
        event = events[event_id]
        name = seen.names.get(event.measure.entity_id, UNNAMED)
        whole = event_value(event, position, row[4], name, seen.changes[event_id])
        schema, value = "sanction-event", _projected(whole, feed, leaving)
    else:
        schema, value = row[5], notice_value(row[6], event_id, position, row[7])
    return leaving.encode(schema, value), leaving.sign(value), feed, position


def _projected(value: dict[str, Any], feed: str, leaving: Leaving) -> dict[str, Any]:
    """The whole event on the hub's own log, and in a recipient's feed what was agreed with it."""
    if feed == SANCTION_EVENTS:
        return value
    return allowed(value, leaving.agreement(feed))


def _changes(connection: Connection, events: Any) -> dict[UUID, Change]:
    """What every event of these measures changed, folded from their first events on."""
    measures = sorted({event.measure.id for event in events})
    before: defaultdict[UUID, MeasureState | None] = defaultdict(lambda: None)
    found: dict[UUID, Change] = {}
    for (body,) in connection.execute(_HISTORY, [measures]):
        event = event_of(body)
        found[event.id] = change_by(before[event.measure.id], event)
        before[event.measure.id] = told(before[event.measure.id], event)
    return found
