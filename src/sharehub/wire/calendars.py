"""`rulebooks/calendars.toml` to calendars: public holidays from the library `holidays`, corrected by the file.

The library computes any year; the file says for which years its days are known to be right.
"""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from sharehub.core.calendar import Calendar
from sharehub.errors import UsageError
from sharehub.wire.rulebook_text import Strict
from sharehub.wire.tables import checked, read_tables

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CalendarText(Strict):
    """One jurisdiction's calendar, as the file says it."""

    country: str | None = None
    subdivision: str | None = None
    years: tuple[int, int]
    weekly_off: tuple[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], ...] = (
        "saturday",
        "sunday",
    )
    closed: tuple[date, ...] = ()
    working: tuple[date, ...] = ()
    note: str = Field(min_length=1)


class _Public(NamedTuple):
    closed: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()


def read_calendars(path: Path) -> dict[str, Calendar]:
    """The calendars of a file by jurisdiction; none where there is no such file.

    Raises:
        UsageError: the file is malformed, or the library does not know the country or the years.
    """
    return {name: _calendar(path, name, table) for name, table in read_tables(path).items()}


def _calendar(path: Path, name: str, table: object) -> Calendar:
    text = checked(path, f"calendar {name!r}", CalendarText, table)
    first, last = text.years
    weekly_off = frozenset(map(_WEEK.index, text.weekly_off))
    if last < first:
        raise UsageError(f"{path}: calendar {name!r}, field 'years': the last year comes before the first")
    try:
        public = _public(text.country, text.subdivision, first, last) if text.country else _Public()
    except NotImplementedError as error:
        raise UsageError(f"{path}: calendar {name!r}, field 'country': {error}") from error
    except ModuleNotFoundError:
        # The base installation has no clocks, hence no calendars either: this one covers no year.
        return Calendar(jurisdiction=name, weekly_off=weekly_off)
    return Calendar(
        jurisdiction=name,
        weekly_off=weekly_off,
        closed=public.closed.union(text.closed).difference(text.working),
        working=public.working.union(text.working).difference(text.closed),
        first_year=first,
        last_year=last,
    )


@lru_cache
def _public(country: str, subdivision: str | None, first: int, last: int) -> _Public:
    """Public holidays, and the days on which offices make up for them."""
    import holidays  # noqa: PLC0415 - in the extra `hub` only, and slow to load

    found = holidays.country_holidays(country, subdiv=subdivision, years=range(first, last + 1))
    if first < found.start_year or last > found.end_year:
        raise NotImplementedError(f"the library knows {country} from {found.start_year} to {found.end_year} only")
    worked = (day for day in found.weekend_workdays if first <= day.year <= last)
    return _Public(frozenset(found), frozenset(worked))
