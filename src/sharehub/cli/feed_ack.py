"""`feed ack`: a recipient answers one event from the command line; in the base installation, over Kafka or HTTP."""

from contextlib import closing
from datetime import UTC, datetime
from getpass import getuser
from typing import Annotated
from uuid import UUID

import typer

from sharehub import bootstrap
from sharehub.cli.context import cli_of
from sharehub.cli.days import day_of
from sharehub.core.acknowledgement import Acknowledgement, Status, fault
from sharehub.errors import UsageError
from sharehub.pull.http import HttpWay
from sharehub.pull.kafka import KafkaWay
from sharehub.wire.registry import load_registry


def ack(  # noqa: PLR0913, PLR0917 - options of a command
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help="Recipient that answers.")],
    event_id: Annotated[str, typer.Argument(help="Id of the event, as the feed has it.")],
    received: Annotated[bool, typer.Option("--received", help="It has arrived.")] = False,
    applied: Annotated[bool, typer.Option("--applied", help="It is in effect.")] = False,
    refused: Annotated[bool, typer.Option("--refused", help="It is not put into effect; give the reason.")] = False,
    by: Annotated[str, typer.Option(help="Person, office or system that answers; default: your login name.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is refused.")] = "",
    on: Annotated[str, typer.Option(help="Day from which it is in effect, ISO 8601; default: today.")] = "",
    note: Annotated[str, typer.Option(help="Anything else that the hub's operator should know.")] = "",
    url: Annotated[str, typer.Option(help="Address of the hub; default: straight to Kafka.")] = "",
    token: Annotated[str, typer.Option(help="The recipient's token, for --url.", envvar="SHAREHUB_TOKEN")] = "",
) -> None:
    """Answer one event: received, applied, or refused with a reason. Answering again is safe; the last one counts."""
    cli = cli_of(context)
    said = Acknowledgement(
        event_id=_id(event_id),
        recipient=recipient,
        status=_status(received=received, applied=applied, refused=refused),
        acknowledged_at=datetime.now(UTC),
        acknowledged_by=by or getuser(),
        reason=reason or None,
        applied_on=day_of(on),
        note=note or None,
    )
    if wrong := fault(said, recipient, said.acknowledged_at):
        raise UsageError(f"{wrong.field}: {wrong.reason}")
    way: HttpWay | KafkaWay = (
        HttpWay(url, token, recipient)
        if url
        else KafkaWay(bootstrap.kafka_address(cli.settings), load_registry(), recipient)
    )
    with closing(way):
        way.answer([said])
    told = {"recipient": recipient, "event_id": str(said.event_id), "status": said.status}
    cli.answer(told, lambda out: out.print(f"{recipient} has answered {said.event_id}: {said.status}"))


def _status(**chosen: bool) -> Status:
    statuses: tuple[Status, ...] = ("received", "applied", "refused")
    found = [one for one in statuses if chosen[one]]
    if len(found) != 1:
        raise UsageError("say one of received, applied and refused", hint="--applied, or --refused --reason TEXT")
    return found[0]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is the id of no event", hint="take it from sharehub feed pull") from error
