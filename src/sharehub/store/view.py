"""The consolidator's transaction: one batch, all or nothing.

Normal batches share a lock; a batch that merges entities takes it alone, so that nobody attaches
anything to an entity that is going away. Rows are written in key order: workers cannot deadlock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from uuid import UUID

import polars as pl
import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb

from sharehub.core.clock import Clock
from sharehub.core.measure import SanctionEvent
from sharehub.core.standing import MeasureState
from sharehub.errors import UnreachableError
from sharehub.ports.batch import Advance, RacedError, Tally
from sharehub.ports.identity import Assigned, EntityCandidate
from sharehub.ports.view import EntityFacts, LetterStep, Notice, RejectionRow, Retried
from sharehub.store import claims, clocks, letters, standing
from sharehub.store.arrays import key_array
from sharehub.store.arrow import copy_frame, insert_rows, pipelined
from sharehub.store.identity import IdentityTransaction
from sharehub.topics import Place

MERGE_LOCK = 7_301_002

_STAGES = {
    "entities": """
        CREATE TEMP TABLE IF NOT EXISTS staged_entities
        (entity_id uuid, kind_rank smallint, name text, name_rank text) ON COMMIT DELETE ROWS
    """,
    "facts": "CREATE TEMP TABLE IF NOT EXISTS staged_facts (LIKE facts) ON COMMIT DELETE ROWS",
    "merges": "CREATE TEMP TABLE IF NOT EXISTS staged_merges (gone uuid, into_id uuid) ON COMMIT DELETE ROWS",
}

_KNOWN = """
SELECT uuid_send(identifier_id), uuid_send(entity_id) FROM identifiers
WHERE identifier_id = ANY(%s::uuid[])
"""

_ENTITIES = """
INSERT INTO entities AS entity (entity_id, kind_rank, name, name_rank)
SELECT * FROM staged_entities ORDER BY entity_id
ON CONFLICT (entity_id) DO UPDATE SET
  kind_rank = greatest(entity.kind_rank, excluded.kind_rank),
  name = CASE WHEN excluded.name_rank > entity.name_rank THEN excluded.name ELSE entity.name END,
  name_rank = greatest(entity.name_rank, excluded.name_rank),
  unpublished = true,
  uncompared = true
WHERE excluded.name_rank > entity.name_rank OR excluded.kind_rank > entity.kind_rank
"""

_KEPT = "CROSS JOIN LATERAL (SELECT * FROM facts WHERE facts.fact_id = staged.fact_id OFFSET 0) fact"
"""The fact of a staged one, by its key: a planner that knows nothing of a staged table would read all facts at once."""

_NEWEST = "SELECT DISTINCT ON (fact_id) * FROM staged_facts ORDER BY fact_id, revision DESC"

_REPLACED = f"""
WITH newest AS ({_NEWEST})
INSERT INTO past_facts (fact_id, revision, received_at, payload)
SELECT fact.fact_id, fact.revision, fact.received_at, fact.payload
FROM newest staged {_KEPT}
WHERE staged.revision > fact.revision ORDER BY fact_id
ON CONFLICT DO NOTHING
"""

_EARLIER = f"""
INSERT INTO past_facts (fact_id, revision, received_at, payload)
SELECT staged.fact_id, staged.revision, staged.received_at, staged.payload
FROM staged_facts staged {_KEPT}
WHERE staged.revision < fact.revision ORDER BY fact_id, revision
ON CONFLICT DO NOTHING
"""

_FACTS = f"""
INSERT INTO facts AS fact (fact_id, subject_id, revision, received_at, payload)
{_NEWEST}
ON CONFLICT (fact_id) DO UPDATE SET
  subject_id = excluded.subject_id, revision = excluded.revision,
  received_at = excluded.received_at, payload = excluded.payload
