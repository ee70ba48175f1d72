"""`feed list` and `feed snapshot`: what the hub's operator does with recipients' lists."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from sharehub.cli.context import cli_of
from sharehub.errors import UsageError
from sharehub.feedfiles.manifest import Manifest
from sharehub.feeds import Feeds
from sharehub.hub import open_hub
from sharehub.snapshots import Snapshots

_SHOWN = {"recipient", "version", "feed_position", "measures", "root", "expires_at"}


def feed_list(context: typer.Context) -> None:
    """All recipients' feeds with their last position, and the newest version of each list."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        snapshots = Snapshots(hub)
        rows = [{**row, **_newest(snapshots, row["recipient"])} for row in Feeds(hub).recipients()]
    width = max((len(row["recipient"]) for row in rows), default=0)
    lines = "\n".join(
        f"{row['recipient']:<{width}} {row['position']:>8}  {row['version'] or 'no version yet':<29}  {row['title']}"
        for row in rows
    )
    cli.answer(rows, lambda out: out.print(lines))


def snapshot(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help="Recipient whose list is published.")] = "",
    all_of_them: Annotated[bool, typer.Option("--all", help="Every recipient whose agreement is in force.")] = False,
) -> None:
    """Make the next version of a list, signed, and what changed since the one before; let go what is too old."""
    if bool(recipient) == all_of_them:
        raise UsageError("whose list?", hint="one recipient, or --all: sharehub feed list")
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        snapshots, now = Snapshots(hub), datetime.now(UTC)
        made = []
        for one in snapshots.recipients() if all_of_them else [recipient]:
            made.append(snapshots.publish(one, now))
            snapshots.let_go(one, now)
    lines = "\n".join(f"{one.recipient:<18} {one.version}  {one.measures:>8,} measures" for one in made)
    cli.answer([_shown(one) for one in made], lambda out: out.print(lines))


def _newest(snapshots: Snapshots, recipient: str) -> dict[str, Any]:
    newest = snapshots.newest(recipient)
    stated = _shown(newest) if newest else {}
    return {"version": stated.get("version"), "expires_at": stated.get("expires_at")}


def _shown(version: Manifest) -> dict[str, Any]:
    return version.model_dump(mode="json", include=_SHOWN)
