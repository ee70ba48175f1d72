"""Facts, standing and events of entities: what a decision reads, and what it leaves behind."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from sharehub.core.measure import Measure, SanctionEvent
from sharehub.core.record import fact_key
from sharehub.core.standing import MeasureState, Status
from sharehub.ports.view import EntityFacts
from sharehub.store.arrays import uuid_array
from sharehub.store.arrow import copy_rows
from sharehub.store.documents import event_document, measure_document, measure_of
from sharehub.store.identity import SEVERAL_CODES

_STAGED = "CREATE TEMP TABLE IF NOT EXISTS staged_measures (LIKE measures) ON COMMIT DELETE ROWS"

_LOCKED = """
SELECT entity_id, kind_rank, decided_on, next_due_on FROM entities
WHERE entity_id = ANY(%s::uuid[]) ORDER BY entity_id FOR UPDATE
"""

_GATHER = """
WITH held AS (
  SELECT identifier.entity_id, fact.fact_id, fact.payload, fact.received_at
  FROM identifiers identifier JOIN facts fact ON fact.subject_id = identifier.identifier_id
  WHERE identifier.entity_id = ANY(%s::uuid[])
)
SELECT entity_id, payload, received_at FROM held
UNION ALL
SELECT held.entity_id, past.payload, past.received_at FROM held JOIN past_facts past USING (fact_id)
"""
"""All revisions: the newest one stands in `facts`, those before it in `past_facts`."""

_CONFLICTS = f"""
SELECT entity_id FROM ({SEVERAL_CODES.format(which="entity_id = ANY(%(ids)s::uuid[]) AND")}) AS several
UNION
SELECT entity_id FROM conflicts JOIN identifiers ON identifier_id = left_id WHERE entity_id = ANY(%(ids)s::uuid[])
UNION
SELECT entity_id FROM conflicts JOIN identifiers ON identifier_id = right_id WHERE entity_id = ANY(%(ids)s::uuid[])
"""
"""Two codes where an entity has one, unless people joined them; or a link that a judgement stands against."""

_STANDING = """
SELECT entity_id, body::text, status, number, reason, last_on, disputed, excepted_from, excepted_to
FROM measures WHERE entity_id = ANY(%s::uuid[])
"""

_EVENT_COLUMNS = (
    "event_id",
    "measure_id",
    "entity_id",
    "event",
    "number",
    "business_on",
    "known_at",
    "reason",
    "body",
)

_MEASURES = """
INSERT INTO measures SELECT * FROM staged_measures ORDER BY measure_id
ON CONFLICT (measure_id) DO UPDATE SET
  entity_id = excluded.entity_id, status = excluded.status, number = excluded.number, reason = excluded.reason,
  effective_from = excluded.effective_from, effective_to = excluded.effective_to, body = excluded.body,
  last_on = excluded.last_on, disputed = excluded.disputed,
  excepted_from = excluded.excepted_from, excepted_to = excluded.excepted_to
