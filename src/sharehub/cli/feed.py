"""`feed`: what recipients pull."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sharehub import bootstrap
from sharehub.cli.context import cli_of
from sharehub.cli.output import write_out
from sharehub.core.feed import cursor_of
from sharehub.feedfiles.formats import write_csv, write_jsonl, write_xlsx
from sharehub.pull.kafka import pull as pull_events
from sharehub.wire.cloudevents import SANCTION
from sharehub.wire.containers import write_container
from sharehub.wire.registry import load_registry

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


def pull(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help="Recipient whose feed is read.")],
    after: Annotated[str, typer.Option(help="Cursor of the last line that you kept; empty: from the start.")] = "",
    format: Annotated[str, typer.Option("-f", "--format", help="jsonl, csv, xlsx or avro.")] = "jsonl",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; default: stdout.")] = None,
) -> None:
    """Write the recipient's events in order; the next cursor goes to stderr.

    An Avro file has one schema: it has the sanction events, and no notices about the agreement.
    """
    cli = cli_of(context)
    registry = load_registry()
    found = _Pulled(pull_events(bootstrap.kafka_address(cli.settings), registry, recipient, after))
    columns = ("cursor", *_COLUMNS)
    writers: Mapping[str, Callable[[Any], None]] = {
        "jsonl": lambda stream: write_jsonl(stream, found.events()),
        "csv": lambda stream: write_csv(stream, columns, found.rows()),
        "xlsx": lambda stream: write_xlsx(stream, "events", columns, found.rows()),
        "avro": lambda stream: write_container(stream, registry.latest("sanction-event"), found.sanctions()),
    }
    write_out(writers, format, output)
    cli.say(f"next: sharehub feed pull {recipient} --after {found.cursor or after or cursor_of(0)}")


class _Pulled:
    """Events in the forms in which they are written; `cursor` is the place after the last one that was."""

    def __init__(self, events: Iterable[Mapping[str, Any]]) -> None:
        self._events = events
        self.cursor = ""

    def events(self) -> Iterator[Mapping[str, Any]]:
        """As CloudEvents."""
        for event in self._events:
            yield event
            self.cursor = event["cursor"]

    def rows(self) -> Iterator[list[str]]:
        """As cells for people."""
        for event in self.events():
            yield [event["cursor"], *(_cell(name, event["data"].get(name)) for name in _COLUMNS)]

    def sanctions(self) -> Iterator[Mapping[str, Any]]:
        """The data of sanction events."""
        return (event["data"] for event in self.events() if event["type"].startswith(SANCTION))


def _cell(name: str, value: Any) -> str:
    """One cell for people: lists joined."""
    if value is None:
        return ""
    if name == "identifiers":
        value = [f"{one['scheme']}:{one['value']}" for one in value]
    elif name == "legal_basis":
        value = [f"{one['instrument']}, {one['article']}" for one in value]
    elif name == "ground":
        value = f"{value['record_kind']} {value['document_number'] or value['record_key']} of {value['agency']}"
    return "; ".join(value) if isinstance(value, list) else str(value)
