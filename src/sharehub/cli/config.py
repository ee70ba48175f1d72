"""`config show`: every setting in force, and which flag, variable or file set it."""

from typing import Annotated, Any

import typer

from sharehub.cli.context import cli_of
from sharehub.origins import in_force

app = typer.Typer(no_args_is_help=True)

_SECRET = ("password", "secret", "token")


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
    rows = [
        {"setting": one.name, "value": _shown(one.path[-1], one.value)} | ({"origin": one.origin} if origin else {})
        for one in in_force(cli.settings)
    ]
    cli.answer(rows, lambda out: out.print("\n".join("  ".join(str(cell) for cell in row.values()) for row in rows)))


def _shown(name: str, value: Any) -> str:
    """The value; a secret, or a password inside an address, is masked."""
    text = str(value)
    if any(word in name for word in _SECRET):
        return "***" if text else ""
    before, at, after = text.rpartition("@")
    if at and ":" in before.rpartition("//")[2]:
        return before.rpartition(":")[0] + ":***@" + after
    return text
