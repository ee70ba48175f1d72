"""Changes, several records in a row, and a connector.py that reads: by what a person writes and what comes of it."""

import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from sharehub.connect.assembly import Draft
from sharehub.connect.checking import absence_in_words, check_connector
from sharehub.connect.counting import LATER_ROW
from sharehub.connect.folding import typed
from sharehub.connect.gathering import NEVER_PUBLISHED
from sharehub.connect.mapping import load_connector
from sharehub.connect.programs import open_program
from sharehub.connect.readers import Row
from sharehub.connect.rehearsal import Rehearsal
from sharehub.connect.state import Folder
from sharehub.connect.testing import ConnectorTests
from sharehub.errors import RefusedError, UnreachableError, UsageError
from tests.unit.connect.test_connector import REGISTRY, TOML, connector

CHANGES = TOML.replace(
    'mode = "snapshot"',
    'mode = "changes"\nchange = { column = "变更 类型", stated = ["新增", "变更"], removed = "注销" }',
)
FILE = "no,grade,year,code,name,old name,变更类型\n"
SEVERAL = """
[connector]
id = "wide"
agency = "cn-tax"
record = "arrears"
jurisdiction = "cn"
[source]
type = "csv"
mode = "snapshot"
encoding = "utf-8"
{several}
[key]
fields = ["subject.identifiers", "tax_kind"]
[fields]
tax_kind = {{ column = "tax", required = true }}
balance = {{ column = "balance", required = true }}
contested = {{ value = false }}
"subject.kind" = {{ value = "company" }}
"subject.identifiers" = {{ column = "code", scheme = "CN-REGNO", required = true }}
"""
BY_COLUMNS = 'several = { columns = ["VAT", "Income  Tax"], title = "tax", cell = "balance" }'
BY_PARTS = 'several = { column = "tax", separator = "；" }'


def rehearsed(folder: Path, toml: str, text: str, hook: str = "") -> Rehearsal:
    made = connector(folder, toml, hook)
    made.sample.write_text(text, encoding="utf-8")
    return Rehearsal(made)


def rows_of(rehearsal: Rehearsal, *numbers: int) -> list[Row]:
    return [rehearsal.rows[number] for number in numbers]


def test_a_file_of_changes_adds_corrects_and_withdraws(tmp_path: Path) -> None:
    text = (
        FILE
        + "1,A,2018,77,N,,新增\n2,A,2018,78,N,,新增\n1,,,,,,注销\n2,B,2018,78,N,,变更\n9,,,,,,注销\n3,A,2018,79,N,,?\n"
    )
    ran = rehearsed(tmp_path, CHANGES, text)
    found, gone = ran.run(rows_of(ran, 0, 1))
    assert (found.published, gone) == (2, ())
    found, gone = ran.run(rows_of(ran, 2, 3, 4, 5))
    assert (found.published, found.removed, gone, len(found.rejected)) == (2, 1, ("demo/1",), 1)
    assert found.warnings == {NEVER_PUBLISHED: 1}
    assert [one.rejections[0].reason for one in found.rejected] == ["变更类型: '?' is none of '新增', '变更', '注销'"]
    assert [key for key, said in ran.said.items() if not said.withdrawn] == ["demo/2"]
    again, gone = ran.run(rows_of(ran, 2, 3, 4, 5))
    assert (again.published, again.unchanged, gone) == (0, 2, ())


def test_of_several_changes_of_one_record_the_last_counts(tmp_path: Path) -> None:
    text = FILE + "1,A,2018,77,N,,新增\n1,B,2018,77,N,,变更\n1,,,,,,注销\n2,A,2018,78,N,,注销\n2,C,2018,78,N,,新增\n"
    ran = rehearsed(tmp_path, CHANGES, text)
    found, gone = ran.run(ran.rows)
    assert (found.published, found.skipped, gone, found.warnings[LATER_ROW]) == (1, 4, (), 3)
    assert [one["grade"] for one in ran.records()] == ["C"]
    assert "'注销' is withdrawn" in absence_in_words(load_connector(tmp_path).mapping)


def test_a_mode_of_changes_needs_its_column(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="belong together"):
        connector(tmp_path, TOML.replace('"snapshot"', '"changes"'))
    with pytest.raises(UsageError, match=r"has no column '变更 类型', which source\.change needs"):
        rehearsed(tmp_path, CHANGES, "no,grade,year,code,name,old name\n1,A,2018,77,N,\n")


@pytest.mark.parametrize(
    ("several", "text"),
    [
        (BY_COLUMNS, "code,VAT,Income Tax\n77,10,20\n78,,30\n"),
        (BY_PARTS, "code,tax,balance\n77,VAT； Income Tax,10\n78,Income Tax,30\n"),
    ],
)
def test_one_row_states_several_records(tmp_path: Path, several: str, text: str) -> None:
    ran = rehearsed(tmp_path, SEVERAL.format(several=several), text)
    found, _ = ran.run(ran.rows)
    assert (found.read, found.records, found.published) == (2, 3, 3)
    assert sorted(ran.said) == ["wide/77/Income Tax", "wide/77/VAT", "wide/78/Income Tax"]
    assert not check_connector(load_connector(tmp_path), REGISTRY).problems


