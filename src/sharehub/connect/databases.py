"""Rows of a query on an agency's own database: any that SQLAlchemy reaches. Nothing is ever committed there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sharehub.connect.environment import filled, redacted
from sharehub.connect.rows import Bookmark, Place, Row, Table, distinct, row_of
from sharehub.connect.source_table import SourceTable
from sharehub.errors import UnreachableError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Result

_ROWS_AT_ONCE = 1_000


def open_query(source: SourceTable, since: str | None = None) -> Table:
    """The rows of `source.query`, in the order in which the database gives them; read while they are taken.

    `:since` in the query is where the last run ended, by `source.bookmark`.

    Raises:
        UsageError: SQLAlchemy or the driver is not installed, or the database refuses the query.
        UnreachableError: the database does not answer.
    """
    try:
        import sqlalchemy as sa  # noqa: PLC0415 -- the base installation lacks the extra
    except ModuleNotFoundError as error:
        raise UsageError("a source of type sql needs SQLAlchemy", hint="pip install 'sharehub[hub]'") from error
    try:
        engine = sa.create_engine(filled(source.url), poolclass=sa.NullPool)
        name = f"{engine.url.get_backend_name()}:{(engine.url.database or '').rpartition('/')[2]}"
    except (sa.exc.SQLAlchemyError, ImportError, ValueError) as error:
        raise UsageError(
            f"source.url: {redacted(str(error), source.url)}", hint="DIALECT+DRIVER://HOST/NAME"
        ) from error
    bookmark = Bookmark(source.bookmark) if source.bookmark else None
    rows = _rows(engine, source, name, since, bookmark)
    header = next(rows).cells
    return Table(name, tuple(header), rows, bookmark=bookmark)


def _rows(
    engine: "Engine", source: SourceTable, name: str, since: str | None, bookmark: Bookmark | None
) -> Iterator[Row]:
    """First the header, as a row that is none, then the rows; closing gives the connection back."""
    import sqlalchemy as sa  # noqa: PLC0415

    try:
        connection = engine.connect().execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE)
    except sa.exc.SQLAlchemyError as error:
        raise UnreachableError(f"{name}: {_reason(error, source)}", hint="check source.url, and run again") from error
    with connection:
        try:
            result: Result[tuple[object, ...]] = connection.execute(
                sa.text(source.query), {"since": since} if bookmark else {}
            )
            header = distinct(list(result.keys()))
            if bookmark and bookmark.column not in header:
                raise UsageError(f"{name}: the query has no column {bookmark.column!r}, which source.bookmark names")
            yield Row(Place(name, None, 0), dict.fromkeys(header, ""))
            for number, cells in enumerate(result, 1):
                if bookmark:
                    bookmark.see(cells[header.index(bookmark.column)])
                yield row_of(Place(name, None, number), header, tuple(cells))
        except sa.exc.SQLAlchemyError as error:
            raise UsageError(f"{name}: {_reason(error, source)}", hint="correct source.query") from error
        finally:
            connection.rollback()


def _reason(error: Exception, source: SourceTable) -> str:
    first = str(getattr(error, "orig", None) or error).strip().splitlines()
    return redacted(first[0] if first else type(error).__name__, source.url)
