"""`schema`: what may be said, as released."""

import sys
from typing import Annotated

import typer

from sharehub.cli import schema_release
from sharehub.cli.context import cli_of
from sharehub.wire.registry import load_registry

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_schemas(context: typer.Context) -> None:
    """Every released schema with its id."""
    cli = cli_of(context)
    rows = [{"id": one.id, "name": one.name, "doc": one.raw["doc"]} for one in load_registry().all()]
    cli.answer(
        rows, lambda out: out.print("\n".join(f"{row['id']:>4}  {row['name']:<16} {row['doc']}" for row in rows))
    )


@app.command("show")
def show(context: typer.Context, name: Annotated[str, typer.Argument(help="Schema, for example penalty.")]) -> None:
    """The fields of one schema, with what they mean."""
    cli = cli_of(context)
    schema = load_registry().latest(name)

    def people(out: object) -> None:
        for field in schema.raw["fields"]:
            sys.stdout.write(f"{field['name']:<18} {field['doc']}\n")

    cli.answer(schema.raw, people)


app.command()(schema_release.check)
app.command()(schema_release.diff)
app.command()(schema_release.register)
