"""Files in the forms that agencies send: columns are found, cells mean what they say, rows keep their place."""

import gzip
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from sharehub.connect.columns import resolve
from sharehub.connect.folding import title_words as folded
from sharehub.connect.mapping import FieldTable, Mapping
from sharehub.connect.readers import open_table
from sharehub.connect.source_table import SourceTable
from sharehub.connect.values import CellError, Identified, reader
from sharehub.errors import UsageError


def source(**changes: Any) -> SourceTable:
    return SourceTable.model_validate({"type": "csv", "mode": "append", **changes})


def mapping(fields: dict[str, Any], **contract: Any) -> Mapping:
    return Mapping.model_validate(
        {
            "connector": {"id": "c", "agency": "a", "record": "penalty", "jurisdiction": "cn"},
            "source": {"type": "csv", "mode": "append"},
            "key": {"fields": [next(iter(fields))]},
            "fields": fields,
            "contract": contract,
        }
    )


def read(text: str, **stated: Any) -> Any:
    return reader(FieldTable.model_validate({"column": "x", **stated}))(text)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_headers_are_compared_by_their_words() -> None:
    assert folded("欠税余额（单位：元）") == folded("欠税余额 (单位:元)") == folded("欠税余额【单位：元】")
    assert folded("Tax ID") == folded("TAX\u3000id")
    assert folded("代码2") != folded("代码3")


def test_an_alias_in_brackets_goes_by_the_words_and_never_by_the_number() -> None:
    wanted = mapping({"k": {"column": "(工商注册号)", "required": True}})
    for header in (["代码_2（工商注册号）", "代码_3(组织机构代码)"], ["代码_3(工商注册号)", "代码_2(组织机构代码)"]):
        assert "工商注册号" in resolve(wanted, header, "f").of["(工商注册号)",]


def test_a_missing_required_column_is_told_with_everything_that_helps() -> None:
    wanted = mapping({"k": {"column": ["案号", "执行案号"], "required": True}, "other": "没有"})
    with pytest.raises(UsageError, match=r"f\.csv.*'案号' or '执行案号'.*k.*名称, 地域"):
        resolve(wanted, ["名称", "地域"], "f.csv")


def test_unknown_columns_are_told_or_frozen_out() -> None:
    assert resolve(mapping({"k": "a"}), ["a", "b", "what is wrong"], "f").unknown == ("b",)
    with pytest.raises(UsageError, match="does not know: b"):
        resolve(mapping({"k": "a"}, new_columns="freeze"), ["a", "b"], "f")


def test_a_column_that_may_be_two_is_an_error() -> None:
    with pytest.raises(UsageError, match="any of the columns"):
        resolve(mapping({"k": "a"}), ["a", "A"], "f")


@pytest.mark.parametrize(
    ("text", "stated", "value"),
    [
        ("2020-02-29", {"type": "date"}, date(2020, 2, 29)),
        ("29/02/2020", {"type": "date", "formats": ["%d/%m/%Y"]}, date(2020, 2, 29)),
        ("44029", {"type": "date", "formats": ["excel"]}, date(2020, 7, 17)),
        ("1.000,10", {"type": "money", "decimal": ","}, Decimal("1000.10")),
        ("1,000.1", {"type": "money"}, Decimal("1000.10")),
        ("0.5", {"type": "money", "factor": 10_000}, Decimal("5000.00")),
        ("17", {"type": "integer"}, 17),
        ("H29.3.7", {"type": "date", "formats": ["%Y/%m/%d", "era"]}, date(2017, 3, 7)),
        ("（株）Ｓａｍｐｌｅ　Ｗｏｒｋｓ", {"folded": "letters"}, "株sampleworks"),
        ("Example  Co.,Ltd.", {"folded": "words"}, "example co ltd"),
        ("Yes", {"type": "boolean"}, True),
        ("是", {"type": "boolean", "map": {"是": True, "否": False}}, True),
        ("other", {"map": {"a": "b"}, "unknown": "keep"}, "other"),
    ],
)
def test_cells_mean_what_they_say(text: str, stated: dict[str, Any], value: Any) -> None:
    assert read(text, **stated) == value


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("2019-02-29", {"type": "date"}),
        ("02/03/2020", {"type": "date"}),
        ("44029", {"type": "date"}),
        ("20200229", {"type": "date"}),
        ("H29.2.29", {"type": "date", "formats": ["era"]}),
        ("H29.3.7", {"type": "date"}),
        ("（・）", {"folded": "letters"}),
        ("1.000,10", {"type": "money"}),
        ("1,00", {"type": "money"}),
        ("0.12345", {"type": "money"}),
        ("1e5", {"type": "money"}),
        ("9" * 40, {"type": "money"}),
        ("12.5", {"type": "integer"}),
        ("maybe", {"type": "boolean"}),
        ("other", {"map": {"a": "b"}}),
        ("9.12301E+17", {"type": "identifier", "scheme": "CN-TAXNO"}),
        ("9123", {"type": "identifier", "scheme": "CN-USCC"}),
        ("9123", {"type": "identifier", "scheme": "nobody's"}),
    ],
)
def test_what_is_not_certain_is_not_guessed(text: str, stated: dict[str, Any]) -> None:
    with pytest.raises(CellError):
        read(text, **stated)


