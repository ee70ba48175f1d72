"""`sharehub connector template`: a workbook that publishes without a mapping."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sharehub.cli.context import cli_of
from sharehub.connect.form_workbook import write_form
from sharehub.core.record import WITHDRAWAL
from sharehub.errors import RefusedError, UsageError
from sharehub.wire.registry import load_registry


class Mode(StrEnum):
    """What the next file means for the records that it does not have."""

    append = "append"
    snapshot = "snapshot"


def template(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="A kind of record: sharehub schema list.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="F.xlsx", help="The workbook to write.")],
    mode: Annotated[
        Mode,
        typer.Option(help="append: rows add or correct; snapshot: the workbook is the whole list."),
    ] = Mode.append,
) -> None:
    """Make a form: a workbook of one kind of record, to be filled in and published without any mapping."""
    cli = cli_of(context)
    schema = load_registry().latest(kind)
    if not schema.says_record or kind == WITHDRAWAL:
        raise UsageError(
            f"agencies do not fill in {kind!r}", hint="sharehub schema list; a form of mode snapshot withdraws"
        )
    if output.suffix.lower() != ".xlsx":
        raise UsageError(f"{output}: a form is written as .xlsx")
    if output.exists():
        raise RefusedError(f"{output}: exists, and may be filled in", hint="choose another name")
    write_form(schema, mode.value, output)

    def people(console: Console) -> None:
        console.print(f"{output}: fill in the sheet {kind!r}; its page 'How to' says how", markup=False)
        console.print(f"then: sharehub connector check {output} --agency A", markup=False)

    cli.answer({"file": str(output), "kind": kind, "schema": schema.id, "mode": mode.value}, people)
