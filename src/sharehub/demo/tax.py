"""What the tax bureau delivers: the best-rated taxpayers, and who owes."""

from datetime import date
from typing import Final

from sharehub.demo.cast import CAST, companies
from sharehub.demo.country import CITIES, Company
from sharehub.demo.sheets import Cell, Sheet, table

_RATING_COLUMNS: Final = ("编号\t纳税人识别号", "纳税人名称", "信用级别", "评价年度", "税务机关")

A_RATED: Final = companies()[30:48]
"""The taxpayers with the best rating of the year."""


def ratings() -> Sheet:
    """Eighteen taxpayers as the bureau prints them: its labels stand one place off, some numbers are decorated."""
    rows = [_rated(who) for who in A_RATED]
    rows[5] = _rated(A_RATED[5], number="L" + A_RATED[5].uscc)
    rows[9] = _rated(A_RATED[9], number="L" + A_RATED[9].uscc + "01")
    rows[13] = _rated(A_RATED[13], number=CITIES[A_RATED[13].city] + A_RATED[13].organisation_code)
    rows.insert(17, rows[16])
    rows.append(_rated(companies()[90], number="无"))
    return Sheet(
        connector="cn-tax-rating",
        file="a-rated-2024.csv",
        header=_RATING_COLUMNS,
        rows=tuple(rows),
        encoding="gb18030",
    )


def _rated(who: Company, number: str = "") -> tuple[Cell, ...]:
    return ("1", number or who.uscc, who.name, "2024", f"国家税务总局{who.city}税务局第二税务所")


_ARREARS_COLUMNS: Final = (
    "纳税人名称(姓名)",
    "社会信用代码（纳税人识别号）",
    "法定代表人或负责人姓名（业主姓名）",
    "居民身份证或其他有效身份证件号码（身份证件出生月日4位以*替代）",
    "经营地点",
    "欠税税种",
    "欠税余额（单位：元）",
    "其中：当期新发生欠税金额（单位：元）",
    "是否有争议",
    "公告日期",
    "主管税务所（科、分局）",
)


def arrears() -> Sheet:
    """One taxpayer that owes two taxes, one that owes one, one that contests, one that has paid, one line too short."""
    rows = (
        _owing(CAST["arrears"], "增值税", "1,283,400.55", 210_400.1),
        _owing(CAST["arrears"], "资源税", 96_210, 0),
        _owing(CAST["dyer"], "增值税", 412_000.25, 412_000.25),
        _owing(CAST["arrears-contested"], "企业所得税", 780_000, 780_000) | {"是否有争议": "是"},
        _owing(CAST["arrears-paid"], "房产税", 0, 0),
        _owing(companies()[91], "增值税", None, None),
    )
    header, cells = table(_ARREARS_COLUMNS, rows)
    return Sheet(connector="cn-tax-arrears", file="arrears-2025-q4.xlsx", header=header, rows=cells)


def arrears_paid() -> Sheet:
    """The same list in the afternoon: the taxpayer that owed two taxes has paid both."""
    paid = {"公告日期": date(2026, 3, 2)}
    rows = (
        _owing(CAST["arrears"], "增值税", 0, 0) | paid,
        _owing(CAST["arrears"], "资源税", 0, 0) | paid,
        _owing(CAST["dyer"], "增值税", 412_000.25, 412_000.25),
        _owing(CAST["arrears-contested"], "企业所得税", 780_000, 780_000) | {"是否有争议": "是"},
        _owing(CAST["arrears-paid"], "房产税", 0, 0),
    )
    header, cells = table(_ARREARS_COLUMNS, rows)
    return Sheet(connector="cn-tax-arrears", file="arrears-2026-03-02-afternoon.xlsx", header=header, rows=cells)


def _owing(who: Company, tax: str, balance: Cell, arisen: Cell) -> dict[str, Cell]:
    return {
        "纳税人名称(姓名)": who.name,
        "社会信用代码（纳税人识别号）": who.uscc,
        "经营地点": who.address,
        "欠税税种": tax,
        "欠税余额（单位：元）": balance,
        "其中：当期新发生欠税金额（单位：元）": arisen,
        "是否有争议": "否",
        "公告日期": date(2026, 2, 13),
        "主管税务所（科、分局）": f"{who.city}税务局第一税务所",
    }
