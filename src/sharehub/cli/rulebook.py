"""`sharehub rulebook check | test | diff`: rules as files, judged, tried on scenarios and compared."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sharehub import bootstrap
from sharehub.cli.context import cli_of
from sharehub.core.difference import Change, rulebook_changes
from sharehub.core.rulebook import Rulebook
from sharehub.errors import RefusedError, UsageError
from sharehub.wire.rulebook_check import Checked, check_rulebooks, folder_of, readable_catalogue, rulebook_files
from sharehub.wire.rulebooks import load_catalogue, read_rulebook


def list_(context: typer.Context) -> None:
    """Every rulebook with its entries."""
    cli = cli_of(context)
    catalogue = load_catalogue(bootstrap.rulebooks_folder(cli.settings))
    rows = [
        {"jurisdiction": book.jurisdiction, "version": book.version, "entry": entry.id, "title": entry.title}
        for book in catalogue.rulebooks
        for entry in book.entries
    ]
    lines = "\n".join(f"{row['jurisdiction']}/{row['entry']:<28} {row['version']:<8} {row['title']}" for row in rows)
    cli.answer(rows, lambda out: out.print(lines))


def check(
    context: typer.Context,
    places: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE|FOLDER]…", help="Rulebooks; default: all in use.")
    ] = None,
) -> None:
    """Say everything that is wrong with rulebooks: file, entry, field, law. Exit 4: a law is broken; 2: malformed."""
    cli = cli_of(context)
    in_use = bootstrap.rulebooks_folder(cli.settings)
    files = rulebook_files(places or [in_use])
    checked = check_rulebooks(files, readable_catalogue(folder_of(files[0], in_use)))
    if cli.json or not any(one.broken or one.malformed for one in checked):
        cli.answer(_answer(checked), lambda out: out.print(f"{len(files)} rulebooks: no law is broken"))
    for one in checked:
        for odd in one.odd:
            cli.say(f"{one.path}: {odd}")
    refuse(checked)


def refuse(checked: Iterable[Checked]) -> None:
    """Nothing where no law is broken and nothing is malformed.

    Raises:
        RefusedError: a law is broken; the message names file, entry, field and law.
        UsageError: something is malformed.
    """
    checked = tuple(checked)
    broken = [f"{one.path}: {fault}" for one in checked for fault in one.broken]
    malformed = [f"{one.path}: {fault}" for one in checked for fault in one.malformed]
    if broken:
        raise RefusedError("\n".join((*broken, *malformed)))
    if malformed:
        raise UsageError("\n".join(malformed))


def _answer(checked: tuple[Checked, ...]) -> dict[str, object]:
    return {
        "files": [str(one.path) for one in checked],
        "violations": [{"file": str(one.path), **asdict(fault)} for one in checked for fault in one.broken],
        "malformed": [{"file": str(one.path), "reason": fault} for one in checked for fault in one.malformed],
        "odd": [{"file": str(one.path), **asdict(odd)} for one in checked for odd in one.odd],
    }


def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help="A file, or JURISDICTION@VERSION of one in use.")],
    after: Annotated[str, typer.Argument(metavar="B", help="What it is compared with, named in the same way.")],
) -> None:
    """Say in words what changes from one rulebook to another, entry by entry."""
    cli = cli_of(context)
    in_use = bootstrap.rulebooks_folder(cli.settings)
    changes = rulebook_changes(_named(before, in_use), _named(after, in_use))
    cli.answer([asdict(change) for change in changes], lambda out: _print_changes(out, changes))


def _named(name: str, in_use: Path) -> Rulebook:
    jurisdiction, at, version = name.partition("@")
    if Path(name).exists() or not at:
        return read_rulebook(Path(name))
    books = load_catalogue(in_use).rulebooks
    for book in books:
        if (book.jurisdiction, book.version) == (jurisdiction, version):
            return book
    known = ", ".join(f"{book.jurisdiction}@{book.version}" for book in books)
    raise UsageError(f"there is no rulebook {name}", hint=f"a file, or one of: {known}")


def _print_changes(out: Console, changes: tuple[Change, ...]) -> None:
    if not changes:
        out.print("nothing changes")
    for entry, of_entry in groupby(changes, key=lambda change: change.entry):
        out.print(entry or "the rulebook", markup=False)
        for group, of_group in groupby(of_entry, key=lambda change: change.group):
            for number, change in enumerate(of_group):
                out.print(f"  {group if number == 0 else '':<12} {change.words}", markup=False)
