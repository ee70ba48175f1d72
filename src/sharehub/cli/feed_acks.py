"""`feed acks`: what a recipient has not answered yet, or refuses; and the figures of all recipients."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from sharehub.acknowledgements import open_acknowledgements
from sharehub.cli.context import cli_of
from sharehub.errors import UsageError

_WORDS = ("sent", "applied", "refused", "waiting", "received", "overdue")


def acks(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help="Recipient whose answers are asked for; none: figures of all.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only events whose time for an answer is over.")] = False,
    refused: Annotated[bool, typer.Option("--refused", help="Instead, what it refuses, with the reason.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
) -> None:
    """Events that wait for a recipient's answer, the oldest first."""
    cli = cli_of(context)
    if not recipient and (overdue or refused):
        raise UsageError("of which recipient?", hint="sharehub feed acks RECIPIENT --overdue")
    with open_acknowledgements(cli.settings) as found:
        if not recipient:
            figures = found.figures()
            cli.answer(figures, lambda out: write_figures(out, figures))
            return
        rows = found.refused(recipient, limit) if refused else found.waiting(recipient, overdue=overdue, limit=limit)
    cli.answer(rows, lambda out: out.print("\n".join(map(_line, rows)) or "none", markup=False))


def write_figures(out: Console, figures: Sequence[Mapping[str, Any]]) -> None:
    """Write one line for each recipient."""
    for one in figures:
        counts = ", ".join(f"{one[word]:,} {word}" for word in _WORDS)
        out.print(f"  {one['recipient']:<22} {counts}{_median(one['median_seconds'])}", markup=False)


def _median(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f", half within {seconds:,.0f} s" if seconds < 7_200 else f", half within {seconds / 3_600:,.0f} h"


def _line(row: Mapping[str, Any]) -> str:
    told = f"{row['feed_position']:>8}  {row['event_id']}  {row['event']:<10} {row['title']}"
    if "reason" in row:
        return f"{told}; refused by {row['acknowledged_by']}: {row['reason']}"
    receipt = "received, " if row["received_at"] else ""
    return f"{told}; {receipt}answer due by {row['due_on']}{', OVERDUE' if row['overdue'] else ''}"
