"""A connector's folder is checked with plain words; its rows are counted once each; guards hold."""

import gc
import json
import subprocess
import sys
import weakref
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sharehub.connect.assembly import Assembler, Draft, Rejected
from sharehub.connect.columns import resolve
from sharehub.connect.gathered import Gathered, Window
from sharehub.connect.gathering import Gathering
from sharehub.connect.guards import Accepted, Approval, Totals, judge
from sharehub.connect.mapping import Connector, ContractTable, find_connector, load_connector
from sharehub.connect.readers import Place, Row, open_table
from sharehub.connect.rejects import write_workbook
from sharehub.connect.state import Folder
from sharehub.connect.targets import check_targets
from sharehub.core.admission import message_key
from sharehub.errors import RefusedError, UsageError
from sharehub.shipped import shipped
from sharehub.stream.published import Remembered, Said
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode, digest

REGISTRY = load_registry()
TOML = """
[connector]
id = "demo"
agency = "cn-tax"
record = "rating"
jurisdiction = "cn"
[source]
type = "csv"
mode = "snapshot"
encoding = "utf-8"
missing = ["-"]
[key]
fields = ["key.no"]
[fields]
"key.no" = { column = "no", required = true }
rating_system = { value = "r" }
grade = "grade"
year = "year"
"subject.kind" = { value = "company" }
"subject.identifiers" = { column = "code", scheme = "CN-REGNO" }
"subject.names" = ["name", "old name"]
occurred_on = { column = "year", template = "{}-12-31" }
"""


def connector(folder: Path, toml: str = TOML, hook: str = "") -> Connector:
    folder.mkdir(exist_ok=True)
    (folder / "connector.toml").write_text(toml, encoding="utf-8")
    if hook:
        (folder / "connector.py").write_text(hook, encoding="utf-8")
    return load_connector(folder)


def drafts(made: Connector, text: str) -> list[Draft | Rejected]:
    path = made.folder / "rows.csv"
    path.write_text(text, encoding="utf-8")
    table = open_table(path, made.mapping.source)
    schema = REGISTRY.latest(made.mapping.connector.record)
    check_targets(made, schema)
    assembler = Assembler(made, schema, resolve(made.mapping, table.header, table.name), "run")
    return [one for row in table.rows for one in assembler.assemble(row)]  # type: ignore[misc]


def gathered(made: Connector, text: str, said: dict[str, Said], window: Window | None = None) -> Gathered:
    schema = REGISTRY.latest(made.mapping.connector.record)
    gathering = Gathering("cn-tax", schema, Remembered(said), REGISTRY, window or Window())
    for draft in drafts(made, text):
        gathering.add([draft])
    gone = gathering.settle()
    found = gathering.found
    assert found.complete
    GONE[id(found)] = gone
    return found


class Cells(dict[str, str]):
    """A row's cells, of which one can tell whether anything still holds them."""


def test_what_is_kept_of_a_wrong_cell_holds_no_row(tmp_path: Path) -> None:
    made = connector(tmp_path / "demo", TOML.replace('year = "year"', 'year = { column = "year", type = "integer" }'))
    columns = resolve(made.mapping, ("no", "code", "name", "old name", "grade", "year"), "f")
    assembler = Assembler(made, REGISTRY.latest("rating"), columns, "run")

    def wrong(year: str) -> weakref.ref[Cells]:
        cells = Cells(no="1", grade="A", year=year, name="N")
        (rejected,) = assembler.assemble(Row(Place("f", None, 2), cells))
        assert isinstance(rejected, Rejected)
        return weakref.ref(cells)

    held = [wrong("abc"), wrong("2020-13")]
    gc.collect()
    assert [one() for one in held] == [None, None]


GONE: dict[int, tuple[str, ...]] = {}
"""What the run that gathered this would withdraw."""


def content_of(payload: bytes) -> bytes:
    return digest(REGISTRY, payload).content


def remembered(found: Gathered) -> dict[str, Said]:
    """What the log would say after these were sent."""
    read = [digest(REGISTRY, message.payload) for message in found.pending]
    return {one.record_key: Said(one.record_key, one.revision, one.content, False) for one in read}


