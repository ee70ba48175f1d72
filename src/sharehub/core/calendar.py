"""Working days: on which days the offices of a jurisdiction are open, and how terms are counted on them.

A calendar knows certain years and no others: the days on which offices make up for a long holiday are announced
year by year, so what lies beyond is not computed. Who needs a day all the same asks for a guess, and says so.
"""

from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date, timedelta

from sharehub.core.months import ONE_DAY

_WEEKEND = frozenset((5, 6))


class UncoveredDayError(LookupError):
    """The calendar says nothing about this day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days off of one jurisdiction, for the years that it covers, both inclusive; at first it covers none.

    `weekly_off` counts from Monday = 0. `working` are days on which offices are open whatever else is said of them.
    """

    jurisdiction: str
    weekly_off: frozenset[int] = _WEEKEND
    closed: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()
    first_year: int = MAXYEAR
    last_year: int = MINYEAR

    def covers(self, day: date) -> bool:
        """True where the calendar knows the day."""
        return self.first_year <= day.year <= self.last_year

    def is_working(self, day: date) -> bool:
        """True where offices are open on that day.

        Raises:
            UncoveredDayError: the calendar does not cover its year.
        """
        if not self.covers(day):
            raise UncoveredDayError(f"the calendar of {self.jurisdiction} does not cover the year {day.year}")
        return day in self.working or (day.weekday() not in self.weekly_off and day not in self.closed)

    def add_working_days(self, day: date, count: int) -> date:
        """The last day of a term of so many working days, of which the first follows the day; 0 is the day itself.

        Raises:
            UncoveredDayError: the term leaves the years that the calendar covers.
        """
        if count < 0:
            raise ValueError("a term has no negative number of days")
        while count:
            day += ONE_DAY
            count -= self.is_working(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days follow the start, up to and with the end; negative where the end comes first.

        Raises:
            UncoveredDayError: a day between lies in a year that the calendar does not cover.
        """
        if end < start:
            return -self.working_days_between(end, start)
        days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
        return sum(map(self.is_working, days))

    def first_working_day(self, day: date) -> date:
        """The day itself or, where offices are closed on it, the next day on which they are open.

        Raises:
            UncoveredDayError: the calendar does not cover its year.
        """
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def guessed(self) -> "Calendar":
        """The same for all years: beyond those covered it knows the weekly days off only, so say that it is a guess."""
        return replace(self, first_year=MINYEAR, last_year=MAXYEAR)