WHERE excluded.revision > fact.revision
"""

_MOVED = f"""
WITH newest AS ({_NEWEST}),
moved AS (
  SELECT fact.fact_id, before.entity_id AS gone, after.entity_id AS into_id
  FROM newest staged {_KEPT}
  JOIN identifiers before ON before.identifier_id = fact.subject_id
  JOIN identifiers after ON after.identifier_id = staged.subject_id
  WHERE staged.revision > fact.revision AND before.entity_id <> after.entity_id
),
updated AS (
  UPDATE measures SET entity_id = moved.into_id FROM moved
  WHERE measures.fact_id = moved.fact_id AND measures.entity_id = moved.gone
)
SELECT DISTINCT gone FROM moved
"""

_MERGED = (
    """
    UPDATE identifiers SET entity_id = merge.into_id
    FROM staged_merges merge WHERE identifiers.entity_id = merge.gone
    """,
    "INSERT INTO gone_entities (entity_id) SELECT gone FROM staged_merges ORDER BY gone ON CONFLICT DO NOTHING",
    "DELETE FROM names USING staged_merges merge WHERE names.entity_id = merge.gone",
    """
    WITH ended AS (
      DELETE FROM entities USING staged_merges merge WHERE entities.entity_id = merge.gone
      RETURNING merge.into_id, kind_rank, name, name_rank, decided_on
    )
    INSERT INTO entities AS entity (entity_id, kind_rank, name, name_rank, decided_on)
    SELECT into_id, max(kind_rank), (array_agg(name ORDER BY name_rank DESC))[1], max(name_rank), max(decided_on)
    FROM ended GROUP BY into_id ORDER BY into_id
    ON CONFLICT (entity_id) DO UPDATE SET
      kind_rank = greatest(entity.kind_rank, excluded.kind_rank),
      name = CASE WHEN excluded.name_rank > entity.name_rank THEN excluded.name ELSE entity.name END,
      name_rank = greatest(entity.name_rank, excluded.name_rank),
      decided_on = greatest(entity.decided_on, excluded.decided_on),
      unpublished = true,
      uncompared = true
    """,
    """
    UPDATE measures SET entity_id = merge.into_id
    FROM staged_merges merge WHERE measures.entity_id = merge.gone
    """,
)
"""All that leads to an entity that is gone leads to what it became; a former id stays resolvable."""

_NOTICES = """
WITH fresh AS (
  INSERT INTO notices (notice_id, recipient, schema_name, body, known_at)
  VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING notice_id
)
INSERT INTO outbox (notice_id) SELECT notice_id FROM fresh
"""


class ViewTransaction:
    """One open transaction of a worker; every write of a batch goes through it."""

    def __init__(self, connection: Connection, group: str) -> None:
        self._connection = connection
        self._group = group
        self.identity = IdentityTransaction(connection)

    def advance(self, moves: Iterable[Advance]) -> None:
        """Move the positions; the compare-and-set fences this worker when it has lost one."""
        claims.advance(self._connection, self._group, moves)

    def count(self, tallies: Mapping[Place, Tally]) -> None:
        """Add the batch's figures to its partitions' totals."""
        claims.count(self._connection, self._group, tallies)

    def merge_count(self) -> int:
        """Number of merges so far: what was remembered under another number is stale."""
        return int(
            self._connection.execute(
                "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM merge_counter"
            ).fetchall()[0][0]
        )

    def entities_of(self, identifier_keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The entity of each identifier that is known."""
        if not identifier_keys:
            return {}
        with self._connection.cursor(binary=True) as cursor:
            return dict(cursor.execute(_KNOWN, [key_array(identifier_keys)]).fetchall())

    def _stage(self, name: str, frame: pl.DataFrame) -> None:
        """Fill a temporary table, made once per session and emptied by every commit."""
        self._connection.execute(_STAGES[name])
        self._connection.execute(f"DELETE FROM staged_{name}")
        copy_frame(self._connection, f"staged_{name}", frame)

    def assign(self, assigned: Sequence[Assigned]) -> None:
        """Add new identifiers to entities; the transaction is raced where another worker has assigned one meanwhile."""
        columns = dict(zip(("identifier_id", "scheme", "value", "entity_id"), zip(*assigned, strict=True), strict=True))
        types = {"identifier_id": pl.Binary, "scheme": pl.String, "value": pl.String, "entity_id": pl.Binary}
        copy_frame(self._connection, "identifiers", pl.DataFrame(columns, schema=types))
        grown = {UUID(bytes=key) for key in set(columns["entity_id"]) - set(columns["identifier_id"])}
        if grown:
            query = "UPDATE entities SET unpublished = true WHERE entity_id = ANY(%s::uuid[])"
            self._connection.execute(query, [sorted(grown)])

    def merge(self, merges: Mapping[bytes, bytes]) -> None:
        """All identifiers of entities that are gone now lead to others; their names are compared anew."""
        gone = sorted(merges)
        columns = {"gone": gone, "into_id": [merges[key] for key in gone]}
        self._stage("merges", pl.DataFrame(columns, schema={"gone": pl.Binary, "into_id": pl.Binary}))
        for statement in _MERGED:
            self._connection.execute(statement)
        self._connection.execute("SELECT nextval('merge_counter')")

    def guarded(self, entity_keys: Sequence[bytes]) -> set[bytes]:
        """Those of the entities about which people have decided something."""
        return self.identity.guarded(entity_keys)

    def add_records(self, frame: pl.DataFrame) -> pl.Series:
        """Add records, sorted by key, and return the record ids that had been there before."""
        ordered = frame.sort("subject_id", "record_id")
        if pipelined(self._connection):
            return self._add_few_records(ordered)
        try:
            with self._connection.transaction():
                copy_frame(self._connection, "records", ordered)
            return pl.Series("record_id", [], dtype=pl.Binary)
        except psycopg.errors.UniqueViolation:
            return self._add_new_records(ordered)

    def _add_few_records(self, ordered: pl.DataFrame) -> pl.Series:
        then = "ON CONFLICT DO NOTHING RETURNING subject_id, record_id"
        inserted = insert_rows(self._connection, "records", ordered.columns, ordered.rows(), then)
        added = {(subject.bytes, record.bytes) for subject, record in inserted}
        seen = [one[1] for one in ordered.select("subject_id", "record_id").rows() if one not in added]
        return pl.Series("record_id", seen, dtype=pl.Binary)

    def _add_new_records(self, ordered: pl.DataFrame) -> pl.Series:
        """The slow way, for batches in which something was delivered before."""
        query = """
            SELECT record_id FROM records
            WHERE (subject_id, record_id) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))
        """
        keys = [[UUID(bytes=value) for value in ordered[name]] for name in ("subject_id", "record_id")]
        known = [row[0].bytes for row in self._connection.execute(query, keys)]
        seen = pl.Series("record_id", known, dtype=pl.Binary)
        fresh = ordered.filter(~pl.col("record_id").is_in(seen.implode()))
        if fresh.height:
            copy_frame(self._connection, "records", fresh)
        return seen

    def create(self, candidates: Sequence[EntityCandidate]) -> None:
        """Add entities that this transaction has created."""
        if candidates:
            copy_frame(self._connection, "entities", _entity_frame(candidates))

    def show(self, candidates: Sequence[EntityCandidate]) -> None:
        """Fold names and kinds into the entities' rows; the better ranked name stays."""
        if candidates:
            self._stage("entities", _entity_frame(candidates))
            self._connection.execute(_ENTITIES)

    def add_facts(self, facts: pl.DataFrame) -> set[UUID]:
        """Keep each fact's newest revision, and those before it apart; returns entities that lost one to another.

        A revision that names another subject takes the measures of its ground along.
        """
        self._stage("facts", facts)
        revised = facts["revision"].max() != 1
        moved = {row[0] for row in self._connection.execute(_MOVED)} if revised else set()
        if revised:
            self._connection.execute(_REPLACED)
        kept = self._connection.execute(_FACTS)
        if pipelined(self._connection) or kept.rowcount < facts.height:
            self._connection.execute(_EARLIER)
        return moved

    def with_measures(self, entity_keys: Sequence[bytes], known_before: datetime | None = None) -> set[UUID]:
        """Those of the entities on which a measure is in place, that was known before an instant (None: at all)."""
        query = """
            SELECT DISTINCT entity_id FROM measures
            WHERE entity_id = ANY(%(ids)s::uuid[]) AND status IN ('standing', 'suspended') AND (
              %(known_before)s::timestamptz IS NULL
              OR EXISTS (
                SELECT FROM events WHERE events.measure_id = measures.measure_id AND known_at < %(known_before)s
              )
            )
        """
        values = {"ids": [UUID(bytes=key) for key in entity_keys], "known_before": known_before}
        return {row[0] for row in self._connection.execute(query, values)} if values["ids"] else set()

    def gather(self, entity_ids: Sequence[UUID], single_schemes: Sequence[str]) -> dict[UUID, EntityFacts]:
        """Facts, standing and identifier conflicts of the entities; their rows stay locked until the end."""
        return standing.gather(self._connection, entity_ids, single_schemes)

    def append(self, events: Sequence[tuple[SanctionEvent, datetime]], states: Iterable[MeasureState]) -> None:
        """Write events, each with when the hub knew, to the log and the outbox, and the measures as they now stand."""
        standing.append(self._connection, events, states)

    def mark(self, decided: Mapping[UUID, tuple[date, date | None]]) -> None:
        """Remember the day on which each entity was decided and when time alone next changes something."""
        standing.mark(self._connection, decided)

    def keep_clocks(self, running: Mapping[UUID, Sequence[Clock]]) -> None:
        """The clocks that now run for these entities, instead of those that ran before."""
        clocks.keep(self._connection, running)

    def reject(self, rows: Sequence[RejectionRow]) -> None:
        """Keep what was not admitted, with its original bytes, and send it to its dead-letter topic."""
        letters.reject(self._connection, rows)

    def letters(self, asked: Sequence[Retried]) -> set[Retried]:
        """Those of the messages that are the letters that they say they are."""
        return letters.known(self._connection, asked)

    def step(self, steps: Sequence[LetterStep]) -> None:
        """Keep what became of letters, and tell it on their dead-letter topics."""
        letters.step(self._connection, steps)

    def notify(self, notices: Sequence[Notice]) -> None:
        """Tell recipients something through their feeds; what was told before is not told again."""
        with self._connection.cursor() as cursor:
            rows = [(*one[:3], Jsonb(one.body), one.known_at) for one in notices]
            cursor.executemany(_NOTICES, rows)

    def due_entities(self, on: date, entities_max: int) -> tuple[date | None, list[UUID]]:
        """The earliest day by then on which time alone changes something, and its entities; None: nothing is due."""
        query = """
            SELECT next_due_on, entity_id FROM entities
            WHERE next_due_on = (SELECT min(next_due_on) FROM entities WHERE next_due_on <= %s)
            ORDER BY entity_id LIMIT %s FOR UPDATE
        """
        rows = self._connection.execute(query, [on, entities_max]).fetchall()
        return (rows[0][0] if rows else None), [row[1] for row in rows]


