"""What became of one record: its kept revisions, its rejections, its events and their ways out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from sharehub.core.dead_letter import Failure
from sharehub.topics import Place

_OF_FACT = """
SELECT revision, received_at, payload, subject_id FROM facts WHERE fact_id = %(fact)s
UNION ALL
SELECT past.revision, past.received_at, past.payload, fact.subject_id
FROM past_facts past JOIN facts fact USING (fact_id) WHERE fact_id = %(fact)s
ORDER BY revision
"""
_OF_RECORDS = "SELECT received_at, payload, subject_id FROM records WHERE record_id = ANY(%s::uuid[])"
_GROUND = """
SELECT body -> 'ground' ->> 'agency', body -> 'ground' ->> 'record_key' FROM measures
WHERE measure_id = (SELECT measure_id FROM events WHERE event_id = %s)
"""
_REJECTIONS = """
SELECT rejection_id AS letter_id, topic, partition, "offset", received_at, code, field, reason, payload,
  (SELECT state FROM dead_letters WHERE dead_letters.rejection_id = rejections.rejection_id) AS letter_state
FROM rejections
"""
_EVENTS = """
SELECT event.event_id, event.event, event.number, measure.entry, event.business_on, event.known_at, entry.feed,
  entry.feed_position, entry.published_at, outbox.position AS outbox_position
FROM measures measure JOIN events event USING (measure_id) LEFT JOIN outbox USING (event_id)
LEFT JOIN feed_entries entry USING (event_id)
WHERE measure.fact_id = %s ORDER BY event.known_at, event.measure_id, event.number, entry.feed
"""
_ANSWERS = """
SELECT recipient, event_id, status, acknowledged_at FROM acknowledgements
WHERE event_id = ANY(%s::uuid[]) ORDER BY acknowledged_at
"""


class Kept(NamedTuple):
    """A revision that was taken in: when the hub received it, its bytes, and the reference that it is kept under."""

    received_at: datetime
    payload: bytes
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Failure):
    """A message that was rejected, with its bytes, and how its letter stands now."""

    payload: bytes | None
    letter_state: str


class Told(NamedTuple):
    """An event at one of its ways out; `feed` None: it has none yet."""

    event_id: UUID
    event: str
    number: int
    entry: str
    business_on: date
    known_at: datetime
    feed: str | None
    feed_position: int | None
    published_at: datetime | None
    outbox_position: int | None


class Answer(NamedTuple):
    """What a recipient said to an event."""

    recipient: str
    event_id: UUID
    status: str
    acknowledged_at: datetime


def of_fact(connection: Connection[Any], fact_id: UUID) -> list[Kept]:
    """All revisions of a record on which a rulebook can decide, by key."""
    return [Kept(*row[1:]) for row in connection.execute(_OF_FACT, {"fact": fact_id})]


def of_records(connection: Connection[Any], record_ids: Sequence[UUID]) -> list[Kept]:
    """Any revisions by their ids. The whole table is read: it has no index by id, which every batch would pay for."""
    return [Kept(*row) for row in connection.execute(_OF_RECORDS, [list(record_ids)])]


def ground_of(connection: Connection[Any], event_id: UUID) -> tuple[str, str] | None:
    """Agency and record key of the record that the event follows from."""
    row = connection.execute(_GROUND, [event_id]).fetchone()
    return (row[0], row[1]) if row else None


def rejected_at(connection: Connection[Any], place: Place, offset: int) -> Refused | None:
    """The rejection of the message that lies there; of a topic made anew, that of the newest."""
    query = f'{_REJECTIONS} WHERE topic = %s AND partition = %s AND "offset" = %s ORDER BY received_at DESC LIMIT 1'
    with connection.cursor(row_factory=class_row(Refused)) as cursor:
        return cursor.execute(query, [*place, offset]).fetchone()


def rejected_of(connection: Connection[Any], agency: str, rejections_max: int) -> list[Refused]:
    """The agency's rejections, the newest first."""
    query = f"{_REJECTIONS} WHERE agency = %s ORDER BY received_at DESC LIMIT %s"
    with connection.cursor(row_factory=class_row(Refused)) as cursor:
        return cursor.execute(query, [agency, rejections_max]).fetchall()


def led_to(connection: Connection[Any], subject_id: UUID) -> tuple[UUID, str | None] | None:
    """The entity to which a reference leads, and the name that it is shown by."""
    query = "SELECT entity_id, name FROM identifiers JOIN entities USING (entity_id) WHERE identifier_id = %s"
    row = connection.execute(query, [subject_id]).fetchone()
    return (row[0], row[1]) if row else None


def told_of(connection: Connection[Any], fact_id: UUID) -> tuple[list[Told], list[Answer]]:
    """The events that follow from a record with their ways out, and what was answered."""
    with connection.cursor(row_factory=class_row(Told)) as cursor:
        told = cursor.execute(_EVENTS, [fact_id]).fetchall()
    with connection.cursor(row_factory=class_row(Answer)) as cursor:
        return told, cursor.execute(_ANSWERS, [sorted({one.event_id for one in told})]).fetchall()