HEADER = "no,grade,year,code,name,old name\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("encoding", "encodign", "key source.encodign is not known"),
        ('mode = "snapshot"\n', "", "key source.mode is missing"),
        ('mode = "snapshot"', 'mode = "now"', "key source.mode"),
        ("[key]", "[key", "is not TOML"),
        ('fields = ["key.no"]', 'fields = ["nothing"]', "key.fields names 'nothing'"),
        ('{ value = "r" }', "{ required = true }", "rating_system needs either a column or a value"),
        ('grade = "grade"', 'grade = { column = "g", typ = "text" }', "key fields.grade.*typ is not known"),
        ('mode = "snapshot"', 'mode = "append"\nabsence = "nothing"', "says nothing by absence"),
        ("[key]", '[snapshot]\nrespelled = { same = ["grade"] }\n[key]', "key.name must be a folded part of the key"),
        ("[key]", '[snapshot]\nrespelled = { name = "key.no", same = ["grade"] }\n[key]', "key.no must be a folded"),
        ('encoding = "utf-8"', 'order = "decided_on"', "source.order names 'decided_on'"),
        ("[key]", "[snapshot]\nrespelled = { same = [] }\n[key]", "key snapshot.respelled.same"),
        ('grade = "grade"', 'grade = { column = "g", pattern = "(" }', "key fields.grade.*no regular expression"),
    ],
)
def test_a_wrong_mapping_names_file_and_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(UsageError, match=rf"connector\.toml: .*{words}"):
        connector(tmp_path, TOML.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('grade = "grade"\n', "", "must also fill grade"),
        ('grade = "grade"', 'grade = "grade"\nscore = "grade"', "has no field 'score'"),
        ('year = "year"', 'year = { column = "year", type = "date" }', "the schema wants integer"),
        (', scheme = "CN-REGNO"', "", "needs a scheme"),
        ('encoding = "utf-8"', 'order = "year"', "source.order must be a date"),
    ],
)
def test_a_mapping_must_fit_its_schema(tmp_path: Path, old: str, new: str, words: str) -> None:
    made = connector(tmp_path, TOML.replace(old, new))
    with pytest.raises(UsageError, match=words):
        check_targets(made, REGISTRY.latest("rating"))


def test_parts_of_cells_and_several_sources_make_one_value(tmp_path: Path) -> None:
    fields = {
        'grade = "grade"': """grade = ["grade", { column = "name", pattern = "[*]([0-9]+)", template = "note {}" }]""",
        '"subject.names" = ["name", "old name"]': """"subject.address" = ["old name", "code"]
"subject.names" = [{ column = "name", cut_at = 20, required = true }, { column = "name", pattern = "f/k/a ([^*]+)"}]""",
        'year = "year"': 'year = ["year", "no"]',
        'column = "code", scheme': 'column = "code", missing = ["none"], scheme',
    }
    toml = TOML
    for old, new in fields.items():
        toml = toml.replace(old, new)
    made = connector(tmp_path, toml)
    rows = "1,A,2018,77,Young f/k/a Old *12,1 Road\n2,B,2018,none,Young,\n3,,2018,77,,1 Road\n"
    first, second, third = drafts(made, HEADER + rows)
    assert isinstance(first, Draft) and isinstance(second, Draft) and isinstance(third, Rejected)
    assert (first.value["grade"], first.value["year"]) == ("A; note 12", 2018)
    assert first.value["subject"]["names"] == ["Young f/k/a Old *12", "Old"]
    assert first.value["subject"]["address"] == "1 Road, 77"
    assert first.warnings == ()
    assert (second.value["grade"], second.value["subject"]["identifiers"]) == ("B", [])
    assert [wrong.field for wrong in third.rejections] == ["subject.names"]
    (cut,) = drafts(made, HEADER + "1,A,2018,77,A name of 20 letters,\n")
    assert isinstance(cut, Draft) and "where the source cuts it off" in cut.warnings[0]


def test_a_row_becomes_a_record_with_its_place(tmp_path: Path) -> None:
    (draft,) = drafts(connector(tmp_path), HEADER + "a/1,A,2018,77,New,Old\n")
    assert isinstance(draft, Draft)
    assert draft.record_key == "demo/a%2F1"
    assert draft.value["subject"]["names"] == ["New", "Old"]
    assert draft.value["source"] == {"name": "rows.csv", "sheet": None, "row": 2}
    assert str(draft.value["occurred_on"]) == "2018-12-31"


def test_what_the_source_says_is_kept_beside_what_was_cleaned(tmp_path: Path) -> None:
    (draft,) = drafts(connector(tmp_path), HEADER + "a/1,A,2018, 7 7,New,Old\n")
    assert isinstance(draft, Draft)
    assert draft.value["originals"] == [
        {"field": "subject.identifiers", "text": "7 7"},
        {"field": "occurred_on", "text": "2018"},
    ]


