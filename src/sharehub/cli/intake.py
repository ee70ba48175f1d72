"""`casework`: take matters in, tell their outcome, and record what an agency answers to a complaint."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console

from sharehub.cli.context import Cli, cli_of
from sharehub.cli.days import day_of
from sharehub.core.intake import Answer, Complaint, Objection, OfficeKind, Repair, Representation, Status, Taken
from sharehub.errors import UsageError
from sharehub.intake import open_intake

Party = Annotated[
    str, typer.Argument(help="Whose record: SCHEME:VALUE, or the name where the record has no certain identifier.")
]
About = Annotated[str, typer.Argument(metavar="AGENCY/KEY", help="The record, as `entity show` names it.")]
LodgedOn = Annotated[str, typer.Option(help="Day on which it was lodged, ISO 8601; default: today.")]


def object_to(  # noqa: PLR0913, PLR0917 - one option for each field of the record
    context: typer.Context,
    party: Party,
    record: About,
    claim: Annotated[str, typer.Option(help="What is wrong.")],
    field: Annotated[str, typer.Option(help="Field that is wrong; default: the record as a whole.")] = "",
    proposed: Annotated[str | None, typer.Option(help="What is right.")] = None,
    statement: Annotated[str | None, typer.Option(help="The party's own statement, shown with the record.")] = None,
    lodged_on: LodgedOn = "",
) -> None:
    """Take in an objection to a record, or to one field of it."""
    cli, concerned = cli_of(context), _concerned(party, record)
    stated = Objection(**concerned, claim=claim, field=field, proposed=proposed, statement=statement)
    with open_intake(cli.settings) as intake:
        _told(cli, intake.object(stated, day_of(lodged_on)))


def represent(
    context: typer.Context,
    party: Party,
    record: About,
    said: Annotated[str, typer.Option(help="The party's own words.")],
    lodged_on: LodgedOn = "",
) -> None:
    """Attach the party's own statement to a record."""
    cli, concerned = cli_of(context), _concerned(party, record)
    with open_intake(cli.settings) as intake:
        _told(cli, intake.represent(Representation(**concerned, said=said), day_of(lodged_on)))


def repair(
    context: typer.Context,
    party: Party,
    record: About,
    commitment: Annotated[str | None, typer.Option(help="What the party promises in public.")] = None,
    lodged_on: LodgedOn = "",
) -> None:
    """Take in an application for repair of a record."""
    cli, concerned = cli_of(context), _concerned(party, record)
    with open_intake(cli.settings) as intake:
        _told(cli, intake.repair(Repair(**concerned, commitment=commitment), day_of(lodged_on)))


def complain(  # noqa: PLR0913, PLR0917 - one option for each field of the record
    context: typer.Context,
    about: Annotated[str, typer.Argument(help="Entity or office complained about, in words.")],
    matter: Annotated[str, typer.Option(help="One of the matters of complaints.toml; it decides who examines it.")],
    said: Annotated[str, typer.Option(help="What happened.")],
    jurisdiction: Annotated[str, typer.Option(help="Where.")],
    kind: Annotated[str, typer.Option(help=f"What it is in law: {', '.join(get_args(OfficeKind))}.")] = "company",
    identifier: Annotated[str | None, typer.Option(help="Its SCHEME:VALUE, where it is known.")] = None,
    author: Annotated[
        Path | None, typer.Option(help="File with who complains, - for stdin; sealed for the agency. Default: nobody.")
    ] = None,
    lodged_on: LodgedOn = "",
) -> None:
    """Take in a complaint and route it to the competent agency; no measure can follow from it."""
    cli = cli_of(context)
    if kind not in get_args(OfficeKind):
        raise UsageError(f"{kind!r} is no kind", hint=f"--kind {' | '.join(get_args(OfficeKind))}")
    stated = Complaint(
        about=about,
        kind=kind,  # type: ignore[arg-type]
        matter=matter,
        said=said,
        jurisdiction=jurisdiction,
        identifier=identifier,
        author=_read(author),
    )
    with open_intake(cli.settings) as intake:
        _told(cli, intake.complain(stated, day_of(lodged_on)))


def answer(
    context: typer.Context,
    complaint: Annotated[str, typer.Argument(help="Key of the complaint from `casework list`, or its number.")],
    status: Annotated[str, typer.Option(help=f"One of {', '.join(get_args(Status))}.")],
    by: Annotated[str, typer.Option(help="Who answers for the competent agency.")],
    outcome: Annotated[str | None, typer.Option(help="What the author is told.")] = None,
    record: Annotated[str | None, typer.Option(help="AGENCY/KEY of the record that came of it.")] = None,
) -> None:
    """Record what the competent agency answers to a complaint, as its next revision."""
    cli = cli_of(context)
    if status not in get_args(Status):
        raise UsageError(f"{status!r} is no status", hint=f"--status {' | '.join(get_args(Status))}")
    stated = Answer(number=complaint, status=status, by=by, outcome=outcome, record=record)  # type: ignore[arg-type]
    with open_intake(cli.settings) as intake:
        done = intake.answer(stated)
    cli.answer(done, lambda out: out.print(f"published {done['record_key']}, revision {done['revision']}"))


def outcome(
    context: typer.Context, number: Annotated[str, typer.Argument(help="The reference number that was told.")]
) -> None:
    """What became of a matter."""
    cli = cli_of(context)
    with open_intake(cli.settings) as intake:
        found = intake.outcome(number)
    cli.answer(found, lambda out: _outcome(out, found))


def list_matters(
    context: typer.Context,
    agency: Annotated[str, typer.Option(help="The agency that must answer.")],
    every: Annotated[bool, typer.Option("--all", help="Also what is answered.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
) -> None:
    """Matters that wait for an agency's answer, the newest first; --json has the sealed authors."""
    cli = cli_of(context)
    with open_intake(cli.settings) as intake:
        found = intake.waiting(agency, limit, all_of_them=every)
    lines = "\n".join(f"{one['lodged_on']}  {one['status']:<9} {one['record_key']}  {_about(one)}" for one in found)
    cli.answer(found, lambda out: out.print(lines or "nothing waits", markup=False))


def _about(one: Mapping[str, Any]) -> str:
    return str(one["concerns"] or one["about"])


def _outcome(out: Console, found: Mapping[str, Any]) -> None:
    on = f" on {found['answered_on']}" if found["answered_on"] else ""
    out.print(f"{found['kind']} of {found['lodged_on']}: {found['status'].replace('_', ' ')}{on}", markup=False)
    out.print(f"  {found['agency_title']} answers it", markup=False)
    if found["outcome"]:
        out.print(f"  {found['outcome']}", markup=False)


def _told(cli: Cli, taken: Taken) -> None:
    cli.say(taken.words)
    cli.say("keep the number: it is not shown again, and tells the outcome (sharehub casework outcome NUMBER)")
    cli.answer(asdict(taken), lambda out: out.print(taken.reference_number))


def _concerned(party: str, record: str) -> dict[str, str]:
    agency, slash, key = record.partition("/")
    if not slash:
        raise UsageError(f"{record!r} is no record", hint="AGENCY/KEY, for example cn-environment/p/1")
    return {"party": party, "agency": agency, "record_key": key}


def _read(path: Path | None) -> str | None:
    """The author's own text, never on a command line that others can see."""
    if path is None:
        return None
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read") from error
    return text.strip()
