"""Identity as it is stored: what links identifiers, what people decided, and the entities that follow.

Part of the consolidator's transaction. What it changes is changed by one worker alone (see `store.view`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import polars as pl
from psycopg import Connection
from pydantic import TypeAdapter

from sharehub.core.identifier import Identifier
from sharehub.core.judgement import RECORD, Judgement
from sharehub.core.linking import Key, identifier_key
from sharehub.core.measure import SanctionEvent
from sharehub.core.record import content_id, record_id
from sharehub.core.resolution import Link
from sharehub.ports.identity import Assigned, EntityCandidate, Neighbourhood, StoredJudgement, StoredRecord
from sharehub.store.arrow import copy_frame
from sharehub.store.documents import event_of

_JUDGEMENT = TypeAdapter(Judgement)
_REVISIONS_MAX = 200
"""How many revisions of a record are looked for."""

BESIDE = """
SELECT next.identifier_id FROM unnest(%(ids)s::uuid[]) AS seed (identifier_id) CROSS JOIN LATERAL (
  SELECT other.identifier_id FROM identifiers mine JOIN identifiers other USING (entity_id)
  WHERE mine.identifier_id = seed.identifier_id
  UNION ALL SELECT revised.identifier_id FROM links stated CROSS JOIN LATERAL (
    SELECT identifier_id FROM links WHERE links.fact_id = stated.fact_id OFFSET 0
  ) AS revised WHERE stated.identifier_id = seed.identifier_id
  UNION ALL SELECT right_id FROM judgements WHERE left_id = seed.identifier_id
  UNION ALL SELECT left_id FROM judgements WHERE right_id = seed.identifier_id
) AS next
"""
"""What was linked with the seeds in one step. OFFSET 0 keeps the look-up by key where nothing is known of the table."""

SEVERAL_CODES = """
SELECT entity_id, scheme, array_agg(value ORDER BY value) AS codes FROM identifiers
WHERE {which} scheme = ANY(%(schemes)s) GROUP BY entity_id, scheme
HAVING count(*) > 1 AND count(*) > 1 + (
  SELECT count(*) FROM judgements said
  JOIN identifiers one ON one.identifier_id = said.left_id
  JOIN identifiers other ON other.identifier_id = said.right_id
  WHERE said.effective AND said.verdict = 'same' AND one.entity_id = identifiers.entity_id
    AND other.entity_id = identifiers.entity_id AND one.scheme = identifiers.scheme AND other.scheme = one.scheme
    AND NOT EXISTS (
      SELECT FROM judgements later
      WHERE later.fact_id = said.fact_id AND later.revision > said.revision AND later.effective
    )
)
"""
"""Entities with several codes of a kind of which an entity has one, unless people joined them."""

_STAGED_LINKS = """
CREATE TEMP TABLE IF NOT EXISTS staged_links (LIKE links, subject_id uuid, first_id uuid) ON COMMIT DELETE ROWS
"""

_MISSING_FIRST = """
SELECT DISTINCT first_id, fact_id FROM staged_links WHERE revision > 1
AND NOT EXISTS (SELECT FROM links WHERE links.fact_id = staged_links.fact_id AND links.revision = 1)
AND NOT EXISTS (
  SELECT FROM records WHERE records.subject_id = staged_links.subject_id AND records.record_id = first_id
)
"""
"""First revisions that are not kept where the later one is, with their facts."""

_CHANGED = """
WITH said AS (SELECT * FROM links WHERE fact_id IN (SELECT fact_id FROM staged_links))
SELECT DISTINCT identifier_id FROM said WHERE fact_id IN (
  SELECT fact_id FROM said
  GROUP BY fact_id HAVING count(*) < count(DISTINCT identifier_id) * count(DISTINCT revision)
)
"""

REVISED = """
SELECT wanted.entity_id FROM unnest(%s::uuid[]) AS wanted (entity_id) CROSS JOIN LATERAL (
  SELECT FROM identifiers JOIN links USING (identifier_id)
  WHERE identifiers.entity_id = wanted.entity_id AND links.revision > 1 LIMIT 1
) AS revised
"""

_GUARDED = """
SELECT DISTINCT uuid_send(entity_id) FROM identifiers WHERE entity_id = ANY(%(ids)s::uuid[]) AND (
  EXISTS (SELECT FROM judgements WHERE left_id = identifier_id OR right_id = identifier_id)
)
"""

_MEASURES = """
UPDATE measures SET entity_id = now.entity_id
FROM facts JOIN identifiers now ON now.identifier_id = facts.subject_id
WHERE measures.fact_id = facts.fact_id AND facts.subject_id = ANY(%s::uuid[]) AND measures.entity_id <> now.entity_id
"""

_ENTITIES = """
INSERT INTO entities (entity_id, kind_rank, name, name_rank, decided_on) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (entity_id) DO UPDATE SET kind_rank = excluded.kind_rank, name = excluded.name,
  name_rank = excluded.name_rank, decided_on = excluded.decided_on, unpublished = true, uncompared = true