def test_everything_wrong_with_a_row_is_said_at_once(tmp_path: Path) -> None:
    (bad,) = drafts(connector(tmp_path), HEADER + "-,A,MMXX,77,New,\n")
    assert isinstance(bad, Rejected)
    assert [(one.code, one.field) for one in bad.rejections] == [
        ("missing", "key.no"),
        ("number", "year"),
        ("date", "occurred_on"),
    ]
    assert bad.rejections[0].place == "rows.csv, row 2"


def test_a_hook_prepares_rejects_and_may_fail_for_one_row_only(tmp_path: Path) -> None:
    hook = (
        "from sharehub.connect import Connector, RejectRow\n"
        "class List(Connector):\n"
        "    def prepare(self, row):\n"
        "        if row['no'] == '2': raise RejectRow('not this one', field='no')\n"
        "        if row['no'] == '3': raise KeyError('x')\n"
        "        return {**row, 'grade': 'Z'}\n"
    )
    first, second, third = drafts(connector(tmp_path, hook=hook), HEADER + "1,A,2018,,,\n2,A,2018,,,\n3,A,2018,,,\n")
    assert isinstance(first, Draft)
    assert first.value["grade"] == "Z"
    assert isinstance(second, Rejected)
    assert second.rejections[0].reason == "not this one"
    assert isinstance(third, Rejected)
    assert "KeyError" in third.rejections[0].reason


def test_the_same_rows_again_are_unchanged_and_a_change_is_the_next_revision(tmp_path: Path) -> None:
    made = connector(tmp_path)
    said = remembered(gathered(made, HEADER + "1,A,2018,77,N,\n2,A,2018,,N,\n", {}))
    again = gathered(made, HEADER + "2,A,2018,,N,\n\n1,A,2018,77,N,\n", said)
    assert (again.published, again.unchanged) == (0, 2)
    changed = gathered(made, HEADER + "1,B,2018,77,N,\n", said)
    (message,) = changed.pending
    assert message.revision == 2
    assert decode(REGISTRY, message.payload)[1]["supersedes"]
    assert GONE[id(changed)] == ("demo/2",)


def test_what_was_withdrawn_comes_back_as_the_next_revision(tmp_path: Path) -> None:
    made = connector(tmp_path)
    said = remembered(gathered(made, HEADER + "1,A,2018,77,N,\n", {}))
    withdrawn = {key: one._replace(revision=2, withdrawn=True) for key, one in said.items()}
    back = gathered(made, HEADER + "1,A,2018,77,N,\n", withdrawn)
    assert [message.revision for message in back.pending] == [3]
    assert GONE[id(back)] == ()


def test_repeated_keys_are_skipped_when_equal_and_rejected_when_not(tmp_path: Path) -> None:
    rows = HEADER + "1,A,2018,77,N,\n1,A,2018,77,N,\n1,B,2018,77,N,\n"
    made = connector(tmp_path)
    found = gathered(made, rows, {})
    assert (found.published, found.skipped, len(found.rejected)) == (1, 1, 1)
    (rejected,) = found.rejected
    reason = rejected.rejections[0].reason
    assert "rows.csv, row 2" in reason
    again = gathered(made, rows, remembered(found))
    assert (again.published, again.unchanged, again.skipped, len(again.rejected)) == (0, 1, 1, 1)


def test_a_bad_row_is_no_absence(tmp_path: Path) -> None:
    made = connector(tmp_path)
    said = remembered(gathered(made, HEADER + "1,A,2018,77,N,\n", {}))
    bad = gathered(made, HEADER + "1,A,MMXX,77,N,\n", said)
    assert len(bad.rejected) == 1
    assert GONE[id(bad)] == ()


def test_a_window_skips_by_business_date(tmp_path: Path) -> None:
    rows = HEADER + "1,A,2017,,N,\n2,A,2018,,N,\n3,A,2019,,N,\n"
    found = gathered(connector(tmp_path), rows, {}, Window(after=date(2017, 12, 31), until=date(2018, 12, 31)))
    assert ([one.record_key for one in found.pending], found.skipped) == (["demo/2"], 2)


def test_a_record_without_identifier_is_its_own_key() -> None:
    assert message_key("a", "c/1", {"identifiers": []}) == b"RECORD:a/c/1"
    assert message_key("a", "c/1", {"identifiers": [{"scheme": "S", "value": "v"}]}) == b"S:v"


