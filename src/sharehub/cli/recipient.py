"""`recipient list|show|propose|retire`: with whom what was agreed; approve it with `rulebook approve`."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Annotated, Any

import typer

from sharehub.cli.activation import DryRun, File, Proposer, PublishedOn, Reason, Version, propose_file, publish
from sharehub.cli.context import cli_of
from sharehub.cli.days import day_of
from sharehub.core.agreement import WITHHELD_UNLESS_AGREED, in_force
from sharehub.core.competence import Recipient
from sharehub.errors import UsageError
from sharehub.feeds import Feeds
from sharehub.hub import Hub, open_hub
from sharehub.rulemaking import Rulemaking
from sharehub.wire.recipient_text import recipients_text

app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="The recipient.")]


@app.command("list")
def list_(context: typer.Context) -> None:
    """All recipients: purpose, what was agreed, and how far their feeds are."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        rows = _shown(hub)
    lines = "\n".join(f"{one['recipient']:<22} {one['position']:>8}  {_state(one)}{one['purpose']}" for one in rows)
    cli.answer(rows, lambda out: out.print(lines, markup=False))


@app.command("show")
def show(context: typer.Context, recipient: Id) -> None:
    """What was agreed with a recipient: what it sees, what is withheld, by when it acknowledges, until when."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = next((one for one in _shown(hub) if one["recipient"] == recipient), None)
    if found is None:
        raise UsageError(f"there is no recipient {recipient!r}", hint="sharehub recipient list")
    lines = "\n".join(f"{name:<24} {_words(value)}" for name, value in found.items())
    cli.answer(found, lambda out: out.print(lines, markup=False))


@app.command("propose")
def propose(
    context: typer.Context,
    file: File,
    version: Version,
    reason: Reason,
    by: Proposer,
    published_on: PublishedOn = "",
    dry_run: DryRun = False,
) -> None:
    """Propose a version of the whole register of recipients; approve it with `rulebook approve`."""
    said = {"version": version, "reason": reason, "by": by, "published_on": day_of(published_on)}
    propose_file(context, "recipients", file, dry_run, **said)


@app.command("retire")
def retire(
    context: typer.Context,
    recipient: Id,
    until: Annotated[str, typer.Option(help="Last day on which it is sent anything, ISO 8601.")],
    version: Version,
    reason: Reason,
    by: Proposer,
    dry_run: DryRun = False,
) -> None:
    """Propose the end of an agreement: once somebody else has approved it, the recipient is told in its own feed."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        known = hub.in_force().recipients
        if recipient not in known:
            raise UsageError(f"there is no recipient {recipient!r}", hint="sharehub recipient list")
        ending = replace(known[recipient], until=day_of(until))
        desk = Rulemaking(hub)
        text = recipients_text({**known, recipient: ending}.values())
        publish(cli, desk, desk.propose("recipients", text, version=version, reason=reason, by=by), dry_run)


def _shown(hub: Hub) -> list[dict[str, Any]]:
    """Everything agreed with everybody, and where their feeds end."""
    known = hub.in_force().recipients
    today = hub.today()
    return [
        _agreement(known[one["recipient"]], today) | {"position": one["position"]} for one in Feeds(hub).recipients()
    ]


def _agreement(one: Recipient, today: date) -> dict[str, Any]:
    told = {name: value for name, value in asdict(one).items() if name != "id"}
    withheld = sorted(WITHHELD_UNLESS_AGREED.keys() - set(one.fields))
    return {"recipient": one.id, **told, "withheld": withheld, "in_force": in_force(one, today)}


def _state(one: Mapping[str, Any]) -> str:
    if not one["in_force"]:
        return f"ended on {one['until']}: "
    return f"until {one['until']}: " if one["until"] else ""


def _words(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "open" if value is None else str(value)
