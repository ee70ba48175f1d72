"""Tells companies from persons by the shape of their number, and masks persons before anything else is done."""

import re
from collections.abc import Mapping

from stdnum.cn import ric

from sharehub.connect import Connector, RejectRow
from sharehub.core import identifier

_NAME, _NUMBER = "姓名/名称", "身份证号码/组织机构代码"
_PERSON = re.compile(r"\d{6}(?:19|20)\d\d(?:\*{4}|[01]\d[0-3]\d)\d{3}[0-9X]")


class Reminders(Connector):
    """Prepares each row."""

    def prepare(self, row: Mapping[str, str]) -> Mapping[str, str]:
        """The row with its number in the column of its kind; a person's name and number go no further."""
        number = row.get(_NUMBER, "").strip().upper()
        if _of_a_person(number):
            masked = number[:4] + "*" * 10 + number[-4:]
            return {**row, _NAME: _masked(row.get(_NAME, "")), "subject kind": "individual", "masked number": masked}
        for scheme, column in (("CN-USCC", "unified code"), ("CN-ORGCODE", "organisation code")):
            if identifier.read(scheme, number).status != "reject":
                return {**row, "subject kind": "company", column: number}
        raise RejectRow("the number is neither a unified code, an organisation code nor a person's number", _NUMBER)


def _of_a_person(number: str) -> bool:
    """In doubt a person: a unified code may be all digits too, and then only its check digit tells."""
    if not _PERSON.fullmatch(number):
        return False
    company = "*" not in number and identifier.read("CN-USCC", number).status == "ok"
    return not company or bool(ric.calc_check_digit(number) == number[-1])


def _masked(name: str) -> str:
    return name[:1] + "*" * (len(name) - 1)
