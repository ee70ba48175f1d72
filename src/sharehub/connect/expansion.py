"""One row that states several records, as several rows: by columns beside one another, or by the parts of a cell."""

from collections.abc import Callable, Mapping, Sequence

from sharehub.connect.folding import same_title
from sharehub.connect.source_table import SeveralTable
from sharehub.errors import UsageError

Cells = Mapping[str, str]
Expand = Callable[[Cells], Sequence[Cells]]


def expander(stated: SeveralTable, header: Sequence[str], file: str) -> Expand:
    """The function that makes several rows of one; none where the row states none.

    Raises:
        UsageError: the file lacks a column that the mapping names.
    """
    if stated.column:
        return _by_parts(_found(stated.column, header, file), stated.separator)
    return _by_columns([_found(title, header, file) for title in stated.columns], stated.title, stated.cell)


def added_titles(stated: SeveralTable | None) -> tuple[str, ...]:
    """The columns that the rows have after this and the file has not."""
    return (stated.title, stated.cell) if stated and stated.columns else ()


def used_titles(stated: SeveralTable | None) -> tuple[str, ...]:
    """The columns of the file that are taken apart."""
    return (*stated.columns, *filter(None, (stated.column,))) if stated else ()


def _by_parts(column: str, separator: str) -> Expand:
    def expand(cells: Cells) -> Sequence[Cells]:
        parts = [part.strip() for part in cells.get(column, "").split(separator)]
        stated = [part for part in parts if part]
        return [{**cells, column: part} for part in stated] if len(stated) > 1 else [cells]

    return expand


def _by_columns(columns: Sequence[str], title: str, cell: str) -> Expand:
    def expand(cells: Cells) -> Sequence[Cells]:
        return [{**cells, title: column, cell: cells[column]} for column in columns if cells.get(column, "")]

    return expand


def _found(wanted: str, header: Sequence[str], file: str) -> str:
    for title in header:
        if same_title(wanted, title):
            return title
    raise UsageError(f"{file}: has no column {wanted!r}, which source.several names", hint="correct connector.toml")
