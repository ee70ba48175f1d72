"""Tests on the fields of a record: exact decimals and dates, and why each held, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from sharehub.core.months import add_months
from sharehub.core.record import Record, Scalar

Operator = Literal[
    "is",
    "is_not",
    "one_of",
    "at_least",
    "at_most",
    "more_than",
    "present",
    "at_least_months",
    "at_most_months",
    "more_than_months",
]
Operand = str | int | bool | date | tuple[str, ...]

WORDS: Mapping[str, str] = {
    "is": "is",
    "is_not": "is not",
    "one_of": "is one of",
    "at_least": "is at least",
    "at_most": "is at most",
    "more_than": "is more than",
    "present": "is stated",
    "at_least_months": "lies at least",
    "at_most_months": "lies at most",
    "more_than_months": "lies more than",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One test on one field of a record; amounts are exact decimals, dates are dates.

    A test on months compares `field` with the date in `since`, in calendar months.
    """

    field: str
    operator: Operator
    operand: Operand
    since: str | None = None

    def holds(self, record: Record) -> bool:
        """True where the record states the field and passes the test."""
        value = record.value(self.field)
        if self.operator == "present":
            return (value not in (None, "")) is self.operand
        if value is None:
            return False
        if self.operator == "is" and isinstance(value, str):
            return value == self.operand if isinstance(self.operand, str) else _same(value, self.operand)
        since = None if self.since is None else record.value(self.since)
        return _TESTS[self.operator](value, self.operand, since)

    def words(self, record: Record) -> str:
        """The test as a sentence, with what the record says."""
        name = self.field.replace("_", " ")
        if self.operator == "present":
            return f"{name} is {'stated' if self.operand else 'not stated'} ({record.value(self.field)})"
        if self.since is not None:
            said = f"{record.value(self.field)}, {record.value(self.since)}"
            return f"{name} {WORDS[self.operator]} {self.operand} months after {self.since.replace('_', ' ')} ({said})"
        wanted = ", ".join(self.operand) if isinstance(self.operand, tuple) else str(self.operand)
        said = str(record.value(self.field))
        return f"{name} {WORDS[self.operator]} {wanted}" + ("" if said == wanted else f" ({said})")


def _same(value: Scalar, operand: Operand) -> bool:
    if isinstance(operand, bool):
        return value is operand
    return value == operand if isinstance(value, str) and isinstance(operand, str) else str(value) == str(operand)


def _among(value: Scalar, operand: Operand) -> bool:
    return isinstance(operand, tuple) and str(value) in operand


def _order(value: Scalar, operand: Operand) -> int | None:
    """-1, 0 or 1 as the value lies before, at or after the operand; None where they cannot be compared."""
    try:
        if isinstance(operand, date):
            day = value if isinstance(value, date) else date.fromisoformat(str(value))
            return (day > operand) - (day < operand)
        left = value if isinstance(value, Decimal) else Decimal(str(value))
        right = Decimal(str(operand))
        return (left > right) - (left < right) if left.is_finite() and right.is_finite() else None
    except (InvalidOperation, ValueError):
        return None


def _months(value: Scalar, operand: Operand, since: Scalar) -> int | None:
    """The same for the date that lies `operand` months after `since`."""
    if not (isinstance(value, date) and isinstance(since, date) and isinstance(operand, int)):
        return None
    there = add_months(since, operand)
    return (value > there) - (value < there)


_TESTS: Mapping[Operator, Callable[[Scalar, Operand, Scalar], bool]] = {
    "is": lambda value, operand, _: _same(value, operand),
    "is_not": lambda value, operand, _: not _same(value, operand),
    "one_of": lambda value, operand, _: _among(value, operand),
    "at_least": lambda value, operand, _: _order(value, operand) in (0, 1),
    "at_most": lambda value, operand, _: _order(value, operand) in (-1, 0),
    "more_than": lambda value, operand, _: _order(value, operand) == 1,
    "at_least_months": lambda value, operand, since: _months(value, operand, since) in (0, 1),
    "at_most_months": lambda value, operand, since: _months(value, operand, since) in (-1, 0),
    "more_than_months": lambda value, operand, since: _months(value, operand, since) == 1,
}
