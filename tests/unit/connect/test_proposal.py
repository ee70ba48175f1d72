"""A proposed mapping states what is certain, and leaves the rest to a person; nothing is written unasked."""

import re
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.cli import main
from sharehub.connect.aliases import meaning, names_person
from sharehub.connect.evidence import evidence, scheme_of
from sharehub.connect.mapping import load_connector
from sharehub.connect.proposal import Proposal, likely_kinds, propose
from sharehub.connect.proposal_toml import Owner, toml_of
from sharehub.connect.survey import Survey, survey
from sharehub.shipped import shipped
from sharehub.wire.registry import load_registry

REGISTRY = load_registry()
CODES = ("91350100M000100Y43", "913501000000000000")


@pytest.mark.parametrize(
    ("title", "targets", "scheme", "factor"),
    [
        ("处罚决定日期", ("decided_on",), "", 1),
        ("Decision  Date", ("decided_on",), "", 1),
        ("decisionDate", ("decided_on",), "", 1),
        ("罚款金额（万元）", ("fine",), "", 10_000),
        ("欠税余额(单位：元)", ("balance",), "", 1),
        ("Fine (EUR thousand)", ("fine",), "", 1_000),
        ("Multa (miles de MXN)", ("fine",), "", 1_000),
        ("Multa (R$ mil)", ("fine",), "", 1_000),
        ("代码_1（统一社会信用代码）", ("subject.identifiers",), "CN-USCC", 1),
        ("代码_7【统一社会信用代码】", ("subject.identifiers",), "CN-USCC", 1),
        ("行政相对人代码_3(组织机构代码)", ("subject.identifiers",), "CN-ORGCODE", 1),
        ("纳税人名称（姓名）", ("subject.names",), "", 1),
    ],
)
def test_a_title_s_words_say_what_it_means(title: str, targets: tuple[str, ...], scheme: str, factor: int) -> None:
    found = meaning(title)
    assert (found.targets, found.certain, found.scheme, found.factor) == (targets, True, scheme, factor)


@given(number=st.integers(0, 99), words=st.sampled_from(["统一社会信用代码", "组织机构代码", "工商注册号"]))
def test_the_number_of_a_code_column_never_counts(number: int, words: str) -> None:
    assert meaning(f"代码_{number}（{words}）") == meaning(f"代码_{number + 1}({words})")
    assert meaning(f"代码_{number}（{words}）").alias == f"({words})"


@given(st.text(max_size=30))
def test_any_title_has_a_meaning_or_none_and_an_unknown_one_is_never_certain(title: str) -> None:
    found = meaning(title)
    assert bool(found.targets) >= found.certain
    assert not names_person(title) or isinstance(title, str)


def test_titles_that_only_contain_known_words_are_not_certain() -> None:
    assert not meaning("上一年度处罚决定日期说明").certain
    assert not meaning("something else").targets
    assert names_person("法定代表人或负责人姓名（业主姓名）")
    assert not names_person("纳税人名称(姓名)")


@pytest.mark.parametrize(
    ("kind", "cells", "keys", "doubtful"),
    [
        ("date", ("2026-01-31",), {}, False),
        ("date", ("2026/1/31", "2026/2/1"), {"formats": ["%Y/%m/%d"]}, False),
        ("date", ("01/02/2026", "03/04/2026"), {"formats": ["%d/%m/%Y", "%m/%d/%Y"]}, True),
        ("date", ("01/02/2026", "13/04/2026"), {"formats": ["%d/%m/%Y"]}, False),
        ("date", ("2026/1/31", "45000"), {"formats": ["%Y/%m/%d", "excel"]}, False),
        ("date", ("令和8年1月31日",), {"formats": ["era"]}, False),
        ("date", ("soon",), {}, True),
        ("date", (), {}, True),
        ("money", ("1,000.50", "3"), {}, False),
        ("money", ("1.000,50", "3"), {"decimal": ","}, False),
        ("money", ("1.000", "2.000"), {"decimal": "?"}, True),
        ("money", ("much",), {}, True),
        ("integer", ("2026",), {}, False),
        ("integer", ("2026.5",), {}, True),
        ("boolean", ("是", "否"), {"map": {"是": True, "否": False}}, False),
        ("text", ("anything",), {}, False),
    ],
)
def test_cells_say_how_they_are_read_or_that_they_do_not(
    kind: str, cells: tuple[str, ...], keys: dict[str, Any], doubtful: bool
) -> None:
    found = evidence(kind, cells, (), "x")
    assert (dict(found.keys), bool(found.doubt)) == (keys, doubtful)


def test_units_in_cells_and_words_of_a_closed_list_are_found() -> None:
    found = evidence("money", ("3.5万元", "120元"), (), "fine")
    assert found.keys["units"]["万元"] == 10_000 and not found.doubt
    found = evidence("text", ("已生效", "不明"), ("final", "preliminary"), "finality")
    assert found.keys == {"map": {"已生效": "final", "不明": "?"}}
    assert "不明" in found.doubt


