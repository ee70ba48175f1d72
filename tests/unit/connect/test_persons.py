"""No number of a person lies in what a connector keeps; the rows come back as the agency's own file has them."""

from itertools import chain
from pathlib import Path

import pytest

from sharehub.connect.assembly import Assembler, Rejected
from sharehub.connect.columns import resolve
from sharehub.connect.mapping import load_connector
from sharehub.connect.persons import hidden
from sharehub.connect.readers import open_table
from sharehub.connect.rejects import as_filed, write_workbook
from sharehub.connect.state import Folder
from sharehub.shipped import shipped
from sharehub.wire.registry import load_registry

COURT = load_connector(shipped("connectors") / "cn-court-judgment")
SCHEMA = load_registry().latest("judgment")
PERSON, MISTYPED = "990100198801011236", "99010019880101123"
COMPANY = "91990300MA55L9JF3E"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (PERSON, "9901**********1236"),
        (f"身份证{PERSON}，男", "身份证9901**********1236，男"),
        ("９９０１００１９８８０１０１１２３６", "9901**********1236"),
        ("990100 19880101 1236", "9901**********1236"),
        (MISTYPED, "9901*********1123"),
        ("99010019880101123x", "9901**********123X"),
        ("529.982.247-25", "***********"),
        ("GODE561231GR8", "***********R8"),
        ("9901001988****123X", "9901001988****123X"),
        (COMPANY, COMPANY),
        ("MA0KH8YT-3", "MA0KH8YT-3"),
        ("ABC010101AB1", "ABC010101AB1"),
        ("（2025）东9903执1187号", "（2025）东9903执1187号"),
        ("2026-01-31", "2026-01-31"),
        ("3860000.00", "3860000.00"),
        ("9.19903000000000E+17", "9.19903000000000E+17"),
    ],
)
def test_what_may_be_a_person_s_number_is_hidden(text: str, shown: str) -> None:
    assert hidden(text) == shown


def rejected(path: Path) -> list[Rejected]:
    table = open_table(path, COURT.mapping.source)
    columns = resolve(COURT.mapping, table.header, table.name)
    assembled = chain.from_iterable(map(Assembler(COURT, SCHEMA, columns, "run").assemble, table.rows))
    return [one for one in assembled if isinstance(one, Rejected)]


@pytest.fixture
def list_(tmp_path: Path) -> Path:
    """A court's list: a person whose judgment lacks its date, and one whose number was mistyped."""
    lines = COURT.sample.read_text(encoding="utf-8").splitlines()
    person = next(line for line in lines if "9901001988****123X" in line)
    undated = person.replace("9901001988****123X", PERSON).replace("2025年11月17日", "?")
    path = tmp_path / "list.csv"
    path.write_text(
        "\n".join([lines[0], undated, person.replace("9901001988****123X", MISTYPED), ""]), encoding="utf-8"
    )
    return path


def test_no_number_of_a_person_lies_in_what_is_kept_and_the_workbook_has_it_from_the_file(
    list_: Path, tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "home", COURT.id)
    folder.path.mkdir(parents=True)
    folder.save_rejects(rejected(list_), {list_.name: list_})
    kept = "".join(path.read_text(encoding="utf-8") for path in folder.path.rglob("*"))
    assert kept.count("list.csv, row") >= 2
    assert PERSON not in kept
    assert MISTYPED not in kept
    rows, masked = as_filed(folder.load_rejects(), COURT.mapping.source)
    assert masked == 0
    write_workbook(rows, tmp_path / "back.xlsx", COURT.mapping.source)
    (first, second) = open_table(tmp_path / "back.xlsx", COURT.mapping.source).rows
    assert [row.cells["身份证号码/组织机构代码"] for row in (first, second)] == [PERSON, MISTYPED]


def test_a_row_whose_file_is_gone_comes_back_masked_and_is_read_all_the_same(list_: Path, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "home", COURT.id)
    folder.path.mkdir(parents=True)
    folder.save_rejects(rejected(list_), {list_.name: list_})
    list_.unlink()
    rows, masked = as_filed(folder.load_rejects(), COURT.mapping.source)
    assert masked == 2
    assert COURT.prepare
    made = COURT.prepare(rows[0]["row"])
    assert isinstance(made, dict)
    assert (made["subject kind"], made["masked number"]) == ("individual", "9901**********1236")
