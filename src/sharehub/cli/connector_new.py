"""`sharehub connector new`: a mapping proposed from an agency's file, shown, and written only when that is agreed."""

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sharehub import bootstrap
from sharehub.cli.context import Cli, cli_of
from sharehub.connect.proposal import Proposal, likely_kinds, propose
from sharehub.connect.proposal_toml import Owner, toml_of
from sharehub.connect.survey import Survey, survey
from sharehub.core.record import WITHDRAWAL
from sharehub.errors import RefusedError, UsageError
from sharehub.wire.registry import Registry, Schema, load_registry
from sharehub.wire.rulebooks import load_catalogue


def new(
    context: typer.Context,
    file: Annotated[
        Path, typer.Option("--from", metavar="FILE", help="A file of the agency: xlsx, xls, ods, csv, tsv.")
    ],
    record: Annotated[str, typer.Option(metavar="KIND", help="Its kind of record. [default: as the titles say]")] = "",
    agency: Annotated[str, typer.Option(metavar="A", help="Who publishes it. [default: left to be completed]")] = "",
    sheet: Annotated[str, typer.Option(metavar="NAME", help="Sheet of a workbook. [default: the first]")] = "",
    name: Annotated[str, typer.Option("--id", metavar="C", help="The connector's id. [default: after the file]")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FOLDER", help="Its folder. [default: connectors/ID]")
    ] = None,
) -> None:
    """Propose a mapping from a file's titles and cells; what is not certain stands in it as a comment to be completed.

    The proposal is shown, and written only after a yes (or --yes).
    """
    cli = cli_of(context)
    found = survey(file, sheet)
    proposal = propose(found, _schema(found, record))
    owner = Owner(name or _slug(file), agency, _jurisdiction(cli, agency))
    target = (output or bootstrap.own_connectors(cli.settings) / owner.id) / "connector.toml"
    text = toml_of(found, proposal, owner)
    data = {
        "connector": owner.id,
        "file": str(target),
        "record": proposal.record,
        "columns": [line._asdict() for line in proposal.lines],
        "missing": list(proposal.missing),
        "toml": text,
    }

    def people(console: Console) -> None:
        console.print(_table(proposal))
        console.print(text, markup=False)

    cli.answer(data, people)
    _write(cli, target, text)


def _schema(found: Survey, record: str) -> Schema:
    registry = load_registry()
    if record:
        return registry.latest(record)
    kinds = likely_kinds(found.header, _kinds(registry))
    if len(kinds) != 1:
        told = f"may be of kind {' or '.join(kinds)}" if kinds else "does not say by its titles what it records"
        raise UsageError(f"{found.path}: {told}; its titles: {', '.join(found.header)}", hint="add --record KIND")
    return registry.latest(kinds[0])


def _kinds(registry: Registry) -> list[Schema]:
    names = {schema.name for schema in registry.all() if schema.says_record} - {WITHDRAWAL}
    return [registry.latest(name) for name in sorted(names)]


def _jurisdiction(cli: Cli, agency: str) -> str:
    if not agency:
        return ""
    agencies = load_catalogue(bootstrap.rulebooks_folder(cli.settings)).agencies
    return agencies[agency].jurisdiction if agency in agencies else ""


def _slug(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "my-list"


def _table(proposal: Proposal) -> Table:
    table = Table(box=None)
    for title in ("column", "becomes", "cells", "complete"):
        table.add_column(title, overflow="fold")
    for line in proposal.lines:
        table.add_row(line.title, line.target or "?", " | ".join(line.samples), line.doubt)
    for title in proposal.unused:
        table.add_row(title, "not read", "", "")
    for target in proposal.missing:
        table.add_row("?", target, "", "no column looks like it")
    return table


def _write(cli: Cli, target: Path, text: str) -> None:
    if target.exists():
        raise RefusedError(f"{target}: exists; it was left as it is", hint="choose another --id or -o FOLDER")
    if not cli.assume_yes and (cli.no_input or cli.json or not typer.confirm(f"write {target}?", err=True)):
        cli.say("nothing was written; --yes writes it")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    cli.say(
        f"{target} is written. Complete the lines marked `complete`, then: sharehub connector check {target.parent}"
    )
