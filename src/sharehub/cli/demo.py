"""`sharehub demo`: one invented country day through the real parts."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from sharehub.cli.context import Cli, cli_of
from sharehub.cli.web import open_web
from sharehub.demo.cast import CAST, PERSON
from sharehub.demo.day import DAY
from sharehub.demo.play import afternoon, demo_settings, fresh_hub, play
from sharehub.demo.played import Played, events_by_kind, grounds
from sharehub.demo.proof import differences
from sharehub.demo.serving import serve
from sharehub.demo.tables import show
from sharehub.demo.working import by_itself, by_services
from sharehub.embedded.progress import shown_progress
from sharehub.errors import UsageError
from sharehub.settings import Settings
from sharehub.telemetry import configure_logs


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Check everything, print the summary, and end.")] = False,
    served: Annotated[
        bool, typer.Option("--served", help="Let the services that run already do the work, check it, and end.")
    ] = False,
) -> None:
    """Play one invented country day, check it, show it, and keep serving until Ctrl-C.

    Exit codes: 0 all as it must be, 1 with the list of differences.
    """
    cli = cli_of(context)
    configure_logs(cli.settings.log, verbose=cli.verbose, quiet=not cli.verbose)
    settings = demo_settings(cli.settings)
    with shown_progress(quiet=cli.quiet) as progress, fresh_hub(settings, progress) as hub:
        played = play(hub, cli.say, by_services if served else by_itself)
        wrong = differences(played)
        _answer(cli, played, wrong)
        if not once and not served:
            afternoon(hub, cli.say)
            with open_web(settings, _port(settings)) as address:
                cli.say(_where_to_look(settings.home, address))
                serve(hub)
            cli.say("stopped")
    if wrong:
        raise typer.Exit(1)


def _answer(cli: Cli, played: Played, wrong: tuple[str, ...]) -> None:
    def people(console: Console) -> None:
        show(played, console)
        for difference in wrong:
            console.print(f"NOT AS IT MUST BE: {difference}", markup=False)
        verdict = f"{len(wrong)} differences" if wrong else "everything is as it must be"
        console.print(f"Played in {played.seconds} s: {verdict}.")

    cli.answer(_summary(played, wrong), people)


def _summary(played: Played, wrong: tuple[str, ...]) -> dict[str, Any]:
    counts = ("agency", "connector", "read", "published", "duplicates", "rejected")
    return {
        "day": DAY,
        "connectors": [{name: getattr(ran, name) for name in counts} for ran in played.first],
        "published_again": sum(ran.published for ran in played.second),
        "consolidated": dict(played.consolidated),
        "entities": played.status["entities"],
        "grounds": grounds(played.feeds.values()),
        "measures_in_force": played.status["measures_in_force"],
        "events": events_by_kind(played.feeds.values()),
        "events_later": played.later,
        "feeds": {name: len(feed) for name, feed in played.feeds.items()},
        "differences": list(wrong),
        "seconds": played.seconds,
    }


def _page(address: str, role: str) -> str:
    return f"{address}/entities/CN-USCC/{CAST[role].uscc}"


def _port(settings: Settings) -> int:
    """The port of the settings, or any free one where something else listens there."""
    from sharehub.web.server import listening  # noqa: PLC0415

    try:
        listening(settings.web.host, settings.web.port).close()
    except UsageError:
        return 0
    return settings.web.port


def _where_to_look(home: Path, address: str) -> str:
    command = f"sharehub --home {home}"
    return "\n".join(
        (
            f"The pages for people: {address}/",
            f"  under a restriction: {_page(address, 'dyer')}",
            f"  one that was lifted: {_page(address, 'arrears')}",
            "The hub keeps serving. In another terminal:",
            f"  {command} entity show {CAST['dyer'].identifier} --on {DAY}",
            f"  {command} entity show '{PERSON}' --on {DAY} --reason 'trying it out'",
            f"  {command} feed list",
            f"  {command} feed pull cn-procurement",
            f"  {command} status",
            f"The agencies' files lie in {home / 'inbox'}. Ctrl-C ends the demo and stops everything.",
        )
    )
