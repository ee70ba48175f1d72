"""What the bureaus that fine deliver: environment and medicines."""

from datetime import date
from typing import Final

from sharehub.demo.cast import CAST, companies
from sharehub.demo.country import Company
from sharehub.demo.sheets import Cell, Sheet, columns, table

_PUBLIC: Final = (
    "行政相对人名称",
    "行政相对人类别",
    "行政相对人代码_1（统一社会信用代码）",
    "行政相对人代码_2（工商注册号）",
    "行政相对人代码_3（组织机构代码）",
    "行政处罚决定书文号",
    "违法行为类型",
    "违法事实",
    "处罚依据",
    "处罚类别",
    "处罚内容",
    "罚款金额（万元）",
    "没收违法所得、没收非法财物的金额（万元）",
    "处罚决定日期",
    "处罚有效期",
    "公示截止期",
    "处罚机关",
    "当前状态",
    "备注",
)
_FINAL, _APPEAL, _PROPOSED = "已生效", "行政复议中", "拟处罚"


def environment_penalties() -> Sheet:
    """One major fine, small ones, one over, one under appeal, one only proposed, one warning; four lines of trouble."""
    small = companies()[70:73]
    rows = [
        _fined("dyer", "清环罚〔2026〕7号", date(2026, 2, 12), "通过暗管排放水污染物", 236.5),
        _fined("foundry", "白环罚〔2026〕3号", date(2026, 1, 20), "未采取集中收集处理等措施控制粉尘", 8),
        _fined("kiln", "云环罚〔2025〕19号", date(2025, 3, 16), "超标排放大气污染物", "5.000000"),
        _fined("tannery", "白环罚〔2024〕88号", date(2024, 11, 20), "超标排放水污染物", 6),
        _fined("paper", "云环罚〔2026〕5号", date(2026, 2, 5), "超标排放水污染物", 210) | {"当前状态": _APPEAL},
        _fined("cement", "白环罚告〔2026〕9号", date(2026, 2, 26), "篡改监测数据", 205) | {"当前状态": _PROPOSED},
        _fined("laundry", "清环罚〔2026〕6号", date(2026, 2, 10), "未按规定建立台账", None)
        | {"处罚类别": "警告", "处罚内容": "警告"},
        *(_small_fine(number, who) for number, who in enumerate(small)),
    ]
    impossible = _small_fine(7, companies()[73]) | {"处罚决定日期": "2026-02-30"}
    bad_code = _small_fine(8, companies()[74]) | {"行政相对人代码_1（统一社会信用代码）": "91990100MA2O3I4V5Z"}
    unnamed = _small_fine(9, companies()[75]) | {"行政处罚决定书文号": None}
    header, cells = table(_PUBLIC, (*rows, rows[1], impossible, bad_code, unnamed))
    return Sheet(
        connector="cn-environment-penalty",
        file="double-publicity-2026-03-02.xlsx",
        header=header,
        rows=cells,
        above=("行政处罚信息公示表",),
    )


def _fined(role: str, number: str, on: date, violation: str, fine: Cell) -> dict[str, Cell]:
    return _decision(CAST[role], number, on, violation) | {
        "处罚依据": "《中华人民共和国环境保护法》",
        "罚款金额（万元）": fine,
        "处罚机关": CAST[role].city + "生态环境局",
    }


def _small_fine(number: int, who: Company) -> dict[str, Cell]:
    decided_on = date(2025, 12, 3 + number)
    return _decision(who, f"东环罚〔2025〕{210 + number}号", decided_on, "未按规定贮存危险废物") | {
        "处罚依据": "《中华人民共和国固体废物污染环境防治法》第一百一十二条",
        "罚款金额（万元）": 2 + number,
        "处罚机关": who.city + "生态环境局",
    }


def _decision(who: Company, number: str, on: date, violation: str) -> dict[str, Cell]:
    return {
        "行政相对人名称": who.name,
        "行政相对人类别": "法人及非法人组织",
        "行政相对人代码_1（统一社会信用代码）": who.uscc,
        "行政处罚决定书文号": number,
        "违法行为类型": violation,
        "违法事实": violation,
        "处罚类别": "罚款",
        "处罚内容": "罚款",
        "处罚决定日期": on,
        "当前状态": _FINAL,
    }


_MEDICINES: Final = columns(
    "被处罚单位,统一社会信用代码,处罚决定书文号,违法行为,违法事实,处罚种类,罚款金额(元),没收违法所得(元),决定日期,决定状态,处罚机关"
)
_UNAUTHORISED: Final = "未取得药品经营许可证销售药品"


def medicines_penalties() -> Sheet:
    """Two final decisions on unauthorised sales, one under appeal, one of another kind, one without its number."""
    rows = (
        _medicine(CAST["pharmacy"], "清药监罚〔2026〕2号", "2026年1月28日", _UNAUTHORISED, "150,000.00"),
        _medicine(CAST["herbal"], "云药监罚〔2025〕31号", "2025年11月5日", _UNAUTHORISED, "100000"),
        _medicine(CAST["drugstore"], "白药监罚〔2026〕4号", "2026年2月2日", "未按规定制作药品购销记录", "20000"),
        _medicine(companies()[80], "白药监罚〔2026〕6号", "2026年2月16日", _UNAUTHORISED, "90000")
        | {"决定状态": "行政诉讼中"},
        _medicine(companies()[81], "", "2026年2月18日", _UNAUTHORISED, "80000"),
    )
    header, cells = table(_MEDICINES, rows)
    return Sheet(
        connector="cn-medicines-penalty",
        file="medicines-2026-03-02.csv",
        header=header,
        rows=cells,
        encoding="gb18030",
    )


def _medicine(who: Company, number: str, on: str, violation: str, fine: str) -> dict[str, Cell]:
    return {
        "被处罚单位": who.name,
        "统一社会信用代码": who.uscc,
        "处罚决定书文号": number,
        "违法行为": violation,
        "违法事实": violation,
        "处罚种类": "罚款",
        "罚款金额(元)": fine,
        "决定日期": on,
        "决定状态": _FINAL,
        "处罚机关": who.city + "药品监督管理局",
    }
