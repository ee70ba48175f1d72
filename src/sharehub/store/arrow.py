"""Columns to PostgreSQL: many by COPY, through Arrow and pgpq; few, in a pipeline, by one statement and no waiting."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from uuid import UUID

import pgpq
import pyarrow as pa
from polars import DataFrame
from psycopg import Connection, Cursor, sql
from psycopg.pq import PipelineStatus

_KINDS = "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
_kinds: dict[str, dict[str, str]] = {}
"""The types of the columns of the tables that were written to: no migration changes those that a worker writes."""


def copy_frame(connection: Connection, table: str, frame: DataFrame) -> None:
    """COPY a frame into the table's columns of the same names; 16-byte binaries fill uuid columns."""
    if pipelined(connection):
        insert_rows(connection, table, frame.columns, frame.rows())
        return
    arrow = frame.to_arrow()
    schema = pa.schema([(field.name, _plain(field.type)) for field in arrow.schema])
    encoder = pgpq.ArrowToPostgresBinaryEncoder(schema)
    statement = _copy(table, tuple(frame.columns)) + " WITH (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(encoder.write_header())
        for batch in arrow.cast(schema).to_batches():
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_dictionary(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    return kind


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """COPY a few rows of Python values."""
    if pipelined(connection):
        insert_rows(connection, table, columns, list(rows))
        return
    with connection.cursor() as cursor, cursor.copy(_copy(table, tuple(columns))) as copy:
        for row in rows:
            copy.write_row(row)


def pipelined(connection: Connection) -> bool:
    """True while statements are sent without waiting for their answers; PostgreSQL takes no COPY then."""
    return connection.pgconn.pipeline_status != PipelineStatus.OFF


def insert_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]], then: str = ""
) -> Cursor:
    """Insert a few rows by one statement, to which `then` is added; 16 bytes are an id where the table has one."""
    if table not in _kinds:
        _kinds[table] = dict(connection.execute(_KINDS, [table]).fetchall())
    kinds = tuple(_kinds[table][name] for name in columns)
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [
        [*map(_uuid, column)] if kind == "uuid" else [*column] for kind, column in zip(kinds, values, strict=True)
    ]
    return connection.execute(f"{_insert(table, tuple(columns), kinds)} {then}", arrays)


def _uuid(value: object) -> object:
    return UUID(bytes=value) if isinstance(value, bytes) else value


@lru_cache(maxsize=256)
def _copy(table: str, columns: tuple[str, ...]) -> str:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names).as_string()


@lru_cache(maxsize=256)
def _insert(table: str, columns: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    insert = sql.SQL("INSERT INTO {} ({}) SELECT * FROM unnest").format(sql.Identifier(table), names).as_string()
    return f"{insert}({', '.join(f'%b::{kind}[]' for kind in kinds)})"
