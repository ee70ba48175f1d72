"""What the petitions office delivers: complaints, which are routed and decide nothing (law 4)."""

from typing import Final

from sharehub.demo.cast import CAST, OFFICE
from sharehub.demo.sheets import Sheet, columns, table

_COLUMNS: Final = columns("受理编号,被反映对象,对象代码,反映事项,承办机关,登记日期,反映人姓名,反映人电话")


def complaints() -> Sheet:
    """One about an office and one about a company; the columns that name the authors stay where they are."""
    rows = (
        {
            "受理编号": "东信〔2026〕301号",
            "被反映对象": "云溪市市场监督管理局第二登记窗口",
            "对象代码": OFFICE.removeprefix("CN-OFFICE:"),
            "反映事项": "登记窗口三次要求重复提交同一材料",
            "承办机关": "东陵省市场监督管理局",
            "登记日期": "2026-02-25",
            "反映人姓名": "王知夏",
            "反映人电话": "000-5550133",
        },
        {
            "受理编号": "东信〔2026〕302号",
            "被反映对象": CAST["coach"].name,
            "对象代码": CAST["coach"].uscc,
            "反映事项": "客运班次夜间鸣笛扰民",
            "承办机关": "东陵省交通运输厅",
            "登记日期": "2026-02-27",
            "反映人姓名": "赵秋禾",
            "反映人电话": "000-5550188",
        },
    )
    header, cells = table(_COLUMNS, rows)
    return Sheet(connector="cn-complaint", file="complaints-2026-03-02.csv", header=header, rows=cells)
