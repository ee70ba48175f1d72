"""The command line: whoever asks for help, or runs one command, waits for nothing that another one needs."""

import logging
import subprocess
import sys
from uuid import UUID

import pytest
import structlog
from typer.core import TyperGroup

from sharehub.cli import main
from sharehub.cli.commands import app
from sharehub.cli.later import Later
from sharehub.connect.gathered import Pending
from sharehub.subscriber import Notice, _note
from sharehub.telemetry import configure_logs
from sharehub.telemetry.traces import tell_published

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


def test_a_program_that_follows_a_feed_hears_of_notices_in_its_own_log_only(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    structlog.reset_defaults()
    data = {"event": "reminded", "feed_position": 3}
    entry = {"id": str(UUID(int=7)), "cursor": "3", "data": data}
    with caplog.at_level(logging.INFO):
        _note(Notice(entry))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")
    assert "reminded" in caplog.text


def test_a_program_that_only_publishes_is_told_nothing_of_each_record(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    tell_published("cn-tax", [Pending("a/1", 1, b"key", b"payload")])
    configure_logs("json", verbose=True, quiet=False)
    tell_published("cn-tax", [Pending("a/2", 1, b"key", b"payload")])
    told = capsys.readouterr()
    assert (told.out, told.err.count("record_published")) == ("", 1)
    structlog.reset_defaults()
