"""All commands, in the order of `CONTRACT.md` §2."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
