"""`sharehub rulebook what-if`: tries a rulebook on the live records and tells what it would change."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sharehub import bootstrap
from sharehub.cli.context import Cli, cli_of
from sharehub.cli.days import day_of
from sharehub.cli.progress import timed
from sharehub.cli.rulebook import refuse
from sharehub.cli.what_if_file import opened
from sharehub.core.foretold import COLUMNS, DIMENSIONS, HELD_BACK, Row, totals
from sharehub.core.rulebook import Rulebook
from sharehub.core.what_if import OUTCOMES, Trial, trial
from sharehub.errors import UsageError
from sharehub.flow.what_if import Look
from sharehub.hub import Hub, open_hub
from sharehub.trials import Answer, Ask, try_out
from sharehub.wire.rulebook_check import check_rulebooks, folder_of, readable_catalogue
from sharehub.wire.rulebooks import read_rulebook

_SHOWN = (*OUTCOMES, HELD_BACK)


def what_if(  # noqa: PLR0913, PLR0917 - the options of a command
    context: typer.Context,
    rulebook: Annotated[Path, typer.Option(metavar="FILE", help="The rulebook to try.")],
    jurisdiction: Annotated[
        list[str] | None, typer.Option(help="Only grounds of this jurisdiction and those below it; repeatable.")
    ] = None,
    since: Annotated[str, typer.Option(help="As if it had counted from this day, ISO 8601: a look at history.")] = "",
    on: Annotated[str, typer.Option(help="The day on which measures are compared, ISO 8601; default: today.")] = "",
    samples: Annotated[int, typer.Option(min=0, help="So many explained examples of each outcome.")] = 3,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="F.csv|F.xlsx", help="Write every difference here.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that look at once.")] = 2,
) -> None:
    """Try a rulebook on the live records: what would be issued, lifted and changed. Nothing is written or sent."""
    cli = cli_of(context)
    book = _lawful(cli, rulebook)
    with open_hub(cli.settings) as hub:
        asked = _trial(hub, book, day_of(on), day_of(since))
        wanted = frozenset(jurisdiction or ())
        _known(wanted, asked)
        ask = Ask(
            look=Look(asked, wanted, None if output else samples),
            database_url=hub.addresses.database_url,
            decide_on=cli.settings.consolidator.decide_on,
            workers=workers,
            samples=samples,
        )
        with opened(output, COLUMNS) as rows, timed(cli, "entities") as progress:
            found = try_out(ask, rows, progress)
    answer = _answer(book, asked, found, output)
    cli.answer(answer, lambda out: _print(out, answer))


def _lawful(cli: Cli, path: Path) -> Rulebook:
    """The rulebook, judged as `rulebook check` judges it, before anything else is read."""
    in_use = bootstrap.rulebooks_folder(cli.settings)
    refuse(check_rulebooks([path], readable_catalogue(folder_of(path, in_use))))
    return read_rulebook(path)


def _trial(hub: Hub, book: Rulebook, on: date | None, since: date | None) -> Trial:
    day = on or hub.today()
    if since is not None and since > day:
        raise UsageError(f"--since {since} lies after {day}", hint="name an earlier day, or a later one with --on")
    return trial(hub.in_force(), book, day, since)


def _known(wanted: frozenset[str], asked: Trial) -> None:
    known = {book.jurisdiction for book in asked.tried.rulebooks}
    for name in sorted(wanted - known):
        raise UsageError(f"there is no jurisdiction {name!r}", hint=f"there are: {', '.join(sorted(known))}")


def _answer(book: Rulebook, asked: Trial, found: Answer, output: Path | None) -> dict[str, Any]:
    counts = totals(found.counts, "all").get("", {})
    return {
        "rulebook": {"jurisdiction": book.jurisdiction, "version": book.version, "title": book.title},
        "on": asked.on,
        "since": asked.since,
        "entities": found.entities,
        "decided": found.decided,
        "unreadable_records": found.unreadable,
        "totals": {name: counts.get(name, 0) for name in _SHOWN},
        "by": {dimension: totals(found.counts, dimension) for dimension in DIMENSIONS},
        "samples": found.samples,
        "file": str(output) if output else None,
    }


def _print(out: Console, answer: Mapping[str, Any]) -> None:
    book, figures = answer["rulebook"], answer["totals"]
    when = f"from {answer['since']} to {answer['on']}" if answer["since"] else f"on {answer['on']}"
    out.print(f"{book['jurisdiction']} {book['version']}, as if it counted {when}; nothing was changed", markup=False)
    out.print(
        f"{answer['entities']:,} entities, {answer['decided']:,} of them within its reach: "
        + ", ".join(f"{figures[name]:,} {name}" for name in _SHOWN),
        markup=False,
    )
    for dimension in DIMENSIONS:
        if answer["by"][dimension]:
            out.print(_table(dimension, answer["by"][dimension]))
    for row in answer["samples"]:
        _print_sample(out, row)
    if answer["file"]:
        out.print(f"every difference: {answer['file']}", markup=False)


def _table(dimension: str, counts: Mapping[str, Mapping[str, int]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(dimension)
    for name in OUTCOMES:
        table.add_column(name, justify="right")
    for value, found in counts.items():
        table.add_row(value, *(f"{found.get(name, 0):,}" for name in OUTCOMES))
    return table


def _print_sample(out: Console, row: Row) -> None:
    who = " ".join(filter(None, (row["identifier"] or row["entity_id"], row["name"])))
    out.print(f"{row['outcome']}: {row['entry']} on {who}", style="bold", markup=False)
    if row["record_key"]:
        number = row["document_number"] or row["record_key"]
        ground = f"{row['record_kind']} {number} of {row['agency']}, {row['decided_on']}"
        out.print(f"  {ground}: {row['why']}", markup=False)
    for line in filter(None, row["differs"].split("; ")):
        out.print(f"  {line}", markup=False)
