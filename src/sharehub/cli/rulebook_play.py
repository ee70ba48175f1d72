"""`sharehub rulebook test`: plays scenario tables, says what came out differently and why."""

from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from sharehub import bootstrap
from sharehub.cli.context import Cli, cli_of
from sharehub.core.catalogue import Catalogue
from sharehub.core.scenario import Surprise
from sharehub.errors import RefusedError, UsageError
from sharehub.scenarios.coverage import Untold, untold
from sharehub.scenarios.rules import Rules
from sharehub.scenarios.tables import Outcome, Outcomes, find_tables, run_tables
from sharehub.scenarios.workbook import write_template
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebook_check import folder_of, with_rulebooks
from sharehub.wire.rulebooks import load_catalogue, read_rulebook


def play(
    context: typer.Context,
    places: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE|FOLDER]…", help="Tables, or folders of them; default: beside the rulebooks."),
    ] = None,
    rulebook: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Play them with this rulebook too, which is not yet in use.")
    ] = None,
    template: Annotated[bool, typer.Option("--template", help="Write an empty table instead.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="F.xlsx", help="The table to write.")] = None,
) -> None:
    """Play scenario tables (facts, and the measures expected of them); exit 1 where one comes out differently."""
    cli = cli_of(context)
    in_use = bootstrap.rulebooks_folder(cli.settings)
    meant = places or [in_use]
    catalogue = load_catalogue(folder_of(meant[0], in_use))
    if rulebook is not None:
        catalogue = with_rulebooks(catalogue, [read_rulebook(rulebook)])
    if template or output:
        _template(cli, output, catalogue)
        return
    tests = run_tables(find_tables(meant), catalogue)
    missing = untold((one.scenario for one in tests.tested), catalogue)
    cli.answer(_answer(tests, missing), lambda out: _print(out, tests))
    for note in (*tests.notes, *_gaps(tests, missing, whole=not places)):
        cli.say(note)
    if not tests.passed:
        raise typer.Exit(1)


def _template(cli: Cli, output: Path | None, catalogue: Catalogue) -> None:
    if output is None or output.suffix.lower() != ".xlsx":
        raise UsageError("an empty table is written as .xlsx", hint="sharehub rulebook test --template -o F.xlsx")
    if output.exists():
        raise RefusedError(f"{output}: exists, and may be filled in", hint="choose another name")
    write_template(output, Rules(catalogue, load_registry()))
    told = f"{output}: its page 'How to' says how; lay it in RULEBOOKS/JURISDICTION/scenarios/"
    cli.answer({"file": str(output)}, lambda out: out.print(told, markup=False))


def _answer(tests: Outcomes, missing: Untold) -> dict[str, Any]:
    return {
        "passed": tests.passed,
        "scenarios": [
            {
                "table": one.table,
                "scenario": one.scenario.title,
                "ok": not one.surprises,
                "differences": [_surprise(found) for found in one.surprises],
            }
            for one in tests.tested
        ],
        "tables_without_scenarios": list(tests.empty),
        "rulebooks_without_scenarios": list(missing.rulebooks),
        "entries_never_expected_to_stand": list(missing.never_standing),
        "entries_never_expected_not_to_stand": list(missing.never_absent),
    }


def _surprise(found: Surprise) -> dict[str, Any]:
    return {
        "place": found.place,
        "on": found.on,
        "expected": found.expected,
        "got": found.got,
        "why": list(found.why),
    }


def _print(out: Console, tests: Outcomes) -> None:
    for table, of_table in groupby(tests.tested, key=lambda one: one.table):
        out.print(table, markup=False)
        for one in of_table:
            _print_scenario(out, one)
    wrong = sum(1 for one in tests.tested if one.surprises)
    out.print(f"{len(tests.tested)} scenarios, {wrong} came out differently")


def _print_scenario(out: Console, one: Outcome) -> None:
    out.print(f"  {'no' if one.surprises else 'ok'}  {one.scenario.title}", markup=False)
    for found in one.surprises:
        out.print(f"      {found.place.removeprefix(one.table).lstrip(', ')}, {found.on}", markup=False)
        out.print(f"        expected  {found.expected}", markup=False)
        out.print(f"        got       {found.got}", markup=False)
        for reason in found.why:
            out.print(f"        because   {reason}", markup=False)


def _gaps(tests: Outcomes, missing: Untold, *, whole: bool) -> list[str]:
    """What was not tried; of the rulebooks only where all tables were played."""
    said = [f"{name}: no scenario stands in this table" for name in tests.empty]
    if not tests.tested and not tests.empty:
        said.append("there are no scenario tables; make one: sharehub rulebook test --template -o F.xlsx")
    if whole:
        said += [f"no scenario is about a rulebook of {name}" for name in missing.rulebooks]
        said += [f"no scenario expects {name} to stand" for name in missing.never_standing]
        said += [f"no scenario expects {name} not to stand" for name in missing.never_absent]
    return said
