"""The check tells everything that is wrong with rulebooks at once, and what is lawful but odd."""

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from sharehub.cli import main
from sharehub.shipped import shipped
from sharehub.wire.rulebook_check import check_rulebooks, readable_catalogue, rulebook_files

LAWFUL = (Path(__file__).parent / "rulebooks" / "lawful.toml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rulebooks."""
    return Path(shutil.copytree(shipped("rulebooks"), tmp_path / "rulebooks"))


def rulebook(folder: Path, *edits: tuple[str, str], place: str = "cn-qinghe") -> Path:
    text = LAWFUL
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    path = folder / place / "2026-9.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def odd(path: Path) -> list[str]:
    [checked] = check_rulebooks([path], readable_catalogue(path.parents[1]))
    assert not checked.broken
    assert not checked.malformed
    return [str(one) for one in checked.odd]


def test_every_malformed_field_is_told_by_entry(folder: Path) -> None:
    edits = (("binding = true", "binding = true\nweight = 3"), ("term_months = 12", 'term_months = "x"'))
    [checked] = check_rulebooks([rulebook(folder, *edits)], readable_catalogue(folder))
    assert [fault.partition(":")[0] for fault in checked.malformed] == [
        "entry 'no-awards', field 'term_months'",
        "entry 'no-awards', field 'weight'",
    ]


def test_laws_and_unknown_fields_are_told_together(folder: Path) -> None:
    edits = (('target_service = "honours"', 'target_service = "water"'), ('field = "finality"', 'field = "final"'))
    [checked] = check_rulebooks([rulebook(folder, *edits)], readable_catalogue(folder))
    assert {fault.law for fault in checked.broken} == {3, 6}
    assert checked.malformed == ("entry 'no-awards', field 'ground.where': a penalty has no field 'final'",)


def test_a_pilot_may_not_replace_an_entry_of_a_parent_that_only_its_own_file_names(folder: Path) -> None:
    edits = (
        ('id = "no-awards"', 'id = "tax-grade-a"\npilot = true'),
        ('jurisdiction = "cn-qinghe"', 'jurisdiction = "cn-new"'),
    )
    [checked] = check_rulebooks([rulebook(folder, *edits, place="cn-new")], readable_catalogue(folder))
    assert [(fault.law, fault.field) for fault in checked.broken] == [(2, "id")]


_FINAL = '{ field = "finality", is = "final" }'
ODD: dict[str, tuple[tuple[str, str], str]] = {
    "ends before it begins": (
        ("effective_from = 2026-01-15", "effective_from = 2026-01-15\neffective_to = 2025-01-01"),
        "'effective_to': odd: lies before effective_from",
    ),
    "pilot without end": (("binding = true", "binding = true\npilot = true"), "'effective_to': odd: a pilot without"),
    "nobody's authority": (('authority = "housing"', 'authority = "hosing"'), "'ground.authority': odd: no agency has"),
    "kind that it never says": (
        ('authority = "housing"', 'authority = "petitions"'),
        "'ground.record_kind': odd: no agency with the authority 'petitions' publishes a penalty",
    ),
    "recipient elsewhere": (('["qinghe-awards"]', '["mx-procurement"]'), "'recipients': odd: mx-procurement is a"),
    "class that is not there": (
        ("binding = true", 'binding = true\npublication_class = "general"'),
        "'publication_class': odd: the rulebook has no class 'general'",
    ),
    "word that is none": (
        (_FINAL, _FINAL + ', { field = "fine", at_least = "x" }'),
        "'ground.where': odd: fine: 'x' is no number",
    ),
    "two words": (
        (_FINAL, _FINAL + ', { field = "finality", is = "fin" }'),
        "finality: 'fin' is none of preliminary, final, under_appeal",
    ),
    "terms": (("term_months = 12", "term_months = 12\nterm_months_min = 24"), "'term_months': odd: lies outside"),
    "no parent": (('parent = "cn"', 'parent = "qn"'), "field 'parent': odd: there is no rulebook of 'qn'"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_lawful_but_odd_is_told(folder: Path, name: str) -> None:
    edit, told = ODD[name]
    assert any(told in one for one in odd(rulebook(folder, edit)))


def test_nothing_is_odd_about_what_is_shipped_or_lawful(folder: Path) -> None:
    assert odd(rulebook(folder)) == []
    checked = check_rulebooks(rulebook_files([shipped("rulebooks")]), readable_catalogue(shipped("rulebooks")))
    assert [one for one in checked if one.malformed or one.broken or one.odd] == []


def test_the_command_ends_with_4_for_a_law_and_2_for_a_slip(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rulebook", "check", str(folder)]) == 0
    path = rulebook(folder, ('target_service = "honours"', 'target_service = "water"'))
    assert main(["rulebook", "check", str(folder)]) == 4
    assert f"{path}: entry 'no-awards', field 'target_service': law 6: " in capsys.readouterr().err
    rulebook(folder, ("term_months = 12", 'term_months = "x"'))
    assert main(["rulebook", "check", str(path), "--json"]) == 2
    assert [one["file"] for one in json.loads(capsys.readouterr().out)["malformed"]] == [str(path)]


def test_a_lawyer_tries_and_compares_a_new_version_on_the_command_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rulebook", "test"]) == 0
    new = tmp_path / "new.toml"
    text = (folder / "cn" / "2026-1.toml").read_text(encoding="utf-8")
    new.write_text(text.replace("2000000.00", "3000000.00").replace('"2026-1"', '"2026-2"'), encoding="utf-8")
    capsys.readouterr()
    assert main(["rulebook", "diff", "cn@2026-1", str(new)]) == 0
    told = "the fine from which it applies rises from 2,000,000.00 to 3,000,000.00"
    assert told in capsys.readouterr().out
    assert main(["rulebook", "test", str(folder), "--rulebook", str(new)]) == 1
    printed = capsys.readouterr().out
    assert "  no  A large fine of the environment bureau" in printed
    assert "because   penalty penalty-1: not so: fine is at least 3000000.00 (2000000.00)" in printed
    sheet = tmp_path / "empty.xlsx"
    assert main(["rulebook", "test", "--template", "-o", str(sheet)]) == 0
    assert main(["rulebook", "test", "--template", "-o", str(sheet)]) == 4
    assert "How to" in openpyxl.load_workbook(sheet).sheetnames
    assert main(["rulebook", "test", str(sheet)]) == 1
    assert "no scenario stands in this table" in capsys.readouterr().err
    assert main(["rulebook", "diff", "cn@2026-1", "cn@none"]) == 2