def test_a_scheme_is_known_by_check_digits_only_where_every_cell_has_them() -> None:
    assert "MX-RFC" not in scheme_of(("91350100M000100Y43",) * 3)
    assert scheme_of(("91350100M000100Y43", "nothing", "x")) == ()
    assert scheme_of(("91350100M000100Y43",)) == ()


ROWS = [
    ["2026 年处罚台账", None, None, None, None, None, None, None, None, None],
    [
        "No.",
        "Company name",
        "代码_4（统一社会信用代码）",
        "Decision number",
        "Decision date",
        "Violation",
        "Facts",
        "Penalty",
        "Fine (EUR)",
        "Decision status",
        "Contact",
        "Inspector's mood",
    ],
    [
        "1",
        "Example Ltd",
        CODES[0],
        "D-1",
        "31/01/2026",
        "noise",
        "Loud.",
        "fine",
        "1.000,50",
        "final",
        "A. Person",
        "good",
    ],
    ["2", "Sample Ltd", "", "D-2", "28/02/2026", "dust", "Dusty.", "warning", "", "appealed", "B. Person", "bad"],
    ["Total", None, None, None, None, None, None, None, "1.000,50"],
]


def ledger(folder: Path) -> Path:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(folder / "Ledger 2026.xlsx")
    return folder / "Ledger 2026.xlsx"


def proposed(path: Path, kind: str = "penalty") -> tuple[Survey, Proposal]:
    found = survey(path)
    return found, propose(found, REGISTRY.latest(kind))


def test_a_ledger_in_no_shipped_format_is_understood(tmp_path: Path) -> None:
    found, proposal = proposed(ledger(tmp_path))
    assert (found.source.header_row, found.source.footnotes, proposal.key) == (2, ("total",), "document_number")
    assert proposal.unused == ("Contact",) or proposal.unused == ("No.", "Contact")
    sure = {line.target: line.keys for line in proposal.lines if not line.doubt}
    assert sure["decided_on"] == {"column": "Decision date", "formats": ["%d/%m/%Y"]}
    assert sure["fine"] == {"column": "Fine (EUR)", "decimal": ","}
    assert sure["subject.identifiers"] == {"column": "(统一社会信用代码)", "scheme": "CN-USCC"}
    assert sure["finality"]["map"] == {"final": "final", "appealed": "under_appeal"}
    assert [line.title for line in proposal.lines if line.doubt] == ["Inspector's mood"]
    assert proposal.missing == ("subject.kind",)


def test_the_proposal_does_not_load_until_it_is_completed_and_then_it_does(tmp_path: Path) -> None:
    path = ledger(tmp_path)
    text = toml_of(*proposed(path), Owner("ledger", "", ""))
    stated = tomllib.loads(text)
    assert "mode" not in stated["source"] and "agency" not in stated["connector"]
    assert not re.search("Example Ltd|Person|D-1", text)
    for old, new in {
        '# agency = "?"': 'agency = "cn-tax"',
        '# jurisdiction = "?"': 'jurisdiction = "cn"',
        '# mode = "?"': 'mode = "append"',
        '# "subject.kind" =': '"subject.kind" =',
    }.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    (tmp_path / "connector.toml").write_text(text, encoding="utf-8")
    assert load_connector(tmp_path).mapping.source.header_row == 2


@pytest.mark.parametrize(
    "name",
    [
        "cn-environment-penalty",
        "cn-market-penalty",
        "cn-medicines-penalty",
        "cn-tax-arrears",
        "cn-transport-licence",
        "cn-registry",
    ],
)
def test_what_is_certain_of_a_shipped_sample_is_what_its_mapping_says(name: str) -> None:
    connector = load_connector(shipped("connectors") / name)
    kind = connector.mapping.connector.record
    found = survey(connector.sample)
    kinds = likely_kinds(
        found.header, [REGISTRY.latest(one) for one in ("penalty", "arrears", "rating", "licence", "registration")]
    )
    assert kinds == (kind,)
    assert found.source.header_row == connector.mapping.source.header_row
    ours = {(target, stated.column) for target, stated in connector.mapping.targets()}
    lines = [line for line in propose(found, REGISTRY.latest(kind)).lines if not line.doubt]
    agreed = [line for line in lines if any(t == line.target and line.keys["column"] in c for t, c in ours)]
    assert len(agreed) >= 4
    required = {line.target for line in lines}
    for target, stated in connector.mapping.targets():
        columns = [line for line in lines if line.keys["column"] in stated.column]
        assert all(line.target != "subject.identifiers" or line.keys["scheme"] for line in columns)
        if target == "subject.names" and stated.required:
            assert target in required


