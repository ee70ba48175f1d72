"""What the transport bureau delivers: operating licences, each with its validity."""

from typing import Final

from sharehub.demo.cast import CAST, companies
from sharehub.demo.country import Company
from sharehub.demo.sheets import Cell, Sheet, columns, table

_COLUMNS: Final = columns(
    "行政相对人名称,行政相对人代码_1（统一社会信用代码）,行政许可决定文书名称,行政许可决定文书号,许可类别,"
    "许可证书名称,许可编号,许可内容,许可决定日期,有效期自,有效期至,许可机关,当前状态,备注"
)
_RIDE, _COACH, _FREIGHT = "网络预约出租汽车经营", "道路旅客运输经营", "道路货物运输经营"


def licences() -> Sheet:
    """Three ride-hailing operators, others, and two lines that cannot be read."""
    rows = (
        _licence(CAST["ride-expired"], 101, _RIDE, ("2022-02-01", "2026-01-31")),
        _licence(CAST["ride-ending"], 102, _RIDE, ("2022-04-01", "2026-03-31")),
        _licence(CAST["ride-renewed"], 103, _RIDE, ("2026-02-15", "2030-02-14")) | {"当前状态": "延续"},
        _licence(CAST["coach"], 201, _COACH, ("2024-06-01", "2028-05-31")),
        _licence(CAST["haulier"], 301, _FREIGHT, ("2022-01-01", "2025-12-31")),
        *(
            _licence(who, 310 + number, _FREIGHT, ("2024-09-01", "2028-08-31"))
            for number, who in enumerate(companies()[100:112])
        ),
        _licence(companies()[112], 322, _FREIGHT, ("2022-02-01", "2026-02-30")),
        _licence(companies()[113], 323, _FREIGHT, ("2024-02-01", "2028-01-31"))
        | {"行政相对人代码_1（统一社会信用代码）": companies()[113].uscc[:17]},
    )
    header, cells = table(_COLUMNS, rows)
    return Sheet(
        connector="cn-transport-licence", file="licences-2026-03-02.csv", header=header, rows=cells, encoding="gb18030"
    )


def _licence(who: Company, number: int, category: str, validity: tuple[str, str]) -> dict[str, Cell]:
    valid_from, valid_to = validity
    return {
        "行政相对人名称": who.name,
        "行政相对人代码_1（统一社会信用代码）": who.uscc,
        "行政许可决定文书名称": "准予行政许可决定书",
        "行政许可决定文书号": f"东交许〔{valid_from[:4]}〕{number}号",
        "许可类别": category,
        "许可证书名称": "经营许可证",
        "许可编号": f"DJ{number:06d}",
        "许可内容": category,
        "许可决定日期": valid_from,
        "有效期自": valid_from,
        "有效期至": valid_to,
        "许可机关": who.city + "交通运输局",
        "当前状态": "有效",
    }
