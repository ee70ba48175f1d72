"""Every form in which agencies hand rows over: old and free workbooks, tabs, queries, interfaces."""

import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import xlsxwriter
import xlwt
from pydantic import ValidationError

from sharehub.connect.cells import ALWAYS_MISSING, Source
from sharehub.connect.databases import open_query
from sharehub.connect.formulas import NOT_CALCULATED
from sharehub.connect.http_calls import Caller
from sharehub.connect.http_json import open_pages
from sharehub.connect.mapping import FieldTable
from sharehub.connect.readers import Row, Table, open_table
from sharehub.connect.rows import Place, row_of
from sharehub.connect.source_table import SourceTable
from sharehub.connect.values import CellError, reader
from sharehub.errors import UnreachableError, UsageError


def source(**changes: Any) -> SourceTable:
    return SourceTable.model_validate({"type": "excel", "mode": "append", **changes})


def cells(table: Table) -> list[list[str]]:
    return [list(row.cells.values()) for row in table.rows]


def money(text: str, **stated: Any) -> Any:
    return reader(FieldTable.model_validate({"column": "x", "type": "money", **stated}))(text)


def write_xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for column, title in enumerate(("编号", "日期", "金额")):
        sheet.write(0, column, title)
    sheet.write(1, 0, 7)
    sheet.write(1, 1, date(2026, 1, 31), day)
    sheet.write(1, 2, 0.1 + 0.2)
    book.save(str(path))


def write_ods(path: Path) -> None:
    space = ' xmlns:{0}="urn:oasis:names:tc:opendocument:xmlns:{0}:1.0"'.format
    spaces = "".join(map(space, ("office", "table", "text")))
    stated = [[f'"string"><text:p>{title}<' for title in "abc"]]
    stated += [['"float" office:value="7"><text:p>7<', '"date" office:date-value="2026-01-31"><text:p>31.1.<']]
    stated[1] += ['"float" office:value="0.3"><text:p>0,3<']
    rows = (
        "".join(f"<table:table-cell office:value-type={one}/text:p></table:table-cell>" for one in row)
        for row in stated
    )
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    table = f'<office:spreadsheet><table:table table:name="List">{body}</table:table></office:spreadsheet>'
    head = '<?xml version="1.0"?>'
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
        content = f"{head}<office:document-content{spaces}><office:body>{table}</office:body></office:document-content>"
        packed.writestr("content.xml", content)


@pytest.mark.parametrize(("name", "write"), [("old.xls", write_xls), ("free.ods", write_ods)])
def test_old_and_free_workbooks_are_read_as_new_ones_are(tmp_path: Path, name: str, write: Any) -> None:
    write(tmp_path / name)
    table = open_table(tmp_path / name, source())
    (row,) = table.rows
    assert list(row.cells.values()) == ["7", "2026-01-31", "0.3"]
    assert row.place.row == 2


