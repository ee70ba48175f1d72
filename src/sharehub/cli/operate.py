"""Commands of the hub's operator: services, look-up, dead letters, status, rulebooks."""

from typing import Annotated

import typer

from sharehub.checks import open_checks
from sharehub.cli import entity, entity_check
from sharehub.cli.context import cli_of
from sharehub.cli.days import day_of, instant_of
from sharehub.cli.stopping import MetricsPort, UntilCaughtUp, serving_hub, together
from sharehub.cli.web import Port, open_web
from sharehub.feeds import Feeds
from sharehub.hub import Hub, open_hub
from sharehub.snapshots import Snapshots
from sharehub.telemetry.metrics import turning
from sharehub.webhook_sender import Sender


def init(context: typer.Context) -> None:
    """Create topics and tables; safe to repeat."""
    cli = cli_of(context)
    with open_hub(cli.settings) as hub:
        created = hub.init()
    words = f"ready; topics created: {len(created) or 'none, all were there'}"
    cli.answer({"topics_created": created}, lambda out: out.print(words))


def consolidate(
    context: typer.Context, until_caught_up: UntilCaughtUp = False, metrics_port: MetricsPort = None
) -> None:
    """Take records into the shared view and decide."""
    cli = cli_of(context)
    with serving_hub(cli, metrics_port) as hub:
        totals = vars(hub.consolidate(until_caught_up=until_caught_up))
    cli.answer(totals, lambda out: out.print(", ".join(f"{value} {name}" for name, value in totals.items())))


def relay(context: typer.Context, until_caught_up: UntilCaughtUp = False, metrics_port: MetricsPort = None) -> None:
    """Send events to the log, the states and the recipients' feeds."""
    cli = cli_of(context)
    with serving_hub(cli, metrics_port) as hub:
        sent = Feeds(hub).relay(until_caught_up=until_caught_up)
    cli.answer({"sent": sent}, lambda out: out.print(f"{sent} entries sent"))


def timers(
    context: typer.Context,
    until_caught_up: UntilCaughtUp = False,
    on: Annotated[str, typer.Option(help="Decide once as of this day, ISO 8601; default: today, or decide_on.")] = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Issue what falls due, terms that begin or end, and make the versions of the recipients' lists when due.

    Looks every minute; told to end or given a day, it issues what is due then, and no lists.
    """
    cli = cli_of(context)
    with serving_hub(cli, metrics_port) as hub:
        day = day_of(on) or hub.today()
        events = hub.timers(day)
        if not (until_caught_up or on):
            _every_minute_and_lists(hub)
    cli.answer({"on": day, "events": events}, lambda out: out.print(f"{events} events fell due by {day}"))


def run(context: typer.Context, port: Port = None) -> None:
    """All services in one process, HTTP with them, until Ctrl-C."""
    cli = cli_of(context)
    with serving_hub(cli) as hub:
        works = [lambda: hub.consolidate(until_caught_up=False), lambda: Feeds(hub).relay(until_caught_up=False)]
        works += [lambda: _every_minute(hub), Snapshots(hub).publish_until_stopped]
        works.append(lambda: Sender(hub).send(until_caught_up=False))
        with open_web(cli.settings, port) as address:
            cli.say(
                f"consolidator, relay, timers, lists and webhooks are running, HTTP on {address}; Ctrl-C stops them"
            )
            together(works, hub.stopping)


def _every_minute_and_lists(hub: Hub) -> None:
    """The lists have a thread of their own: one of a million measures takes longer than a minute."""
    together([lambda: _every_minute(hub), Snapshots(hub).publish_until_stopped], hub.stopping)


def _every_minute(hub: Hub) -> None:
    stopping = turning("timers", hub.stopping)
    with hub.session("timers"):
        while not stopping():
            hub.timers(hub.today())
            hub.stopping.wait(60)


def entity_show(
    context: typer.Context,
    identifier: Annotated[
        str,
        typer.Argument(
            help="SCHEME:VALUE, for example CN-USCC:91350100M000100Y43; or an entity's id, be it a former one."
        ),
    ],
    on: Annotated[str, typer.Option(help="As it was in law on this day, ISO 8601; default: today.")] = "",
    known_at: Annotated[
        str, typer.Option(help="As the hub knew it at this instant, ISO 8601 with its zone; default: now.")
    ] = "",
    how: Annotated[bool, typer.Option("--how", help="Also tell how it came to be one entity.")] = False,
    user: entity_check.User = "",
    reason: entity_check.Reason = "",
) -> None:
    """One entity: who said what, which measures stand, why, and what can be done. The look is written down."""
    cli = cli_of(context)
    day, instant = day_of(on), instant_of(known_at)
    with open_checks(cli.settings) as checks:
        reader = entity_check.operator(user, reason)
        found = checks.shown(reader, identifier, "how" if how else "entity", day, instant)
    if found is None:
        cli.say(f"the hub {'knew' if known_at else 'knows'} no entity with {identifier}")
        raise typer.Exit(1)
    cli.answer(found, lambda out: entity.write(out, found))