"""


class IdentityTransaction:
    """The part of a batch's transaction that changes which references are one entity's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cited_records(self) -> dict[str, Key]:
        """Records that somebody pointed at, `<agency>/<record key>`, with the key of their reference."""
        query = """
            SELECT value, identifier_id FROM identifiers WHERE scheme = 'RECORD'
            AND identifier_id IN (SELECT left_id FROM judgements UNION SELECT right_id FROM judgements)
        """
        return {row[0]: row[1].bytes for row in self._connection.execute(query)}

    def add_links(self, links: pl.DataFrame) -> set[Key]:
        """Keep what records state together; returns the references of those whose revisions differ in it.

        Columns identifier_id, fact_id, revision, subject_id, first_id: as `flow.subjects` makes them. A record's only
        identifier is kept here from its second revision on; the first is looked for where it differs.
        """
        self._connection.execute(_STAGED_LINKS)
        self._connection.execute("DELETE FROM staged_links")
        copy_frame(self._connection, "staged_links", links.sort("identifier_id", "fact_id", "revision"))
        query = "INSERT INTO links SELECT identifier_id, fact_id, revision FROM staged_links ON CONFLICT DO NOTHING"
        self._connection.execute(query)
        self._add_first_revisions()
        return {row[0].bytes for row in self._connection.execute(_CHANGED)}

    def _add_first_revisions(self) -> None:
        """Keep what first revisions stated that were received about somebody else; await those not received."""
        missing: dict[UUID, UUID] = dict(self._connection.execute(_MISSING_FIRST).fetchall())
        if missing:
            query = "SELECT record_id, subject_id FROM records WHERE record_id = ANY(%s)"
            found = self._connection.execute(query, [list(missing)]).fetchall()
            with self._connection.cursor() as cursor:
                query = "INSERT INTO links VALUES (%s, %s, 1) ON CONFLICT DO NOTHING"
                cursor.executemany(query, [(subject, missing[record]) for record, subject in found])
                query = "INSERT INTO awaited VALUES (%s) ON CONFLICT DO NOTHING"
                cursor.executemany(query, [(one,) for one in missing.keys() - {record for record, _ in found}])
        self._connection.execute("DELETE FROM awaited USING staged_links WHERE record_id = first_id AND revision = 1")

    def awaited(self, record_keys: Sequence[Key]) -> set[Key]:
        """Those of these first revisions of which a later one was received before."""
        if not record_keys or self._connection.execute("SELECT FROM awaited LIMIT 1").fetchone() is None:
            return set()
        query = "SELECT record_id FROM awaited WHERE record_id = ANY(%s)"
        return {row[0].bytes for row in self._connection.execute(query, [[*map(_uuid, record_keys)]])}

    def add_judgements(self, said: Sequence[StoredJudgement]) -> None:
        """Keep decisions, every revision of them."""
        query = """
            INSERT INTO judgements
              (fact_id, revision, ordinal, left_id, right_id, verdict, effective, received_at, body)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """
        with self._connection.cursor() as cursor:
            cursor.executemany(query, [_judgement_row(one) for one in said])

    def decided(self, fact: Key) -> bool:
        """True where a revision of this decision said something that counted."""
        query = "SELECT FROM judgements WHERE fact_id = %s AND effective AND verdict <> 'unsure' LIMIT 1"
        return self._connection.execute(query, [_uuid(fact)]).fetchone() is not None

    def ensure(self, references: Iterable[Assigned]) -> None:
        """Make references known that nobody has stated yet."""
        query = """
            INSERT INTO identifiers (identifier_id, scheme, value, entity_id) VALUES (%s, %s, %s, %s)
            ON CONFLICT DO NOTHING
        """
        rows = [(UUID(bytes=one[0]), one[1], one[2], UUID(bytes=one[3])) for one in references]
        with self._connection.cursor() as cursor:
            cursor.executemany(query, rows)

    def guarded(self, entity_keys: Iterable[Key]) -> set[Key]:
        """Those of the entities about which people have decided something."""
        ids = [UUID(bytes=key) for key in entity_keys]
        if not ids:
            return set()
        with self._connection.cursor(binary=True) as cursor:
            return {row[0] for row in cursor.execute(_GUARDED, {"ids": ids})}

    def neighbourhood(self, seeds: Iterable[Key]) -> Neighbourhood:
        """All that was ever linked with these references: references, records and decisions."""
        return neighbourhood(self._connection, seeds)

    def move_records(self, moved: Mapping[tuple[Key, Key], Key], facts: Mapping[Key, Key]) -> None:
        """Keep records under another reference: (subject, record id) to subject, and facts likewise."""
        with self._connection.cursor() as cursor:
            rows = [(*map(_uuid, (into, *key)),) for key, into in sorted(moved.items())]
            cursor.executemany("UPDATE records SET subject_id = %s WHERE subject_id = %s AND record_id = %s", rows)
            rows = [(_uuid(into), _uuid(fact)) for fact, into in sorted(facts.items())]
            cursor.executemany("UPDATE facts SET subject_id = %s WHERE fact_id = %s", rows)

    def lead(self, entity_of: Mapping[Key, Key], references: Iterable[Key]) -> None:
        """Let references lead to entities, and the measures of the records among `references` follow."""
        with self._connection.cursor() as cursor:
            rows = [(_uuid(entity), _uuid(key)) for key, entity in sorted(entity_of.items())]
            cursor.executemany("UPDATE identifiers SET entity_id = %s WHERE identifier_id = %s", rows)
        self._connection.execute(_MEASURES, [[_uuid(key) for key in references]])
        self._connection.execute("SELECT nextval('merge_counter')")

    def replace(self, gone: Iterable[Key], now: Sequence[EntityCandidate]) -> None:
        """End some entities and show others anew; a day once decided on stays the least for all of them."""
        ids = [_uuid(key) for key in gone]
        every = [*ids, *(_uuid(one.entity_key) for one in now)]
        query = "SELECT max(decided_on) FROM entities WHERE entity_id = ANY(%s::uuid[])"
        decided_on = self._connection.execute(query, [every]).fetchall()[0][0]
        self._connection.execute("DELETE FROM entities WHERE entity_id = ANY(%s::uuid[])", [ids])
        for table in ("names", "gone_entities"):
            self._connection.execute(f"DELETE FROM {table} WHERE entity_id = ANY(%s::uuid[])", [every])
        with self._connection.cursor() as cursor:
            cursor.executemany("INSERT INTO gone_entities (entity_id) VALUES (%s)", [(one,) for one in ids])
            rows = [(_uuid(one.entity_key), one.kind_rank, one.name, one.name_rank, decided_on) for one in now]
            cursor.executemany(_ENTITIES, rows)

    def contest(self, references: Iterable[Key], links: Iterable[Link], key_of: Mapping[Identifier, Key]) -> None:
        """The open links among these references are exactly these."""
        ids = [_uuid(key) for key in references]
        query = "DELETE FROM conflicts WHERE left_id = ANY(%s::uuid[]) OR right_id = ANY(%s::uuid[])"
        self._connection.execute(query, [ids, ids])
        insert = """
            INSERT INTO conflicts (conflict_id, left_id, right_id, because, source)
            VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """
        rows = [
            (
                content_id("conflict", str(link.left), str(link.right), link.because, link.source),
                _uuid(key_of[link.left]),
                _uuid(key_of[link.right]),
                link.because,
                link.source,
            )
            for link in links
        ]
        with self._connection.cursor() as cursor:
            cursor.executemany(insert, rows)

    def superseded(self, entity_keys: Sequence[Key], facts: Sequence[Key], revisions: Sequence[int]) -> set[Key]:
        """Those of the entities for whose fact, at the same place, a later revision is known."""
        query = """
            SELECT taken.entity_id
            FROM unnest(%s::uuid[], %s::uuid[], %s::int[]) AS taken (entity_id, fact_id, revision)
            JOIN links ON links.fact_id = taken.fact_id AND links.revision > taken.revision
        """
        if not facts:
            return set()
        rows = self._connection.execute(query, [[*map(_uuid, entity_keys)], [*map(_uuid, facts)], list(revisions)])
        return {row[0].bytes for row in rows}

    def with_revisions(self, entity_keys: Sequence[Key]) -> set[Key]:
        """Those of the entities on which something was revised."""
        if not entity_keys:
            return set()
        return {row[0].bytes for row in self._connection.execute(REVISED, [[*map(_uuid, entity_keys)]])}

    def outdated(self, entity_keys: Sequence[Key], shown: Sequence[str]) -> set[Key]:
        """Those of the entities whose name was taken from one of these record ids (hexadecimal)."""
        if not shown:
            return set()
        query = """
            SELECT entity_id FROM entities
            WHERE entity_id = ANY(%s::uuid[]) AND right(name_rank, 32) = ANY(%s) ORDER BY entity_id FOR UPDATE
        """
        rows = self._connection.execute(query, [[_uuid(key) for key in entity_keys], list(shown)])
        return {row[0].bytes for row in rows}


