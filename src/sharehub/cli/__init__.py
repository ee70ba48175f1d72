"""The `sharehub` command: global flags anywhere, one error shape, documented exit codes."""

import os
import sys
from pathlib import Path

import typer
from pydantic import ValidationError

from sharehub import __version__
from sharehub.cli import commands
from sharehub.cli.context import Cli
from sharehub.errors import SharehubError, UsageError
from sharehub.settings import Settings
from sharehub.telemetry import configure_logs

_SWITCHES = {
    "--json": "json",
    "-q": "quiet",
    "--quiet": "quiet",
    "-v": "verbose",
    "--verbose": "verbose",
    "--no-input": "no_input",
    "--no-color": "no_color",
    "--yes": "assume_yes",
}
_VALUED = {"--config": "config", "--profile": "profile", "--home": "home"}
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code (`CONTRACT.md` §2)."""
    words, switches, values = _global_flags(list(sys.argv[1:] if arguments is None else arguments))
    if words == ["--version"]:
        sys.stdout.write(__version__ + "\n")
        return 0
    try:
        cli = _cli(switches, values)
        configure_logs(cli.settings.log, verbose=cli.verbose, quiet=cli.quiet)
        code = commands.app(args=words, prog_name="sharehub", standalone_mode=False, obj=cli)
        return int(code or 0)
    except typer.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except (SharehubError, ValidationError) as error:
        return _told(error)
    except Exception as error:
        if not hasattr(error, "exit_code") or not hasattr(error, "show"):
            raise
        error.show()  # a usage error of the command line parser
        return int(error.exit_code)


def _told(error: SharehubError | ValidationError) -> int:
    if isinstance(error, ValidationError):
        faults = [f"setting {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        sys.stderr.write("".join(f"error: {fault}\n" for fault in faults) + "  try: sharehub config show --origin\n")
        return UsageError.exit_code
    sys.stderr.write(f"error: {error}\n")
    hint = error.hint
    if hint:
        sys.stderr.write(f"  try: {hint}\n")
    return error.exit_code


def _cli(switches: set[str], values: dict[str, str]) -> Cli:
    overrides: dict[str, object] = {"home": Path(values["home"])} if "home" in values else {}
    settings = Settings.read(Path(values["config"]) if "config" in values else None, values.get("profile"), overrides)
    color = "no_color" not in switches and "NO_COLOR" not in os.environ
    return Cli(
        settings,
        json="json" in switches,
        quiet="quiet" in switches,
        verbose="verbose" in switches,
        color=color,
        assume_yes="assume_yes" in switches,
        no_input="no_input" in switches,
    )


def _global_flags(arguments: list[str]) -> tuple[list[str], set[str], dict[str, str]]:
    words: list[str] = []
    switches: set[str] = set()
    values: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, _, value = argument.partition("=")
        if argument in _SWITCHES:
            switches.add(_SWITCHES[argument])
        elif name in _VALUED:
            values[_VALUED[name]] = value or next(rest, "")
        else:
            words.append(argument)
    return words, switches, values
