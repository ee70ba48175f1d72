"""What the enforcement court delivers: judgments not performed, and the reminders it served.

The person's number stands here as courts print it; name and number are masked further before anything is sent.
"""

from typing import Final

from sharehub.demo.cast import CAST
from sharehub.demo.sheets import Cell, Sheet, columns, table

_COLUMNS: Final = columns(
    "案号,姓名/名称,身份证号码/组织机构代码,地域,执行法院,执行依据文号,作出执行依据单位,法律生效文书确定的义务,被执行人的履行情况,"
    "失信被执行人具体情形,履行能力认定,宽限期届满日,立案时间,认定日期,已履行部分,未履行部分,履行完毕日期,认定状态"
)
_REFUSES: Final = "有履行能力而拒不履行生效法律文书确定义务"
_COURT: Final = "东陵省白石市人民法院"
CASES: Final = {
    "debtor": "（2025）东9903执1187号",
    "debtor-two": "（2025）东9902执640号",
    "debtor-unable": "（2025）东9901执702号",
    "person": "（2025）东9901执955号",
}
_PERSON: Final = ("李清越", "9901001988****123X")


def judgments() -> Sheet:
    """Three companies and one person against whom a judgment is enforced, and one line without its case."""
    rows = (
        _judgment("debtor", "支付工程款3860000元及利息", "3860000元") | {"已履行部分": "0元"},
        _judgment("debtor-two", "支付材料款412000元", "412000元"),
        _judgment("debtor-unable", "支付土地承包费96000元", "96000元")
        | {
            "身份证号码/组织机构代码": _hyphenated(CAST["debtor-unable"].organisation_code),
            "失信被执行人具体情形": "",
            "履行能力认定": "无履行能力",
        },
        _judgment("person", "返还借款280000元", "280000元"),
        _judgment("debtor-two", "支付设计费38000元", "38000元") | {"案号": ""},
    )
    header, cells = table(_COLUMNS, rows)
    return Sheet(connector="cn-court-judgment", file="judgments-2026-03-02.csv", header=header, rows=cells)


def _judgment(role: str, obligation: str, unperformed: str) -> dict[str, Cell]:
    name, number = _party(role)
    return {
        "案号": CASES[role],
        "姓名/名称": name,
        "身份证号码/组织机构代码": number,
        "地域": "东陵",
        "执行法院": _COURT,
        "执行依据文号": CASES[role].replace("执", "民初"),
        "作出执行依据单位": _COURT,
        "法律生效文书确定的义务": obligation,
        "被执行人的履行情况": "全部未履行",
        "失信被执行人具体情形": _REFUSES,
        "履行能力认定": "有履行能力",
        "宽限期届满日": "2026年02月20日",
        "立案时间": "2025年10月20日",
        "认定日期": "2025年11月17日",
        "未履行部分": unperformed,
        "认定状态": "生效",
    }


def _party(role: str) -> tuple[str, str]:
    return _PERSON if role == "person" else (CAST[role].name, CAST[role].uscc)


def _hyphenated(organisation_code: str) -> str:
    return f"{organisation_code[:8]}-{organisation_code[8]}"


_SERVED: Final = ("2025-12-08", "2026-01-09", "2026-02-02")
_DOCUMENTS: Final = ("执行通知书（含失信风险提示）", "报告财产令", "纳入失信名单预先告知书")


def reminders() -> Sheet:
    """Three served reminders each, save for one debtor whose third came back; one line twice."""
    rows = [_reminder(role, number) for role in CASES for number in (1, 2, 3)]
    rows[5] |= {"送达日期": "", "送达回证": "", "备注": "退回，未送达"}
    rows.insert(7, rows[0])
    header, cells = table(_REMINDER_COLUMNS, tuple(rows))
    return Sheet(connector="cn-court-reminder", file="reminders-2026-03-02.csv", header=header, rows=cells)


_REMINDER_COLUMNS: Final = columns(
    "案号,姓名/名称,身份证号码/组织机构代码,催告次数,文书名称,签发日期,送达日期,送达回证,备注"
)


def _reminder(role: str, number: int) -> dict[str, Cell]:
    name, code = _party(role)
    served_on = _SERVED[number - 1]
    return {
        "案号": CASES[role],
        "姓名/名称": name,
        "身份证号码/组织机构代码": code,
        "催告次数": f"第{'一二三'[number - 1]}次",
        "文书名称": _DOCUMENTS[number - 1],
        "签发日期": served_on,
        "送达日期": served_on,
        "送达回证": f"回证{list(CASES).index(role) + 1}-{number}",
    }
