"""Working days: adding is undone by counting, whatever the days off; beyond its years a calendar refuses to guess."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.calendar import Calendar, UncoveredDayError

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
SOME = st.frozensets(DAYS, max_size=40)
CALENDARS = st.builds(
    Calendar,
    jurisdiction=st.just("cn"),
    weekly_off=st.frozensets(st.integers(0, 6), max_size=5),
    closed=SOME,
    working=SOME,
    first_year=st.just(2020),
    last_year=st.just(2032),
)
COUNTS = st.integers(0, 80)


@given(CALENDARS, DAYS, COUNTS)
def test_counting_undoes_adding(calendar: Calendar, day: date, count: int) -> None:
    end = calendar.add_working_days(day, count)
    assert calendar.working_days_between(day, end) == count
    assert calendar.working_days_between(end, day) == -count


@given(CALENDARS, DAYS, st.integers(1, 80))
def test_a_term_ends_on_a_working_day_and_no_earlier_day_would_do(calendar: Calendar, day: date, count: int) -> None:
    end = calendar.add_working_days(day, count)
    assert calendar.is_working(end)
    assert calendar.working_days_between(day, end - timedelta(days=1)) == count - 1


@given(CALENDARS, DAYS, COUNTS, COUNTS)
def test_two_terms_one_after_the_other_are_one(calendar: Calendar, day: date, first: int, second: int) -> None:
    then = calendar.add_working_days(day, first)
    assert calendar.add_working_days(then, second) == calendar.add_working_days(day, first + second)


@given(CALENDARS, DAYS, DAYS, DAYS)
def test_counts_add_up(calendar: Calendar, one: date, two: date, three: date) -> None:
    between = calendar.working_days_between
    assert between(one, two) + between(two, three) == between(one, three)


@given(CALENDARS, DAYS)
def test_offices_are_open_on_the_days_that_they_make_up(calendar: Calendar, day: date) -> None:
    off = day.weekday() in calendar.weekly_off or day in calendar.closed
    assert calendar.is_working(day) is (day in calendar.working or not off)
    assert calendar.is_working(calendar.first_working_day(day))
    assert calendar.first_working_day(day) >= day


@given(CALENDARS, st.one_of(st.dates(max_value=date(2019, 12, 31)), st.dates(min_value=date(2033, 1, 1))))
def test_what_is_not_covered_is_not_guessed(calendar: Calendar, day: date) -> None:
    with pytest.raises(UncoveredDayError, match=str(day.year)):
        calendar.is_working(day)
    assert calendar.guessed().is_working(day) is (day.weekday() not in calendar.weekly_off)


@given(CALENDARS, DAYS)
def test_a_guess_changes_nothing_that_is_known(calendar: Calendar, day: date) -> None:
    assert calendar.guessed().is_working(day) is calendar.is_working(day)


def test_a_term_that_leaves_the_covered_years_is_refused() -> None:
    calendar = Calendar(jurisdiction="cn", first_year=2026, last_year=2026)
    assert calendar.add_working_days(date(2026, 12, 24), 5) == date(2026, 12, 31)
    with pytest.raises(UncoveredDayError, match="calendar of cn does not cover the year 2027"):
        calendar.add_working_days(date(2026, 12, 24), 6)


def test_a_calendar_without_years_covers_none() -> None:
    with pytest.raises(UncoveredDayError):
        Calendar(jurisdiction="fr").is_working(date(2026, 3, 2))