"""

_MEASURE_COLUMNS = (
    "measure_id",
    "entity_id",
    "fact_id",
    "entry",
    "kind",
    "status",
    "number",
    "reason",
    "effective_from",
    "effective_to",
    "body",
    "last_on",
    "disputed",
    "excepted_from",
    "excepted_to",
)


def gather(
    connection: Connection, entity_ids: Sequence[UUID], single_schemes: Sequence[str]
) -> dict[UUID, EntityFacts]:
    """Facts, standing and identifier conflicts of the entities; their rows stay locked until the end."""
    ids = sorted(entity_ids)
    asked = uuid_array(ids)
    locked, gathered, measures, contradicted = (  # asked together, for the answers come together
        connection.execute(_LOCKED, [asked]),
        connection.execute(_GATHER, [asked]),
        connection.execute(_STANDING, [asked]),
        connection.execute(_CONFLICTS, {"ids": asked, "schemes": list(single_schemes)}),
    )
    rows = {row[0]: row[1:] for row in locked}
    payloads: dict[UUID, list[tuple[bytes, datetime]]] = {key: [] for key in ids}
    for entity_id, payload, received_at in gathered:
        payloads[entity_id].append((payload, received_at))
    standing = _standing(ids, measures)
    conflicts = {row[0] for row in contradicted}
    return {
        key: EntityFacts(
            entity_id=key,
            kind_rank=kind_rank,
            decided_on=decided_on,
            payloads=tuple(payloads[key]),
            standing=tuple(standing[key]),
            conflict=key in conflicts,
            next_due_on=next_due_on,
        )
        for key, (kind_rank, decided_on, next_due_on) in rows.items()
    }


def standing_of(connection: Connection, ids: Collection[UUID]) -> Callable[[], dict[UUID, list[MeasureState]]]:
    """The measures of each of the entities, after their last events: asked now, answered when called."""
    rows = connection.execute(_STANDING, [uuid_array(ids)])
    return lambda: _standing(ids, rows)


def _standing(ids: Iterable[UUID], rows: Iterable[Sequence[Any]]) -> dict[UUID, list[MeasureState]]:
    found: dict[UUID, list[MeasureState]] = {key: [] for key in ids}
    for entity_id, body, *marks in rows:
        found[entity_id].append(state_of(measure_of(body), *marks))
    return found


def in_conflict(connection: Connection, ids: Iterable[UUID], single_schemes: Sequence[str]) -> Callable[[], set[UUID]]:
    """Those of the entities whose identifiers contradict one another (law 11): asked now, answered when called."""
    rows = connection.execute(_CONFLICTS, {"ids": uuid_array(ids), "schemes": list(single_schemes)})
    return lambda: {row[0] for row in rows}


def state_of(  # noqa: PLR0913, PLR0917 - a row
    measure: Measure,
    status: Status,
    number: int,
    reason: str,
    last_on: date,
    disputed: bool,
    excepted_from: date | None,
    excepted_to: date | None,
) -> MeasureState:
    excepted = (excepted_from, excepted_to) if excepted_from and excepted_to else None
    return MeasureState(measure, status, number, reason, last_on, disputed, excepted)


def append(
    connection: Connection, events: Sequence[tuple[SanctionEvent, datetime]], states: Iterable[MeasureState]
) -> None:
    """Write events, each with when the hub knew, to the log and the outbox, and the measures as they now stand."""
    copy_rows(connection, "events", _EVENT_COLUMNS, (_event_row(*said) for said in events))
    copy_rows(connection, "outbox", ("event_id",), ((event.id,) for event, _ in events))
    connection.execute(_STAGED)
    connection.execute("DELETE FROM staged_measures")
    copy_rows(connection, "staged_measures", _MEASURE_COLUMNS, map(_measure_row, states))
    connection.execute(_MEASURES)


def mark(connection: Connection, decided: Mapping[UUID, tuple[date, date | None]]) -> None:
    """Remember the day on which each entity was decided and when time alone next changes something."""
    ids = sorted(decided)
    query = """
        UPDATE entities SET decided_on = due.decided_on, next_due_on = due.next_due_on, unpublished = true
        FROM unnest(%s::uuid[], %s::date[], %s::date[]) AS due (entity_id, decided_on, next_due_on)
        WHERE entities.entity_id = due.entity_id
    """
    connection.execute(query, [ids, [decided[key][0] for key in ids], [decided[key][1] for key in ids]])


def _event_row(event: SanctionEvent, known_at: datetime) -> tuple[object, ...]:
    measure = event.measure
    return (
        event.id,
        measure.id,
        measure.entity_id,
        event.event,
        event.number,
        event.business_on,
        known_at.astimezone(UTC),
        event.reason,
        event_document(event),
    )


def _measure_row(state: MeasureState) -> tuple[object, ...]:
    measure = state.measure
    body = measure_document(measure)
    dates = (measure.effective_from, measure.effective_to)
    return (
        measure.id,
        measure.entity_id,
        UUID(bytes=fact_key(measure.ground.agency, measure.ground.record_key)),
        measure.entry,
        measure.kind.value,
        state.status,
        state.number,
        state.reason,
        *dates,
        body,
        state.last_on,
        state.disputed,
        *(state.excepted or (None, None)),
    )
