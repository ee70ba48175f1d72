"""`sharehub connector …`: from an agency's files to records on its topic."""

from dataclasses import asdict, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sharehub import bootstrap
from sharehub.cli.connector_source import Agency, Jurisdiction, Name, described, find, folders
from sharehub.cli.context import Cli, cli_of
from sharehub.cli.progress import shown
from sharehub.connect.checking import absence_in_words, check_connector
from sharehub.connect.dropbox import DropBox
from sharehub.connect.form_workbook import write_form
from sharehub.connect.gathered import Window
from sharehub.connect.guards import Accepted, Approval
from sharehub.connect.mapping import Connector
from sharehub.connect.prospect import Outcome, Prospect, Request
from sharehub.connect.rejects import as_filed, write_workbook
from sharehub.connect.runner import Progress, Runner, Surroundings
from sharehub.connect.state import Folder
from sharehub.errors import UsageError
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode

_SHOWN_FIRST = 20

Files = Annotated[list[Path] | None, typer.Argument(metavar="F…", help="Files; none: source.path of the mapping.")]
Withdrawals = Annotated[
    int,
    typer.Option("--accept-withdrawals", metavar="N", help="Withdraw up to N records although it is more than usual."),
]
Empty = Annotated[bool, typer.Option("--accept-empty", help="The file is rightly empty.")]
ApprovedBy = Annotated[
    str, typer.Option("--approved-by", metavar="NAME", help="Who answers for what is accepted; kept and told.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why what is accepted is right.")]
After = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only records dated later than this day, or undated.")
]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only records dated up to this day, or undated.")
]


def list_(context: typer.Context) -> None:
    """The connectors there are."""
    cli = cli_of(context)
    found = [described(folder) for folder in folders(cli)]

    def people(console: Console) -> None:
        table = _table("connector", "agency", "record", "mode", "title")
        for one in found:
            table.add_row(one["connector"], one["agency"], one["record"], one["mode"], one["title"])
        console.print(table)

    cli.answer(found, people)


def check(
    context: typer.Context,
    connector: Name,
    sample: Annotated[Path | None, typer.Option(metavar="F", help="A file in place of the connector's sample.")] = None,
    agency: Agency = "",
    jurisdiction: Jurisdiction = "",
) -> None:
    """Hold the mapping against its schema and its sample, or a form against its kind of record; nothing is sent."""
    cli = cli_of(context)
    registry = load_registry()
    found = find(cli, connector, registry, agency, jurisdiction)
    report = check_connector(found.with_sample(sample) if sample else found, registry)
    data = {
        "connector": report.connector.id,
        "records": len(report.records),
        "rejected": len(report.rejected),
        "absence": absence_in_words(report.connector.mapping),
        "problems": list(report.problems),
    }

    def people(console: Console) -> None:
        if not report.connector.form:
            console.print(_mapped(report.connector))
        console.print(f"{report.connector.mapping.source.mode}: {data['absence']}", markup=False)
        for problem in report.problems:
            console.print(f"problem: {problem}", markup=False)
        counts = f"{len(report.records)} records, {len(report.rejected)} rejected"
        console.print(f"{report.connector.sample.name}: {counts}", markup=False)

    cli.answer(data, people)
    if report.problems:
        raise typer.Exit(1)