def test_an_identifier_is_normalised_and_padded() -> None:
    found = read(" 91230199maqh0a015c ", type="identifier", scheme="CN-USCC")
    assert found == Identified(({"scheme": "CN-USCC", "value": "91230199MAQH0A015C"},))
    assert read("7", type="identifier", scheme="CN-REGNO", pad=3).identifiers[0]["value"] == "007"


@pytest.mark.parametrize("text", ["７７１２３", "771\u200e23", "77\u00ad123\ufeff", "\u200b77123"])
def test_an_identifier_in_another_hand_is_the_same_one(text: str) -> None:
    assert read(text, type="identifier", scheme="CN-REGNO").identifiers[0]["value"] == "77123"


@pytest.mark.parametrize("text", ["77123.0", "77123,00", "7.7123E+04"])
def test_a_number_that_a_program_wrote_as_a_fraction_is_no_identifier(text: str) -> None:
    with pytest.raises(CellError, match="format it as text"):
        read(text, type="identifier", scheme="CN-REGNO")


def test_a_raised_figure_is_not_taken_for_a_digit() -> None:
    found = read("77²", type="identifier", scheme="CN-REGNO").identifiers[0]["value"]
    assert found != "772"


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    content = 'title,\r\nname,note\r\nA,"two\nlines"\r\n\r\n,\r\nB,x\r\n'
    table = open_table(written(tmp_path / "f.csv", content.encode()), source(encoding="utf-8", header_row=2))
    rows = list(table.rows)
    assert [(row.place.row, row.cells["name"]) for row in rows] == [(3, "A"), (6, "B")]
    assert rows[0].cells["note"] == "two\nlines"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_stated_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "f.csv", "名称\n青禾\n".encode(encoding))
    stated = "utf-8" if encoding == "utf-8-sig" else encoding
    assert [row.cells for row in open_table(path, source(encoding=stated)).rows] == [{"名称": "青禾"}]


def test_a_detected_encoding_is_said(tmp_path: Path) -> None:
    text = "企业名称,纳税人识别号,税务机关\n" + "青禾示例粮油有限公司,一,示例市税务局\n" * 50
    table = open_table(written(tmp_path / "f.csv", text.encode("gbk")), source())
    assert table.header[0] == "企业名称"
    assert "detected" in table.notes[0]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "纳税人名称,年度\n青禾示例粮油有限公司,2018\n示例市某某贸易有限公司,2018\n"),
        ("big5hkscs", "公司名稱,日期\n示例貿易有限公司,2018-01-01\n高雄建設股份有限公司,2018-01-01\n"),
        ("cp932", "企業名,公表日\n（株）見本鉄工所,平成30年1月31日\n見本建設（有）,平成30年2月1日\n"),
        ("cp1252", "Nombre,Situación\nCOMPAÑÍA DE EJEMPLO SA DE CV,Presunto\nDISEÑO Y PRODUCCIÓN,Definitivo\n"),
        ("cp1252", "Razão social,Município\nAção Comércio Ltda,São Paulo\n"),
        ("cp1251", "Название,Дата\nООО Ромашка,2018-01-01\n"),
    ],
)
def test_a_short_file_in_a_usual_encoding_is_read_right(tmp_path: Path, encoding: str, text: str) -> None:
    table = open_table(written(tmp_path / "f.csv", text.encode(encoding)), source())
    assert table.header == tuple(text.partition("\n")[0].split(","))
    assert encoding in table.notes[0]


