"""`sharehub serve` and `sharehub token …`: HTTP, and who may call."""

import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import structlog
import typer

from sharehub import bootstrap
from sharehub.cli.context import Cli, cli_of
from sharehub.errors import UnreachableError, UsageError
from sharehub.hub import open_hub
from sharehub.settings import Settings
from sharehub.web.tokens import Role, Token, Tokens
from sharehub.wire.rulebooks import load_catalogue

log = structlog.get_logger()

Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port of HTTP; 0: any free one; default: the setting web.port.")
]
token_app = typer.Typer(no_args_is_help=True)


@contextmanager
def open_web(settings: Settings, port: int | None) -> Iterator[str]:
    """HTTP for these settings, served on a thread; yields its address.

    Raises:
        UsageError: the port is taken.
        UnreachableError: Kafka is away.
    """
    from sharehub.serving import serving_http  # noqa: PLC0415 - no other command should wait for FastAPI

    with serving_http(settings, settings.web.port if port is None else port) as address:
        yield address


def serve(context: typer.Context, port: Port = None) -> None:
    """Serve HTTP until Ctrl-C: agencies push records to POST /api/v1/records/AGENCY, recipients read /api/v1/feeds."""
    cli = cli_of(context)
    stopping = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with open_web(cli.settings, port) as address:
            cli.say(f"serving {address}; Ctrl-C stops")
            stopping.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@token_app.command("new")
def token_new(
    context: typer.Context,
    holder: Annotated[str, typer.Argument(help="The agency, or the recipient, for which the token speaks.")],
    note: Annotated[str, typer.Option(help="Who holds it, for the list.")] = "",
    role: Annotated[Role, typer.Option(help="agency: to publish; recipient: to read a feed and answer.")] = "agency",
) -> None:
    """Make a token and print it, this once: only its hash is kept."""
    cli = cli_of(context)
    known = _registered(cli, role)
    if holder not in known:
        raise UsageError(f"no {role} {holder!r} is registered", hint=f"registered are: {', '.join(sorted(known))}")
    made, text = Tokens(bootstrap.access_file(cli.settings)).issue(holder, note, datetime.now(UTC), role)
    cli.say(f"token {made.token_id} for the {role} {holder}; it is not shown again")
    cli.answer({**_shown(made), "token": text}, lambda out: out.print(text))


def _registered(cli: Cli, role: Role) -> Collection[str]:
    """Who is registered: by the rules in force where the hub's database is known here, else by the files."""
    try:
        with open_hub(cli.settings) as hub:
            rules = hub.in_force()
    except (UnreachableError, UsageError):
        rules = load_catalogue(bootstrap.rulebooks_folder(cli.settings))
    return (rules.agencies if role == "agency" else rules.recipients).keys()


@token_app.command("list")
def token_list(context: typer.Context) -> None:
    """The tokens in force, without the tokens themselves."""
    cli = cli_of(context)
    tokens = Tokens(bootstrap.access_file(cli.settings)).all()
    lines = "\n".join(f"{one.token_id}  {one.role:<9}  {one.agency:<18} {one.created_at}  {one.note}" for one in tokens)
    cli.answer([_shown(one) for one in tokens], lambda out: out.print(lines or "no tokens"))


@token_app.command("revoke")
def token_revoke(
    context: typer.Context, token_id: Annotated[str, typer.Argument(metavar="ID", help="Id from the list.")]
) -> None:
    """Take a token out of force; a running server refuses it from its next call on."""
    cli = cli_of(context)
    gone = Tokens(bootstrap.access_file(cli.settings)).revoke(token_id)
    cli.answer(_shown(gone), lambda out: out.print(f"token {gone.token_id} of {gone.agency} is revoked"))


def _shown(token: Token) -> dict[str, str]:
    return {name: value for name, value in asdict(token).items() if name != "sha256"}