def preview(  # noqa: PLR0913, PLR0917 -- one for each option
    context: typer.Context,
    connector: Name,
    files: Files = None,
    accept_withdrawals: Withdrawals = 0,
    accept_empty: Empty = False,
    approved_by: ApprovedBy = "",
    reason: Reason = "",
    after: After = None,
    until: Until = None,
    agency: Agency = "",
    jurisdiction: Jurisdiction = "",
) -> None:
    """Show what `run` would do: the first records and the counts; nothing is sent."""
    cli = cli_of(context)
    found = find(cli, connector, load_registry(), agency, jurisdiction)
    accepted = Accepted(accept_withdrawals, accept_empty, Approval(approved_by, reason))
    request = Request(tuple(_files(found, files)), Window(_day(after), _day(until)), accepted)
    if _takes_new_files(found, request):
        request = replace(request, files=tuple(DropBox(found, bootstrap.home(cli.settings)).waiting()[:1]))
    with shown(cli) as progress:
        prospect = _runner(cli, found, progress).preview(request)
    data = _prospect_data(prospect)

    def people(console: Console) -> None:
        for record in data["first"]:
            console.print_json(data=record, default=str)
        for told in (*(f"rejected: {one}" for one in data["first_rejected"]), *prospect.notes):
            console.print(told, markup=False)
        counts = ("read", "new", "changed", "withdrawn", "unchanged", "rejected", "skipped", "respelled")
        console.print(", ".join(f"{data[name]:,} {name}" for name in counts))
        for pair in prospect.possibly_respelled:
            console.print(_possibly(pair), markup=False)

    cli.answer(data, people)
    if prospect.refused:
        raise prospect.refused


def run(  # noqa: PLR0913, PLR0917 -- one for each option
    context: typer.Context,
    connector: Name,
    files: Files = None,
    accept_withdrawals: Withdrawals = 0,
    accept_empty: Empty = False,
    approved_by: ApprovedBy = "",
    reason: Reason = "",
    after: After = None,
    until: Until = None,
    agency: Agency = "",
    jurisdiction: Jurisdiction = "",
) -> None:
    """Publish what is new and changed; running the same file twice sends nothing.

    Exit codes: 0 done, 1 some rows rejected, 2 file or mapping wrong, 3 Kafka away (run again), 4 a guard refused.
    """
    cli = cli_of(context)
    found = find(cli, connector, load_registry(), agency, jurisdiction)
    accepted = Accepted(accept_withdrawals, accept_empty, Approval(approved_by, reason))
    request = Request(tuple(_files(found, files)), Window(_day(after), _day(until)), accepted)
    with shown(cli) as progress:
        outcome, notes = _ran(cli, _runner(cli, found, progress), found, request)
    for note in (*notes, *map(_possibly, outcome.possibly_respelled)):
        cli.say(note)

    def people(console: Console) -> None:
        console.print(str(outcome), soft_wrap=True, markup=False)

    cli.answer(asdict(outcome), people)
    if outcome.rejected:
        named = f"{connector} --agency {agency}" if found.form else found.id
        cli.say(f"rejected rows: sharehub connector rejects {named} -o rejects.xlsx")
        raise typer.Exit(1)


def status(context: typer.Context, connector: Annotated[str, typer.Argument(metavar="[C]")] = "") -> None:
    """How the last run of each connector on this machine ended."""
    cli = cli_of(context)
    home = bootstrap.home(cli.settings)
    by_folder = [one["connector"] for one in map(described, folders(cli))]
    names = [connector] if connector else [*by_folder, *sorted(path.name for path in home.glob("connectors/form-*"))]
    states = [Folder(home, name) for name in names]
    found = [
        {**(state.load_run() or {"connector": state.connector}), "overrides": state.load_overrides()}
        for state in states
    ]

    def people(console: Console) -> None:
        ran = [one for one in found if connector or "ended_at" in one]
        for one in ran:
            console.print(_ended(one), markup=False)
        if len(ran) < len(found):
            console.print(f"{len(found) - len(ran)} connectors have not run on this machine")
        for one in found:
            for override in one["overrides"]:
                console.print(f"{one['connector']}: {_overridden(override)}", markup=False)

    cli.answer(found, people)


