"""`sharehub replay`: the view rebuilt beside the live one, compared with it, and put in its place."""

import getpass
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from sharehub.cli.context import Cli, cli_of
from sharehub.cli.days import instant_of
from sharehub.cli.progress import timed
from sharehub.cli.stopping import serving_hub
from sharehub.cli.what_if_file import opened
from sharehub.core.divergence import OUTCOMES
from sharehub.errors import UsageError
from sharehub.hub import open_hub
from sharehub.replay import status as statuses
from sharehub.replay.diff import COLUMNS, Row, differences
from sharehub.replay.plan import Plan, planned, read_plan
from sharehub.replay.promote import Promoted, droppable
from sharehub.replay.promote import drop as dropped
from sharehub.replay.promote import promote as promoted
from sharehub.replay.run import RECORDS_MAX, Pace, begin
from sharehub.replay.run import resume as go_on
from sharehub.replay.verify import Verified
from sharehub.replay.verify import verify as verified

app = typer.Typer(no_args_is_help=True)
INTERRUPTED, PENDING = 130, 5

Workers = Annotated[int, typer.Option(min=1, help="Processes that rebuild at the same time, by partition.")]
Batch = Annotated[int, typer.Option(min=1, help="Records in one transaction, at most.")]
Rate = Annotated[float | None, typer.Option(min=0.1, help="Records per second, at most; default: as fast as it can.")]
By = Annotated[str, typer.Option("--by", help="Who does it; default: the name of the account.")]


@app.command("plan")
def plan(
    context: typer.Context,
    output: Annotated[Path, typer.Option("-o", "--out", help="File for the plan.")],
    to: Annotated[
        str, typer.Option(help="What was said up to this instant, ISO 8601 with its zone; default: all there is.")
    ] = "",
    jurisdiction: Annotated[str, typer.Option(help="Only records of this jurisdiction and those below it.")] = "",
    rulebook: Annotated[
        Path | None,
        typer.Option(
            help="Other rules: a folder, or one file in the place of the versions published on its day or later."
        ),
    ] = None,
    from_records: Annotated[
        bool, typer.Option("--from-records", help="Begin with the records that the hub keeps, when topics let them go.")
    ] = False,
) -> None:
    """Say what a replay would do, and save it; nothing happens."""
    cli = cli_of(context)
    if rulebook is not None and not rulebook.exists():
        raise UsageError(f"{rulebook}: there is no such file or folder")
    with open_hub(cli.settings) as hub:
        made = planned(hub, to=instant_of(to), jurisdiction=jurisdiction, rulebook=rulebook, from_records=from_records)
    output.write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    cli.answer(made.model_dump(mode="json"), lambda out: _write_plan(out, made))
    cli.say(f"saved as {output}; next: sharehub replay run {output} --execute")


def _write_plan(out: Console, made: Plan) -> None:
    out.print(f"{made.replay_id}: rebuild from {made.source}, {made.records:,} records")
    for one in made.stretches:
        if made.source == "topics" and one.end > one.start:
            out.print(f"  {one.topic}-{one.partition:<4} offsets {one.start:,} to {one.end:,}")
    until = f"; what was said up to {made.to.isoformat()}" if made.to else ""
    out.print(f"clock: every due day up to {made.clock_on}{until}")
    out.print(f"jurisdiction: {made.jurisdiction or 'all'}; rules: {made.rulebook or 'those in use'}")
    took = (
        f"about {timedelta(seconds=made.estimated_s)}"
        if made.estimated_s is not None
        else "not known yet: this is the first"
    )
    out.print(f"time: {took}")
    for line in made.cannot_be_undone:
        out.print(f"- {line}")


@app.command("run")
def run(
    context: typer.Context,
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="File that `replay plan` saved.")],
    execute: Annotated[
        bool, typer.Option("--execute/--dry-run", help="Do it; without it, say what would be done.")
    ] = False,
    workers: Workers = 1,
    batch: Batch = RECORDS_MAX,
    rate: Rate = None,
    by: By = "",
) -> None:
    """Rebuild the view in a schema of its own. Live positions, groups and feeds are not touched."""
    cli = cli_of(context)
    made = read_plan(plan_file)
    if not execute:
        cli.answer(made.model_dump(mode="json"), lambda out: _write_plan(out, made))
        cli.say(f"nothing was done; to do it: sharehub replay run {plan_file} --execute")
        raise typer.Exit(PENDING)
    with serving_hub(cli) as hub, timed(cli, "replay") as progress:
        state = begin(hub, made, by or getpass.getuser(), Pace(workers, batch, rate), progress)
    _ended(cli, state)


