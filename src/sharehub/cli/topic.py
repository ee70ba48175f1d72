"""`sharehub topic …`: how far the consolidators are, and how a halted partition goes on."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from sharehub.acceptance import Accepting, told
from sharehub.cli.context import cli_of
from sharehub.errors import RefusedError, UsageError
from sharehub.hub import open_hub
from sharehub.lag import Positions
from sharehub.replay.refill import refill as say_again
from sharehub.replay.refill import refillable

app = typer.Typer(no_args_is_help=True)

PENDING = 5


@app.command()
def lag(
    context: typer.Context,
    seconds: Annotated[
        float, typer.Option(min=0.1, max=60, help="Between the two looks that the rate comes from.")
    ] = 2,
) -> None:
    """How far every partition is behind: in records, in time, and when it will be done at this pace.

    Positions are the database's. What lay on the log before this view began to read is history (`replaying`): no time
    is told for it. Exit codes: 0 all is well, 1 a partition is stuck, halted or missing.
    """
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = Positions(hub).lag(seconds)
    cli.answer(found, lambda out: _write_lag(out, found))
    if found["alarms"]:
        raise typer.Exit(1)


@app.command()
def accept(  # noqa: PLR0913, PLR0917 - options
    context: typer.Context,
    topics: Annotated[list[str] | None, typer.Argument(metavar="[TOPIC[:PARTITION]…]", help="What is halted.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that is halted, as on another cluster.")] = False,
    approved_by: Annotated[str, typer.Option(help="Who answers for it; kept and told.")] = "",
    reason: Annotated[str, typer.Option(help="Why it may go on; kept and told.")] = "",
    execute: Annotated[bool, typer.Option("--execute", help="Do it; without it only the plan is shown.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan.")] = False,
    expect: Annotated[
        int | None, typer.Option(metavar="N", help="Refuse if it is not N partitions: the plan has moved.")
    ] = None,
) -> None:
    """Let halted partitions go on: shows what is wrong and what is lost, and with --execute writes down who and why.

    Exit codes: 0 they go on, 4 the world has moved since the plan, 5 the plan only.
    """
    cli = cli_of(context)
    doing = execute and not dry_run
    if bool(topics) == all_:
        raise UsageError("which topics?", hint="TOPIC, TOPIC:PARTITION, or --all; sharehub topic lag names them")
    if doing and not (approved_by.strip() and reason.strip()):
        raise UsageError("somebody answers for it, and says why", hint="--approved-by NAME --reason TEXT")
    with open_hub(cli.settings) as hub:
        desk = Accepting(hub)
        plan = desk.plan(topics or (), by=approved_by.strip(), reason=reason.strip())
        if expect is not None and expect != len(plan):
            raise RefusedError(f"{len(plan)} partitions are halted now, not {expect}", hint="look at the plan again")
        answer = desk.accept(plan) if doing else [told(one) for one in plan]
    cli.answer(answer, lambda out: _write_acceptances(out, answer))
    if not doing:
        cli.say(f"nothing was done; to do it: --approved-by NAME --reason TEXT --execute --expect {len(plan)}")
        raise typer.Exit(PENDING)
    cli.say("consolidators that run go on within seconds; else: sharehub consolidate")


@app.command()
def accepted(context: typer.Context) -> None:
    """All that was ever accepted about halted partitions, the newest first."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = Accepting(hub).history()

    def people(out: Console) -> None:
        for one in found:
            where = f"{one['topic']}:{one['partition']}"
            goes_on = f"stopped at {one['stopped_at']}, went on at {one['goes_on_at']}"
            out.print(f"{one['accepted_at']:%Y-%m-%d %H:%M:%S} UTC  {where}  {one['code']}, {goes_on}", markup=False)
            out.print(f"  approved by {one['approved_by']}: {one['reason']}", markup=False)

    cli.answer(found, people)


@app.command()
def refill(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="A topic of records that was made anew.")],
    execute: Annotated[bool, typer.Option("--execute/--dry-run", help="Do it; without it, say what would be.")] = False,
) -> None:
    """Say again, on a topic that was made anew and is empty, all that the hub has kept of it.

    Then a connector finds what it knows, and sends only what was lost. Exit codes: 0 done, 4 it is not empty, 5 the
    plan only.
    """
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        records = say_again(hub, topic) if execute else refillable(hub, topic)
    words = "were said again; consolidators count them as duplicates" if execute else "would be said again"
    cli.answer({"topic": topic, "records": records}, lambda out: out.print(f"{topic}: {records:,} records {words}"))
    if not execute:
        cli.say(f"nothing was done; to do it: sharehub topic refill {topic} --execute")
        raise typer.Exit(PENDING)


def _write_lag(out: Console, found: Mapping[str, Any]) -> None:
    shown = [one for one in found["partitions"] if one["state"] != "caught-up"]
    width = max((len(f"{one['topic']}:{one['partition']}") for one in shown), default=0)
    for one in shown:
        name = f"{one['topic']}:{one['partition']}"
        out.print(f"{name:<{width}}  {one['state']:<9} {one['records']:>10,} behind, {_pace(one)}", markup=False)
    for reason, places in _by_reason(shown, "explanation").items():
        out.print(f"{_named(places)}: {reason}", markup=False)
    rest = len(found["partitions"]) - len(shown)
    out.print(f"{rest} partitions are caught up; {found['records']:,} records behind, {found['alarms']} alarms")


def _pace(one: Mapping[str, Any]) -> str:
    if one["state"] in ("halted", "missing"):
        return f"stopped at offset {one['position']:,}"
    behind = duration(one["seconds"]) + " late" if one["seconds"] is not None else "history"
    done = f"done in {duration(one['eta_seconds'])}" if one["eta_seconds"] is not None else "not done at this pace"
    return f"{behind}, {one['rate']:,.0f} per second, {done}"


def _by_reason(found: Iterable[Mapping[str, Any]], name: str) -> dict[str, list[Mapping[str, Any]]]:
    """What is the same of several partitions is said once."""
    reasons: dict[str, list[Mapping[str, Any]]] = {}
    for one in found:
        if one[name]:
            reasons.setdefault(one[name], []).append(one)
    return reasons


def _named(places: Iterable[Mapping[str, Any]]) -> str:
    numbers: dict[str, list[str]] = {}
    for one in places:
        numbers.setdefault(one["topic"], []).append(str(one["partition"]))
    return "; ".join(f"{topic}:{','.join(found)}" for topic, found in numbers.items())


def _write_acceptances(out: Console, found: list[dict[str, Any]]) -> None:
    for reason, places in _by_reason(found, "explanation").items():
        out.print(f"{_named(places)}: {reason}", markup=False)
        for one in places:
            goes_on = f"stopped at offset {one['stopped_at']}, goes on at {one['goes_on_at']}"
            out.print(f"  partition {one['partition']}: {goes_on}; lost: {one['lost']}", markup=False)


def duration(seconds: float) -> str:
    """A time for people: 4 s, 12 min, 3 h 20 min, 5 d 4 h."""
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    if seconds < 120:
        return f"{seconds:.0f} s"
    if hours < 2:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
