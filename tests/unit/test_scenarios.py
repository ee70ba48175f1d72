"""Scenario tables: the shipped ones come out as written, a wrong expectation is noticed, a wrong table is refused."""

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sharehub.core.scenario import Scenario
from sharehub.core.verdict import surprises
from sharehub.errors import UsageError
from sharehub.scenarios.coverage import untold
from sharehub.scenarios.rules import Rules
from sharehub.scenarios.tables import Outcome, find_tables, run_tables
from sharehub.scenarios.workbook import write_template
from sharehub.shipped import shipped
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebook_check import with_rulebooks
from tests.unit.core.said import catalogue

TABLES = find_tables([shipped("rulebooks")])
HEADER = "scenario,on,says,agency,key,fine,finality,violation type,penalty kind,expected,expected entry,expected until"
PENALTY = "A fine,2026-02-10,penalty,cn-environment,p,2000000,final,water,fine,,,"
STANDS = ",,expect,,,,,,,stands,{},"
MAJOR, WATCHED = STANDS.format("major-environmental-penalty"), STANDS.format("environmental-supervision")


@cache
def shipped_tests() -> tuple[Outcome, ...]:
    return run_tables(TABLES, catalogue()).tested


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "cn" / "scenarios" / "table.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def played(folder: Path, *rows: str, header: str = HEADER) -> list[str]:
    """What came out differently, as `expected: got`."""
    tests = run_tables([written(folder, *rows, header=header)], catalogue())
    return [f"{found.expected}: {found.got}" for one in tests.tested for found in one.surprises]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_shipped_table_comes_out_as_written(path: Path) -> None:
    tests = run_tables([path], catalogue())
    assert tests.passed, [one.surprises for one in tests.tested if one.surprises]
    assert not tests.notes


def test_every_shipped_entry_is_shown_to_apply_and_not_to_apply() -> None:
    assert untold((one.scenario for one in shipped_tests()), catalogue()) == ((), (), ())


@pytest.mark.parametrize("one", shipped_tests(), ids=lambda one: one.scenario.title)
def test_no_expectation_of_a_shipped_table_passes_whatever_happens(one: Outcome) -> None:
    """Each row turned into something else is noticed."""
    for changed in spoilt(one.scenario):
        assert surprises(changed, catalogue()), changed


def spoilt(scenario: Scenario) -> list[Scenario]:
    found = []
    for place, row in enumerate(scenario.expectations):
        what = "annulled" if row.what == "suspended" else "suspended"
        other = replace(row, kind="state", what=what, entry=row.entry or "cn/tax-grade-a")
        later = [replace(row, since=row.since + timedelta(1))] if row.since else []
        for wrong in (other, *later):
            rows = (*scenario.expectations[:place], wrong, *scenario.expectations[place + 1 :])
            found.append(replace(scenario, expectations=rows))
    for place, said in enumerate(scenario.sayings):
        turned = (*scenario.sayings[:place], replace(said, rejected=not said.rejected), *scenario.sayings[place + 1 :])
        found.append(replace(scenario, sayings=turned))
    return found


def test_what_stands_and_is_not_named_is_told_with_its_reason(tmp_path: Path) -> None:
    [found] = run_tables([written(tmp_path, PENALTY, MAJOR)], catalogue()).tested[0].surprises
    assert found.expected == "nothing else stands for the company"
    assert found.got.startswith("cn/environmental-supervision stands from 2026-02-10 until 2027-02-09")
    assert found.why == ("it follows from penalty p: finality is final; penalty kind is not warning (fine)",)


def test_what_does_not_stand_is_told_with_the_test_that_failed(tmp_path: Path) -> None:
    low = PENALTY.replace("2000000", "1999999.99")
    [found] = run_tables([written(tmp_path, low, MAJOR, WATCHED)], catalogue()).tested[0].surprises
    assert found.place.endswith("table.csv, row 3")
    assert found.got == "no measure of this entry"
    assert found.why == ("penalty p: not so: fine is at least 2000000.00 (1999999.99)",)


def test_a_record_that_is_not_admitted_is_told_unless_the_table_expects_it(tmp_path: Path) -> None:
    wrong = PENALTY.replace("cn-environment", "cn-court")
    nothing = ",,expect,,,,,,,nothing,,"
    assert played(tmp_path, wrong, nothing) == [
        "the penalty is admitted: rejected (incompetent): agency cn-court is not competent for records of kind penalty"
    ]
    assert played(tmp_path, wrong.replace("fine,,,", "fine,rejected,,"), nothing) == []
    assert played(tmp_path, PENALTY.replace("fine,,,", "fine,rejected,,"), MAJOR, WATCHED) == [
        "the penalty is rejected: admitted"
    ]


def test_a_later_revision_states_only_what_changes_and_a_dash_clears(tmp_path: Path) -> None:
    lower = ",2026-03-02,penalty,,p,1000,,,,,,"
    assert played(tmp_path, PENALTY, lower, WATCHED) == []
    assert played(tmp_path, PENALTY, lower.replace("1000", "-"), WATCHED) == []
    ended = STANDS.format("major-environmental-penalty").replace("stands", "lifted")
    assert played(tmp_path, PENALTY, lower, WATCHED, ended) == []


def test_a_new_version_of_a_rulebook_counts_from_its_publication(tmp_path: Path) -> None:
    book = catalogue().rulebook("cn", date(2026, 6, 1))
    assert book
    entries = tuple(
        replace(entry, term_months=24) if entry.id == "environmental-supervision" else entry for entry in book.entries
    )
    revised = replace(book, version="2026-2", published_on=date(2026, 5, 4), entries=entries)
    rules = with_rulebooks(catalogue(), [revised])
    rows = [PENALTY, MAJOR + "2029-02-09", WATCHED + "2027-02-09", MAJOR.replace(",,", ",2026-05-04,", 1)]
    rows.append(WATCHED + "2028-02-09")
    [one] = run_tables([written(tmp_path, *rows)], rules).tested
    assert one.surprises == ()