def test_a_formula_s_binary_dust_is_no_digit(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_row(1, 0, [1234.56 * 1.1, 123456789012345.0, 912345678901234567.0])
    assert cells(open_table(tmp_path / "f.xlsx", source())) == [["1358.016", "123456789012345", "9.12345678901235E+17"]]


@pytest.mark.parametrize(
    ("name", "encoding", "told"),
    [
        ("a.tsv", "utf-8", "utf-8"),
        ("b.txt", "utf-16", "utf-16"),
        ("c.tsv", "gb18030", "gb18030"),
        ("d.tsv", "shift_jis", "cp932"),
        ("e.tsv", "utf-8-sig", "utf-8"),
    ],
)
def test_tabs_and_encodings_are_found_and_told(tmp_path: Path, name: str, encoding: str, told: str) -> None:
    text = {"shift_jis": "番号\t事業者の名称\n七\t有限会社ひかりのもり、株式会社さくら\n"}.get(
        encoding, "编号\t名称\n七\t示例市阳光贸易有限公司，这是一家贸易公司\n"
    )
    (tmp_path / name).write_bytes(text.encode(encoding))
    table = open_table(tmp_path / name, source(type="tsv"))
    assert [list(table.header), *cells(table)] == [line.split("\t") for line in text.splitlines()]
    assert f"read as {told} (detected" in table.notes[0]


def test_the_encoding_of_a_long_file_is_found_wherever_a_sample_of_it_ends(tmp_path: Path) -> None:
    text = "编号,名称\n" + "".join(f"{number},{'示例市阳光贸易有限公司' * 9}\n" for number in range(1_500))
    for shift in ("", "x"):
        (tmp_path / "long.csv").write_bytes((shift + text).encode("gb18030"))
        assert "read as gb18030" in open_table(tmp_path / "long.csv", source(type="csv")).notes[0]


def test_footnotes_and_totals_are_left_out_and_counted(tmp_path: Path) -> None:
    rows_of_file = "甲,1,2,x\n合计,,3,\n,,,\n合计科技公司,1,2,y\n注：截至年底,,,\n"
    (tmp_path / "f.csv").write_text("a,b,c,d\n" + rows_of_file, encoding="utf-8")
    rows = list(open_table(tmp_path / "f.csv", source(type="csv", footnotes=["合计", "注:"])).rows)
    assert [bool(row.note) for row in rows] == [False, True, False, True]


@pytest.mark.parametrize(
    ("text", "stated", "value"),
    [
        ("3.5万元", {"units": {"元": 1, "万元": 10_000}}, Decimal(35_000)),
        ("３．５ 万元", {"units": {"元": 1, "万元": 10_000}}, Decimal(35_000)),
        ("120元", {"units": {"元": 1, "万元": 10_000}}, Decimal(120)),
        ("R$ 1.000,10", {"units": {"R$": 1}, "decimal": ","}, Decimal("1000.10")),
        ("120", {"units": {"元": 1}, "factor": 1_000}, Decimal(120_000)),
    ],
)
def test_the_unit_may_stand_in_the_cell(text: str, stated: dict[str, Any], value: Decimal) -> None:
    assert money(text, **stated) == value


def test_a_unit_that_is_not_stated_is_not_guessed() -> None:
    with pytest.raises(CellError):
        money("3.5万元")
    with pytest.raises(CellError):
        money("3.5亿元", units={"元": 1})


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "tax.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE owed (no INTEGER, code TEXT, balance NUMERIC, seal BLOB)")
        connection.execute("INSERT INTO owed VALUES (912345678901234567, ' 77 ', 10.5, NULL), (2, NULL, 7, x'00')")
    return path


def sql(path: Path, **changes: Any) -> SourceTable:
    return source(
        **{"type": "sql", "url": f"sqlite:///{path}", "query": "SELECT * FROM owed ORDER BY no DESC", **changes}
    )


def test_a_query_s_rows_are_read_exactly_and_nothing_is_written(database: Path) -> None:
    table = open_query(sql(database))
    assert (table.name, table.header) == ("sqlite:tax.sqlite", ("no", "code", "balance", "seal"))
    first, second = table.rows
    assert list(first.cells.values()) == ["912345678901234567", "77", "10.5", ""]
    assert (str(second.place), second.fault) == (
        "sqlite:tax.sqlite, row 2",
        "seal holds bytes, not text; leave it out",
    )
    list(open_query(sql(database, query="DELETE FROM owed RETURNING no")).rows)
    assert len(list(open_query(sql(database)).rows)) == 2


def test_what_a_database_refuses_is_told_without_its_secret(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="no such table: nobody"):
        open_query(sql(database, query="SELECT * FROM nobody"))
    with pytest.raises(UsageError, match="environment variable TAX_PASSWORD"):
        open_query(sql(database, url="postgresql+psycopg://reader:${TAX_PASSWORD}@127.0.0.1:9/tax"))
    monkeypatch.setenv("TAX_PASSWORD", "open-sesame")
    with pytest.raises(UnreachableError) as caught:
        open_query(sql(database, url="postgresql+psycopg://reader:${TAX_PASSWORD}@127.0.0.1:9/tax"))
    assert "open-sesame" not in str(caught.value)
    with pytest.raises(UsageError, match=r"source\.url") as refused:
        open_query(sql(database, url="open-sesame${TAX_PASSWORD}"))
    assert "${TAX_PASSWORD}" in str(refused.value) or "open-sesameopen" not in str(refused.value)


