"""`sharehub dead-letter …`: rejected messages, with their originals, and what is done about them."""

import getpass
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from sharehub.cli import dead_letter_file
from sharehub.cli.context import Cli, cli_of
from sharehub.cli.progress import timed
from sharehub.cli.stopping import serving_hub
from sharehub.core.dead_letter import STATES
from sharehub.dead_letters import DeadLetters, Done, Order
from sharehub.errors import RefusedError, UsageError
from sharehub.hub import open_hub
from sharehub.store.letters import Wanted

app = typer.Typer(no_args_is_help=True)
app.command("export")(dead_letter_file.export)

INTERRUPTED, PENDING = 130, 5
_SAMPLES = 3

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID…]", help="Letters, as `dead-letter list` has them.")]
Agency = Annotated[str, typer.Option(help="Only this agency's, or recipient's.")]
Code = Annotated[str, typer.Option(help="Only with this code of a reason, such as wrong-key.")]
All = Annotated[bool, typer.Option("--all", help="All letters that wait.")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it; without it only the plan is shown.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show the plan; what is done without --execute anyway.")]
Expect = Annotated[int | None, typer.Option(metavar="N", help="Refuse if it is not N letters: the plan has moved.")]
After = Annotated[str, typer.Option(metavar="ID", help="Only letters beyond this one: go on where one stopped.")]
Wait = Annotated[float, typer.Option(metavar="SECONDS", min=0, help="How long to wait for a consolidator to read it.")]
By = Annotated[str, typer.Option(help="Who does it; kept with the letter.")]


@app.command("list")
def list_(
    context: typer.Context,
    agency: Agency = "",
    code: Code = "",
    state: Annotated[str, typer.Option(help="waiting, closed, discarded, or all.")] = "waiting",
    each: Annotated[bool, typer.Option("--each", help="Every letter by itself.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="With --each: at most so many.")] = 100,
) -> None:
    """Rejected messages by agency and reason: how many, since when, and what to do."""
    cli = cli_of(context)
    if state not in (*STATES, "all"):
        raise UsageError(f"there is no state {state!r}", hint=f"--state {'|'.join(STATES)}|all")
    wanted = Wanted(agency or None, code or None, None if state == "all" else state)
    with open_hub(cli.settings) as hub:
        desk = DeadLetters(hub)
        counts = {name: one for name, one in desk.counts().items() if not agency or name == agency}
        groups = desk.groups(wanted)
        letters = desk.first(wanted, limit) if each else []
    answer: dict[str, Any] = {**_sums(counts), "agencies": counts, "groups": groups}
    if each:
        answer["letters"] = [
            {"rejection_id": one.failed.letter_id, **{name: getattr(one, name) for name in _OF_EACH}} for one in letters
        ]

    def people(out: Console) -> None:
        for one in groups:
            _write_group(out, one)
        for one in answer.get("letters", ()):
            out.print(f"{one['rejection_id']}  {one['agency']:<16} {one['code']:<18} {one['reason']}", markup=False)
        for name, one in counts.items():
            out.print(f"{name}: {_in_words(one)}", markup=False)
        out.print(f"all: {_in_words(answer)}", markup=False)

    cli.answer(answer, people)


_OF_EACH = ("agency", "state", "attempts", "code", "field", "reason")


@app.command()
def show(context: typer.Context, letter: Annotated[str, typer.Argument(metavar="ID", help="From the list.")]) -> None:
    """One rejected message: its bytes, decoded as far as possible, what became of it, and what to do."""
    cli = cli_of(context)
    wanted = _id(letter)
    with open_hub(cli.settings) as hub:
        found = DeadLetters(hub).shown(wanted)
    if found is None:
        raise UsageError(f"there is no dead letter {letter}", hint="sharehub dead-letter list --each")
    cli.answer(found, lambda out: _write_letter(out, found))


@app.command()
def retry(  # noqa: PLR0913, PLR0917 - options
    context: typer.Context,
    letters: Ids = None,
    agency: Agency = "",
    code: Code = "",
    all_: All = False,
    by: By = "",
    reason: Annotated[str, typer.Option(help="Why it may pass now; kept with the letter.")] = "",
    execute: Execute = False,
    dry_run: DryRun = False,
    expect: Expect = None,
    after: After = "",
    wait: Wait = 10.0,
) -> None:
    """Send letters again, as they are, to where they came from. What passes is closed; what fails stays one letter.

    Exit codes: 0 all closed, 1 some failed again or were left out, 5 the plan only, or not read by a consolidator yet.
    """
    order = _order(_wanted(letters, agency, code, all_), by or getpass.getuser(), reason, after, wait)
    _carry_out(cli_of(context), "retry", order, expect, execute=execute and not dry_run)


@app.command()
def discard(  # noqa: PLR0913, PLR0917 - options
    context: typer.Context,
    letters: Ids = None,
    agency: Agency = "",
    code: Code = "",
    all_: All = False,
    by: By = "",
    reason: Annotated[str, typer.Option(help="Why nothing is to become of it; kept with the letter.")] = "",
    execute: Execute = False,
    dry_run: DryRun = False,
    expect: Expect = None,
    after: After = "",
    wait: Wait = 10.0,
) -> None:
    """Mark letters as discarded, with who decided it and why. Nothing is deleted, and a retry takes it back.

    Exit codes: 0 all discarded, 5 the plan only, or not read by a consolidator yet.
    """
    if not by.strip() or not reason.strip():
        raise UsageError("a discard says who decided it and why", hint="--by NAME --reason TEXT")
    order = _order(_wanted(letters, agency, code, all_), by, reason, after, wait)
    _carry_out(cli_of(context), "discard", order, expect, execute=execute and not dry_run)


def _order(wanted: Wanted, by: str, why: str, after: str, wait_s: float) -> Order:
    beyond = _id(after) if after else None
    return Order(wanted=wanted, by=by.strip(), why=why.strip(), after=beyond, wait_s=wait_s)


def _carry_out(cli: Cli, act: str, order: Order, expect: int | None, *, execute: bool) -> None:
    with serving_hub(cli) as hub:
        desk = DeadLetters(hub)
        groups = desk.groups(order.wanted)
        count = sum(one["letters"] for one in groups)
        if expect is not None and expect != count:
            raise RefusedError(f"{count} letters are meant now, not {expect}", hint="look at the plan again")
        if not execute:
            samples = desk.first(order.wanted, _SAMPLES)
            plan = {
                "plan": act,
                "letters": count,
                "groups": groups,
                "samples": [one.failed.letter_id for one in samples],
            }
            cli.answer(plan, lambda out: _write_plan(out, act, count, plan))
            if count:
                cli.say(f"nothing was done; to do it, add: --execute --expect {count}")
                raise typer.Exit(PENDING)
            return
        with timed(cli, act) as progress:
            todo: Callable[[Order], Done] = desk.retry if act == "retry" else desk.discard
            done = todo(replace(order, progress=progress))
    _tell(cli, act, done)


def _tell(cli: Cli, act: str, done: Done) -> None:
    settled = "closed" if act == "retry" else "discarded"
    answer = asdict(done) | {settled: done.settled}
    answer.pop("settled")
    again = f", {done.failed:,} failed again" if act == "retry" else ""
    words = f"{done.sent:,} sent: {done.settled:,} {settled}{again}, {done.unread:,} not read yet"
    cli.answer(answer, lambda out: out.print(words, markup=False))
    for why, count in done.left_out.items():
        cli.say(f"{count:,} left out: {why}")
    if done.interrupted:
        cli.say(f"interrupted; to go on, run the same command with: --after {done.last}")
        raise typer.Exit(INTERRUPTED)
    if done.failed or done.left_out:
        raise typer.Exit(1)
    if done.unread:
        cli.say("it counts when a consolidator has read it: sharehub consolidate --until-caught-up")
        raise typer.Exit(PENDING)


def _wanted(letters: list[str] | None, agency: str, code: str, every: bool) -> Wanted:
    if not (letters or agency or code or every):
        raise UsageError("which letters?", hint="IDs, --agency, --code, or --all")
    if letters:
        return Wanted(agency or None, code or None, None, [_id(one) for one in letters])
    return Wanted(agency or None, code or None, "waiting")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no id of a letter", hint="sharehub dead-letter list --each") from error


def _sums(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(one[name] for one in counts.values()) for name in ("rejections", *STATES)}


def _in_words(one: Mapping[str, int]) -> str:
    parts = ", ".join(f"{one[name]:,} {name}" for name in STATES)
    return f"{one['rejections']:,} dead letters: {parts}"


def _write_group(out: Console, one: Mapping[str, Any]) -> None:
    since, last = (f"{one[name]:%Y-%m-%d %H:%M}" for name in ("first_at", "last_at"))
    field = f" ({one['field']})" if one["field"] else ""
    out.print(f"{one['letters']:>8,}  {one['agency']:<18} {one['code']}{field}, {one['state']}", markup=False)
    out.print(f"          from {since} to {last} UTC; the newest, {one['newest']}: {one['reason']}", markup=False)
    helps = " (a retry can help)" if one["retry_helps"] else ""
    out.print(f"          {one['do']}{helps}", markup=False)


def _write_plan(out: Console, act: str, count: int, plan: Mapping[str, Any]) -> None:
    if not count:
        out.print("no letter is meant")
        return
    for one in plan["groups"]:
        _write_group(out, one)
    what = {
        "retry": "would be sent again to their topics; what is on a log stays there",
        "discard": "would be marked as discarded; nothing is deleted",
    }
    hopeless = sum(one["letters"] for one in plan["groups"] if act == "retry" and not one["retry_helps"])
    out.print(f"{count:,} letters {what[act]}; for example {', '.join(map(str, plan['samples']))}", markup=False)
    if hopeless:
        out.print(f"{hopeless:,} of them fail again unless the hub itself was mended: their bytes are wrong")


def _write_letter(out: Console, found: Mapping[str, Any]) -> None:
    first = found["first_failure"]
    out.print(
        f"{found['rejection_id']}  {found['agency']}, {found['state']}, {found['attempts']} attempts", markup=False
    )
    out.print(f"{found['code']} {found['field']}: {found['reason']}", markup=False)
    out.print(
        f"first failed: {first['topic']}-{first['partition']} offset {first['offset']}, "
        f"{first['received_at'].isoformat()}, {first['code']}: {first['reason']}",
        markup=False,
    )
    for one in found["steps"]:
        who = f" by {one['acted_by']}" if one["acted_by"] else ""
        out.print(f"{one['received_at'].isoformat()}  {one['step']}{who}  {one['code']} {one['reason']}", markup=False)
    out.print(f"key      {found['key']}", markup=False)
    out.print(f"record   {found['kind'] or 'unknown'}", markup=False)
    for name, value in found["record"].items():
        out.print(f"  {name:<22} {value}", markup=False)
    if found["undecodable"]:
        out.print(f"  {found['undecodable']}", markup=False)
    out.print(f"payload  {found['payload']}", markup=False)
    out.print(f"means    {found['means']}", markup=False)
    out.print(f"do       {found['do']}", markup=False)
    if found["retry_helps"] and found["state"] == "waiting":
        out.print(f"then     sharehub dead-letter retry {found['rejection_id']} --execute", markup=False)
