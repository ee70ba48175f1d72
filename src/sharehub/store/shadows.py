"""The schema of a replay: how it is made ready, and how it takes the place of the live one."""

from collections.abc import Mapping
from datetime import date, datetime

from psycopg import Connection, sql

from sharehub.store.divergences import DIFFERING
from sharehub.store.view import MERGE_LOCK
from sharehub.topics import Place


def no_relay(connection: Connection) -> None:
    """Nothing leaves from here: the live relay need not be woken by what is written."""
    connection.execute("DROP TRIGGER IF EXISTS outbox_tells_relay ON outbox")


def begin_at(
    connection: Connection, group: str, starts: Mapping[Place, int], cluster: str, topic_ids: Mapping[str, str]
) -> None:
    """Where every partition begins."""
    query = """
        INSERT INTO partition_claims (consumer_group, topic, partition, cluster_id, topic_id, next_offset)
        VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
    """
    rows = [(group, place.topic, place.partition, cluster, topic_ids[place.topic], at) for place, at in starts.items()]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(query, rows)


def bring_together(connection: Connection, group: str, beside: str, ends: Mapping[Place, int]) -> None:
    """One position for each partition again, its end, after two groups have read it, each its part; and one count."""
    query = """
        WITH gone AS (
          DELETE FROM partition_claims
          WHERE consumer_group = %(beside)s AND topic = %(topic)s AND partition = %(partition)s
          RETURNING records, duplicates, rejections
        ), summed AS (
          SELECT coalesce(sum(records), 0) AS records, coalesce(sum(duplicates), 0) AS duplicates,
            coalesce(sum(rejections), 0) AS rejections
          FROM gone
        )
        UPDATE partition_claims AS claim SET next_offset = greatest(next_offset, %(end)s),
          last_offset = CASE WHEN next_offset >= %(end)s THEN last_offset END,
          last_record_hash = CASE WHEN next_offset >= %(end)s THEN last_record_hash END,
          records = claim.records + summed.records, duplicates = claim.duplicates + summed.duplicates,
          rejections = claim.rejections + summed.rejections
        FROM summed
        WHERE consumer_group = %(group)s AND topic = %(topic)s AND partition = %(partition)s
    """
    rows = [{"group": group, "beside": beside, **at._asdict(), "end": end} for at, end in ends.items()]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(query, rows)


def take_rejections(connection: Connection, to: datetime | None) -> None:
    """What the live view has rejected, as it is: the bytes on the log are gone."""
    query = """
        INSERT INTO rejections SELECT * FROM public.rejections
        WHERE %(to)s::timestamptz IS NULL OR received_at <= %(to)s ON CONFLICT DO NOTHING
    """
    connection.execute(query, {"to": to})


VIEW = (
    "identifiers",
    "entities",
    "gone_entities",
    "records",
    "facts",
    "past_facts",
    "links",
    "awaited",
    "judgements",
    "conflicts",
    "names",
    "proposals",
    "activations",
    "activation_touched",
    "running_clocks",
)
"""Tables that follow from the log and change places in a promotion; the others tell what was done, and stay."""

STAYING = (
    "measures",
    "events",
    "outbox",
    "feed_entries",
    "notices",
    "rejections",
    "letter_steps",
    "acceptances",
    "acknowledgements",
    "reminders_looked",
    "reads",
    "entity_reads",
    "webhooks",
    "webhook_attempts",
    "partition_claims",
    "replays",
    "rule_files",
    "alembic_version",
)
"""What was sent, answered, refused and read. Measures stay as they were told; corrections follow as events."""


def spare_states(connection: Connection, schema: str) -> int:
    """Let only those entities be published again that differ from what the live view has published."""
    changed = sql.SQL(_PUBLISHED).format(shadow=sql.Identifier(schema))
    return connection.execute(changed).rowcount


_PUBLISHED = """
WITH moved AS (
  SELECT mine.entity_id AS mine, theirs.entity_id AS theirs
  FROM {shadow}.identifiers mine FULL JOIN public.identifiers theirs USING (identifier_id)
  WHERE mine.entity_id IS DISTINCT FROM theirs.entity_id
),
touched AS (SELECT mine AS entity_id FROM moved UNION SELECT theirs FROM moved)
UPDATE {shadow}.entities one SET unpublished = false
FROM public.entities live
WHERE live.entity_id = one.entity_id AND NOT live.unpublished AND one.unpublished
  AND live.kind_rank = one.kind_rank AND live.name IS NOT DISTINCT FROM one.name
  AND NOT EXISTS (SELECT FROM touched WHERE touched.entity_id = one.entity_id)
"""


