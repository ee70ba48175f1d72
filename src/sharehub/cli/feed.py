"""`feed`: what recipients pull."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from sharehub import bootstrap
from sharehub.cli.context import cli_of
from sharehub.cli.feed_ack import ack
from sharehub.core.feed import cursor_of
from sharehub.errors import UsageError
from sharehub.pull.kafka import pull as pull_events
from sharehub.wire.registry import load_registry

app = typer.Typer(no_args_is_help=True)
app.command("ack")(ack)

_COLUMNS = (
    "feed_position",
    "event",
    "business_on",
    "identifiers",
    "names",
    "measure",
    "title",
    "kind",
    "target_service",
    "effective_from",
    "effective_to",
    "authority",
    "legal_basis",
    "ground",
    "reason",
    "exit",
    "remedies",
    "measure_id",
    "entity_id",
    "event_id",
)


@app.command("pull")
def pull(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help="Recipient whose feed is read.")],
    after: Annotated[str, typer.Option(help="Cursor of the last line that you kept; empty: from the start.")] = "",
    format: Annotated[str, typer.Option("-f", "--format", help="jsonl or csv.")] = "jsonl",
) -> None:
    """Print the recipient's events in order; the next cursor goes to stderr."""
    cli = cli_of(context)
    writers = {"jsonl": _write_jsonl, "csv": _write_csv}
    if format not in writers:
        raise UsageError(f"there is no format {format!r}", hint="-f jsonl or -f csv")
    events = pull_events(bootstrap.kafka_address(cli.settings), load_registry(), recipient, after)
    last = writers[format](events)
    cli.say(f"next: sharehub feed pull {recipient} --after {cursor_of(last) if last else after or cursor_of(0)}")


def _write_jsonl(events: Iterable[Mapping[str, Any]]) -> int:
    last = 0
    for event in events:
        sys.stdout.write(json.dumps(event, ensure_ascii=False))
        sys.stdout.write("\n")
        last = event["data"]["feed_position"]
    return last


def _write_csv(events: Iterable[Mapping[str, Any]]) -> int:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("cursor", *_COLUMNS))
    last = 0
    for event in events:
        data = event["data"]
        last = data["feed_position"]
        writer.writerow((event["cursor"], *(_cell(name, data.get(name)) for name in _COLUMNS)))
    return last


def _cell(name: str, value: Any) -> str:
    """One cell for people: lists joined, and no text that a spreadsheet would run as a formula."""
    if value is None:
        return ""
    if name == "identifiers":
        value = [f"{one['scheme']}:{one['value']}" for one in value]
    elif name == "legal_basis":
        value = [f"{one['instrument']}, {one['article']}" for one in value]
    elif name == "ground":
        value = f"{value['record_kind']} {value['document_number'] or value['record_key']} of {value['agency']}"
    text = "; ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
