"""Versions of the rules as the log said them, and the entities that a change touches."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from sharehub.core.activation import Content, Proposal
from sharehub.errors import BrokenStateError
from sharehub.ports.rules import Held, Progress, RecordRow

_PROPOSAL = tuple(Proposal.__dataclass_fields__)
_HELD = """
SELECT number, record_key, revision, content, place, version, text, digest, published_on, reason, decided_by,
  approved_by, stated_from, counts_from, received_at, begun, settled_at, entities, events
FROM activations
"""
_RECORDS = """
SELECT uuid_send(subject_id), uuid_send(record_id), agency, received_at, payload FROM records
WHERE (%(all)s OR (subject_id, record_id) > (%(subject)s::uuid, %(record)s::uuid))
  AND (substr(payload, 1, 5) = ANY(%(headers)s::bytea[]) OR agency = ANY(%(agencies)s::text[]))
ORDER BY subject_id, record_id LIMIT %(records_max)s
"""
_TOUCH = """
WITH fresh AS (
  INSERT INTO activation_touched (number, entity_id) SELECT %(number)s, * FROM unnest(%(ids)s::uuid[]) ORDER BY 2
  ON CONFLICT DO NOTHING RETURNING entity_id
)
UPDATE activations SET entities = entities + (SELECT count(*) FROM fresh),
  after_subject = coalesce(%(subject)s, after_subject), after_record = coalesce(%(record)s, after_record)
WHERE number = %(number)s
"""
_TAKE = """
DELETE FROM activation_touched USING (
  SELECT entity_id FROM activation_touched WHERE number = %(number)s ORDER BY entity_id LIMIT %(entities_max)s
) AS page
WHERE activation_touched.number = %(number)s AND activation_touched.entity_id = page.entity_id
RETURNING activation_touched.entity_id
"""


class Activations:
    """The versions, over the connection on which a view has its transaction open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def epoch(self) -> int:
        """Raised by every step of a change: what was read under another number is stale."""
        query = """
            SELECT count(counts_from) + count(*) FILTER (WHERE begun) + count(settled_at) FROM activations
        """
        return int(self._connection.execute(query).fetchall()[0][0])

    def every(self) -> list[dict[str, Any]]:
        """All revisions in the order of the log, with what came of them."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(f"{_HELD} ORDER BY number").fetchall()

    def approved(self) -> list[Held]:
        """Those that count from some day, in the order of the log."""
        return self._held("WHERE counts_from IS NOT NULL ORDER BY number")

    def newest(self, record_key: str) -> Held | None:
        """The newest revision about a version, or None."""
        return next(iter(self._held("WHERE record_key = %s ORDER BY revision DESC LIMIT 1", record_key)), None)

    def revision(self, record_key: str, revision: int) -> Held | None:
        """That revision about a version, or None."""
        return next(iter(self._held("WHERE record_key = %s AND revision = %s", record_key, revision)), None)

    def approved_since(self, content: Content, place: str, number: int) -> bool:
        """True where another version of the same was approved later in the log."""
        where = "WHERE content = %s AND place = %s AND number > %s AND counts_from IS NOT NULL LIMIT 1"
        return bool(self._held(where, content, place, number))

    def _held(self, where: str, *values: object) -> list[Held]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return [_held(row) for row in cursor.execute(f"{_HELD} {where}", values or None).fetchall()]

    def keep(self, said: Proposal, received_at: datetime, counts_from: date | None, *, begun: bool) -> None:
        """Keep a revision as the last one of the log; `begun` where it counts at once."""
        query = f"""
            INSERT INTO activations (number, {", ".join(_PROPOSAL[:-1])}, stated_from, received_at, counts_from, begun)
            SELECT coalesce(max(number), 0) + 1, {", ".join(["%s"] * (len(_PROPOSAL) + 3))} FROM activations
        """
        values = [getattr(said, name) for name in _PROPOSAL]
        self._connection.execute(query, [*values, received_at, counts_from, begun])

    def begin(self, number: int) -> None:
        """From now on no batch is decided as of a day before this change."""
        self._connection.execute("UPDATE activations SET begun = true WHERE number = %s", [number])

    def progress(self, number: int) -> Progress:
        """How far its entities were looked for; the row stays locked, so that one worker goes on at a time."""
        query = """
            SELECT uuid_send(after_subject), uuid_send(after_record), searched, settled_at IS NOT NULL
            FROM activations WHERE number = %s FOR UPDATE
        """
        for subject, record, searched, settled in self._connection.execute(query, [number]).fetchall():
            return Progress((bytes(subject), bytes(record)) if subject else None, searched, settled)
        raise BrokenStateError(f"activation {number} is not in its table")

    def records(
        self, after: tuple[bytes, bytes] | None, headers: Sequence[bytes], agencies: Sequence[str], records_max: int
    ) -> list[RecordRow]:
        """The next records that have one of the headers or are of one of the agencies, in key order."""
        subject, record = after or (bytes(16), bytes(16))
        values = {
            "all": after is None,
            "subject": UUID(bytes=subject),
            "record": UUID(bytes=record),
            "headers": list(headers),
            "agencies": list(agencies),
            "records_max": records_max,
        }
        with self._connection.cursor(binary=True) as cursor:
            return [RecordRow(*row) for row in cursor.execute(_RECORDS, values).fetchall()]

    def with_measures_of(self, entries: Sequence[str]) -> list[UUID]:
        """Entities on which a measure of one of these entries is in place."""
        query = """
            SELECT DISTINCT entity_id FROM measures WHERE entry = ANY(%s) AND status IN ('standing', 'suspended')
        """
        return [row[0] for row in self._connection.execute(query, [list(entries)])]

    def touch(self, number: int, entity_ids: Iterable[UUID], after: tuple[bytes, bytes] | None) -> None:
        """Let these entities wait to be decided again, and remember how far the search has come."""
        subject, record = (UUID(bytes=after[0]), UUID(bytes=after[1])) if after else (None, None)
        values = {"number": number, "ids": sorted(set(entity_ids)), "subject": subject, "record": record}
        self._connection.execute(_TOUCH, values)

    def searched(self, number: int) -> None:
        """All that it touches has been found."""
        self._connection.execute("UPDATE activations SET searched = true WHERE number = %s", [number])

    def take_touched(self, number: int, entities_max: int) -> list[UUID]:
        """The next entities that wait; taken with the transaction in which they are decided."""
        values = {"number": number, "entities_max": entities_max}
        return sorted(row[0] for row in self._connection.execute(_TAKE, values))

    def settled(self, number: int, events: int, *, done: bool) -> None:
        """Add the events issued; `done` where nothing waits any more."""
        query = """
            UPDATE activations SET events = events + %s, settled_at = CASE WHEN %s THEN now() END WHERE number = %s
        """
        self._connection.execute(query, [events, done, number])


def _held(row: Mapping[str, Any]) -> Held:
    stated = {name: row["stated_from" if name == "counts_from" else name] for name in _PROPOSAL}
    settled = row["settled_at"] is not None
    return Held(row["number"], Proposal(**stated), row["received_at"], row["counts_from"], row["begun"], settled)
