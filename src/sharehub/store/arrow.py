"""Columns to PostgreSQL: Arrow to binary COPY through pgpq, no row ever becomes a Python object."""

from collections.abc import Iterable, Sequence

import pgpq
import pyarrow as pa
from polars import DataFrame
from psycopg import Connection, sql


def copy_frame(connection: Connection, table: str, frame: DataFrame) -> None:
    """COPY a frame into the table's columns of the same names; 16-byte binaries fill uuid columns."""
    arrow = frame.to_arrow()
    schema = pa.schema([(field.name, _plain(field.type)) for field in arrow.schema])
    encoder = pgpq.ArrowToPostgresBinaryEncoder(schema)
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in frame.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT BINARY)").format(sql.Identifier(table), columns)
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
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