def test_nothing_is_written_unasked_and_check_tells_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = ledger(tmp_path), tmp_path / "made"
    asked = ["connector", "new", "--from", str(path), "-o", str(target)]
    assert main([*asked, "--no-input"]) == 0
    assert main([*asked, "--json"]) == 0
    monkeypatch.setattr("typer.confirm", lambda _words, **_: False)
    assert main(asked) == 0
    assert not target.exists()
    assert main([*asked, "--yes", "--agency", "cn-environment"]) == 0
    assert main([*asked, "--yes"]) == 4
    capsys.readouterr()

    def told() -> str:
        assert main(["connector", "check", str(target)]) != 0
        return capsys.readouterr().err

    assert "key source.mode is missing" in told()
    toml = target / "connector.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('# mode = "?"', 'mode = "append"'), encoding="utf-8")
    assert "must also fill subject.kind" in told()
    toml.write_text(toml.read_text(encoding="utf-8").replace('# "subject.kind"', '"subject.kind"'), encoding="utf-8")
    assert "there is no sample" in told()
    assert main(["connector", "check", str(target), "--sample", str(path)]) == 1
    assert "Inspector's mood" in capsys.readouterr().out


def test_a_file_of_no_known_kind_asks_for_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text("alpha;beta\n1;2\n", encoding="utf-8")
    assert main(["connector", "new", "--from", str(tmp_path / "x.csv"), "--no-input"]) == 2
    assert "does not say by its titles" in capsys.readouterr().err
    assert survey(tmp_path / "x.csv").source.delimiter == ";"


def test_cells_that_are_titles_elsewhere_are_no_header(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "alpha,beta,gamma,delta,epsilon,zeta,eta\nMulta,RFC,a,b,c,d,e\nMulta,RFC,a,b,c,d,e\n"
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    assert survey(tmp_path / "x.csv").header[0] == "alpha"


def test_a_kind_is_only_told_by_what_it_requires(tmp_path: Path) -> None:
    kinds = [REGISTRY.latest("registration"), REGISTRY.latest("penalty")]
    assert likely_kinds(["City", "Capital", "Something"], kinds) == ()
    assert likely_kinds(["Violation", "Fine", "City"], kinds) == ("penalty",)


def test_titles_in_two_merged_rows_are_found(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(
        "企业,,处罚,\n企业名称,统一社会信用代码,处罚日期,罚款金额(元)\n甲,,2026-01-01,3\n", encoding="utf-8"
    )
    found = survey(tmp_path / "m.csv")
    assert found.header == ("企业名称", "统一社会信用代码", "处罚日期", "罚款金额(元)")


def test_titles_that_do_not_stand_over_their_cells_are_not_trusted() -> None:
    found = survey(load_connector(shipped("connectors") / "cn-tax-rating").sample)
    assert all("state source.header" in line.doubt for line in propose(found, REGISTRY.latest("rating")).lines)


def test_a_merged_header_of_unknown_words_is_two_rows_and_no_column_is_lost(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Ledger of the year"])
    sheet.append(["序号", "当事人", None, "处罚决定书文号", "违法事实", "处罚类别"])
    sheet.append([None, "全称", "证件", None, None, None])
    sheet.append([1, "青禾有限公司", "91350100M000100Y43", "罚1号", "施工", "罚款"])
    book.save(tmp_path / "ledger.xlsx")
    found = survey(tmp_path / "ledger.xlsx")
    assert (found.source.header_row, found.source.header_rows) == (2, 2)
    assert found.header == ("序号", "全称", "证件", "处罚决定书文号", "违法事实", "处罚类别")
    assert found.cells["证件"] == ("91350100M000100Y43",)


def test_a_merged_header_of_which_no_word_is_known_is_two_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Register of the harbour inspectorate"])
    sheet.append(["Nr", "Ruling", None, "Whom", None, "Sum", "Final"])
    sheet.append([None, "ref", "taken on", "operator", "quay", None, None])
    sheet.append([1, "HI-1/26", "2026-01-02", "Port Ltd", "North", 5, "yes"])
    book.save(tmp_path / "ledger.xlsx")
    found = survey(tmp_path / "ledger.xlsx")
    assert (found.source.header_row, found.source.header_rows) == (2, 2)
    assert found.header == ("Nr", "ref", "taken on", "operator", "quay", "Sum", "Final")


def test_where_a_title_says_nothing_the_cells_say_what_it_may_be_and_all_other_fields_are_named(tmp_path: Path) -> None:
    rows = (
        "whom,their code,when,how much,said\n"
        "A,91350100M000100Y43,2026-01-02,5,x\nB,91330100MA2B0C03XQ,13/02/2026,6.5,y\nC,91330101MA2B1C13XL,2026-01-04,7,z\n"
    )
    (tmp_path / "f.csv").write_text(rows, encoding="utf-8")
    found = survey(tmp_path / "f.csv")
    proposal = propose(found, REGISTRY.latest("penalty"))
    _, code, when, how_much, said = proposal.lines
    assert (code.target, code.keys["scheme"]) == ("subject.identifiers", "CN-USCC")
    assert when.keys["formats"] == ["%d/%m/%Y"]
    assert "is it occurred_on or decided_on" in when.doubt
    assert "is it fine or confiscation" in how_much.doubt
    assert said.doubt == "no field is known by this title"
    assert all(line.doubt for line in proposal.lines)
    text = toml_of(found, proposal, Owner("f", "cn-tax", "cn"))
    assert "#   document_number: Number of the decision document." in text
