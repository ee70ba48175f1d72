"""Where a run's rows come from: the files it is given, else what the mapping's [source] names."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sharehub.connect.databases import open_query
from sharehub.connect.http_json import open_pages
from sharehub.connect.mapping import Connector
from sharehub.connect.programs import open_program
from sharehub.connect.readers import Table, open_table, require_file
from sharehub.errors import UsageError

_NAME_THEM = "name the files: sharehub connector run C FILE…"
_REMOTE: Mapping[str, Callable[[Connector, str | None], Table]] = {
    "sql": lambda connector, since: open_query(connector.mapping.source, since),
    "http-json": lambda connector, _since: open_pages(connector.mapping.source),
    "python": open_program,
}


def open_sources(connector: Connector, files: tuple[Path, ...], bookmark: str = "") -> Iterator[Table]:
    """The tables of one run, one after another; every file is there before the first one is opened.

    `bookmark` is where the last run ended, of a source that has one.

    Raises:
        UsageError: there is no such file, or a source cannot be read as the mapping says.
        UnreachableError: a database or an interface does not answer.
    """
    source = connector.mapping.source
    if not files and source.type in _REMOTE:
        since = bookmark if source.bookmark else ""
        yield _REMOTE[source.type](connector, since or source.since or None)
        return
    paths = files or _named(connector)
    for path in paths:
        require_file(path)
    for path in paths:
        yield open_table(path, source)


def matching(pattern: str) -> list[Path]:
    """The files that a pattern of `source.path` means, by name."""
    path = Path(pattern)
    return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)) if path.is_absolute() else pattern))


def _named(connector: Connector) -> tuple[Path, ...]:
    pattern = connector.mapping.source.path
    if not pattern:
        raise UsageError(f"{connector.id} has no source.path", hint=_NAME_THEM)
    found = matching(pattern)
    if not found:
        raise UsageError(f"no file is called {pattern}", hint=_NAME_THEM)
    if len(found) > 1 and connector.mapping.source.mode == "snapshot":
        names = ", ".join(path.name for path in found)
        raise UsageError(f"{len(found)} files are called {pattern}: {names}", hint="name the one that is the snapshot")
    return tuple(found)
