"""All records that are kept, at one moment and only to be read, shared by several processes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import psycopg
from psycopg import Connection
from sqlalchemy import make_url

from sharehub.errors import UnreachableError
from sharehub.ports.rules import IdRange, KeptRecord
from sharehub.ports.view import EntityFacts
from sharehub.store.standing import in_conflict, standing_of

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_SET_UP = (
    "SET idle_in_transaction_session_timeout = 0",
    "SET max_parallel_workers_per_gather = 0",  # the processes that look are as many as the asker wants
    "SET cursor_tuple_fraction = 1",  # all rows are read: one pass over the table, no look-up for each entity
    "SET work_mem = '64MB'",
)
_ROWS_AT_ONCE = 5_000
_SPACE = 2**128

_RECORDS = """
SELECT uuid_send(identifier.entity_id), record.payload, record.received_at
FROM identifiers identifier JOIN records record ON record.subject_id = identifier.identifier_id
WHERE identifier.entity_id >= %(first)s AND (%(after)s::uuid IS NULL OR identifier.entity_id < %(after)s)
  AND substring(record.payload FROM 1 FOR 5) = ANY(%(headers)s)
ORDER BY identifier.entity_id, record.record_id
"""

_ENTITIES = "SELECT entity_id, kind_rank, decided_on FROM entities WHERE entity_id = ANY(%s::uuid[])"


class KeptRecords:
    """The records and the standing as one snapshot has them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def records(self, within: IdRange, headers: Sequence[bytes]) -> Iterator[KeptRecord]:
        """All revisions about the entities of the range whose bytes begin with one of the headers, by entity.

        The server reads and sorts them once, and hands them over little by little.
        """
        values = {"first": within.first, "after": within.after, "headers": list(headers)}
        with self._connection.cursor("records") as cursor:
            cursor.execute(_RECORDS, values, binary=True)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from (KeptRecord(*row) for row in rows)

    def described(self, entity_keys: Sequence[bytes], single_schemes: Sequence[str]) -> dict[bytes, EntityFacts]:
        """Kind, day of the last decision, standing and identifier conflicts of the entities; no payloads."""
        ids = [UUID(bytes=key) for key in entity_keys]
        rows = self._connection.execute(_ENTITIES, [ids]).fetchall()
        states = standing_of(self._connection, ids)()
        conflicts = in_conflict(self._connection, ids, single_schemes)()
        return {
            row[0].bytes: EntityFacts(row[0], row[1], row[2], (), tuple(states[row[0]]), row[0] in conflicts)
            for row in rows
        }


@contextmanager
def snapshot(database_url: str) -> Iterator[tuple[str, int]]:
    """The name of a snapshot that other sessions can take while this one lasts, and how many entities it has."""
    with _reading(database_url) as connection:
        connection.execute(_BEGIN)
        name, entities = connection.execute("SELECT pg_export_snapshot(), (SELECT count(*) FROM entities)").fetchall()[
            0
        ]
        yield str(name), int(entities)


@contextmanager
def kept_records(database_url: str, snapshot_name: str) -> Iterator[KeptRecords]:
    """The records as that snapshot has them.

    Raises:
        UnreachableError: PostgreSQL does not answer, or no longer.
    """
    with _reading(database_url) as connection:
        connection.execute(_BEGIN)
        connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot_name}'")
        yield KeptRecords(connection)


def ranges(count: int) -> list[IdRange]:
    """So many ranges of equal width that hold all entity ids; ids are hashes, and so spread evenly."""
    edges = [UUID(int=_SPACE * number // count) for number in range(count)]
    return [IdRange(first, after) for first, after in zip(edges, [*edges[1:], None], strict=True)]


@contextmanager
def _reading(database_url: str) -> Iterator[Connection]:
    connection = _connected(database_url)
    try:
        yield connection
    except psycopg.OperationalError as error:
        raise UnreachableError(f"PostgreSQL failed: {error}", hint="start the trial again") from error
    finally:
        connection.close()


def _connected(database_url: str) -> Connection:
    try:
        address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(address, autocommit=True, connect_timeout=10, options="-c timezone=UTC")
    except psycopg.OperationalError as error:
        hint = "sharehub up, or look at the setting database.url"
        raise UnreachableError(f"PostgreSQL: {error}", hint=hint) from error
    for statement in _SET_UP:
        connection.execute(statement)
    return connection
