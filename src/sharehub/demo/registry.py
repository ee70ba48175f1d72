"""What the market regulator delivers: the registrations of the country, and its penalties."""

from typing import Final

from sharehub.demo.cast import CAST, companies
from sharehub.demo.country import PROVINCE, Company, company, early_code
from sharehub.demo.sheets import Cell, Sheet, columns, table

_COLUMNS: Final = columns(
    "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址"
)

EARLY_CODE: Final = early_code(company("云溪源通五金商行", "云溪市", "五金产品零售"))
"""A lawful code whose check digit fails, as some early ones do: kept with a warning."""


def registrations() -> Sheet:
    """Three hundred companies, one line twice, and three lines that no register can use."""
    everyone = companies()
    rows = [_registered(each) for each in (*everyone, EARLY_CODE)]
    rows.insert(120, rows[119])
    rows.insert(140, _registered(company("白石盛野茶叶商行", "白石市", "茶叶零售"), uscc="9199O300MAI2B3C4D5"))
    rows.insert(180, _registered(company("清河永帆五金有限公司", "清河市", "五金产品零售"), uscc="9.1990100E+17"))
    rows.insert(220, _registered(company("云溪宏晖广告有限公司", "云溪市", "广告制作"), name=""))
    return Sheet(connector="cn-registry", file="registrations-2026-03-02.csv", header=_COLUMNS, rows=tuple(rows))


def _registered(who: Company, **instead: str) -> tuple[Cell, ...]:
    return (
        instead.get("name", who.name),
        instead.get("uscc", who.uscc),
        who.registered_on.isoformat(),
        who.legal_form,
        "",
        who.capital,
        who.scope,
        PROVINCE.removesuffix("省"),
        who.city.removesuffix("市"),
        who.address,
    )


_PENALTY_COLUMNS: Final = columns(
    "cf_xdr_mc,cf_xdr_lb,cf_xdr_shxym,cf_xdr_gszc,cf_xdr_zzjg,cf_xdr_swdj,cf_wsh,cf_wfxw,cf_sy,cf_yj,cf_cflb,"
    "cf_nr,cf_nr_fk,cf_nr_wfff,cf_nr_zkdx,cf_jdrq,cf_yxq,cf_gsjzq,cf_cfjg,cf_cfjgdm,cf_zt,bz"
)
_OFFICE: Final = "云溪市市场监督管理局"


def market_penalties() -> Sheet:
    """One registration revoked for fraud; the rest has no consequence elsewhere."""
    others = companies()[60:64]
    fraud = _penalty(CAST["fraud"], 11, "2026/02/09", "提交虚假材料取得公司登记") | {
        "cf_sy": "提交虚假住所证明和冒用他人身份取得公司登记",
        "cf_cflb": "吊销营业执照",
        "cf_nr": "撤销公司登记，并处罚款",
        "cf_nr_fk": "5.000000",
        "cf_nr_zkdx": "营业执照",
    }
    rows = [fraud, *(_penalty(who, 12 + n, f"2026/02/1{n}", "发布虚假广告") for n, who in enumerate(others[:3]))]
    proposed = _penalty(others[3], 21, "2026/02/24", "提交虚假材料取得公司登记") | {"cf_zt": "拟处罚"}
    destroyed = _penalty(company("白石丰林装饰有限公司", "白石市", "装饰工程"), 22, "2026/02/25", "发布虚假广告")
    rows += [proposed, rows[1], destroyed | {"cf_xdr_shxym": "9.1990E+17"}]
    header, cells = table(_PENALTY_COLUMNS, tuple(rows))
    return Sheet(
        connector="cn-market-penalty", file="penalties-2026-03-02.csv", header=header, rows=cells, encoding="utf-8-sig"
    )


def _penalty(who: Company, number: int, decided_on: str, violation: str) -> dict[str, Cell]:
    return {
        "cf_xdr_mc": who.name,
        "cf_xdr_lb": "法人及非法人组织",
        "cf_xdr_shxym": who.uscc,
        "cf_xdr_zzjg": who.organisation_code,
        "cf_wsh": f"云市监罚〔2026〕{number}号",
        "cf_wfxw": violation,
        "cf_sy": violation,
        "cf_yj": "《中华人民共和国市场主体登记管理条例》第四十条"
        if "登记" in violation
        else "《中华人民共和国广告法》第五十五条",
        "cf_cflb": "罚款",
        "cf_nr": "罚款",
        "cf_nr_fk": "0.800000",
        "cf_jdrq": decided_on,
        "cf_yxq": "2099/12/31",
        "cf_cfjg": _OFFICE,
        "cf_zt": "已生效",
    }
