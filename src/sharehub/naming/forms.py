"""Legal forms: found at the end, at the start, in brackets or glued to a name, and known under one short code.

The tables are data: `legal_forms.toml` by hand, `legal_forms.csv` from GLEIF's list (`elf.py`); both are read once.
"""

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from sharehub.naming.folding import folded, squeezed

_HERE = Path(__file__).parent
WORDS_MAX = 10
"""No spelling has more words than this, counted in a name as it is written (`S. A. de C. V.` has five)."""


HONORIFIC = "MS"
"""Messrs is taken off like a form, and is none."""


Agreement = Literal["same", "close", "differs", "missing"]


class Forms(NamedTuple):
    """Spelling to code, for each place in a name where a form may stand; spellings have no spaces."""

    end: Mapping[str, str]
    start: Mapping[str, str]
    bracketed: Mapping[str, str]
    glued: Mapping[str, str]
    glued_pattern: re.Pattern[str]
    family: Mapping[str, str]


@cache
def forms() -> Forms:
    """All tables."""
    toml, hand = _toml(), by_hand()
    end = {**_gleif(), **hand}
    starting = frozenset(toml["start"])
    glued = _spelled(toml["glued"])
    longest = sorted(glued, key=len, reverse=True)
    return Forms(
        end,
        {way: code for way, code in hand.items() if code in starting},
        {**_spelled(toml["bracketed"]), **glued, **end},
        glued,
        re.compile("|".join(map(re.escape, longest))),
        {code: family for family, codes in toml["families"].items() for code in codes},
    )


@cache
def by_hand() -> Mapping[str, str]:
    """The spellings of `legal_forms.toml` for names written with spaces."""
    return _spelled(_toml()["forms"])


def agree(left: Iterable[str], right: Iterable[str]) -> Agreement:
    """How two names' forms relate: `same`, `close` (kindred, or one says less), `differs`, `missing`."""
    ours, theirs = set(left), set(right)
    if not ours or not theirs:
        return "missing"
    if ours == theirs:
        return "same"
    family = forms().family
    kindred = {family.get(code, code) for code in ours} & {family.get(code, code) for code in theirs}
    return "close" if kindred or ours <= theirs or theirs <= ours else "differs"


@cache
def _toml() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((_HERE / "legal_forms.toml").read_text(encoding="utf-8"))


def _spelled(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {squeezed(folded(way)): code for code, ways in table.items() for way in ways}


def _gleif() -> dict[str, str]:
    with (_HERE / "legal_forms.csv").open(encoding="utf-8", newline="") as file:
        return {row["spelling"]: row["code"] for row in csv.DictReader(file)}
