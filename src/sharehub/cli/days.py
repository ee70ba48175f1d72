"""Days and instants as a person writes them on the command line."""

from datetime import date, datetime

from sharehub.errors import UsageError


def day_of(text: str) -> date | None:
    """The day that the text states; None where it states none.

    Raises:
        UsageError: it is no day.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", hint="write it as 2026-03-02") from error


def instant_of(text: str) -> datetime | None:
    """The instant as written, zone or not; the hub refuses one without. As `day_of`."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"{text!r} is no instant", hint="write it as 2026-03-02T09:30:00Z") from error
