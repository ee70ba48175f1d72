"""Which column of a file is meant: headers are compared by their words, not by their typography."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sharehub.connect.expansion import added_titles, used_titles
from sharehub.connect.folding import title_words
from sharehub.connect.mapping import Mapping
from sharehub.errors import UsageError

PROBLEM_COLUMN = "what is wrong"
"""The column that a file of rejects has in addition."""


@dataclass(frozen=True)
class Columns:
    """`of` gives a target's source its column in this file, or nothing where the file has none."""

    of: dict[tuple[str, ...], str]
    unknown: tuple[str, ...]
    header: tuple[str, ...] = ()
    file: str = ""


def resolve(mapping: Mapping, header: Sequence[str], file: str) -> Columns:
    """The column of every source in the mapping.

    An alias in brackets, such as "(工商注册号)", means any header with exactly these words in brackets: the
    numbered codes of the double-publicity tables changed their number, never these words.

    Raises:
        UsageError: a required column is missing or stated twice, or a new one is frozen out.
    """
    titles = [*header, *mapping.source.prepared, *added_titles(mapping.source.several)]
    found: dict[tuple[str, ...], str] = {}
    for target, stated in mapping.targets():
        if stated.column:
            title = _title(stated.column, titles, target, file)
            if title is not None:
                found[stated.column] = title
            elif stated.required:
                raise _missing(stated.column, titles, target, file)
    if change := mapping.source.change:
        if (title := _title(change.column, titles, "source.change", file)) is None:
            raise _missing(change.column, titles, "source.change", file)
        found[change.column] = title
    unknown = _unknown(mapping, header, found.values())
    if unknown and mapping.contract.new_columns == "freeze":
        raise UsageError(f"{file}: has columns that the mapping does not know: {', '.join(unknown)}")
    return Columns(found, unknown, tuple(header), file)


def _title(aliases: Iterable[str], titles: Sequence[str], target: str, file: str) -> str | None:
    for alias in aliases:
        found = [title for title in titles if _means(title_words(alias), title_words(title))]
        if len(found) > 1:
            raise UsageError(f"{file}: {target} may be any of the columns {', '.join(map(repr, found))}")
        if found:
            return found[0]
    return None


def _means(alias: str, title: str) -> bool:
    if re.fullmatch(r"\([^()]+\)", alias):
        return alias in title
    return alias == title


def _missing(aliases: Sequence[str], titles: Sequence[str], target: str, file: str) -> UsageError:
    wanted = " or ".join(repr(alias) for alias in aliases)
    return UsageError(
        f"{file}: has no column {wanted}, which {target} needs; it has: {', '.join(titles)}",
        hint="check source.header_row, or add the file's own title to the column's aliases",
    )


def _unknown(mapping: Mapping, header: Sequence[str], used: Iterable[str]) -> tuple[str, ...]:
    taken = [*used_titles(mapping.source.several), mapping.source.bookmark]
    known = {title_words(title) for title in (*used, *mapping.source.unused, *taken, PROBLEM_COLUMN, "")}
    return tuple(title for title in header if title_words(title) not in known)
