"""`trace`: where is my record, on one screen."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from sharehub.cli.context import cli_of
from sharehub.cli.entity_check import Reason, User, operator
from sharehub.hub import open_hub
from sharehub.tracing import Tracing


def trace(
    context: typer.Context,
    record: Annotated[
        list[str],
        typer.Argument(
            help="A record's id; AGENCY KEY; TOPIC:PARTITION:OFFSET; an event's id; or a log line's trace_id."
        ),
    ],
    user: User = "",
    reason: Reason = "",
) -> None:
    """Where a record is: source row, log, view, events, feeds, answers. The look is written down."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = Tracing(hub).trace(record, operator(user, reason))
    if found is None:
        cli.say(f"the hub has never heard of {' '.join(record)}; was it sent? try: sharehub connector status")
        raise typer.Exit(1)
    cli.answer(found, lambda out: _write(out, found))


def _write(out: Console, found: Mapping[str, Any]) -> None:
    lines = [f"record    {found['agency']} {found['record_key'] or ''}, trace {found['trace_id'] or 'none'}"]
    for one in found["revisions"]:
        lines += _revision(one)
    if found["entity"]:
        lines.append(f"entity    {found['entity']['entity_id']} {found['entity']['name'] or ''}")
    for event in found["events"]:
        told = f"{event['event']} {event['measure']}, counts on {event['business_on']}, known {_at(event['known_at'])}"
        lines += [f"event     {told}", *map(_feed, event["feeds"])]
        if not event["feeds"]:
            lines.append("  not numbered by the relay yet")
    if found["entity"] and not found["events"]:
        lines.append("events    none: no rule follows from it, or not yet")
    out.print("\n".join(lines), markup=False)


def _revision(one: Mapping[str, Any]) -> list[str]:
    lines = []
    if "revision" in one:
        source = one["source"] or {}
        row = ", ".join(f"{name} {source[name]}" for name in ("sheet", "row") if source.get(name) is not None)
        origin = f"{source.get('name', 'unknown')}{', ' if row else ''}{row}"
        lines.append(f"revision  {one['revision']}, {one['kind']}, from {origin}")
    published = one["published"]
    if published:
        place = f"{published['topic']}, partition {published['partition']}, offset {published['offset']}"
        lines.append(f"  published {place}, {_at(published['appended_at'])}")
    else:
        lines.append("  published: no longer on the log")
    return [*lines, f"  {_became(one)}"]


def _became(one: Mapping[str, Any]) -> str:
    if one["state"] == "rejected":
        stands = "" if one["letter_state"] == "waiting" else f"the letter is {one['letter_state']}; "
        show = f"try: sharehub dead-letter show {one['rejection_id']}"
        return f"rejected: {one['code']}: {one['reason']}; {stands}{show}"
    if one["state"] == "waiting":
        return f"not taken in yet, {one['before_it']:,} messages before it; try: sharehub status"
    return "taken in"


def _feed(one: Mapping[str, Any]) -> str:
    sent = f"sent {_at(one['sent_at'])}" if one["sent"] else "not sent yet"
    answers = ", ".join(f"{said['status']} {_at(said['acknowledged_at'])}" for said in one["answers"])
    return f"  {one['feed']} {one['position']}, {sent}" + (f": {answers}" if answers else "")


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
