"""Countries, regions and addresses as agencies write them: same, close, different, or not said."""

import re
from typing import Literal

from rapidfuzz import fuzz

from sharehub.naming.folding import folded, squeezed

Outcome = Literal["same", "close", "differs", "missing"]

_NOISE = frozenset(
    {"of", "the", "and", "de", "republic", "republica", "federation", "federal", "kingdom", "state", "islamic", "arab"}
    | {"plurinational", "bolivarian", "bolivariana", "sar", "special", "administrative", "region", "st", "saint"}
)
_ALSO = {
    "viet nam": "vietnam",
    "great britain": "united kingdom",
    "uk": "united kingdom",
    "england": "united kingdom",
    "united kingdom of great britain and northern ireland": "united kingdom",
    "united republic of tanzania": "tanzania",
    "usa": "united states",
    "united states of america": "united states",
    "kyrgyz republic": "kyrgyzstan",
    "slovak republic": "slovakia",
    "czech republic": "czechia",
    "turkiye": "turkey",
    "cote divoire": "ivory coast",
    "lao peoples democratic republic": "laos",
    "lao pdr": "laos",
    "russian federation": "russia",
    "syrian arab republic": "syria",
    "brunei darussalam": "brunei",
    "republic of korea": "south korea",
    "korea republic of": "south korea",
    "中国": "china",
    "peoples republic of china": "china",
}
_CODE = 2
_SUFFIX = re.compile("(省|市|自治区|壮族|回族|维吾尔|特别行政区|県|县|府|都|道|区)$")


def same_country(left: str, right: str) -> Outcome:
    """Two countries by name, or both by code; `Tanzania` and `United Republic of Tanzania` are one."""
    if not left.strip() or not right.strip():
        return "missing"
    ours, theirs = _country(left), _country(right)
    if (len(left.strip()) == _CODE) != (len(right.strip()) == _CODE) and ours != theirs:
        return "missing"  # a code beside a name says nothing
    return "same" if ours == theirs else "differs"


def same_region(left: str, right: str) -> Outcome:
    """Two regions or cities, with or without 省, 市, 県."""
    ours, theirs = (_SUFFIX.sub("", squeezed(folded(one))) for one in (left, right))
    if not ours or not theirs:
        return "missing"
    if ours == theirs:
        return "same"
    return "close" if ours.startswith(theirs) or theirs.startswith(ours) else "differs"


def same_address(left: str, right: str) -> Outcome:
    """Two addresses: `same` where one holds the other's words and numbers, `close` where most agree."""
    ours, theirs = folded(left).replace("(", " ").replace(")", " "), folded(right).replace("(", " ").replace(")", " ")
    if len(ours) < 5 or len(theirs) < 5:
        return "missing"
    numbers = [set(re.findall(r"[0-9]+", one)) for one in (ours, theirs)]
    agreeing = numbers[0] <= numbers[1] or numbers[1] <= numbers[0]
    spaced = ours.isascii() and theirs.isascii()
    alike = fuzz.token_set_ratio(ours, theirs) if spaced else fuzz.ratio(squeezed(ours), squeezed(theirs))
    if alike >= 88 and agreeing:
        return "same"
    return "close" if alike >= 70 else "differs"


def _country(text: str) -> frozenset[str]:
    name = folded(text).replace("(", " ").replace(")", " ")
    name = _ALSO.get(" ".join(name.split()), name)
    return frozenset(name.split()) - _NOISE or frozenset(name.split())
