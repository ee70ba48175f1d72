"""The worked example of `docs/identity.md`, word by word: what the page shows is what the commands say."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from sharehub.cli import main
from tests.conftest import RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

PAGE = (Path(__file__).parents[2] / "docs" / "identity.md").read_text(encoding="utf-8")
COMMAND = "    $ sharehub "
WHEN = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+\+00:00|(?<=In law on )\d{4}-\d\d-\d\d")


def shown() -> Iterator[tuple[list[str], list[str]]]:
    """Each command of the page with the lines of its output that the page shows."""
    blocks = re.findall(r"^    \$ sharehub .*(?:\n    .*)*", PAGE, re.MULTILINE)
    for step in "\n".join(blocks).removeprefix(COMMAND).split(f"\n{COMMAND}"):
        command, *lines = step.splitlines()
        yield shlex.split(command), [line.removeprefix("    ") for line in lines]


@pytest.fixture
def home(fresh_stack: RunningStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home with its own Kafka and PostgreSQL, initialised."""
    monkeypatch.chdir(tmp_path)
    assert main(["-q", "init"]) == 0
    return fresh_stack.home


def test_the_page_shows_what_the_commands_say(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (story,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(story, "docs/identity.md", "exec"), {})  # noqa: S102 - the page's own example
    capsys.readouterr()
    commands = list(shown())
    assert [words[0] for words, _ in commands].count("match") == 6
    for words, lines in commands:
        assert main(words) == 0
        printed = capsys.readouterr()
        said = iter(WHEN.sub("…", printed.out + printed.err).splitlines())
        for line in lines:
            assert WHEN.sub("…", line) in said, f"{words}: {line}"
    taken_back(capsys)


def taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    """A split is taken back, by two people again; until then what they decided stays, and nobody contradicts it."""

    def entity() -> str:
        assert main(["--json", "-q", "entity", "show", "RECORD:cn-environment/p/2"]) == 0
        return str(json.loads(capsys.readouterr().out)["entity_id"])

    key = "split/CN-USCC:913501000000000354/RECORD:cn-environment%2Fp%2F2"
    sides = ["CN-USCC:913501000000000354", "RECORD:cn-environment/p/2"]
    signed = ["--reason", "Red Hill Paint is its former name", "--by", "Li Wei"]
    alone = entity()
    assert main(["-q", "match", "decide", *sides, "same", *signed]) == 4
    assert "sharehub match withdraw" in capsys.readouterr().err
    for words in (["withdraw", key, *signed], ["approve", key, "--by", "Chen Yu"]):
        assert entity() == alone
        assert main(["-q", "match", *words]) == 0
        assert main(["-q", "consolidate", "--until-caught-up"]) == 0
        capsys.readouterr()
    assert main(["--json", "-q", "match", "list", "--state", "unsure"]) == 0
    assert [one["record_key"] for one in json.loads(capsys.readouterr().out)] == [key]
    assert entity() != alone