WRONG: dict[str, tuple[tuple[str, ...], str, str]] = {
    "kind": ((PENALTY.replace(",penalty,", ",penlty,"),), "row 2, column 'says'", "did you mean 'penalty'?"),
    "no kind": ((PENALTY.replace(",penalty,", ",,"),), "row 2, column 'says'", "is missing"),
    "field": (("A,2026-02-10,rating,cn-tax,,1,,,,,,",), "row 2, column 'fine'", "a rating has no such field"),
    "amount": ((PENALTY.replace("2000000", "two million"),), "row 2, column 'fine'", "is no amount"),
    "word": ((PENALTY.replace("final", "finl"),), "row 2, column 'finality'", "did you mean 'final'?"),
    "missing": ((PENALTY.replace("final", ""),), "row 2, column 'finality'", "is missing; state it"),
    "agency": ((PENALTY.replace("cn-env", "cn-enw"),), "row 2, column 'agency'", "did you mean 'cn-environment'?"),
    "no agency": ((PENALTY.replace("cn-environment", ""),), "row 2, column 'agency'", "several agencies publish"),
    "day": ((PENALTY.replace("2026-02-10", "2026-02-30"),), "row 2, column 'on'", "write it as 2026-01-31"),
    "no day": ((PENALTY.replace("2026-02-10", ""),), "row 2, column 'on'", "state the day"),
    "no title": ((PENALTY.replace("A fine", ""),), "row 2, column 'scenario'", "give the story a title"),
    "entry": ((PENALTY, STANDS.format("major-env")), "row 3, column 'expected entry'", "there is no entry 'major-env'"),
    "no entry": ((PENALTY, STANDS.format("")), "row 3, column 'expected entry'", "is missing"),
    "status": ((PENALTY, MAJOR.replace("stands", "stand")), "row 3, column 'expected'", "did you mean 'stands'?"),
    "until": ((PENALTY, MAJOR + "soon"), "row 3, column 'expected until'", "write it as 2026-01-31"),
    "mixed": ((PENALTY.replace("fine,,,", "fine,stands,,"),), "row 2, column 'expected'", "a row of its own"),
    "mixed too": ((PENALTY, MAJOR.replace(",,,,,,,st", ",x,,,,,,st")), "row 3, column 'agency'", "says no record"),
    "withdrawal": (("A,2026-02-10,withdrawal,,q,,,,,,,",), "row 2, column 'key'", "name the key of that record"),
    "mute": ((PENALTY,), "row 2", "expects nothing"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_table_is_refused_by_file_row_and_column_with_what_to_do(tmp_path: Path, name: str) -> None:
    rows, place, then = WRONG[name]
    path = written(tmp_path, *rows)
    with pytest.raises(UsageError) as refused:
        run_tables([path], catalogue())
    assert f"{path}, {place}" in str(refused.value)
    assert then in str(refused.value)


def test_all_faults_are_told_at_once_and_unknown_columns_too(tmp_path: Path) -> None:
    path = written(tmp_path, PENALTY.replace("2000000", "x"), MAJOR.replace("stands", "stand"))
    with pytest.raises(UsageError) as refused:
        run_tables([path], catalogue())
    assert len(str(refused.value).splitlines()) == 2
    with pytest.raises(UsageError, match="there is no column 'finalty'; did you mean 'finality'"):
        run_tables([written(tmp_path, PENALTY, header=HEADER.replace("finality", "finalty"))], catalogue())
    with pytest.raises(UsageError, match="has no column 'says'; add it"):
        run_tables([written(tmp_path, PENALTY, header=HEADER.replace("says", "key 2"))], catalogue())


def test_tables_are_found_beside_rulebooks_and_do_not_disturb_them(tmp_path: Path) -> None:
    whole = Path(shutil.copytree(shipped("rulebooks"), tmp_path / "rulebooks"))
    assert [path.relative_to(whole) for path in find_tables([whole])] == [
        path.relative_to(shipped("rulebooks")) for path in TABLES
    ]
    assert find_tables([whole / "mx" / "scenarios"]) == find_tables([whole / "mx"])
    with pytest.raises(UsageError, match="is no table"):
        find_tables([whole / "agencies.toml"])


@pytest.mark.parametrize("convert", [lambda cell: cell, lambda cell: int(cell) if cell.isdecimal() else cell])
def test_the_template_is_filled_in_and_played_and_holds_no_formula(
    tmp_path: Path, convert: Callable[[str], Any]
) -> None:
    path = tmp_path / "cn" / "scenarios" / "mine.xlsx"
    path.parent.mkdir(parents=True)
    write_template(path, Rules(catalogue(), load_registry(), "cn"))
    assert run_tables([path], catalogue()).empty == (f"{path}, sheet Scenarios",)
    book = openpyxl.load_workbook(path)
    sheet = book["Scenarios"]
    assert len(sheet.data_validations.dataValidation) == 7
    titles = [cell.value for cell in sheet[1]]
    for number, line in enumerate(csv.reader([PENALTY, MAJOR, WATCHED + "2027-02-09"]), 2):
        for title, cell in zip(HEADER.split(","), line, strict=True):
            sheet.cell(number, titles.index(title) + 1).value = convert(cell)
    book.save(path)
    tests = run_tables([path], catalogue())
    assert tests.passed, [one.surprises for one in tests.tested]
    cells = [cell for each in book for row in each.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