@pytest.mark.parametrize(
    "stated",
    [
        {"type": "sql", "url": "postgresql://reader:pass@host/tax", "query": "q"},
        {"type": "http-json", "url": "https://host/list?api_key=abc"},
        {"type": "http-json", "url": "https://host/list", "headers": {"Authorization": "Bearer abc"}},
        {"type": "sql", "url": "sqlite://"},
        {"type": "csv", "query": "SELECT 1"},
        {"type": "folder"},
        {"type": "http-json", "url": "https://host", "paging": {"by": "cursor"}},
    ],
)
def test_secrets_and_keys_of_other_sources_are_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source(**stated)


RECORDS = [{"no": number, "company": {"name": f"名{number}", "codes": ["7", 8]}, "sum": 10.10} for number in range(5)]


class Interface(BaseHTTPRequestHandler):
    """An agency's interface: pages of two, by any manner of paging; it fails as `failures` says."""

    failures: list[int]
    asked: list[str]

    def do_GET(self) -> None:
        """Answer one page."""
        self.asked.append(self.headers.get("Authorization", ""))
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self.failures:
            return self._answer(self.failures.pop(), {}, {"Retry-After": "0"})
        if url.path == "/moved":
            return self._answer(302, {}, {"Location": "http://localhost:1/elsewhere"})
        first = int(query.get("offset", query.get("cursor", (int(query.get("page", "1")) - 1) * 2)))
        more = first + 2 < len(RECORDS)
        here = f"http://{self.headers['Host']}{url.path}?cursor={first + 2}"
        if url.path == "/circle":
            here, more = f"http://{self.headers['Host']}/circle?cursor=2", True
        body = {"data": {"items": RECORDS[first : first + 2]}, "meta": {"next": first + 2 if more else None}}
        self._answer(200, body, {"Link": f'<{here}>; rel="next"'} if more else {})

    def _answer(self, status: int, body: Any, headers: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def interface(*failures: int) -> Iterator[tuple[str, type[Interface]]]:
    served = type("Served", (Interface,), {"failures": list(failures), "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), served)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    "paging",
    [
        {"by": "page", "size": 2},
        {"by": "page"},
        {"by": "offset", "parameter": "offset", "first": 0, "size": 2},
        {"by": "offset", "parameter": "offset", "first": 0},
        {"by": "cursor", "parameter": "cursor", "next": "meta.next"},
        {"by": "link"},
    ],
)
def test_every_manner_of_paging_gives_every_record_once(
    paging: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIST_TOKEN", "open-sesame")
    with interface(503) as (url, served):
        stated = {"url": f"{url}/list?of=all", "headers": {"Authorization": "Bearer ${LIST_TOKEN}"}, "paging": paging}
        table = open_pages(source(type="http-json", records="data.items", **stated))
    assert table.header == ("no", "company.name", "company.codes", "sum")
    assert cells(table) == [[str(number), f"名{number}", "7; 8", "10.1"] for number in range(5)]
    assert set(served.asked) == {"Bearer open-sesame"}


def test_an_interface_that_refuses_leads_away_or_goes_in_a_circle_is_told() -> None:
    with interface(401) as (url, _), pytest.raises(UsageError, match="answers 401"):
        open_pages(source(type="http-json", url=f"{url}/list"))
    with interface() as (url, _), pytest.raises(UsageError, match="not sent to another"):
        open_pages(source(type="http-json", url=f"{url}/moved"))
    with interface() as (url, _), pytest.raises(UsageError, match="circle"):
        open_pages(source(type="http-json", url=f"{url}/circle", records="data.items", paging={"by": "link"}))
    with interface() as (url, _), pytest.raises(UsageError, match="no list of records at 'items'"):
        open_pages(source(type="http-json", url=f"{url}/list", records="items"))


def test_a_secret_in_the_path_is_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIST_TOKEN", "open-sesame")
    with interface(404) as (url, _), pytest.raises(UsageError) as caught:
        open_pages(source(type="http-json", url=url + "/${LIST_TOKEN}/list"))
    assert "answers 404" in str(caught.value) and "open-sesame" not in str(caught.value)


def test_an_interface_that_stays_away_is_tried_some_times_with_longer_pauses() -> None:
    pauses: list[float] = []
    with interface(*[503] * 9) as (url, served), pytest.raises(UnreachableError, match="list: answers 503, 5 times"):
        Caller("list", url, {}, pauses.append)(url)
    assert len(served.asked) == 5
    assert len(pauses) == 4 and pauses[0] < pauses[3] <= 60


def test_an_exported_body_is_read_as_the_interface_sends_it(tmp_path: Path) -> None:
    body = {"data": {"items": [{"no": 912345678901234567, "sum": 1.10}, {"no": 2, "late": None}]}}
    (tmp_path / "sample.json").write_text(json.dumps(body), encoding="utf-8")
    table = open_table(tmp_path / "sample.json", source(type="http-json", url="https://host/", records="data.items"))
    rows: list[Row] = list(table.rows)
    assert rows[0].cells == {"no": "912345678901234567", "sum": "1.1", "late": ""}
    assert rows[1].cells["late"] == ""


def write_formulas(path: Path, result: str = "<v/>", calculated: str = ' fullCalcOnLoad="1"') -> None:
    """A workbook with a formula in B2 as its program left it, and a broken one in C2."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("List")
    sheet.write_row(0, 0, ["no", "sum", "late"])
    sheet.write_string(1, 0, "A")
    sheet.write_formula(1, 1, "=1+1", None, "RESULT")
    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    book.close()
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name).decode() for name in packed.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        ' t="str"><f>1+1</f><v>RESULT</v>', f"><f>1+1</f>{result}"
    )
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(' fullCalcOnLoad="1"', calculated)
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


@pytest.mark.parametrize("result", ["<v/>", "<v></v>", "", "<v>0</v>"])
def test_a_formula_that_was_never_calculated_is_no_empty_cell(tmp_path: Path, result: str) -> None:
    write_formulas(tmp_path / "f.xlsx", result)
    assert cells(open_table(tmp_path / "f.xlsx", source())) == [["A", NOT_CALCULATED, "#DIV/0!"]]


@pytest.mark.parametrize(("result", "text"), [("<v>2</v>", "2"), ("<v>0</v>", "0")])
def test_what_a_spreadsheet_has_calculated_is_its_value(tmp_path: Path, result: str, text: str) -> None:
    write_formulas(tmp_path / "f.xlsx", result, calculated="")
    assert cells(open_table(tmp_path / "f.xlsx", source()))[0][1] == text


@pytest.mark.parametrize(
    ("formula", "read"),
    [
        ("/>", NOT_CALCULATED),
        (' office:value-type="string" office:string-value=""><text:p>#REF!</text:p></table:table-cell>', "#REF!"),
        (' office:value-type="float" office:value="0"><text:p>Err:502</text:p></table:table-cell>', "#VALUE!"),
        (' office:value-type="string" office:string-value=""><text:p/></table:table-cell>', ""),
        (' office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>', "7"),
    ],
)
def test_a_formula_of_a_free_workbook_without_a_result_is_no_empty_cell(
    tmp_path: Path, formula: str, read: str
) -> None:
    write_ods(tmp_path / "f.ods")
    with zipfile.ZipFile(tmp_path / "f.ods") as packed:
        parts = {name: packed.read(name).decode() for name in packed.namelist()}
    before = '<table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>'
    assert before in parts["content.xml"]
    parts["content.xml"] = parts["content.xml"].replace(before, f'<table:table-cell table:formula="of:=1"{formula}')
    with zipfile.ZipFile(tmp_path / "f.ods", "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    assert cells(open_table(tmp_path / "f.ods", source()))[0][0] == read


@pytest.mark.parametrize("cell", [NOT_CALCULATED, "#DIV/0!", "#REF!", "#N/A"])
def test_a_failed_formula_is_told_with_what_to_do(cell: str) -> None:
    stated = FieldTable.model_validate({"column": "name"})
    found = Source("name", "name", stated, str, ALWAYS_MISSING).found(cell)
    assert found.fault
    assert found.fault.code == "formula"
    assert "save" in found.fault.reason
    stated = FieldTable.model_validate({"column": "name", "missing": [cell]})
    assert Source("name", "name", stated, str, ALWAYS_MISSING).found(cell).fault is None


def test_a_text_that_no_encoding_has_is_told_where_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "exported.json"
    path.write_text('[{"no": "1\\ud800", "name": "A"}, {"no": "2", "name": "B"}]', encoding="utf-8")
    first, second = open_table(path, source(type="http-json", url="https://example.org/list")).rows
    assert first.fault == "no holds characters that no text encoding has"
    assert second.fault == ""
    found = row_of(Place("p", None, 1), ("no", "name"), ("\udfff", "A"))
    assert found.fault == "no holds characters that no text encoding has"
