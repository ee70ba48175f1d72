"""Tests on the fields of a record: exact decimals and dates, and why each held, in words."""

from collections.abc import Mapping
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

_WORDS: Mapping[str, str] = {
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
        return self._compares(value) if self.since is None else self._months(value, record.value(self.since))

    def _compares(self, value: Scalar) -> bool:
        if self.operator == "one_of":
            return isinstance(self.operand, tuple) and str(value) in self.operand
        if self.operator in ("is", "is_not"):
            same = value is self.operand if isinstance(self.operand, bool) else str(value) == str(self.operand)
            return same is (self.operator == "is")
        left, right = _ordered(value, self.operand)
        if left is None or right is None:
            return False
        order = (left > right) - (left < right)
        return {"at_least": order >= 0, "at_most": order <= 0, "more_than": order > 0}[self.operator]

    def _months(self, value: Scalar, since: Scalar) -> bool:
        if not (isinstance(value, date) and isinstance(since, date) and isinstance(self.operand, int)):
            return False
        there = add_months(since, self.operand)
        order = (value > there) - (value < there)
        return {"at_least_months": order >= 0, "at_most_months": order <= 0, "more_than_months": order > 0}[
            self.operator
        ]

    def words(self, record: Record) -> str:
        """The test as a sentence, with what the record says."""
        name = self.field.replace("_", " ")
        if self.operator == "present":
            return f"{name} is {'stated' if self.operand else 'not stated'} ({record.value(self.field)})"
        if self.since is not None:
            said = f"{record.value(self.field)}, {record.value(self.since)}"
            return f"{name} {_WORDS[self.operator]} {self.operand} months after {self.since.replace('_', ' ')} ({said})"
        wanted = ", ".join(self.operand) if isinstance(self.operand, tuple) else str(self.operand)
        said = str(record.value(self.field))
        return f"{name} {_WORDS[self.operator]} {wanted}" + ("" if said == wanted else f" ({said})")


def _ordered(value: Scalar, operand: Operand) -> tuple[int | Decimal, int | Decimal] | tuple[None, None]:
    try:
        if isinstance(operand, date):
            day = value if isinstance(value, date) else date.fromisoformat(str(value))
            return day.toordinal(), operand.toordinal()
        numbers = Decimal(str(value)), Decimal(str(operand))
        return numbers if all(number.is_finite() for number in numbers) else (None, None)
    except (InvalidOperation, ValueError):
        return None, None