@app.command("resume")
def resume(context: typer.Context, workers: Workers = 1, batch: Batch = RECORDS_MAX, rate: Rate = None) -> None:
    """Go on with a replay that was paused, interrupted, or died."""
    cli = cli_of(context)
    with serving_hub(cli) as hub, timed(cli, "replay") as progress:
        state = go_on(hub, Pace(workers, batch, rate), progress)
    _ended(cli, state)


_NEXT = {
    "rebuilt": "the view is rebuilt; next: sharehub replay verify",
    "paused": "paused after a whole batch; to go on: sharehub replay resume",
    "interrupted": "stopped after a whole batch; to go on: sharehub replay resume",
    "cancelled": "cancelled; what was rebuilt is dropped",
}


def _ended(cli: Cli, state: str) -> None:
    cli.answer({"state": state, "next": _NEXT[state]}, lambda out: out.print(_NEXT[state]))
    if state == "interrupted":
        raise typer.Exit(INTERRUPTED)


@app.command("status")
def status(context: typer.Context) -> None:
    """Every replay: what it does, how far it is, how long it will still take."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        rows = statuses.every(hub)
    cli.answer(rows, lambda out: _write_status(out, rows))


def _write_status(out: Console, rows: list[dict[str, Any]]) -> None:
    for one in rows:
        done = "" if one["done"] is None else f"{one['done']:,} of {one['records']:,} records"
        rate = f", {one['per_second']:,} per second" if one["per_second"] else ""
        left_s = f", {timedelta(seconds=one['left_s'])} left" if one["left_s"] is not None else ""
        begun = f"by {one['by']}, begun {one['begun_at'][:19]} UTC"
        out.print(f"{one['replay']}  {one['state']:<12} {done}{rate}{left_s}  {begun}")
        if one["reason"]:
            out.print(f"  {one['reason']}")
    if not rows:
        out.print("no replays")


@app.command("pause")
def pause(context: typer.Context) -> None:
    """Let the replay stop after the batch it is at; `resume` goes on."""
    _ask(cli_of(context), "pause", "stops after its batch")


@app.command("cancel")
def cancel(
    context: typer.Context,
    execute: Annotated[bool, typer.Option("--execute/--dry-run", help="Do it; without it, say what goes.")] = False,
) -> None:
    """Give the replay up and drop what it has rebuilt; the live view is not touched."""
    cli = cli_of(context)
    if execute:
        _ask(cli, "cancel", "is given up")
        return
    with open_hub(cli.settings) as hub:
        found = statuses.current(hub)
    far = f"{found['state']}, {found['done'] or 0:,} of {found['records']:,} records"
    cli.answer(found, lambda out: out.print(f"would be given up: {found['replay']}, {far}"))
    cli.say("nothing was done; to do it: sharehub replay cancel --execute")
    raise typer.Exit(PENDING)


def _ask(cli: Cli, wanted: str, words: str) -> None:
    with open_hub(cli.settings) as hub:
        replay_id = statuses.ask(hub, wanted)
    cli.answer({"replay": replay_id, "wanted": wanted}, lambda out: out.print(f"{replay_id} {words}"))


@app.command("verify")
def verify(
    context: typer.Context,
    workers: Workers = 1,
    fold: Annotated[
        bool, typer.Option("--fold/--no-fold", help="Also compare with the independent fold, which is slow.")
    ] = True,
) -> None:
    """Bring the rebuilt view to the live one's positions and compare, by hash. Exit 1: something is another view."""
    cli = cli_of(context)
    with serving_hub(cli) as hub, timed(cli, "catching up") as progress:
        found = verified(hub, Pace(workers), progress, fold=fold)
    cli.answer(found.as_json(), lambda out: _write_verified(out, found))
    if not (found.holds and found.proven):
        raise typer.Exit(1)


def _verdict(found: Verified) -> str:
    if found.proven:
        live = "" if found.holds else ", and live is another one: see replay diff, then promote"
        return f"the rebuilt view is the right one{live}"
    if found.fold is None:
        return "without the fold nobody knows whether the rebuilt view is right: verify without --no-fold"
    return "the rebuilt view is another one"


