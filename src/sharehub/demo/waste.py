"""What the city of Qinghe delivers: the first fines of its invented pilot on household waste."""

from datetime import date
from typing import Final

from sharehub.demo.cast import CAST
from sharehub.demo.country import Company
from sharehub.demo.sheets import Cell, Sheet, columns, table

_WASTE: Final = columns("物业服务企业,统一社会信用代码,小区名称,决定书编号,违法情形,罚款（元）,决定日期,决定状态")


def waste_penalties() -> Sheet:
    """The pilot's first fines: one of the kind it names, one of another, one from before it began."""
    rows = (
        _waste(CAST["estate"], "柳堤花园", 4, date(2026, 2, 6), "将已分类垃圾混合运输"),
        _waste(CAST["estate-tidy"], "槐荫里", 5, date(2026, 2, 11), "未设置分类收集容器"),
        _waste(CAST["estate-early"], "北仓小区", 1, date(2026, 1, 8), "将已分类垃圾混合运输"),
    )
    header, cells = table(_WASTE, rows)
    return Sheet(connector="qinghe-waste", file="waste-pilot-2026-03-02.xlsx", header=header, rows=cells)


def _waste(who: Company, estate: str, number: int, on: date, violation: str) -> dict[str, Cell]:
    return {
        "物业服务企业": who.name,
        "统一社会信用代码": who.uscc,
        "小区名称": estate,
        "决定书编号": f"清住建罚〔2026〕{number}号",
        "违法情形": violation,
        "罚款（元）": 3000 + 500 * number,
        "决定日期": on,
        "决定状态": "已生效",
    }
