"""Dates of the Japanese eras, as offices write them: `H29.3.7`, `平成30年１月31日`, `令和元年7月31日`.

Source: 元号法 (Era Name Act, 1979) and the cabinet orders on each change of era.
"""

import re
import unicodedata
from datetime import date

_FIRST_DAYS = {
    "明治": date(1868, 1, 25),
    "大正": date(1912, 7, 30),
    "昭和": date(1926, 12, 25),
    "平成": date(1989, 1, 8),
    "令和": date(2019, 5, 1),
}
_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_DATE = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])(元|\d{1,2})(?:年|[./-])(\d{1,2})(?:月|[./-])(\d{1,2})日?")


def era_date(text: str) -> date | None:
    """The day that a text states in an era's years, in any width and spacing; None where it has no such form.

    A year beyond the end of its era is counted on, for papers printed before the change are used after it.

    Raises:
        ValueError: the day is not in the calendar, or lies before its era began.
    """
    found = _DATE.fullmatch("".join(unicodedata.normalize("NFKC", text).split()).upper())
    if not found:
        return None
    first = _FIRST_DAYS[_LETTERS.get(found[1], found[1])]
    year = 1 if found[2] == "元" else int(found[2])
    day = date(first.year + year - 1, int(found[3]), int(found[4]))
    if year == 0 or day < first:
        raise ValueError(f"{text!r} lies before its era began")
    return day
