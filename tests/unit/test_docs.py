"""The documentation says what the code does: reference pages, links, commands and recipes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sharehub import cli
from sharehub.reference.commands import commands
from sharehub.reference.pages import pages
from sharehub.reference.settings import settings
from sharehub.shipped import shipped
from sharehub.wire import rulebook_text as text_of
from sharehub.wire import rulebooks as files
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebooks import load_catalogue

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted(path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")))
COMMANDS = dict(commands())
GLOBAL_FLAGS = {**dict.fromkeys(cli._SWITCHES, 0), **dict.fromkeys(cli._VALUED, 1), "--version": 0}
PAGE_IDS = [str(path.relative_to(ROOT)) for path in PAGES]


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_committed_reference_page_is_what_the_code_gives(name: str) -> None:
    assert (REFERENCE / name).is_file(), "run make docs"
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name], f"{name} is stale: run make docs"


def test_the_reference_has_no_page_of_another_time() -> None:
    assert {path.name for path in REFERENCE.iterdir()} == set(pages())


def test_the_same_code_gives_the_same_pages() -> None:
    assert pages() == pages()


def test_every_command_and_option_is_described() -> None:
    page = pages()["commands.md"]
    for words, command in COMMANDS.items():
        assert f"### sharehub {words}\n" in page
        assert command.help, f"{words} has no help"
        for one in command.params:
            assert one.param_type_name == "argument" or all(f"{name}" in page for name in one.opts)
    for flag in GLOBAL_FLAGS:
        assert re.search(rf"^\| `.*{flag}\b", page, re.MULTILINE), flag


def test_every_setting_is_described() -> None:
    page = pages()["settings.md"]
    for one in settings():
        assert f"`{one.name}`" in page
        assert f"`{one.variable}`" in page
        assert one.words not in ("", "None"), one.name


def test_every_schema_and_field_is_described() -> None:
    page = pages()["schemas.md"]
    for schema in load_registry().all():
        assert f"\n## {schema.name}\n\nSchema {schema.id}. " in page
        for field in schema.raw["fields"]:
            assert f"| `{field['name']}` |" in page


def test_every_rule_agency_and_recipient_is_described() -> None:
    page = pages()["rules.md"]
    catalogue = load_catalogue(shipped("rulebooks"))
    for book in catalogue.rulebooks:
        assert f"## {book.jurisdiction}, version {book.version}" in page
        for entry in book.entries:
            assert f"\n### {book.jurisdiction}/{entry.id}\n" in page
    for name in (*catalogue.agencies, *catalogue.recipients):
        assert f"| `{name}` |" in page


def test_every_field_of_a_rulebook_is_explained() -> None:
    """`docs/rulebooks.md` names each field that a shipped rulebook file uses or may use."""
    text = (ROOT / "docs" / "rulebooks.md").read_text(encoding="utf-8")
    models = (
        text_of._Entry,
        text_of._Ground,
        text_of._Requirement,
        text_of._Exit,
        text_of.BasisText,
        text_of.ConditionText,
    )
    beside = (text_of._Aggravation, text_of._Bar, text_of._PublicationClass)
    for model in (text_of.RulebookText, *models, *beside, files._Agency, files._Recipient):
        for name in model.model_fields:
            assert f"`{name}`" in text, f"{model.__name__}.{name}"
    for operator in (*text_of._OPERATORS, *text_of._SPANS):
        assert f"`{operator}`" in text, operator


@pytest.mark.parametrize("path", PAGES, ids=PAGE_IDS)
def test_relative_links_lead_somewhere(path: Path) -> None:
    for target, _, anchor in (link.partition("#") for link in _links(path)):
        found = path.parent / target if target else path
        assert found.exists(), f"{path.name}: there is no {target}"
        if anchor and found.suffix == ".md":
            assert anchor in _anchors(found), f"{path.name}: {found.name} has no heading #{anchor}"


@pytest.mark.parametrize("path", PAGES, ids=PAGE_IDS)
def test_documented_commands_exist(path: Path) -> None:
    for line in _commands(path):
        _check(line)


@pytest.mark.parametrize("path", PAGES, ids=PAGE_IDS)
def test_documented_recipes_exist(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for name in re.findall(r"(?:^ {4}|`)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        assert name in recipes, f"{path.name}: make {name}"


@pytest.mark.parametrize("wrong", ["sharehub nothing", "sharehub feed push x", "sharehub status --often"])
def test_a_command_that_does_not_exist_is_found(wrong: str) -> None:
    with pytest.raises(AssertionError):
        _check(wrong)


def test_the_readme_is_short_and_has_a_place_for_measurements() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 120
    assert re.search(r"<!-- bench -->\n.*<!-- /bench -->", text, re.DOTALL)


def _prose(path: Path) -> str:
    """The page without its blocks of code, in which a bracket is no link."""
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _links(path: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", _prose(path)))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _commands(path: Path) -> Iterator[str]:
    """Lines of code that begin with `sharehub`, and such commands in the text."""
    for line in path.read_text(encoding="utf-8").splitlines():
        shown = line.strip().removeprefix("$ ")
        code = line.startswith("    ") or re.match(r"sharehub ", shown)
        if code and re.match(r"sharehub(?: |$)", shown):
            yield shown.partition("#")[0]
        elif not code:
            yield from re.findall(r"`(sharehub [^`]+)`", line)


def _check(line: str) -> None:
    words = [word for word in shlex.split(line.replace("…", ""))[1:] if word]
    words, flags = _without_global_flags(words)
    if not words:
        assert flags or line.strip() == "sharehub", line
        return
    for length in range(len(words), 0, -1):
        if " ".join(words[:length]) in COMMANDS:
            return _check_options(line, COMMANDS[" ".join(words[:length])], words[length:])
    assert any(name.startswith(f"{words[0]} ") for name in COMMANDS) and len(words) == 1, f"no such command: {line}"


def _without_global_flags(words: list[str]) -> tuple[list[str], int]:
    left: list[str] = []
    rest = iter(words)
    for word in rest:
        if word.partition("=")[0] not in GLOBAL_FLAGS:
            left.append(word)
        elif GLOBAL_FLAGS[word.partition("=")[0]] and "=" not in word:
            next(rest, "")
    return left, len(words) - len(left)


def _check_options(line: str, command: Any, words: list[str]) -> None:
    known = {name for one in command.params for name in one.opts if name.startswith("-")}
    for word in words:
        stated = word.strip("[],")
        if re.match(r"--?[a-z]", stated):
            assert stated.partition("=")[0] in known | {"--help"}, f"no such option: {stated} in {line}"
