"""The command line: whoever asks for help, or runs one command, waits for nothing that another one needs."""

import subprocess
import sys

import pytest
from typer.core import TyperGroup

from sharehub.cli import main
from sharehub.cli.commands import app
from sharehub.cli.later import Later

HEAVY = ("polars", "sqlalchemy", "kafka", "fastapi", "cryptography", "openpyxl", "xlsxwriter", "fastavro")
LOADED = "import sys; from sharehub.cli import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"


def later(group: TyperGroup) -> list[Later]:
    found = []
    for command in group.commands.values():
        assert isinstance(command, (Later, TyperGroup))
        found += [command] if isinstance(command, Later) else later(command)
    return found


@pytest.mark.parametrize("command", later(app), ids=lambda one: one._place)
def test_every_command_is_where_it_is_said_to_be_and_says_what_its_line_says(command: Later) -> None:
    found = command.loaded()
    first = " ".join((found.help or "").split("\n\n")[0].split())
    assert (found.name or command.name, first) == (command.name, command.help)


@pytest.mark.parametrize(
    ("words", "unneeded"),
    [
        (["--help"], HEAVY),
        (["feed", "--help"], HEAVY),
        (["connector", "list"], ("polars", "sqlalchemy", "fastapi", "cryptography", "openpyxl")),
    ],
    ids=" ".join,
)
def test_a_command_loads_nothing_that_it_does_not_use(words: list[str], unneeded: tuple[str, ...]) -> None:
    run = subprocess.run([sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout
    assert {*run.stderr.split()}.isdisjoint(unneeded)


def test_a_mistyped_word_is_answered_with_the_likeliest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conector"]) == 2
    assert "Did you mean 'connector'" in capsys.readouterr().err
