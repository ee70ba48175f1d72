"""Values of a rulebook as people read them, and one value becoming another in a sentence."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import singledispatch

from sharehub.core.condition import WORDS, Condition
from sharehub.core.rank import Basis, Rank

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_GROUPED_FROM = 10_000
"""Below this a number may be a year, which has no thousands."""

TESTS: Mapping[str, str] = {**WORDS, "is_not": "is stated and is not"}
"""The tests of conditions as a rule says them, before any record is looked at."""


def plain(name: str) -> str:
    """The name of a field in words."""
    return name.replace("_", " ")


@singledispatch
def value_words(value: object) -> str:
    """Any value of a rulebook in words; a class of values that has none of its own is told part by part."""
    if not is_dataclass(value):
        return str(value)
    stated = ((plain(part.name), getattr(value, part.name)) for part in fields(value))
    return "; ".join(f"{name} {value_words(part)}" for name, part in stated)


@value_words.register
def _nothing(_value: None) -> str:
    return "not stated"


@value_words.register
def _truth(value: bool) -> str:
    return "yes" if value else "no"


@value_words.register
def _rank(value: Rank) -> str:
    return plain(value.word)


@value_words.register
def _word(value: Enum) -> str:
    return str(value.value)


@value_words.register(int)
@value_words.register(str)
def _text(value: int | str) -> str:
    return _grouped(str(value))


@value_words.register
def _basis(value: Basis) -> str:
    return f"{value.instrument}, {value.article} ({value_words(value.rank)})"


@value_words.register(tuple)
def _list(value: tuple[object, ...]) -> str:
    return ", ".join(map(value_words, value)) or "none"


@value_words.register
def condition_words(test: Condition) -> str:
    """A test as a clause: `fine is at least 2,000,000`."""
    name = plain(test.field)
    if test.since is not None and test.operator != "present":
        return f"{name} {TESTS[test.operator]} {value_words(test.operand)} months after {plain(test.since)}"
    if test.operator == "present":
        return f"{name} is {'stated' if test.operand else 'not stated'}"
    return f"{name} {TESTS[test.operator]} {value_words(test.operand)}"


def becomes(label: str, before: object, after: object) -> str:
    """One value becoming another: `the term in months rises from 12 to 36`."""
    old, new = value_words(before), value_words(after)
    if before is None:
        return f"{label} is now stated: {new}"
    if after is None:
        return f"{label} is no longer stated; it was {old}"
    if old == new:
        old, new = (f"{words} (as {type(of).__name__})" for words, of in ((old, before), (new, after)))
    if isinstance(before, bool) or isinstance(after, bool):
        return f"{label}: {new} instead of {old}"
    if isinstance(before, date) and isinstance(after, date):
        return f"{label} moves from {old} to {new}"
    order = _order(before, after)
    return f"{label} {'rises' if order > 0 else 'falls' if order < 0 else 'changes'} from {old} to {new}"


def _order(before: object, after: object) -> int:
    """1 where the second number is greater, -1 where it is smaller, 0 where they are no numbers that differ."""
    texts = (str(before), str(after))
    if isinstance(before, Enum) or not all(_NUMBER.fullmatch(text) for text in texts):
        return 0
    left, right = map(Decimal, texts)
    return (right > left) - (right < left)


def _grouped(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        return text
    whole, point, part = text.partition(".")
    canonical = str(int(whole)) == whole
    return f"{int(whole):,}{point}{part}" if canonical and abs(int(whole)) >= _GROUPED_FROM else text