HEAD = Approval("the head of office", "the register was cleaned")


@pytest.mark.parametrize("approval", [None, Approval("", "because"), Approval("the head of office", " ")])
def test_nothing_is_accepted_namelessly(approval: Approval | None) -> None:
    for accepted in ({"withdrawals": 1}, {"empty": True}):
        with pytest.raises(UsageError, match="named approver and a reason"):
            Accepted(**accepted, approval=approval)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("totals", "accepted", "words"),
    [
        (Totals(0, 0, 0, 5_230, False), Accepted(), r"0 rows read; 5,230 are usual"),
        (Totals(0, 0, 5_230, 5_230, True), Accepted(empty=True, approval=HEAD), "would be withdrawn"),
        (Totals(0, 0, 0, 0, False), Accepted(), "expects 1 or more"),
        (Totals(100, 3, 0, 0, False), Accepted(), r"3 of 100 rows \(3\.0%\) are rejected"),
        (Totals(40, 0, 60, 100, True), Accepted(), "may shrink by 50%"),
        (Totals(94, 0, 6, 100, True), Accepted(), r"6 of 100 records \(6\.0%\) would be withdrawn"),
        (
            Totals(94, 0, 6, 100, True),
            Accepted(withdrawals=5, approval=HEAD),
            "--accept-withdrawals 6|would be withdrawn",
        ),
    ],
)
def test_guards_refuse_with_the_numbers(totals: Totals, accepted: Accepted, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as caught:
        judge(totals, ContractTable(), accepted)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("totals", "accepted"),
    [
        (Totals(100, 2, 5, 100, True), Accepted()),
        (Totals(20, 9, 0, 0, False), Accepted()),
        (Totals(3, 0, 1, 4, True), Accepted()),
        (Totals(94, 0, 6, 100, True), Accepted(withdrawals=6, approval=HEAD)),
        (Totals(0, 0, 0, 10, False), Accepted(empty=True, approval=HEAD)),
        (Totals(0, 0, 10, 10, True), Accepted(withdrawals=10, empty=True, approval=HEAD)),
        (Totals(10, 0, 90, 100, True), Accepted(withdrawals=90, approval=HEAD)),
    ],
)
def test_guards_let_the_usual_and_the_accepted_pass(totals: Totals, accepted: Accepted) -> None:
    judge(totals, ContractTable(), accepted)


def test_an_empty_delta_passes_where_the_contract_says_so() -> None:
    judge(Totals(0, 0, 0, 0, False), ContractTable(min_rows=0), Accepted())
    judge(Totals(0, 0, 0, 7, False), ContractTable(min_rows=0), Accepted())


def test_rejects_come_back_as_a_workbook_without_formulas(tmp_path: Path) -> None:
    made = connector(tmp_path / "demo")
    bad = [one for one in drafts(made, HEADER + "1,=1+1,MMXX,77,N,\n") if isinstance(one, Rejected)]
    folder = Folder(tmp_path, "demo")
    folder.save_rejects(bad, {})
    source = made.mapping.source.model_copy(
        update={"header_row": 2, "header_rows": 2, "sheet": "List", "header": ("no",)}
    )
    write_workbook(folder.load_rejects(), tmp_path / "r.xlsx", source)
    (again,) = open_table(tmp_path / "r.xlsx", source).rows
    assert (again.cells["no"], again.cells["grade"], again.fault) == ("1", "=1+1", "")
    rows = list(openpyxl.load_workbook(tmp_path / "r.xlsx").active.iter_rows(min_row=3))
    assert [cell.value for cell in rows[0]] == ["no", "grade", "year", "code", "name", "old name", "what is wrong"]
    assert (rows[1][1].value, rows[1][1].data_type) == ("=1+1", "s")
    assert "rows.csv, row 2" in str(rows[1][6].value)


def test_several_names_and_numbers_may_stand_in_one_cell(tmp_path: Path) -> None:
    toml = TOML.replace(
        '"subject.names" = ["name", "old name"]', '"subject.names" = { column = "name", separator = "；" }'
    )
    toml = toml.replace('scheme = "CN-REGNO"', 'scheme = "CN-REGNO", separator = "/"')
    first, second = drafts(connector(tmp_path, toml), HEADER + "1,A,2018,77 / 78,甲；乙；甲,\n2,A,2018,79,丙,\n")
    assert isinstance(first, Draft) and isinstance(second, Draft)
    assert first.value["subject"]["names"] == ["甲", "乙"]
    assert [one["value"] for one in first.value["subject"]["identifiers"]] == ["77", "78"]
    assert {"field": "subject.names", "text": "甲；乙；甲"} in first.value["originals"]
    assert second.value["subject"]["names"] == ["丙"]
    with pytest.raises(UsageError, match="grade holds one value"):
        drafts(connector(tmp_path, TOML.replace('"grade"\n', '{ column = "grade", separator = "/" }\n')), HEADER)