def exchange(connection: Connection, schema: str, old: str) -> None:
    """Put the view of a schema in the place of the live one, which goes to `old`; within a transaction."""
    names = {"shadow": sql.Identifier(schema), "old": sql.Identifier(old)}
    connection.execute(sql.SQL("CREATE SCHEMA {old}").format(**names))
    for kind, name in (*(("TABLE", table) for table in VIEW), ("SEQUENCE", "merge_counter")):
        one = {**names, "kind": sql.SQL(kind), "name": sql.Identifier(name)}
        connection.execute(sql.SQL("ALTER {kind} public.{name} SET SCHEMA {old}").format(**one))
        connection.execute(sql.SQL("ALTER {kind} {shadow}.{name} SET SCHEMA public").format(**one))
    for statement in _AFTER:
        connection.execute(sql.SQL(statement).format(**names))


_AFTER = (
    "SELECT setval('public.merge_counter', greatest((SELECT last_value FROM {old}.merge_counter), last_value) + 1)"
    " FROM public.merge_counter",
    """
    UPDATE measures SET entity_id = now.entity_id
    FROM facts JOIN identifiers now ON now.identifier_id = facts.subject_id
    WHERE measures.fact_id = facts.fact_id AND measures.entity_id <> now.entity_id
    """,
    """
    UPDATE measures SET entity_id = now.entity_id FROM identifiers now
    WHERE now.identifier_id = measures.entity_id AND measures.entity_id <> now.entity_id
      AND NOT EXISTS (SELECT FROM facts WHERE facts.fact_id = measures.fact_id)
    """,
    """
    INSERT INTO gone_entities
    SELECT entity_id FROM (
      SELECT entity_id FROM {old}.entities UNION SELECT entity_id FROM {old}.gone_entities
      EXCEPT SELECT entity_id FROM entities
    ) AS gone
    ON CONFLICT DO NOTHING
    """,
    """
    WITH fresh AS (
      INSERT INTO rejections SELECT * FROM {shadow}.rejections ON CONFLICT DO NOTHING RETURNING rejection_id
    )
    INSERT INTO outbox (rejection_id) SELECT rejection_id FROM fresh
    """,
)
"""Measures go to where their grounds are now; what is gone is withdrawn from the states; new rejections leave."""


def homeless(connection: Connection) -> list[str]:
    """Measures in place whose entity is not in the view: none may be left behind."""
    query = """
        SELECT measure_id::text FROM measures
        WHERE status IN ('standing', 'suspended') AND entity_id NOT IN (SELECT entity_id FROM entities)
    """
    return [row[0] for row in connection.execute(query)]


def make_due(connection: Connection, schema: str, on: date) -> int:
    """Let the entities whose measures do not stand as the replay has them be decided again; returns how many."""
    query = f"""
        WITH differing AS (
          SELECT live.entity_id AS one, rebuilt.entity_id AS other {DIFFERING}
        )
        UPDATE entities SET next_due_on = least(next_due_on, %(on)s)
        WHERE entity_id IN (SELECT one FROM differing UNION SELECT other FROM differing)
    """
    return connection.execute(sql.SQL(query).format(sql.Identifier(schema)), {"on": on}).rowcount


def still_differing(connection: Connection, schema: str) -> int:
    """How many measures do not stand as the replay had them."""
    query = sql.SQL(f"SELECT count(*) {DIFFERING}").format(sql.Identifier(schema))
    return int(connection.execute(query).fetchall()[0][0])


def fence(connection: Connection, group: str) -> None:
    """Let every live worker take its partitions over anew, and forget what it remembers."""
    connection.execute("UPDATE partition_claims SET epoch = epoch + 1 WHERE consumer_group = %s", [group])


def lock_out(connection: Connection, wait_ms: int) -> None:
    """Wait until no batch is under way, and let none begin before this transaction ends."""
    connection.execute(f"SET LOCAL lock_timeout = {wait_ms}")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [MERGE_LOCK])
