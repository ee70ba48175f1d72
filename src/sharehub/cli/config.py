"""`config show`: every setting in force, and which flag, variable or file set it."""

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from sharehub.cli.context import cli_of
from sharehub.settings import secret_files

app = typer.Typer(no_args_is_help=True)

_SECRET = ("password", "secret", "token")
_FILES = ("secrets.toml", "sharehub.toml")


@app.callback()
def config() -> None:
    """Settings: flag > environment > file named by SHAREHUB_…_FILE > secrets.toml > sharehub.toml > default."""


@app.command("show")
def show(
    context: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Also say where each value comes from.")] = False,
) -> None:
    """Print all settings in force."""
    cli = cli_of(context)
    files = [(name, tomllib.loads(Path(name).read_text(encoding="utf-8"))) for name in _FILES if Path(name).is_file()]
    rows = [
        {"setting": ".".join(path), "value": _shown(path[-1], value)}
        | ({"origin": _origin(path, cli.settings, files)} if origin else {})
        for path, value in _leaves(cli.settings, ())
    ]
    cli.answer(rows, lambda out: out.print("\n".join("  ".join(str(cell) for cell in row.values()) for row in rows)))


def _leaves(model: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _origin(path: tuple[str, ...], settings: BaseModel, files: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    variable = "SHAREHUB_" + "__".join(path).upper()
    if variable in os.environ:
        return f"environment {variable}"
    if (path, f"{variable}_FILE") in secret_files():
        return f"file named by {variable}_FILE"
    for name, table in files:
        if _stated(table, path):
            return name
    part: Any = settings
    for step in path[:-1]:
        part = getattr(part, step)
    return "flag or file given by --config" if path[-1] in part.model_fields_set else "default"


def _stated(table: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(table, Mapping) or step not in table:
            return False
        table = table[step]
    return True


def _shown(name: str, value: Any) -> str:
    """The value; a secret, or a password inside an address, is masked."""
    text = str(value)
    if any(word in name for word in _SECRET):
        return "***" if text else ""
    before, at, after = text.rpartition("@")
    if at and ":" in before.rpartition("//")[2]:
        return before.rpartition(":")[0] + ":***@" + after
    return text
