"""`match`: which entities could be one, and what people decide about it."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from sharehub.cli.context import Cli, cli_of
from sharehub.core.judgement import Verdict
from sharehub.desk import STATES, Desk
from sharehub.errors import UsageError
from sharehub.hub import open_hub

app = typer.Typer(no_args_is_help=True)

Left = Annotated[str, typer.Argument(help="One side: SCHEME:VALUE, or RECORD:AGENCY/KEY for one record.")]
Right = Annotated[str, typer.Argument(help="The other side.")]
Reason = Annotated[str, typer.Option(help="Why, in words; it is kept with the decision.")]
By = Annotated[str, typer.Option(help="Who decides.")]
Case = Annotated[str | None, typer.Option(help="Case reference.")]


@app.command("find")
def find(context: typer.Context) -> None:
    """Compare new and changed entities by name and queue those that could be one; nothing merges."""
    cli = cli_of(context)
    columns = (TextColumn("comparing names"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, no_color=not cli.color, quiet=cli.quiet)
    with open_hub(cli.settings) as hub, Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("compare", total=None)
        done = Desk(hub).find(lambda entities: bar.update(task, completed=entities))
    answer = {"entities": done.entities, "candidates": done.candidates, "proposals": done.proposals}
    words = f"compared {done.entities} entities: {done.candidates} candidates, {done.proposals} proposals"
    cli.answer(answer, lambda out: out.print(words, markup=False))


@app.command("list")
def list_pairs(
    context: typer.Context,
    state: Annotated[str, typer.Option(help=f"One of {', '.join(STATES)}.")] = "waiting",
    limit: Annotated[int, typer.Option(min=1, help="Pairs shown, at most.")] = 20,
) -> None:
    """Pairs to look at: proposals by name, contradictions, decisions; the most telling first."""
    cli = cli_of(context)
    if state not in STATES:
        raise UsageError(f"there is no state {state!r}", hint=f"--state {' | '.join(STATES)}")
    with open_hub(cli.settings) as hub:
        found = Desk(hub).listed(state, limit)
    cli.answer(found, lambda out: _lines(out, found))


def _lines(out: Console, found: list[dict[str, Any]]) -> None:
    for one in found:
        out.print(f"{_named(one['left'])}\n  {_named(one['right'])}", markup=False, style="bold")
        out.print(f"  {_about(one)}", markup=False)
    out.print(f"{len(found)} pairs" if found else "nothing to look at", markup=False)


def _named(side: Mapping[str, Any]) -> str:
    return f"{side['reference']}  {side.get('name') or ''}".rstrip()


def _about(one: Mapping[str, Any]) -> str:
    if one["state"] == "waiting":
        return f"{one['tier'].replace('-', ' ')}  {one['match_key']}"
    if one["state"] == "conflict":
        return str(one["words"])
    approval = f"approved by {one['approved_by']}" if one["approved_by"] else "not approved"
    counts = "counts" if one["effective"] else "does not count"
    return f"{one['verdict']}, by {one['decided_by']} ({approval}, {counts}): {one['reason']}\n  {one['record_key']}"


@app.command("show")
def show(context: typer.Context, left: Left, right: Right) -> None:
    """Two references side by side: what agrees and differs, earlier decisions, and what would move."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = Desk(hub).shown(left, right)
    cli.answer(found, lambda out: _beside(out, found))


def _beside(out: Console, found: Mapping[str, Any]) -> None:
    for side in found["sides"]:
        out.print(side["reference"], style="bold", markup=False)
        for label in ("names", "identifiers", "addresses", "records"):
            for text in side[label][:10]:
                out.print(f"  {label}: {text}", markup=False)
    out.print("They are one entity." if found["one_entity"] else "They are two entities.", markup=False)
    for line in (*found["explanation"], *found["decisions"]):
        out.print(f"  {line}", markup=False)
    for measure in found["measures"]:
        out.print(f"  would move: {measure}", markup=False)
    if found["measures"]:
        out.print("A decision needs a second person, because measures would move.", markup=False)


@app.command("decide")
def decide(
    context: typer.Context,
    left: Left,
    right: Right,
    verdict: Annotated[str, typer.Argument(help="same, different or unsure.")],
    reason: Reason,
    by: By,
    case: Case = None,
) -> None:
    """Decide about a pair; where measures would move a second person must approve."""
    cli = cli_of(context)
    if verdict not in get_args(Verdict):
        raise UsageError(f"{verdict!r} is no verdict", hint="same, different or unsure")
    with open_hub(cli.settings) as hub:
        done = Desk(hub).decide(left, right, verdict, reason=reason, by=by, case=case)  # type: ignore[arg-type]
    _published(cli, done)


@app.command("split")
def split(
    context: typer.Context,
    kept: Annotated[str, typer.Argument(help="What stays: an identifier of the entity.")],
    apart: Annotated[list[str], typer.Argument(help="Identifiers and records that belong to another entity.")],
    reason: Reason,
    by: By,
    case: Case = None,
) -> None:
    """Decide that one entity is two; what is apart belongs together."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        done = Desk(hub).split(kept, apart, reason=reason, by=by, case=case)
    _published(cli, done)


@app.command("withdraw")
def withdraw(
    context: typer.Context,
    record_key: Annotated[str, typer.Argument(help="The decision's key, as `match list --state decided` tells it.")],
    reason: Reason,
    by: By,
    case: Case = None,
) -> None:
    """Take a decision or a split back; where measures would move a second person must approve."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        done = Desk(hub).withdraw(record_key, reason=reason, by=by, case=case)
    _published(cli, done)


@app.command("approve")
def approve(
    context: typer.Context,
    record_key: Annotated[str, typer.Argument(help="The decision's key, as `match list --state approval` tells it.")],
    by: Annotated[str, typer.Option(help="Who approves; never the person who decided.")],
) -> None:
    """Approve somebody else's decision, so that it counts."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        done = Desk(hub).approve(record_key, by=by)
    _published(cli, done)


def _published(cli: Cli, done: Mapping[str, Any]) -> None:
    words = f"published {done['record_key']}, revision {done['revision']}"
    cli.answer(done, lambda out: out.print(words, markup=False))
    if done["waits_for_approval"]:
        cli.say(f"{len(done['measures'])} measures would move: a second person must approve it first")
        cli.say(f"  sharehub match approve '{done['record_key']}' --by NAME")
    else:
        cli.say("it takes effect when the consolidator has read it")