def _write_verified(out: Console, found: Verified) -> None:
    told = found.as_json()
    for name in ("rebuilt", "fold", "live"):
        out.print(f"{name:<8} view {told[name] or 'not compared'}  told {told[f'{name}_told'] or 'not compared'}")
    if found.why_not:
        out.print(f"live is not compared: {found.why_not}")
    for part, one in found.differing.items():
        counts = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in one.items() if name != "first")
        out.print(f"differs from {part}: {counts} rows")
        for line in one["first"]:
            out.print(f"  {line.strip()[:400]}")
    out.print(_verdict(found))


@app.command("diff")
def diff(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="F.csv|F.xlsx", help="Write every difference here.")
    ] = None,
    samples: Annotated[int, typer.Option(min=0, help="So many explained examples of each outcome.")] = 3,
) -> None:
    """What a promotion would change: for each entity, measure and recipient, and why. Nothing is written or sent."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub, opened(output, COLUMNS) as write:
        counts: Counter[tuple[str, str]] = Counter()
        shown: list[Row] = []
        for row in differences(hub):
            write([row])
            counts[row["recipient"], row["outcome"]] += 1
            if sum(one["outcome"] == row["outcome"] for one in shown) < samples:
                shown.append(row)
    recipients = sorted({recipient for recipient, _ in counts})
    table = {name: {one: counts[name, one] for one in OUTCOMES} for name in recipients}
    answer = {"recipients": table, "rows": counts.total(), "samples": shown, "file": output}
    cli.answer(answer, lambda out: _write_diff(out, answer))
    if output:
        cli.say(f"every difference is in {output}")


def _write_diff(out: Console, answer: dict[str, Any]) -> None:
    for name, figures in answer["recipients"].items():
        out.print(f"{name:<28} " + ", ".join(f"{value:,} {what}" for what, value in figures.items()))
    for row in answer["samples"]:
        out.print(f"{row['outcome']}: {row['title']} for {row['recipient']}: {row['name']} {row['identifier']}")
        out.print(f"  {row['why']}")
    out.print(
        f"{answer['rows']:,} differences" if answer["rows"] else "no difference: promoting would tell nobody anything"
    )


@app.command("promote")
def promote(
    context: typer.Context,
    approved_by: Annotated[str, typer.Option(help="The second person, who approves.")],
    by: By = "",
    execute: Annotated[
        bool, typer.Option("--execute/--dry-run", help="Do it; without it, say what would be done.")
    ] = False,
) -> None:
    """Put the verified view in the place of the live one. Feeds go on; what differs is told as further events."""
    cli = cli_of(context)
    with serving_hub(cli) as hub:
        if not execute:
            rows = sum(1 for _ in differences(hub))
            cli.answer(
                {"differences": rows}, lambda out: out.print(f"{rows:,} differences would be told; see replay diff")
            )
            cli.say("nothing was done; to do it, add --execute")
            raise typer.Exit(PENDING)
        with timed(cli, "catching up") as progress:
            done = promoted(hub, by or getpass.getuser(), approved_by, progress)
    cli.answer(done._asdict(), lambda out: _write_promoted(out, done))
    if done.still_differing:
        raise typer.Exit(1)


def _write_promoted(out: Console, done: Promoted) -> None:
    out.print(f"{done.replay_id} is the live view; work stood still for {done.stalled_ms} ms")
    out.print(f"{done.entities:,} entities were decided again, {done.events:,} events added")
    if done.still_differing:
        out.print(f"{done.still_differing:,} measures do not stand as in the replay: look at sharehub entity show")
    out.print(f"the view before is kept; to let it go: sharehub replay drop {done.replay_id} --execute")


@app.command("drop")
def drop(
    context: typer.Context,
    replay_id: Annotated[str, typer.Argument(metavar="REPLAY", help="From the status.")],
    execute: Annotated[bool, typer.Option("--execute/--dry-run", help="Do it; without it, say what goes.")] = False,
) -> None:
    """Take away what a promoted or cancelled replay has left: the view as it was before. It does not come back."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        schemas = dropped(hub, replay_id) if execute else droppable(hub, replay_id)
    words = f"{'dropped' if execute else 'would be dropped'}: {', '.join(schemas) or 'nothing is left'}"
    cli.answer({"dropped": schemas if execute else [], "schemas": schemas}, lambda out: out.print(words))
    if schemas and not execute:
        cli.say(f"nothing was done; to do it: sharehub replay drop {replay_id} --execute")
        raise typer.Exit(PENDING)
