"""The log of reads (law 12): written, and committed, before anything is answered. It only ever grows.

Identifiers stand in it as the hash that is their id, never as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from sharehub.core.linking import Key
from sharehub.store.arrays import key_array

_CALLS = """
INSERT INTO reads (read_id, act, holder, role, reader, on_behalf_of, reason, asked)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[])
"""
_ABOUT = """
INSERT INTO entity_reads (reference_id, read_id) SELECT * FROM unnest(%s::uuid[], %s::uuid[])
"""
_OF_ENTITY = """
SELECT read_at, act, holder, role, on_behalf_of, reason FROM reads
WHERE read_id IN (
  SELECT read_id FROM entity_reads JOIN identifiers ON identifier_id = reference_id
  WHERE entity_id = (SELECT entity_id FROM identifiers WHERE identifier_id = %s)
)
ORDER BY read_at DESC, read_id LIMIT %s
"""
"""A former id of an entity is the id of one of its references, so reads before a merge are found as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reading call. `holder` (of the token) in its `role`, its `reader` by name, for whom, why, about whom."""

    read_id: UUID
    act: str
    holder: str
    role: str
    reader: str
    on_behalf_of: str
    reason: str
    asked: int
    about: Sequence[Key]


class Reading(NamedTuple):
    """A read of an entity's record as the entity may know it: everything but the official's name."""

    read_at: datetime
    act: str
    holder: str
    role: str
    on_behalf_of: str
    reason: str


def write(connection: Connection, reads: Iterable[Read]) -> None:
    """Add these calls to the log; part of the caller's transaction."""
    every = list(reads)
    columns = ("read_id", "act", "holder", "role", "reader", "on_behalf_of", "reason", "asked")
    connection.execute(_CALLS, [[getattr(one, name) for one in every] for name in columns])
    about = [(key, one.read_id.bytes) for one in every for key in one.about]
    if about:
        connection.execute(_ABOUT, [*map(key_array, zip(*about, strict=True))])


def reads_of(connection: Connection, reference: Key, reads_max: int) -> list[Reading]:
    """Who read the record of the entity that has the reference, the newest first."""
    with connection.cursor(row_factory=class_row(Reading)) as cursor:
        return cursor.execute(_OF_ENTITY, [UUID(bytes=reference), reads_max]).fetchall()