def neighbourhood(connection: Connection, seeds: Iterable[Key]) -> Neighbourhood:
    """All that was ever linked with these references, as any reader sees it."""
    ids = sorted(_reached(connection, {_uuid(key) for key in seeds}))
    query = "SELECT identifier_id, scheme, value, entity_id FROM identifiers WHERE identifier_id = ANY(%s::uuid[])"
    found = connection.execute(query, [ids]).fetchall()
    query = """
        SELECT subject_id, record_id, payload, received_at FROM records WHERE subject_id = ANY(%s::uuid[])
        ORDER BY received_at, record_id
    """
    records = connection.execute(query, [ids]).fetchall()
    query = """
        SELECT fact_id, revision, ordinal, left_id, right_id, received_at, body FROM judgements
        WHERE left_id = ANY(%s::uuid[]) OR right_id = ANY(%s::uuid[]) ORDER BY fact_id, revision, ordinal
    """
    said = connection.execute(query, [ids, ids]).fetchall()
    return Neighbourhood(
        tuple(Assigned(row[0].bytes, row[1], row[2], row[3].bytes) for row in found),
        tuple(StoredRecord(row[0].bytes, row[1].bytes, bytes(row[2]), row[3]) for row in records),
        tuple(StoredJudgement(row[0].bytes, row[2], _JUDGEMENT.validate_python(row[6]), row[5]) for row in said),
    )