def rejects(
    context: typer.Context,
    connector: Name,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write them as this workbook (.xlsx).")] = None,
    agency: Agency = "",
    jurisdiction: Jurisdiction = "",
) -> None:
    """The rows that were rejected and are open still, and why.

    A row is closed by saying the same anew: the row mended in its file, in the workbook of rejects, or in a later file.
    """
    cli = cli_of(context)
    registry = load_registry()
    found = find(cli, connector, registry, agency, jurisdiction)
    rows = Folder(bootstrap.home(cli.settings), found.id).load_rejects()
    if output is not None:
        if output.suffix.lower() != ".xlsx":
            raise UsageError(f"{output}: rejects are written as .xlsx")
        rows, masked = as_filed(rows, found.mapping.source)
        if masked:
            cli.say(
                f"{masked:,} rows hold masked numbers: the file that they came from is not there any more, or changed"
            )
        if found.form:
            write_form(registry.latest(found.mapping.connector.record), "append", output, rows)
        else:
            write_workbook(rows, output, found.mapping.source)

    def people(console: Console) -> None:
        if output is not None:
            console.print(f"{len(rows):,} rows in {output}", markup=False)
            return
        for one in rows:
            console.print(f"{one['place']}: {'; '.join(wrong['reason'] for wrong in one['wrong'])}", markup=False)

    cli.answer(rows, people)


def _possibly(pair: dict[str, str]) -> str:
    return f"possibly respelled: {pair['was']} is gone, {pair['is']} is new"


def _overridden(one: dict[str, Any]) -> str:
    return f"{one['at']}: {one['overridden']}: approved by {one['approved_by']}: {one['reason']}"


def _table(first: str, *others: str) -> Table:
    table = Table(box=None)
    table.add_column(first, no_wrap=True)
    for title in others[:-1]:
        table.add_column(title, no_wrap=True)
    for title in others[-1:]:
        table.add_column(title, overflow="fold")
    return table


def _ended(run: dict[str, Any]) -> str:
    if "ended_at" not in run:
        return f"{run['connector']}: has not run on this machine"
    refused = f"; nothing was sent: {run['refused']}" if run["refused"] else ""
    counts = ", ".join(f"{run[name]:,} {name}" for name in ("read", "published", "unchanged", "withdrawn", "rejected"))
    return f"{run['connector']}: {run['ended_at'][:16].replace('T', ' ')} UTC: {counts}{refused}"


def _mapped(connector: Connector) -> Table:
    table = _table("target", "comes from")
    for target, stated in connector.mapping.targets():
        table.add_row(target, " or ".join(stated.column) or f"always {stated.value!r}")
    return table


def _files(connector: Connector, files: list[Path] | None) -> list[Path]:
    """What is read: a form itself, before what else is named."""
    return [*([connector.sample] if connector.form else []), *(files or [])]


def _runner(cli: Cli, connector: Connector, progress: Progress) -> Runner:
    home, address = bootstrap.home(cli.settings), bootstrap.kafka_address(cli.settings)
    return Runner(connector, Surroundings(address, home, load_registry()), progress)


def _takes_new_files(connector: Connector, request: Request) -> bool:
    return connector.mapping.source.type == "folder" and not request.files


def _ran(cli: Cli, runner: Runner, connector: Connector, request: Request) -> tuple[Outcome, tuple[str, ...]]:
    if _takes_new_files(connector, request):
        return DropBox(connector, bootstrap.home(cli.settings)).run(runner, request)
    outcome, prospect = runner.run(request)
    return outcome, prospect.notes


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _prospect_data(prospect: Prospect) -> dict[str, Any]:
    found, registry = prospect.gathered, load_registry()
    first = list(islice(found.pending, _SHOWN_FIRST))
    return {
        "read": found.read,
        "new": found.new,
        "changed": found.published - found.new,
        "withdrawn": len(prospect.gone),
        "unchanged": found.unchanged,
        "rejected": len(found.rejected),
        "skipped": found.skipped,
        "records": found.records,
        "respelled": found.respelled,
        "possibly_respelled": list(prospect.possibly_respelled),
        "refused": str(prospect.refused or ""),
        "notes": list(prospect.notes),
        "first_rejected": [str(one) for one in islice(found.rejected, _SHOWN_FIRST)],
        "first": [decode(registry, message.payload)[1] for message in first],
    }