def test_a_bad_record_of_several_brings_back_its_whole_row_once(tmp_path: Path) -> None:
    text = "code,VAT,Income Tax\n77,x,y\n78,1,z\n79,,\n"
    ran = rehearsed(tmp_path / "c", SEVERAL.format(several=BY_COLUMNS), text)
    found, _ = ran.run(ran.rows)
    assert (found.published, len(found.rejected), found.skipped, found.complete) == (1, 3, 1, True)
    folder = Folder(tmp_path, "wide")
    folder.save_rejects(found.rejected, {})
    first, second = folder.load_rejects()
    assert first["row"] == {"code": "77", "VAT": "x", "Income Tax": "y"}
    assert len(first["wrong"]) == 2
    assert second["row"]["VAT"] == "1"


def test_several_is_stated_in_one_way(tmp_path: Path) -> None:
    both = BY_COLUMNS.replace(" }", ', column = "tax" }')
    with pytest.raises(UsageError, match="several needs either"):
        connector(tmp_path, SEVERAL.format(several=both))
    with pytest.raises(UsageError, match=r"has no column 'Income  Tax', which source\.several names"):
        rehearsed(tmp_path, SEVERAL.format(several=BY_COLUMNS), "code,VAT\n77,1\n")


PYTHON = TOML.replace('type = "csv"\nmode = "snapshot"', 'type = "python"\nmode = "append"\nbookmark = "at"')
READS = """
from datetime import datetime
from sharehub.connect import Connector, RetryLater, SkipRow, StopRun

CALLS = []

class Ratings(Connector):
    def read(self, since):
        CALLS.append(since)
        yield {"no": 1, "grade": "A", "year": 2018, "code": "77", "at": datetime(2026, 1, 1)}
        %s
        yield {"no": 2, "grade": "B", "year": 2018, "code": "78", "at": datetime(2026, 1, 3, 9, 30)}

    def prepare(self, row):
        if row["grade"] == "B":
            raise SkipRow("no B")
        return [row, {**row, "no": row["no"] + "b"}]
"""


def test_a_class_reads_and_prepares(tmp_path: Path) -> None:
    made = connector(tmp_path, PYTHON, READS % "pass")
    table = open_program(made, "2026-01-01")
    rows = list(table.rows)
    assert table.bookmark is not None
    assert (len(rows), table.expected(1), table.bookmark.text) == (2, 2, "2026-01-03T09:30:00")
    made.sample.write_text("no,grade,year,code,name,old name\n1,A,2018,77,,\n2,B,2018,78,,\n", encoding="utf-8")
    ran = Rehearsal(made)
    first, second = map(ran.assembled, ran.rows)
    assert [one.record_key for one in first if isinstance(one, Draft)] == ["demo/1", "demo/1b"]
    assert [one[1] for one in second] == ["no B"]


def test_a_source_that_is_busy_is_read_anew_and_counts_once(tmp_path: Path) -> None:
    waits: list[float] = []
    made = connector(tmp_path, PYTHON, READS % 'if len(CALLS) < 3: raise RetryLater("busy")')
    assert len(list(open_program(made, None, waits.append).rows)) == 2
    assert len(waits) == 2 and waits[0] < waits[1]
    always = connector(tmp_path, PYTHON, READS % 'raise RetryLater("busy")')
    with pytest.raises(UnreachableError, match="away or busy: busy"):
        open_program(always, None, waits.append)


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        ('raise StopRun("half the table is missing")', RefusedError, "half the table is missing"),
        ("1 / 0", UsageError, "read fails: ZeroDivisionError"),
        ("yield 5", UsageError, "must be a mapping of column titles"),
        ('yield {"no": 1, "at": "yesterday"}', UsageError, "cannot be compared"),
    ],
)
def test_a_class_that_fails_sends_nothing(tmp_path: Path, line: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        open_program(connector(tmp_path, PYTHON, READS % line), None)


@pytest.mark.parametrize(
    ("toml", "hook", "words"),
    [
        (PYTHON, "", "go together"),
        (TOML, READS % "pass", "go together"),
        (PYTHON, "class Ratings: pass", "defines 0 connectors"),
        (TOML.replace('"snapshot"', '"append"\nbookmark = "at"'), "", "bookmark is for sources of type"),
    ],
)
def test_a_class_and_its_source_go_together(tmp_path: Path, toml: str, hook: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        connector(tmp_path, toml, hook)


class TestChanges(ConnectorTests):
    @pytest.fixture(autouse=True)
    def _made(self, tmp_path: Path) -> None:
        folder = tmp_path / "demo"
        text = FILE + "1,A,2018,77,N,,新增\n2,A,2018,78,N,,变更\n"
        rehearsed(folder, CHANGES, text)
        type(self).connector = folder


class TestSeveral(ConnectorTests):
    @pytest.fixture(autouse=True)
    def _made(self, tmp_path: Path) -> None:
        rehearsed(tmp_path / "wide", SEVERAL.format(several=BY_COLUMNS), "code,VAT,Income Tax\n77,10,20\n78,,30\n")
        type(self).connector = tmp_path / "wide"


def test_overrides_are_kept_for_ever(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "demo")
    override: Mapping[str, object] = {"at": "2026-01-01", "approved_by": "A. Head", "reason": "the list was cleaned"}
    folder.add_override(dict(override))
    folder.add_override({**override, "approved_by": "B. Head"})
    assert [one["approved_by"] for one in Folder(tmp_path, "demo").load_overrides()] == ["A. Head", "B. Head"]


def test_every_invisible_character_is_known() -> None:
    unseen = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"]
    assert typed("x" + "".join(unseen) + "ｙ") == "xy"
