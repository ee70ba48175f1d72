"""`casework`: what parties bring before the hub, and what agencies answer. The commands stand beside."""

import typer

app = typer.Typer(no_args_is_help=True)
