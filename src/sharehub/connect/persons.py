"""Numbers of persons: told from those of companies, and masked as courts' own notices mask them.

In doubt a number is a person's: a unified code may be all digits too, and then only its check digit tells.
"""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from stdnum.cn import ric

from sharehub.connect.folding import half_width
from sharehub.connect.hook import Connector, RejectRow
from sharehub.core import identifier
from sharehub.core.privacy import masked_identifier, of_person

_LEFT: Final = 4
_NUMBER: Final = re.compile(r"\d{6}(?:19|20)\d\d(?:\*{4}|[01]\d[0-3]\d)\d{3}[0-9X]|\d{4}\*{10}\d{3}[0-9X]")
_TOKEN: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-zÑ&](?:[ .\u00a0\u3000-]?[0-9A-Za-zÑ&]){10,20}(?![0-9A-Za-z+])")
_SIGNS: Final = re.compile(r"[ .\u00a0\u3000-]")
_ABROAD: Final = ("BR-CPF", "MX-RFC")
_LENGTHS: Final = range(15, 22)
_DIGITS_MIN: Final = 14


class Parties(Connector):
    """Rows of companies and persons, whose number stands in one column: `unified code`, `organisation code` or
    `masked number`, and `subject kind`, are what the mapping finds instead."""

    name: ClassVar[str] = "姓名/名称"
    number: ClassVar[str] = "身份证号码/组织机构代码"

    def prepare(self, row: Mapping[str, str]) -> Mapping[str, str]:
        """The row with its number in the column of its kind; a person's name and number go no further."""
        number = row.get(self.number, "").strip().upper()
        if _personal(number):
            name = row.get(self.name, "")
            shown = {self.name: name[:1] + "*" * (len(name) - 1), "masked number": _masked(number)}
            return {**row, **shown, "subject kind": "individual"}
        for scheme, column in (("CN-USCC", "unified code"), ("CN-ORGCODE", "organisation code")):
            if identifier.read(scheme, number).status != "reject":
                return {**row, "subject kind": "company", column: number}
        raise RejectRow("the number is neither a unified code, an organisation code nor a person's number", self.number)


def hidden(text: str) -> str:
    """The text without any number that may be a person's: of such a one the first and last four are left at most.

    A mistyped number is hidden too, where it is no sound number of a company.
    """
    plain = half_width(text)
    parts: list[str] = []
    at = 0
    for found in _TOKEN.finditer(plain):
        number = _SIGNS.sub("", found[0]).upper()
        if shown := _shown(number):
            parts += (text[at : found.start()], shown)
            at = found.end()
    return "".join((*parts, text[at:]))


def _shown(number: str) -> str:
    """What is shown in place of a number that may be a person's; nothing where it is none."""
    for scheme in _ABROAD:
        for one in identifier.read(scheme, number).identifiers:
            if of_person(one):
                return masked_identifier("individual", one).value
    long = len(number) in _LENGTHS and sum(map(str.isdigit, number)) >= _DIGITS_MIN
    personal = long and (_personal(number) or identifier.read("CN-USCC", number).status != "ok")
    return _masked(number) if personal else ""


def _personal(number: str) -> bool:
    if not _NUMBER.fullmatch(number):
        return False
    company = "*" not in number and identifier.read("CN-USCC", number).status == "ok"
    return not company or bool(ric.calc_check_digit(number) == number[-1])


def _masked(number: str) -> str:
    return number[:_LEFT] + "*" * (len(number) - 2 * _LEFT) + number[-_LEFT:]
