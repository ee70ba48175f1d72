"""Running clocks of entities: replaced with every decision, read by due day."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import psycopg
from sqlalchemy import Connection, text

from sharehub.core.clock import Clock
from sharehub.ports.view import RunningClock
from sharehub.store.arrow import copy_rows

_COLUMNS = (
    "entity_id",
    "rule",
    "started_agency",
    "started_key",
    "concerns_agency",
    "concerns_key",
    "responsible",
    "jurisdiction",
    "started_on",
    "due_on",
    "sure",
)


def keep(connection: psycopg.Connection, running: Mapping[UUID, Sequence[Clock]]) -> None:
    """The clocks that now run for these entities, instead of those that ran before."""
    connection.execute("DELETE FROM running_clocks WHERE entity_id = ANY(%s::uuid[])", [sorted(running)])
    rows = [_row(entity_id, one) for entity_id in sorted(running) for one in running[entity_id]]
    if rows:
        copy_rows(connection, "running_clocks", _COLUMNS, rows)


def _row(entity_id: UUID, one: Clock) -> tuple[object, ...]:
    places = (*one.started_by, *one.concerns)
    return entity_id, one.rule, *places, one.responsible, one.jurisdiction, one.started_on, one.due_on, one.sure


def running(
    connection: Connection, *, due_before: date | None, responsible: str | None, limit: int
) -> list[RunningClock]:
    """Clocks that run, the earliest due first; those due before a day, or all, of one agency, or of all."""
    query = f"""
        SELECT {", ".join(_COLUMNS)} FROM running_clocks
        WHERE (CAST(:due_before AS date) IS NULL OR due_on < :due_before)
          AND (CAST(:responsible AS text) IS NULL OR responsible = :responsible)
        ORDER BY due_on, rule, started_agency, started_key, entity_id LIMIT :limit
    """
    values = {"due_before": due_before, "responsible": responsible, "limit": limit}
    return [
        RunningClock(
            row.entity_id,
            Clock(
                rule=row.rule,
                started_by=(row.started_agency, row.started_key),
                concerns=(row.concerns_agency, row.concerns_key),
                responsible=row.responsible,
                jurisdiction=row.jurisdiction,
                started_on=row.started_on,
                due_on=row.due_on,
                sure=row.sure,
            ),
        )
        for row in connection.execute(text(query), values)
    ]
