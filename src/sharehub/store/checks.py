"""What a check reads: to which entities references lead, which measures stand on them, and as of when."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from sharehub.core.identifier import Identifier
from sharehub.core.linking import Key
from sharehub.core.reader import AsOf
from sharehub.core.standing import MeasureState, told
from sharehub.store.arrays import key_array, uuid_array
from sharehub.store.documents import event_of
from sharehub.store.standing import standing_of

_LED = """
SELECT uuid_send(reference.identifier_id), uuid_send(reference.entity_id), coalesce(entity.kind_rank, 0), entity.name
FROM identifiers reference LEFT JOIN entities entity USING (entity_id)
WHERE reference.identifier_id = ANY(%s::uuid[])
"""
_CODES = "SELECT entity_id, scheme, value FROM identifiers WHERE entity_id = ANY(%s::uuid[])"
_NAMES = "SELECT entity_id, name FROM names WHERE entity_id = ANY(%s::uuid[])"
_EVENTS = """
SELECT events.entity_id, events.body::text FROM events
WHERE events.measure_id = ANY(%s::uuid[]) AND business_on <= %s ORDER BY events.measure_id, number
"""
_POSITION = """
SELECT now(), (SELECT coalesce(max(feed_position), 0) FROM feed_entries WHERE feed = 'events.sanction'),
  (SELECT coalesce(sum(next_offset), 0) FROM partition_claims WHERE consumer_group = %s),
  (SELECT coalesce(sum(next_offset), 0)::bigint FROM partition_claims),
  (SELECT coalesce(max(position), 0) FROM outbox) + (SELECT count(*) FROM outbox WHERE position IS NULL),
  (SELECT last_value FROM merge_counter), (SELECT coalesce(max(number), 0) FROM activations)
"""
"""The version counts messages of all who consume, so answers of recipients too. Positions have no gaps, so that the
fifth is how many entries the outbox has: the highest sequence number would hide those that are committed late."""


class Led(NamedTuple):
    """The entity to which a reference leads, as it is shown."""

    reference: Key
    entity_id: Key
    kind_rank: int
    name: str | None


def as_of(connection: Connection, group: str) -> AsOf:
    """Where the view stands in this snapshot."""
    at, event, messages, *more = connection.execute(_POSITION, [group]).fetchall()[0]
    return AsOf(at, event, int(messages), (event, int(messages), *more))


def led(connection: Connection, references: Iterable[Key]) -> Callable[[], dict[Key, Led]]:
    """The entity of each reference that is known: asked now, answered when called."""
    rows = connection.cursor(binary=True).execute(_LED, [key_array(references)])
    return lambda: {row[0]: Led(*row) for row in rows}


def codes_of(connection: Connection, entity_ids: Collection[UUID]) -> dict[UUID, list[Identifier]]:
    """All references of each of the entities."""
    found: dict[UUID, list[Identifier]] = {one: [] for one in entity_ids}
    for entity_id, *reference in connection.execute(_CODES, [uuid_array(entity_ids)]) if entity_ids else ():
        found[entity_id].append(Identifier(*reference))
    return found


def names_of(connection: Connection, entity_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The other names that were compared, of each of the entities."""
    found: dict[UUID, list[str]] = {one: [] for one in entity_ids}
    for entity_id, name in connection.execute(_NAMES, [uuid_array(entity_ids)]) if entity_ids else ():
        found[entity_id].append(name)
    return found


def standing_on(
    connection: Connection, entity_ids: Collection[UUID], on: date
) -> Callable[[], dict[UUID, list[MeasureState]]]:
    """The measures of each of the entities as they were on the day: asked now, answered when called."""
    asked = standing_of(connection, entity_ids)
    return lambda: _on(connection, asked(), on)


def _on(connection: Connection, found: dict[UUID, list[MeasureState]], on: date) -> dict[UUID, list[MeasureState]]:
    """Of what changed later, the events until the day."""
    later = [state for states in found.values() for state in states if state.last_on > on]
    if not later:
        return found
    ids = uuid_array(state.measure.id for state in later)
    owners = {state.measure.id: entity_id for entity_id, states in found.items() for state in states}
    then: dict[UUID, MeasureState] = {}
    for _, body in connection.execute(_EVENTS, [ids, on]):
        event = event_of(body)
        then[event.measure.id] = told(then.get(event.measure.id), event)
    kept = {one: [state for state in states if state.last_on <= on] for one, states in found.items()}
    for measure_id, state in then.items():
        kept[owners[measure_id]].append(state)
    return kept


def said_by(connection: Connection, reference: Key, agency: str) -> bool:
    """True where the agency has said something of the entity to which the reference leads."""
    query = """
        SELECT FROM records JOIN identifiers ON identifier_id = subject_id
        WHERE agency = %s AND entity_id = (SELECT entity_id FROM identifiers WHERE identifier_id = %s) LIMIT 1
    """
    return connection.execute(query, [agency, UUID(bytes=reference)]).fetchone() is not None


def names_up_to(connection: Connection, names_max: int) -> bool:
    """True where no more names than that are kept."""
    query = "SELECT count(*) FROM (SELECT FROM names LIMIT %s) AS few"
    return int(connection.execute(query, [names_max + 1]).fetchall()[0][0]) <= names_max
