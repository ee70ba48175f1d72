"""Who an entity is, as messages name it."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection, sql

from sharehub.store.engine import LIVE

_NAMES = """
SELECT entities.entity_id, entities.kind_rank, entities.name,
  (SELECT array_agg(scheme || ':' || value ORDER BY scheme, value) FROM {0}.identifiers
    WHERE identifiers.entity_id = entities.entity_id)
FROM {0}.entities WHERE entity_id = ANY(%s::uuid[])
"""


class Named(NamedTuple):
    """Kind, displayed name and identifiers (`SCHEME:VALUE`) of an entity."""

    kind_rank: int
    name: str | None
    identifiers: tuple[str, ...]


UNNAMED = Named(0, None, ())
"""An entity that is gone."""


def named(connection: Connection, entity_ids: Collection[UUID | str], schema: str = LIVE) -> dict[UUID, Named]:
    """Those of the entities that are there."""
    rows = connection.execute(sql.SQL(_NAMES).format(sql.Identifier(schema)), [sorted(map(str, entity_ids))])
    return {row[0]: Named(row[1], row[2], tuple(row[3] or ())) for row in rows}
