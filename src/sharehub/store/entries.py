"""Entries of feeds written down as they leave: each event as its recipient may see it, with its signature."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
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
FROM unnest(%b::bytea[], %b::text[], %b::text[], %b::text[], %b::bigint[])
  AS written (payload, jws, event, feed, feed_position)
WHERE feed_entries.feed = written.feed AND feed_entries.feed_position = written.feed_position
"""


class Happened(NamedTuple):
    """An event with the state of its measure before it, and who its entity is."""

    before: MeasureState | None
    event: SanctionEvent
    entity: Named


class History:
    """The events of measures, each read once: they are folded from their first events on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._measures: set[UUID] = set()
        self._happened: dict[UUID, Happened] = {}

    def read(self, measures: Iterable[UUID]) -> None:
        """Have the events of these measures at hand."""
        fresh = set(measures) - self._measures
        if not fresh:
            return
        self._measures |= fresh
        rows = self._connection.execute(_HISTORY, [list(fresh)]).fetchall()
        events = [(event_id, event_of(body)) for event_id, body in rows]
        names = named(self._connection, {event.measure.entity_id for _, event in events})
        last: dict[UUID, MeasureState] = {}
        for event_id, event in events:
            before = last.get(event.measure.id)
            self._happened[event_id] = Happened(before, event, names.get(event.measure.entity_id, UNNAMED))
            last[event.measure.id] = told(before, event)

    def __getitem__(self, event_id: UUID) -> Happened:
        """What happened; its measure has been read."""
        return self._happened[event_id]


def write_down(connection: Connection, leaving: Leaving, history: History, *, after: int, last: int) -> None:
    """Give bytes and signature to the entries of these outbox positions that have none."""
    rows = connection.execute(_UNWRITTEN, {"after": after, "last": last}).fetchall()
    if not rows:
        return
    history.read(row[3] for row in rows if row[3] is not None)
    agreement = cache(leaving.agreement)
    written: list[tuple[bytes, str, str, str, int]] = []
    for (event_id, measure_id, known_at), entries in groupby(rows, itemgetter(2, 3, 4)):
        telling = None if measure_id is None else _Telling(history[event_id], known_at, agreement)
        written += [_written(row, telling, leaving) for row in entries]
    connection.execute(_WRITE, [list(column) for column in zip(*written, strict=True)])


def _written(row: Sequence[Any], telling: "_Telling | None", leaving: Leaving) -> tuple[bytes, str, str, str, int]:
    feed, position, event_id = row[:3]
    if telling is not None:
        schema, value = "sanction-event", telling.value(feed, position)
    else:
        schema, value = row[5], notice_value(row[6], event_id, position, row[7])
    return leaving.encode(schema, value), leaving.sign(value), value["event"], feed, position


class _Telling:
    """One event as values: the whole of it on the hub's own log, in each feed what was agreed, as it concerns it."""

    def __init__(self, happened: Happened, known_at: datetime, agreement: Callable[[str], Recipient]) -> None:
        self._before, event, self._entity = happened
        self._known_at, self._agreement = known_at, agreement
        self._event = as_held(self._before, event)
        self._change = change_by(self._before, self._event)
        self._whole = event_value(self._event, 0, known_at, self._entity, self._change)

    def value(self, feed: str, position: int) -> dict[str, Any]:
        """The event at its place in the feed."""
        placed = {**self._whole, "feed_position": position}
        if feed == SANCTION_EVENTS:
            return placed
        event, change = told_to(feed, self._before, self._event, self._change)
        if event is not self._event:
            placed = event_value(event, position, self._known_at, self._entity, change)
        return allowed(placed, self._agreement(feed))
