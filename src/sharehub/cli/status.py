"""`status`: what runs, how far it is and what waits, on one screen."""

from typing import Any

import typer
from rich.console import Console

from sharehub.cli import feed_acks
from sharehub.cli.context import cli_of
from sharehub.hub import open_hub
from sharehub.status import status_of

_COUNTS = (
    "records",
    "duplicates",
    "rejections",
    "dead_letters_waiting",
    "entities",
    "measures_in_force",
    "events",
    "clocks_overdue",
)
_TOPICS_SHOWN = 8


def status(context: typer.Context) -> None:
    """What runs, and how much of what there is."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        answer = status_of(hub)
    cli.answer(answer, lambda out: _write(out, answer))


def _write(out: Console, answer: dict[str, Any]) -> None:
    _write_services(out, answer["services"])
    for name in _COUNTS:
        out.print(f"{name.replace('_', ' '):<22} {answer[name]:>10,}")
    out.print(f"{'unsent':<22} {answer['outbox_unsent']:>10,}")
    _write_lag(out, answer["lag"])
    feed_acks.write_figures(out, [one for one in answer["acknowledgements"] if one["sent"]])
    heard = {agency: figures for agency, figures in answer["agencies"].items() if any(figures.values())}
    for agency, figures in heard.items():
        told = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in figures.items())
        out.print(f"  {agency:<20} {told}")
    if silent := len(answer["agencies"]) - len(heard):
        out.print(f"  {silent} more agencies have said nothing yet")


def _write_services(out: Console, services: dict[str, Any]) -> None:
    answers = "answers" if services["kafka_answers"] else "does not answer"
    out.print(f"Kafka at {services['kafka']} {answers}, PostgreSQL {services['database']}")
    for one in services["running"]:
        held = f", holds {one['partitions']} partitions" if "partitions" in one else ""
        out.print(f"  {one['service']:<18} {one['owner']} since {one['since']:%Y-%m-%d %H:%M} UTC{held}", markup=False)
    if not services["running"]:
        out.print("  no service is connected; try: sharehub run")


def _write_lag(out: Console, lag: dict[str, int] | None) -> None:
    """The topics with the most to go."""
    if lag is None:
        return
    out.print(f"{'to go':<22} {sum(lag.values()):>10,}")
    behind = sorted(((count, topic) for topic, count in lag.items() if count), reverse=True)
    for count, topic in behind[:_TOPICS_SHOWN]:
        out.print(f"  {topic:<28} {count:>10,}", markup=False)