def test_a_row_that_prepare_skips_is_counted_and_told(tmp_path: Path) -> None:
    hook = """
from sharehub.connect import Connector, SkipRow
class List(Connector):
    def prepare(self, row):
        if row["no"] == "sum":
            raise SkipRow("a subtotal")
        return row
"""
    found = gathered(connector(tmp_path, TOML, hook), HEADER + "1,A,2018,77,N,\nsum,,,,,\n", {})
    assert (found.read, found.skipped, found.published, found.warnings) == (2, 1, 1, {"a subtotal": 1})


def test_the_legal_basis_may_stand_in_columns(tmp_path: Path) -> None:
    basis = """"legal_basis.instrument" = "name"
"legal_basis.article" = "old name"
"legal_basis.rank" = { value = "law" }
"""
    toml = TOML.replace('"subject.names" = ["name", "old name"]\n', basis)
    text = HEADER + "1,A,2018,77,Tax Law,Art. 1\n2,A,2018,78,,\n3,A,2018,79,Tax Law,\n"
    first, second, half = drafts(connector(tmp_path, toml), text)
    assert isinstance(first, Draft) and isinstance(second, Draft) and isinstance(half, Rejected)
    assert half.rejections[0].reason == "old name: is empty, but the legal basis needs it"
    assert first.value["legal_basis"] == [{"instrument": "Tax Law", "article": "Art. 1", "rank": "law"}]
    assert second.value["legal_basis"] == []


def test_the_kit_is_light_until_a_database_is_asked() -> None:
    heavy = "{'polars', 'psycopg', 'sqlalchemy', 'pyarrow', 'fastapi'}"
    code = f"import sys, sharehub.connect.runner, sharehub.connect.dropbox; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with (
        Folder(tmp_path, "demo").locked(),
        pytest.raises(RefusedError, match="another run of demo"),
        Folder(tmp_path, "demo").locked(),
    ):
        pass


def test_a_connector_is_found_by_id_or_folder(tmp_path: Path) -> None:
    connector(tmp_path / "demo")
    assert find_connector("demo", tmp_path).id == "demo"
    assert find_connector(str(tmp_path / "demo"), Path("nowhere")).id == "demo"
    with pytest.raises(UsageError, match="no connector 'demi'") as caught:
        find_connector("demi", tmp_path)
    assert "demo" in caught.value.hint


def test_the_last_run_is_remembered(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "demo")
    assert folder.load_run() is None
    assert folder.load_rejects() == []
    folder.save_run({"read": 3})
    assert folder.load_run() == {"read": 3}
    assert json.loads((tmp_path / "connectors" / "demo" / "run.json").read_text()) == {"read": 3}


def mexican(**changes: str) -> dict[str, Any]:
    made = load_connector(shipped("connectors") / "mx-sat-69b")
    assert made.prepare
    row = dict.fromkeys(made.mapping.source.unused, "") | {"Situación del contribuyente": "Definitivo"}
    return dict(made.prepare(row | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("page", "gazette", "notice", "day"),
    [
        ("08/11/2021 - 20/02/2019", "01/12/2021", "", "2021-11-08"),
        ("44029", "", "", "2020-07-17"),
        (
            "14-08-19 // 20/09/2018",
            "",
            "9-1 de fecha 14 de agosto de 2019 // 9-2 de fecha 3 de mayo de 2018",
            "2019-08-14",
        ),
        ("", "28/06/2018", "", "2018-06-28"),
        ("31/02/2018", "", "9-1 de fecha 1 de setiembre del 2018", "2018-09-01"),
        ("03-04-19", "", "9-1 sin fecha", ""),
        ("", "", "", ""),
    ],
)
def test_mx_dates_are_certain_or_absent(page: str, gazette: str, notice: str, day: str) -> None:
    found = mexican(
        **{
            "Publicación página SAT definitivos": page,
            "Publicación DOF definitivos": gazette,
            "Número y fecha de oficio global de definitivos SAT": notice,
        }
    )
    assert found["decided on"] == day