def first_due(connection: Connection) -> date | None:
    """The earliest day on which time alone changes something; None: it never does."""
    found: date | None = connection.execute("SELECT min(next_due_on) FROM entities").fetchall()[0][0]
    return found


def _entity_frame(candidates: Sequence[EntityCandidate]) -> pl.DataFrame:
    types = {"entity_id": pl.Binary, "kind_rank": pl.Int16, "name": pl.String, "name_rank": pl.String}
    return pl.DataFrame(sorted(candidates), schema=types, orient="row")


class View:
    """The shared view as one worker writes it, over one connection."""

    def __init__(self, connection: Connection, group: str) -> None:
        self.connection = connection
        self.group = group

    @contextmanager
    def transaction(self, *, exclusive: bool = False, few: bool = False) -> Iterator[ViewTransaction]:
        """One batch; rolled back whole by any exception.

        `few`: it has few rows, so the time goes in waiting for answers; they are waited for only where they matter.

        Raises:
            RacedError: another worker was quicker.
            UnreachableError: the database went away; nothing, or everything, of the batch was written.
        """
        lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        try:
            with self.connection.transaction(), self.connection.pipeline() if few else nullcontext():
                self.connection.execute(f"SELECT {lock}(%s + 100 * (current_schema() <> 'public')::int)", [MERGE_LOCK])
                yield ViewTransaction(self.connection, self.group)
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
            raise RacedError from error
        except psycopg.errors.UniqueViolation as error:
            if not (error.diag.table_name or "").startswith("identifiers"):
                raise
            raise RacedError from error
        except (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout) as error:
            raise UnreachableError(
                f"PostgreSQL failed during a batch: {error}", hint="start the worker again"
            ) from error
