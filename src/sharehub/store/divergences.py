"""Measures that stand otherwise in the schema of a replay than live."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from sharehub.core.divergence import Divergence, Side
from sharehub.store.documents import measure_of
from sharehub.store.standing import state_of

_STATE = "body::text, status, number, reason, last_on, disputed, excepted_from, excepted_to"
_COMPARED = "entity_id, status, disputed, excepted_from, excepted_to, body - 'entity_id' - 'rulebook_version'"


def _columns(of: str, names: str) -> str:
    return ", ".join(f"{of}.{name.strip()}" for name in names.split(","))


DIFFERING = f"""
FROM public.measures live FULL JOIN {{0}}.measures rebuilt USING (measure_id)
WHERE (live.status IN ('standing', 'suspended') OR rebuilt.status IN ('standing', 'suspended'))
  AND ({_columns("live", _COMPARED)}) IS DISTINCT FROM ({_columns("rebuilt", _COMPARED)})
"""
"""Measures in place on either side that do not stand alike; the name of a version alone makes no difference."""

_ROWS = f"""
SELECT coalesce(live.fact_id, rebuilt.fact_id), live.entity_id, rebuilt.entity_id,
  {_columns("live", _STATE)}, {_columns("rebuilt", _STATE)}
{DIFFERING} ORDER BY measure_id
"""


def divergences(connection: Connection, schema: str) -> Iterator[tuple[UUID, Divergence]]:
    """Each of them with the fact that is its ground, by measure; within a transaction."""
    with connection.cursor("divergences") as cursor:
        for fact_id, live_id, rebuilt_id, *states in cursor.execute(sql.SQL(_ROWS).format(sql.Identifier(schema))):
            half = len(states) // 2
            yield fact_id, Divergence(_side(live_id, states[:half]), _side(rebuilt_id, states[half:]))


def fact_payloads(connection: Connection, fact_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The newest revisions of these facts, live."""
    query = "SELECT fact_id, payload FROM public.facts WHERE fact_id = ANY(%s::uuid[])"
    return {row[0]: bytes(row[1]) for row in connection.execute(query, [list(fact_ids)])}


def _side(entity_id: UUID | None, state: Sequence[Any]) -> Side | None:
    return None if entity_id is None else Side(entity_id, state_of(measure_of(state[0]), *state[1:]))
