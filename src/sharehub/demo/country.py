"""An invented country: three cities, their companies, and the few whose day the demo follows.

Everything here is made up. The division codes 9901 to 9903 are assigned to no place, so that no code and no
address can belong to a real company; check digits are right, because the hub checks them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sharehub.core.identifier import USCC_ALPHABET, orgcode_check_digit, uscc_check_digit

SEED: Final = "sharehub demo 2026-03-02"
PROVINCE: Final = "东陵省"
CITIES: Final = {"清河市": "990100", "云溪市": "990200", "白石市": "990300"}

_STREETS = ("槐荫路", "柳堤街", "石桥路", "文汇街", "安澜路", "新渠大道", "望山路", "织造街", "南塘路", "北仓街")
_FIRST = "恒瑞嘉永启昌源泰禾宏景润博雅联盛远汇兴和"
_SECOND = "澜岳丰图达川林辰越信谷帆岭安通原晖舟野庆"
_TRADES = {
    "商贸": "日用百货、农副产品销售",
    "物流": "普通货物仓储服务、装卸搬运",
    "建材": "建筑材料销售",
    "食品": "预包装食品销售",
    "机械设备": "通用机械设备制造、销售",
    "信息技术": "软件开发、信息系统集成服务",
    "园林绿化": "园林绿化工程施工",
    "包装": "纸制包装品制造、销售",
    "餐饮管理": "餐饮管理、餐饮服务",
    "家具": "木质家具制造、销售",
    "汽车服务": "机动车修理和维护",
    "纺织": "针纺织品及原料销售",
}
_FORMS = {
    "有限公司": "有限责任公司",
    "有限责任公司": "有限责任公司(自然人投资或控股)",
    "股份有限公司": "股份有限公司",
}
_CAPITAL_UNITS = ("{}万人民币", "{}.0000(万元人民币)", "{}万元人民币")


@dataclass(frozen=True, slots=True)
class Company:
    """One company as its registry would have it."""

    uscc: str
    name: str
    city: str
    address: str
    scope: str
    legal_form: str
    registered_on: date
    capital: str

    @property
    def identifier(self) -> str:
        """The main identifier in its text form."""
        return f"CN-USCC:{self.uscc}"

    @property
    def organisation_code(self) -> str:
        """Characters 9 to 17 of the unified code."""
        return self.uscc[8:17]


def invented(*parts: str) -> random.Random:
    """A source of choices that gives the same for the same parts, on every machine and in every year."""
    return random.Random("/".join((SEED, *parts)))  # noqa: S311  invented data, no secret


def company(name: str, city: str, scope: str, legal_form: str = "有限责任公司") -> Company:
    """The company of that name; all the rest follows from the name."""
    chance = invented(name)
    return Company(
        uscc=_uscc(chance, CITIES[city]),
        name=name,
        city=city,
        address=f"{PROVINCE}{city}{chance.choice(_STREETS)}{chance.randint(1, 388)}号",
        scope=scope,
        legal_form=legal_form,
        registered_on=date(2003, 1, 6) + timedelta(days=chance.randint(0, 7600)),
        capital=chance.choice(_CAPITAL_UNITS).format(chance.choice((30, 50, 100, 200, 500, 1000, 3000))),
    )


def early_code(who: Company) -> Company:
    """The same company under a code as some early ones are: lawful, though its last character fails the check."""
    return replace(who, uscc=who.uscc[:17] + ("2" if who.uscc[17] == "1" else "1"))


def ordinary_companies(count: int) -> tuple[Company, ...]:
    """Companies of which nothing special is known, no two of one name."""
    chance = invented("ordinary")
    found: dict[str, Company] = {}
    for name, city, trade, form in _names(chance):
        if len(found) == count:
            break
        found.setdefault(name, company(name, city, _TRADES[trade], _FORMS[form]))
    return tuple(found.values())


def _names(chance: random.Random) -> Iterator[tuple[str, str, str, str]]:
    while True:
        city = chance.choice(tuple(CITIES))
        trade, form = chance.choice(tuple(_TRADES)), chance.choice(tuple(_FORMS))
        brand = chance.choice(_FIRST) + chance.choice(_SECOND)
        yield f"{city.removesuffix('市')}{brand}{trade}{form}", city, trade, form


def _uscc(chance: random.Random, division: str) -> str:
    body = "MA" + "".join(chance.choices(USCC_ALPHABET, k=6))
    first = "91" + division + body + orgcode_check_digit(body)
    return first + uscc_check_digit(first)
