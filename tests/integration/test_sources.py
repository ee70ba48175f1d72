"""Drop boxes and databases against a real Kafka: every new file once, every row once."""

import os
import sqlite3
from pathlib import Path

import pytest

from sharehub.connect.dropbox import DropBox
from sharehub.connect.mapping import load_connector
from sharehub.connect.prospect import Outcome, Request
from sharehub.errors import UsageError
from tests.integration.test_connectors import HEADER, TOML, Agency, Stack, counts

pytestmark = pytest.mark.integration


class BoxAgency(Agency):
    """An agency with a drop box."""

    def __init__(self, stack: Stack, folder: Path, **changes: str) -> None:
        self.toml = TOML
        for old, new in {
            "snapshot": "append",
            'type = "csv"': f'type = "folder"\npath = "{folder}/box/*"',
            **changes,
        }.items():
            self.toml = self.toml.replace(old, new)
        super().__init__(stack, folder)
        self.box = folder / "box"
        self.box.mkdir()

    def drop(self, name: str, rows: str) -> Path:
        """A file put into the box."""
        path = self.box / name
        path.write_text(HEADER + rows, encoding="utf-8")
        return path

    def empty_box(self) -> tuple[Outcome, tuple[str, ...]]:
        """Run over what is new."""
        runner = self.runner()
        return DropBox(load_connector(self.folder / "demo"), self.home).run(runner, Request())


def test_every_new_file_of_a_drop_box_is_taken_once_in_order(stack: Stack, tmp_path: Path) -> None:
    agency = BoxAgency(stack, tmp_path)
    agency.drop("2026-01.csv", "1,A,77\n2,A,78\n")
    agency.drop("2026-02.csv", "1,B,77\n")
    agency.drop(".hidden.csv", "9,A,9\n")
    agency.drop("2026-03.csv.part", "9,A,9\n")
    outcome, notes = agency.empty_box()
    assert counts(outcome) == (3, 3, 0, 0, 0, 0)
    assert [note for note in notes if "published" in note] == [
        "2026-01.csv: 2 published, 0 rejected",
        "2026-02.csv: 1 published, 0 rejected",
    ]
    assert agency.revisions()["demo/1"] == [(1, "rating"), (2, "rating")]
    outcome, notes = agency.empty_box()
    assert (outcome.read, notes) == (0, ("no new file",))
    os.utime(agency.box / "2026-01.csv")
    agency.drop("2026-01 again.csv", "1,A,77\n2,A,78\n")
    assert agency.empty_box()[0].read == 0
    agency.drop("2026-02.csv", "1,C,77\n")
    assert counts(agency.empty_box()[0]) == (1, 1, 0, 0, 0, 0)


def test_a_broken_file_stops_the_box_there_and_rejects_of_all_files_are_kept(stack: Stack, tmp_path: Path) -> None:
    agency = BoxAgency(stack, tmp_path)
    agency.drop("1.csv", "1,A,77\nx,A,no number\n2,A,0\n")
    agency.drop("2.csv", "3,A,0\n")
    outcome, _ = agency.empty_box()
    rejected = outcome.rejected
    box = DropBox(load_connector(agency.folder / "demo"), agency.home)
    assert len(box._folder.load_rejects()) == rejected > 1
    (agency.box / "3.xlsx").write_bytes(b"no workbook")
    agency.drop("4.csv", "4,A,79\n")
    for _ in range(2):
        with pytest.raises(UsageError, match=r"3\.xlsx"):
            agency.empty_box()
    (agency.box / "3.xlsx").unlink()
    assert agency.empty_box()[0].published == 1


def test_a_query_is_published_once_and_what_leaves_it_is_withdrawn(stack: Stack, tmp_path: Path) -> None:
    agency = Agency(stack, tmp_path)
    path = tmp_path / "tax.sqlite"
    agency.toml = TOML.replace('type = "csv"', f'type = "sql"\nurl = "sqlite:///{path}"\nquery = "SELECT * FROM r"')
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE r (no, grade, code)")
        connection.execute("INSERT INTO r VALUES ('1', 'A', '77'), ('2', 'A', '78')")
    assert counts(agency.runner().run(Request())[0]) == (2, 2, 0, 0, 0, 0)
    assert counts(agency.runner().run(Request())[0]) == (2, 0, 2, 0, 0, 0)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM r WHERE no = '2'")
    assert counts(agency.runner().run(Request())[0]) == (1, 0, 1, 1, 0, 0)
