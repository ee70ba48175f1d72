"""Days and calendar months, as terms of law count them."""

import calendar
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return replace_day(year, month + 1, day.day)


def replace_day(year: int, month: int, day: int) -> date:
    """That day of the month, or the month's last."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
