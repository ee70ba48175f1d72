"""`casework clocks`: who must act by when, and who has not."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from sharehub.cli.context import cli_of
from sharehub.hub import open_hub


def clocks(
    context: typer.Context,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose last day is past.")] = False,
    agency: Annotated[str, typer.Option(help="Only those in which this agency must act; hub: the hub itself.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
) -> None:
    """Clocks that run: due day, who must act, about which record, on what basis, and how long overdue."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        rows = hub.clocks(overdue=overdue, agency=agency or None, limit=limit)
    none = "no clock is overdue" if overdue else "no clock is running"
    cli.answer(rows, lambda out: _write(out, rows, none))


def _write(out: Console, rows: list[dict[str, Any]], none: str) -> None:
    for line in (line for row in rows for line in _lines(row)):
        out.print(line, markup=False)
    if not rows:
        out.print(none)


def _lines(row: dict[str, Any]) -> Iterator[str]:
    days = row["working_days_late"]
    late = f", overdue by {days} working {'day' if days == 1 else 'days'}" if row["standing"] == "overdue" else ""
    guess = "" if row["sure"] else ", a guess: the calendar does not know that year"
    yield f"due {row['due_on']}{late}{guess}: {row['title']}"
    yield f"  {row['responsible_title']} ({row['responsible']}) must act on {row['record']}"
    basis = "; ".join(row["legal_basis"]) or "no rule of this name any more"
    yield f"  since {row['started_on']}, by {row['started_by']}; {row['clock']}: {basis}"
