"""Commands that are loaded when they are asked for, so that nobody waits for what another command needs."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from sharehub.errors import UsageError


class Later(TyperCommand):
    """A command of which only the name, the line in the help and the place are known yet.

    `place` is `module:name` below `sharehub.cli`: a function, or a Typer with commands of its own.
    """

    def __init__(self, name: str, place: str, help: str) -> None:
        super().__init__(name, help=help)
        self._place = place

    def loaded(self) -> Any:
        """The command itself.

        Raises:
            UsageError: it needs more than the base installation.
        """
        module, _, name = self._place.partition(":")
        try:
            found = getattr(import_module(f"sharehub.cli.{module}"), name)
        except ModuleNotFoundError as missing:
            if not missing.name or missing.name.startswith("sharehub"):
                raise  # our own, which no installation may lack
            told = f"{self.name} needs {missing.name}, which is not in this installation"
            raise UsageError(told, hint="pip install 'sharehub[hub,embedded]'") from missing
        return self._group(found) if isinstance(found, typer.Typer) else self._command(found)

    def _group(self, found: typer.Typer) -> TyperGroup:
        made = get_group(found)
        made.help = self.help
        return made

    def _command(self, function: Any) -> Any:
        alone = typer.Typer(add_completion=False)
        alone.command(self.name)(function)
        return get_command(alone)

    def make_context(self, *args: Any, **more: Any) -> Any:
        """That of the command itself: here it is about to run, or to tell all its help."""
        return self.loaded().make_context(*args, **more)


def group(name: str, help: str, commands: Sequence[Later | TyperGroup], epilog: str = "") -> TyperGroup:
    """Commands under one word, in their order."""
    return TyperGroup(name=name, help=help, commands=commands, no_args_is_help=True, epilog=epilog)
