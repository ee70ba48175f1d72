"""Records as the live view has kept them, read like the log: for a replay when topics have let them go."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg import Connection
from sqlalchemy import make_url

from sharehub.errors import UnreachableError
from sharehub.ports.rules import RecordRow
from sharehub.store.claims import positions
from sharehub.store.engine import LIVE
from sharehub.topics import Place, agency_of

_ROWS_AT_ONCE = 5_000
_KEPT = """
SELECT uuid_send(subject_id), uuid_send(record_id), agency, received_at, payload
FROM records LEFT JOIN identifiers ON identifier_id = subject_id
WHERE get_byte(uuid_send(coalesce(entity_id, subject_id)), 0) %% %(parts)s = %(part)s
  AND (%(to)s::timestamptz IS NULL OR received_at <= %(to)s) AND (%(agency)s::text IS NULL OR agency = %(agency)s)
ORDER BY received_at, record_id
"""


def kept_count(connection: Connection, to: datetime | None, agency: str | None = None) -> int:
    """How many records were kept by that instant, or at all; of one agency, or of all."""
    query = """
        SELECT count(*) FROM records WHERE (%(to)s::timestamptz IS NULL OR received_at <= %(to)s)
          AND (%(agency)s::text IS NULL OR agency = %(agency)s)
    """
    return int(connection.execute(query, {"to": to, "agency": agency}).fetchall()[0][0])


def kept_rows(
    database_url: str,
    to: datetime | None,
    part: int,
    parts: int,
    *,
    snapshot: str = "",
    schema: str = LIVE,
    agency: str | None = None,
) -> Iterator[RecordRow]:
    """One part of all records of a view, an entity's together, in the order of their receipt, in one snapshot of it.

    Raises:
        UnreachableError: PostgreSQL does not answer, or no longer.
    """
    try:
        with psycopg.connect(
            _address(database_url), connect_timeout=10, options=f"-c timezone=UTC -c search_path={schema}"
        ) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if snapshot:
                connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            with connection.cursor("kept") as cursor:
                cursor.execute(_KEPT, {"parts": parts, "part": part, "to": to, "agency": agency}, binary=True)
                while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                    yield from (RecordRow(*row) for row in rows)
    except psycopg.OperationalError as error:
        raise UnreachableError(f"PostgreSQL failed: {error}", hint="sharehub replay resume") from error


@contextmanager
def exported_snapshot(database_url: str, group: str) -> Iterator[tuple[str, dict[Place, int]]]:
    """A snapshot of the live view that other sessions can take while this lasts, and its positions on record topics.

    Raises:
        UnreachableError: PostgreSQL does not answer, or no longer.
    """
    try:
        with psycopg.connect(_address(database_url), connect_timeout=10) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            name = connection.execute("SELECT pg_export_snapshot()").fetchall()[0][0]
            held = positions(connection, group)
            yield str(name), {place: at for place, at in held.items() if agency_of(place.topic)}
    except psycopg.OperationalError as error:
        raise UnreachableError(f"PostgreSQL failed: {error}", hint="sharehub replay resume") from error


def _address(database_url: str) -> str:
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
