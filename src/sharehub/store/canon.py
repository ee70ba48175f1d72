"""What the shared view is, for the purpose of comparing two of them: rows in one order, and their hash.

Part of the view is all that follows from the records: who is who, what was said, which measures are in place, which
clocks run, what was rejected and why. No part of it is what follows from when the hub did its work: counters, marks
for the relay, days of decisions, working copies (`facts`), proposals of names. Nor is the name of the version by which
a measure was told last: nobody is told of another text by which it reads the same. What was told, event by event, and
with it what has ended, is compared beside it: `told`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from psycopg import Connection, sql

Row = tuple[Any, ...]

_TABLES = {
    "identifiers": """
        SELECT scheme, value, entity_id::text FROM {0}.identifiers ORDER BY scheme COLLATE "C", value COLLATE "C"
    """,
    "entities": "SELECT entity_id::text, kind_rank, name, next_due_on FROM {0}.entities ORDER BY entity_id",
    "records": """
        SELECT DISTINCT ON (record_id, md5(payload)) record_id::text, agency, md5(payload),
          (extract(epoch FROM received_at) * 1000)::bigint
        FROM {0}.records ORDER BY record_id, md5(payload), received_at
    """,
    "measures": """
        SELECT measure_id::text, entity_id::text, entry, kind, status, effective_from, effective_to, disputed,
          excepted_from, excepted_to, body - 'entity_id' - 'rulebook_version'
        FROM {0}.measures WHERE status IN ('standing', 'suspended') ORDER BY measure_id
    """,
    "clocks": """
        SELECT entity_id::text, rule, started_agency, started_key, concerns_agency, concerns_key, responsible,
          jurisdiction, started_on, due_on, sure
        FROM {0}.running_clocks
        ORDER BY entity_id, rule COLLATE "C", started_agency COLLATE "C", started_key COLLATE "C"
    """,
    "judgements": """
        SELECT fact_id::text, revision, ordinal, verdict, effective, left_id::text, right_id::text
        FROM {0}.judgements ORDER BY fact_id, revision, ordinal
    """,
    "conflicts": """
        SELECT left_id::text, right_id::text, because, source FROM {0}.conflicts
        ORDER BY left_id, right_id, because COLLATE "C", source COLLATE "C"
    """,
    "rejections": """
        SELECT topic, partition, "offset", code, field FROM {0}.rejections
        ORDER BY topic COLLATE "C", partition, "offset"
    """,
    "told": """
        SELECT event_id::text, measure_id::text, number, event, business_on, reason, body FROM {0}.events
        ORDER BY measure_id, number
    """,
}
"""Every part with its rows in their one order; `told` is the log of events."""

PARTS = tuple(_TABLES)


def rows_of(connection: Connection, schema: str, part: str) -> Iterator[Row]:
    """The rows of one part of the view in a schema, in their order; within a transaction."""
    query = sql.SQL(_TABLES[part]).format(sql.Identifier(schema))
    with connection.cursor(f"canon_{part}") as cursor:
        cursor.itersize = 5_000
        yield from cursor.execute(query)


def digest(rows: Iterable[Row]) -> str:
    """SHA-256 of rows, each as one line of JSON with sorted keys; dates as ISO 8601."""
    found = sha256()
    for row in rows:
        found.update(line(row))
    return found.hexdigest()


def line(row: Row) -> bytes:
    """One row as the hash sees it."""
    return json.dumps(row, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":")).encode() + b"\n"


def digests(parts: Mapping[str, Iterable[Row]]) -> dict[str, str]:
    """The hash of every part."""
    return {part: digest(rows) for part, rows in parts.items()}


def view_hash(found: Mapping[str, str]) -> str:
    """One hash for the whole view, of the hashes of its parts; what was told is none of them."""
    return digest((part, found[part]) for part in PARTS if part != "told")
