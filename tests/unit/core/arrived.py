"""Records as the hub receives them: one a day from a fixed instant, unless a test says when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sharehub.core.record import Received, Record

FIRST_AT = datetime(2026, 6, 1, 9, tzinfo=UTC)


def instant(number: int) -> datetime:
    """The instant at which the record of that number arrives."""
    return FIRST_AT + timedelta(days=number)


def arrived(*records: Record) -> Sequence[Received]:
    """The records in the order of their arrival."""
    return [Received(record, instant(number)) for number, record in enumerate(records)]
