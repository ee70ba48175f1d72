"""Drop boxes and databases against a real Kafka: every new file once, every row once."""

import os
import sqlite3
from pathlib import Path

import pytest

from sharehub.connect.dropbox import DropBox
from sharehub.connect.mapping import load_connector
from sharehub.connect.prospect import Outcome, Request
from sharehub.connect.state import Folder
from sharehub.errors import UsageError
from sharehub.wire.rows import decode
from tests.integration.test_connectors import HEADER, REGISTRY, TOML, Agency, Stack, counts

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


HOOK = """
from datetime import date
from sharehub.connect import Connector

class Ratings(Connector):
    def read(self, since):
        first = [("1", "A", "77", date(2026, 1, 1)), ("2", "B", "78", date(2026, 1, 5))]
        rows = [*first, ("2", "C", "78", date(2026, 2, 1))]
        until = date.fromisoformat(open("{until}").read())
        for no, grade, code, at in rows:
            if at <= until and (since is None or at >= date.fromisoformat(since)):
                yield {{"no": no, "grade": grade, "code": code, "at": at}}
"""


def test_a_class_goes_on_where_the_last_run_ended_and_says_nothing_twice(stack: Stack, tmp_path: Path) -> None:
    agency = Agency(stack, tmp_path)
    agency.toml = TOML.replace('type = "csv"', 'type = "python"\nbookmark = "at"').replace("snapshot", "append")
    (tmp_path / "demo").mkdir()
    until = tmp_path / "until"
    (tmp_path / "demo" / "connector.py").write_text(HOOK.format(until=until), encoding="utf-8")
    until.write_text("2026-01-31")
    assert counts(agency.runner().run(Request())[0]) == (2, 2, 0, 0, 0, 0)
    assert Folder(agency.home, "demo").load_bookmark() == "2026-01-05"
    until.write_text("2026-02-28")
    again = agency.runner().run(Request())[0]
    assert (again.published, again.unchanged, again.rejected) == (0, 1, 1)  # two states of one record in one reading


def test_a_query_goes_on_where_the_last_run_ended(stack: Stack, tmp_path: Path) -> None:
    database = tmp_path / "tax.sqlite"
    with sqlite3.connect(database) as rows:
        rows.execute("CREATE TABLE ratings (no, grade, code, at)")
        rows.execute("INSERT INTO ratings VALUES ('1', 'A', '77', '2026-01-01'), ('2', 'B', '78', '2026-01-05')")
    agency = Agency(stack, tmp_path)
    query = "SELECT no, grade, code, at FROM ratings WHERE at >= :since ORDER BY at"
    source = f'type = "sql"\nurl = "sqlite:///{database}"\nquery = "{query}"\nbookmark = "at"\nsince = "2000-01-01"'
    agency.toml = TOML.replace('type = "csv"', source).replace("snapshot", "append").replace('encoding = "utf-8"\n', "")
    assert counts(agency.runner().run(Request())[0]) == (2, 2, 0, 0, 0, 0)
    with sqlite3.connect(database) as rows:
        rows.execute("INSERT INTO ratings VALUES ('3', 'A', '79', '2026-02-01')")
    assert counts(agency.runner().run(Request())[0]) == (2, 1, 1, 0, 0, 0)


def test_a_file_of_changes_withdraws_what_it_takes_off(stack: Stack, tmp_path: Path) -> None:
    agency = Agency(stack, tmp_path)
    agency.header = "no,grade,code,change\n"
    agency.toml = TOML.replace('mode = "snapshot"', 'mode = "changes"\nchange = {{ column = "change" }}')
    agency.run("1,A,77,added\n2,A,78,added\n3,A,79,added\n")
    assert counts(agency.run("2,,,removed\n3,B,79,changed\n")) == (2, 2, 0, 1, 0, 0)
    assert counts(agency.run("2,,,removed\n3,B,79,changed\n")) == (2, 0, 2, 0, 0, 0)
    assert agency.revisions()["demo/2"] == [(1, "rating"), (2, "withdrawal")]


def test_who_let_a_guard_pass_is_written_down_and_told_in_what_is_withdrawn(stack: Stack, tmp_path: Path) -> None:
    agency = Agency(stack, tmp_path)
    agency.run("1,A,77\n2,A,78\n3,A,79\n4,A,80\n")
    agency.run("1,A,77\n2,A,78\n", withdrawals=2)
    (override,) = Folder(agency.home, "demo").load_overrides()
    assert (override["approved_by"], override["reason"], override["withdrawn"]) == (
        "the head of office",
        "looked at",
        2,
    )
    assert "2 of 4 records" in override["overridden"]
    told = [decode(REGISTRY, one.value)[1].get("reason") or "" for one in agency.messages()]
    assert sum("approved by the head of office: looked at" in reason for reason in told) == 2
    agency.run("1,A,77\n2,B,78\n", withdrawals=2)
    assert len(Folder(agency.home, "demo").load_overrides()) == 1  # nothing would have been refused