def test_an_encoding_that_cannot_be_told_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be told"):
        open_table(written(tmp_path / "f.csv", "公告,,\n（日本 2018）,,\nＮｏ,ｇｒａｄｅ,Ｙ\n".encode("gbk")), source())


@pytest.mark.parametrize(("content", "read"), [("São", "São"), ("S\x00", "S\x00")])
def test_of_several_encodings_the_first_that_fits_is_taken(tmp_path: Path, content: str, read: str) -> None:
    for encoding in ("utf-8", "latin-1"):
        path = written(tmp_path / "f.csv", f"a\n{content}\n".encode(encoding))
        rows = open_table(path, source(encoding=["utf-8", "latin-1"])).rows
        assert [row.cells["a"] for row in rows] == [read]


def test_a_wrong_encoding_or_file_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "f.csv", "a\n青\n".encode("gbk"))
    with pytest.raises(UsageError, match="is not utf-8"):
        list(open_table(path, source(encoding="utf-8")).rows)
    with pytest.raises(UsageError, match="no encoding"):
        open_table(path, source(encoding="klingon"))
    with pytest.raises(UsageError, match="no such file"):
        open_table(tmp_path / "nothing.csv", source())
    with pytest.raises(UsageError, match="no row 3"):
        open_table(path, source(encoding="gbk", header_row=3))
    with pytest.raises(UsageError, match="no workbook"):
        open_table(written(tmp_path / "f.xlsx", b"not a workbook"), source())


def test_gzip_is_read_and_damaged_gzip_told(tmp_path: Path) -> None:
    whole = gzip.compress(b"a\n1\n")
    assert len(list(open_table(written(tmp_path / "f.csv.gz", whole), source(encoding="utf-8")).rows)) == 1
    with pytest.raises(UsageError, match="cannot be read"):
        list(open_table(written(tmp_path / "g.csv.gz", whole[:-6]), source(encoding="utf-8")).rows)


def test_ragged_rows_are_faults_unless_padded(tmp_path: Path) -> None:
    path = written(tmp_path / "f.csv", b"a,b\n1\n1,2,3\n1,2,\n")
    faults = [row.fault for row in open_table(path, source(encoding="utf-8")).rows]
    assert faults == ["the row has 1 cells, the header 2", "the row has 3 cells, the header 2", ""]
    assert next(open_table(path, source(encoding="utf-8", ragged="pad")).rows).fault == ""


def test_workbook_cells_become_text_without_guessing(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "f.xlsx")
    sheet = book.add_worksheet("Penalties")
    for column, title in enumerate(("number", "long", "day", "text", "flag")):
        sheet.write_string(1, column, title)
    sheet.write_number(2, 0, 42)
    sheet.write_number(2, 1, 912301990000000123)
    sheet.write_datetime(2, 2, datetime(2020, 2, 29), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_string(2, 3, " 007 ")
    sheet.write_boolean(2, 4, True)
    book.close()
    table = open_table(tmp_path / "f.xlsx", source(type="excel", header_row=2))
    (row,) = table.rows
    assert str(row.place) == "f.xlsx, sheet Penalties, row 3"
    assert row.cells == {
        "number": "42",
        "long": "9.12301990000000E+17",
        "day": "2020-02-29",
        "text": "007",
        "flag": "true",
    }
    with pytest.raises(UsageError, match="has no sheet 'Other'; it has: Penalties"):
        open_table(tmp_path / "f.xlsx", source(type="excel", sheet="Other"))


def test_of_a_header_of_several_rows_the_lowest_titles_count(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "f.xlsx")
    sheet = book.add_worksheet()
    sheet.merge_range("A1:C1", "Downloaded today")
    sheet.merge_range("A2:A3", "Name")
    sheet.merge_range("B2:C2", "Period")
    for row, cells in ((2, ("", "From", "To")), (3, ("A", "2020-01-01", "2021-01-01"))):
        for column, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, column, cell)
    book.close()
    table = open_table(tmp_path / "f.xlsx", source(type="excel", header_row=2, header_rows=2))
    assert table.header == ("Name", "From", "To")
    assert [row.place.row for row in table.rows] == [4]
    with pytest.raises(UsageError, match="no row 7"):
        open_table(tmp_path / "f.xlsx", source(type="excel", header_row=6, header_rows=2))
