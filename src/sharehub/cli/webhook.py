"""`webhook`: where recipients want to be told of new events; `webhooks`: the service that tells them."""

from typing import Annotated, Any
from uuid import UUID

import typer

from sharehub.cli.context import cli_of
from sharehub.cli.stopping import MetricsPort, UntilCaughtUp, serving_hub
from sharehub.core.feed import cursor_of
from sharehub.core.webhook import Webhook
from sharehub.errors import UsageError
from sharehub.hub import open_hub
from sharehub.webhook_sender import Sender
from sharehub.webhooks import Webhooks

webhook_app = typer.Typer(no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="Id from the list.")]


def webhooks(context: typer.Context, until_caught_up: UntilCaughtUp = False, metrics_port: MetricsPort = None) -> None:
    """Tell recipients' webhooks of new events."""
    cli = cli_of(context)
    with serving_hub(cli, metrics_port) as hub:
        taken = Sender(hub).send(until_caught_up=until_caught_up)
    cli.answer({"taken": taken}, lambda out: out.print(f"{taken} messages were taken"))


@webhook_app.command("add")
def add(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help="Recipient whose feed it is about.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="An https:// address that everybody can reach.")],
    after: Annotated[
        str, typer.Option(help="Tell of what follows this cursor; default: of what comes from now on.")
    ] = "",
) -> None:
    """Register an address and print the secret that signs for it, this once: the hub does not keep it."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        made, secret = Webhooks(hub).add(recipient, url, after or None)
    cli.say(f"webhook {made.webhook_id} of {recipient}; its secret is not shown again")
    cli.answer({**_shown(made), "secret": secret}, lambda out: out.print(secret))


@webhook_app.command("list")
def list_(context: typer.Context, recipient: Annotated[str, typer.Option(help="Only this recipient's.")] = "") -> None:
    """All webhooks and where they stand."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = Webhooks(hub).all(recipient or None)
    lines = "\n".join(f"{one.webhook_id}  {one.recipient:<18} {_state(one):<32} {one.url}" for one in found)
    cli.answer([_shown(one) for one in found], lambda out: out.print(lines or "no webhooks"))


@webhook_app.command("test")
def test(context: typer.Context, webhook_id: Id) -> None:
    """Send one message that tells of nothing, and say what came of it."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = Webhooks(hub).ping(_id(webhook_id))
    said = {"taken": found.taken, "status": found.status, "reason": found.reason}
    cli.answer(said, lambda out: out.print(f"{'taken' if found.taken else 'not taken'}: {found.reason}"))
    if not found.taken:
        raise typer.Exit(1)


@webhook_app.command("log")
def log(
    context: typer.Context,
    webhook_id: Id,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
) -> None:
    """What was tried in the last 90 days, the newest first."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        rows = Webhooks(hub).attempts(_id(webhook_id), limit)
    lines = "\n".join(
        f"{row['attempted_at']:%Y-%m-%d %H:%M:%S}  {row['message_id']:<42} {row['seconds']:>6.2f} s  {row['reason']}"
        for row in rows
    )
    cli.answer(rows, lambda out: out.print(lines or "nothing was tried"))


@webhook_app.command("replay")
def replay(
    context: typer.Context,
    webhook_id: Id,
    after: Annotated[str, typer.Option(help="Send what was taken after this cursor again; default: nothing.")] = "",
    until: Annotated[str, typer.Option(help="Up to this cursor; default: all that was taken.")] = "",
) -> None:
    """Send a range again, in order, then go on; brings a webhook that was out of service back."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        found = Webhooks(hub).replay(_id(webhook_id), after or None, until or None)
    cli.answer(_shown(found), lambda out: out.print(_state(found)))


@webhook_app.command("rotate")
def rotate(context: typer.Context, webhook_id: Id) -> None:
    """Make a new secret and print it, this once; for a day the ones before it sign too."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        made, secret = Webhooks(hub).rotate(_id(webhook_id))
    cli.answer({**_shown(made), "secret": secret}, lambda out: out.print(secret))


@webhook_app.command("remove")
def remove(context: typer.Context, webhook_id: Id) -> None:
    """Take a webhook out for good."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        gone = Webhooks(hub).remove(_id(webhook_id))
    cli.answer(_shown(gone), lambda out: out.print(f"webhook {gone.webhook_id} of {gone.recipient} is removed"))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no id", hint="sharehub webhook list") from error


def _state(one: Webhook) -> str:
    if one.disabled:
        return f"out of service: {one.disabled}"
    if one.not_before:
        return f"{one.failures} in vain, again {one.not_before:%Y-%m-%d %H:%M:%S}"
    return f"sends {one.replay.position + 1}-{one.replay.until} again" if one.replay else "in service"


def _shown(one: Webhook) -> dict[str, Any]:
    same = ("webhook_id", "recipient", "url", "created_at", "failures", "not_before", "disabled")
    ends = [secret.until for secret in one.secrets if secret.until is not None]
    return {name: getattr(one, name) for name in same} | {"cursor": cursor_of(one.position), "secrets_until": ends}
