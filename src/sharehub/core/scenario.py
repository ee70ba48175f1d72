"""A scenario: a story of what agencies say on which days, and what must follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from sharehub.core.measure import EventKind
from sharehub.core.record import Record
from sharehub.core.standing import Status

STATES: Mapping[str, Status] = {"stands" if one == "standing" else one: one for one in get_args(Status)}
"""What can be expected of a measure on a day: its status, by the word that tables use."""
EVENTS: tuple[str, ...] = get_args(EventKind)
"""What can be expected to have been issued."""
NOTHING, REJECTED, HELD_BACK = "nothing", "rejected", "held back"
THE_COMPANY = "the company"
"""The subject of a table that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A record that arrives; `value` is what was sent, `rejected` whether it must be refused, with which code."""

    place: str
    on: date
    subject: str
    record: Record
    value: Mapping[str, object]
    rejected: bool = False
    code: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must be so on a day once everything of that day is decided; an empty detail is not looked at.

    `kind`: `state` (a measure of the entry has the status), `event` (it was issued), `nothing`, or `held back`.
    `until`: None is not looked at, an empty text means an open end.
    """

    place: str
    on: date
    subject: str
    kind: Literal["state", "event", "nothing", "held back"]
    what: str = ""
    entry: str = ""
    ground: str = ""
    since: date | None = None
    until: date | Literal[""] | None = None
    business_on: date | None = None
    reason: str = ""
    why: str = ""

    @property
    def details(self) -> int:
        """How much is looked at: the most exact expectation takes its measure first."""
        return sum(1 for one in (self.ground, self.since, self.business_on, self.reason) if one) + (
            self.until is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story: its title, where its table stands, and its rows."""

    title: str
    place: str
    sayings: tuple[Saying, ...]
    expectations: tuple[Expectation, ...]

    @property
    def last_on(self) -> date:
        """The day on which the story ends."""
        return max([*(said.on for said in self.sayings), *(one.on for one in self.expectations)])


@dataclass(frozen=True, slots=True)
class Surprise:
    """Where a story comes out differently: the row, the day, what was expected, what came, and why."""

    place: str
    on: date
    expected: str
    got: str
    why: tuple[str, ...] = ()
