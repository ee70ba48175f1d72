"""Rows that a connector.py reads itself, all of them before the first one counts."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from sharehub.connect.hook import RetryLater, StopRun
from sharehub.connect.mapping import Connector
from sharehub.connect.rows import Bookmark, Place, Row, Table, row_of
from sharehub.connect.spool import Spool
from sharehub.errors import RefusedError, UnreachableError, UsageError

_TRIES: Final = 5
_FIRST_WAIT_S: Final = 1.0
_FAILURES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError, NotImplementedError)

Raw = Mapping[str, Any]


def open_program(connector: Connector, since: str | None, wait: Callable[[float], None] = time.sleep) -> Table:
    """The rows that `read(since)` gives; called anew after a pause where it says so.

    Raises:
        UsageError: connector.py fails, or gives something else than rows.
        UnreachableError: it asked for a later call too often; running again is safe.
        RefusedError: it stopped the run.
    """
    name = "connector.py"
    for attempt in range(1, _TRIES + 1):
        try:
            return _read(connector, since, name)
        except RetryLater as later:
            if attempt == _TRIES:
                told = f"{connector.id}: the source is away or busy: {later}"
                raise UnreachableError(told, hint="run the same command again") from later
            wait(_FIRST_WAIT_S * 2 ** (attempt - 1) * random.uniform(1.0, 1.5))  # noqa: S311 -- no secret depends on it
    raise AssertionError("the last try either returns or raises")


def _read(connector: Connector, since: str | None, name: str) -> Table:
    bookmark = Bookmark(connector.mapping.source.bookmark) if connector.mapping.source.bookmark else None
    try:
        rows, titles = _all(_called(connector, since), bookmark)
    except StopRun as stopped:
        raise RefusedError(f"{connector.id}: {stopped}", hint="nothing was sent") from stopped
    except _FAILURES as error:
        told = f"{connector.folder / name}: read fails: {type(error).__name__}: {error}"
        raise UsageError(told, hint="raise RetryLater where a later call may do better") from error
    header = tuple(titles)
    return Table(name, header, _rows(name, header, rows), bookmark=bookmark, expected=lambda _done: len(rows))


def _called(connector: Connector, since: str | None) -> Iterable[Raw]:
    if connector.read is None:
        raise TypeError("there is no read(self, since)")
    return connector.read(since)


def _all(read: Iterable[Raw], bookmark: Bookmark | None) -> tuple[Spool[Raw], dict[str, None]]:
    rows: Spool[Raw] = Spool()
    titles: dict[str, None] = {}
    for row in read:
        if not isinstance(row, Mapping):
            raise TypeError(f"a row must be a mapping of column titles to values, not {type(row).__name__}")
        titles.update(dict.fromkeys(row))
        if bookmark:
            bookmark.see(row.get(bookmark.column))
        rows.append(dict(row))
    return rows, titles


def _rows(name: str, header: tuple[str, ...], rows: Iterable[Raw]) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        yield row_of(Place(name, None, number), header, [row.get(title) for title in header])
