"""What tells kindred bodies apart: numbers, directions, and words such as `branch` or `group`.

Two names that differ in one of these are names of two bodies, however alike they look: Factory No. 1 and No. 2,
一分公司 and 二分公司, Alfa North and Alfa South, a group and its subsidiary.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sharehub.naming.normal import Name

HAN_DIGITS = "〇零一二三四五六七八九十百两"
HAN_DISTINCT = frozenset(HAN_DIGITS + "东南西北中上下前后左右新老大小甲乙丙丁内外")
"""Single characters that tell places and numbers apart; where only these differ, two bodies are meant."""
_HAN_UNITS = (
    "集团",
    "总公司",
    "分公司",
    "支公司",
    "子公司",
    "分店",
    "支店",
    "营业部",
    "门市部",
    "分行",
    "支行",
    "办事处",
    "代表处",
    "分厂",
    "分社",
    "支局",
)
_UNIT = (
    "分|支|厂|店|号|队|部|中学|小学|门市|营业|支行|医院|建|工程|加油站|社|车间|期|矿|局|院|所|处|组|公司|幼儿园|经营"
    "|冶|航|铁"
)
_HAN_NUMBER = re.compile(f"第([{HAN_DIGITS}]+)|([{HAN_DIGITS}]+)(?={_UNIT})")
_DIGITS = re.compile(r"[0-9]+")
_VALUES = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"〇": 0, "两": 2, "百": 100}


class Words(NamedTuple):
    """The tables of `words.toml`."""

    distinct: frozenset[str]
    generic: frozenset[str]
    apart: frozenset[str]
    numbers: Mapping[str, str]
    short: Mapping[str, str]


class Marks(NamedTuple):
    """Numbers in the order in which they stand, as digits; and the distinguishing words."""

    numbers: tuple[str, ...]
    words: frozenset[str]


@cache
def words() -> Words:
    """The word lists, read once."""
    toml = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    numbers = {way: number for number, ways in toml["numbers"].items() for way in ways}
    short = {way: word for word, ways in toml["short"].items() for way in ways}
    return Words(frozenset(toml["distinct"]), frozenset(toml["generic"]), frozenset(toml["apart"]), numbers, short)


def marks(name: Name) -> Marks:
    """What tells this name's bearer from its kin."""
    if name.script in ("han", "kana"):
        return Marks(_numbers_in(name.squeezed), frozenset(one for one in _HAN_UNITS if one in name.squeezed))
    table = words()
    # The first word of a name is a name: First Alfa, New Horizon.
    numbers = [number for word in name.tokens for number in _numbers_of(word, table.numbers)]
    return Marks(tuple(numbers), table.distinct.intersection(name.tokens))


def _numbers_of(word: str, ordinals: Mapping[str, str]) -> list[str]:
    if word in ordinals:
        return [ordinals[word]]
    return [found.lstrip("0") or "0" for found in _DIGITS.findall(word)]


def _numbers_in(text: str) -> tuple[str, ...]:
    """Digits, and Han numerals that count something: 第二, 三厂, 十二分公司."""
    return tuple(one.lstrip("0") or "0" for one in _DIGITS.findall(in_digits(text)))


def in_digits(text: str) -> str:
    """Han numerals that count something as digits, set off by spaces, without 第."""
    spoken = _HAN_NUMBER.sub(lambda found: f" {_value(found[1] or found[2])} ", text)
    return " ".join(_DIGITS.sub(lambda found: f" {found[0]} ", spoken.replace("第", " ")).split())


def _value(numeral: str) -> int:
    """二十三 is 23, 二〇一〇 is 2010."""
    if not {"十", "百"} & set(numeral):
        return int("".join(str(_VALUES[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in "十百":
            total, digit = total + (digit or 1) * _VALUES[char], 0
        else:
            digit = _VALUES[char]
    return total + digit
