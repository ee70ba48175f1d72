"""A rejected row is open until the agency says the same anew: never forgotten because another file was read."""

from pathlib import Path

import openpyxl
import pytest

from sharehub.connect.mapping import load_connector
from sharehub.connect.prospect import Request
from sharehub.connect.rejects import write_workbook
from sharehub.connect.state import Folder
from sharehub.errors import RefusedError
from sharehub.stream.publisher import Publisher
from tests.integration.test_connectors import HEADER, TOML, Agency, Stack

pytestmark = pytest.mark.integration


class Adding(Agency):
    """An agency whose files only add."""

    toml = TOML.replace("snapshot", "append").replace(
        'grade = "grade"', 'grade = "grade"\noccurred_on = {{ column = "day" }}'
    )
    header = HEADER.replace("\n", ",day\n")

    def read(self, name: str, rows: str) -> list[str]:
        """Run over a file of this name; the places of what is open then."""
        path = self.folder / name
        path.write_text(self.header + rows, encoding="utf-8")
        self.runner().run(Request((path,)))
        return self.open()

    def open(self) -> list[str]:
        """The places of what is open."""
        return [one["place"] for one in Folder(self.home, "demo").load_rejects()]

    def wrong(self, titled: str, mended: dict[str, str]) -> Path:
        """A workbook of what is open; cells of a column, by the number of their row, are mended."""
        path = self.folder / "wrong.xlsx"
        source = load_connector(self.folder / "demo").mapping.source
        write_workbook(Folder(self.home, "demo").load_rejects(), path, source)
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        titles = [cell.value for cell in sheet[1]]
        for number, text in mended.items():
            place = next(row for row in sheet.iter_rows() if row[titles.index("grade")].value == number)
            place[titles.index(titled)].value = text
        book.save(path)
        return path


@pytest.fixture
def adding(stack: Stack, tmp_path: Path) -> Adding:
    """An agency of its own."""
    return Adding(stack, tmp_path)


JANUARY = "1,A,77,2026-01-05\n2,B,78,soon\n,C,79,2026-01-07\n,D,80,2026-01-08\n"
"""A good row, one with a wrong day, two whose key cannot be read."""


def test_what_was_rejected_is_open_until_the_same_is_said_anew(adding: Adding) -> None:
    january = ["january.csv, row 3", "january.csv, row 4", "january.csv, row 5"]
    assert adding.read("january.csv", JANUARY) == january
    assert adding.read("january.csv", JANUARY) == january
    assert adding.read("february.csv", "9,A,90,2026-02-01\n8,A,91,x\n") == [*january, "february.csv, row 3"]
    assert adding.read("march.csv", "2,B,78,2026-01-06\n") == [*january[1:], "february.csv, row 3"]
    adding.runner().run(Request((adding.wrong("no", {"C": "3"}),)))
    assert adding.open() == ["wrong.xlsx, sheet rejects, row 3", "wrong.xlsx, sheet rejects, row 4"]
    assert adding.read("march.csv", "8,A,91,2026-02-02\n") == ["wrong.xlsx, sheet rejects, row 3"]
    assert sorted(adding.revisions()) == [f"demo/{number}" for number in (1, 2, 3, 8, 9)]


def test_a_row_mended_where_it_stood_is_closed_and_another_row_there_closes_nothing(adding: Adding) -> None:
    adding.read("list.csv", JANUARY)
    assert adding.read("list.csv", "1,A,77,2026-01-05\n2,B,78,2026-01-06\n3,C,79,2026-01-07\n9,X,80,2026-05-05\n") == [
        "list.csv, row 5"
    ]


def test_what_was_not_sent_closes_nothing(adding: Adding, monkeypatch: pytest.MonkeyPatch) -> None:
    adding.read("january.csv", JANUARY)
    with pytest.raises(RefusedError):
        adding.read("many.csv", "2,B,78,2026-01-06\n" + "7,A,77,never\n" * 30)
    assert adding.open()[:3] == ["january.csv, row 3", "january.csv, row 4", "january.csv, row 5"]
    assert len(adding.open()) == 33
    monkeypatch.setattr(Publisher, "flush", _dies)
    with pytest.raises(KeyboardInterrupt):
        adding.read("march.csv", "2,B,78,2026-01-06\n")
    assert adding.open()[0] == "january.csv, row 3"
    monkeypatch.undo()
    assert adding.read("march.csv", "2,B,78,2026-01-06\n") == ["january.csv, row 4", "january.csv, row 5"]


def _dies(_publisher: Publisher) -> int:
    raise KeyboardInterrupt