def _reached(connection: Connection, seeds: set[UUID]) -> set[UUID]:
    """Everything that was ever linked with the seeds, by what was said or decided, now or formerly.

    Step by step, as nobody can tell the planner that a recursion finds few: it would read whole tables.
    """
    reached, new = set(seeds), seeds
    while new:
        new = {row[0] for row in connection.execute(BESIDE, {"ids": sorted(new)})} - reached
        reached |= new
    return reached


def known_as(connection: Connection, wanted: Identifier) -> Identifier | None:
    """The reference under which the view has it; a record at which nobody has pointed yet is under its subject's."""
    if wanted.scheme == RECORD:
        agency, _, record_key = wanted.value.partition("/")
        ids = [record_id(agency, record_key, number) for number in range(1, _REVISIONS_MAX + 1)]
        query = """
            SELECT scheme, value FROM records JOIN identifiers ON identifier_id = subject_id
            WHERE record_id = ANY(%(ids)s) ORDER BY array_position(%(ids)s, record_id) DESC LIMIT 1
        """
        if row := connection.execute(query, {"ids": ids}).fetchone():
            return Identifier(row[0], row[1])
    return reference_with_id(connection, identifier_key(wanted))


def reference_with_id(connection: Connection, key: Key) -> Identifier | None:
    """The reference with this id: an entity's id, be it a former one, is that of one of its references."""
    query = "SELECT scheme, value FROM identifiers WHERE identifier_id = %s"
    row = connection.execute(query, [_uuid(key)]).fetchone()
    return Identifier(row[0], row[1]) if row else None


def judgements_of_fact(connection: Connection, fact: Key) -> tuple[Judgement, ...]:
    """Every revision of one decision, pair by pair, the newest first; empty where there is none."""
    query = "SELECT body FROM judgements WHERE fact_id = %s ORDER BY revision DESC, ordinal"
    rows = connection.execute(query, [_uuid(fact)])
    return tuple(_JUDGEMENT.validate_python(row[0]) for row in rows)


def events_of(connection: Connection, facts: Iterable[Key]) -> list[tuple[SanctionEvent, datetime]]:
    """The events of all measures that follow from these facts, each with when the hub knew."""
    query = """
        SELECT events.body::text, events.known_at FROM events JOIN measures USING (measure_id)
        WHERE measures.fact_id = ANY(%s::uuid[])
        ORDER BY events.known_at, events.business_on, events.measure_id, events.number
    """
    rows = connection.execute(query, [[_uuid(key) for key in facts]])
    return [(event_of(row[0]), row[1]) for row in rows]


def next_due_on(connection: Connection, entity_id: UUID) -> date | None:
    """The day on which time alone next changes something about the entity."""
    row = connection.execute("SELECT next_due_on FROM entities WHERE entity_id = %s", [entity_id]).fetchone()
    return row[0] if row else None


def _uuid(key: Key) -> UUID:
    return UUID(bytes=key)


def _judgement_row(one: StoredJudgement) -> tuple[object, ...]:
    said = one.judgement
    ids = (_uuid(key) for key in (one.left_key, one.right_key))
    return (
        _uuid(one.fact_key),
        said.revision,
        one.ordinal,
        *ids,
        said.verdict,
        said.effective,
        one.received_at.astimezone(UTC),
        _JUDGEMENT.dump_json(said).decode(),
    )
