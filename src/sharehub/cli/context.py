"""What every command is given: settings and the way to answer."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console

from sharehub.settings import Settings


@dataclass(frozen=True)
class Cli:
    """Settings and output of one command: data to stdout, messages to stderr."""

    settings: Settings
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = True
    assume_yes: bool = False
    no_input: bool = False

    def answer(self, data: Any, people: Callable[[Console], None]) -> None:
        """Print `data` as JSON with --json, else what `people` writes."""
        if self.json:
            sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str, indent=2) + "\n")
        else:
            people(Console(no_color=not self.color, highlight=False, soft_wrap=True))

    def say(self, message: str) -> None:
        """A message for people, on stderr, silent with -q."""
        if not self.quiet:
            Console(stderr=True, no_color=not self.color, highlight=False, soft_wrap=True).print(message)


def cli_of(context: typer.Context) -> Cli:
    """The `Cli` of the running command."""
    found = context.find_object(Cli)
    if found is None:
        raise RuntimeError("commands run under sharehub.cli.main")
    return found
