"""Which of several statements about one record count, where a mapping says so."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from sharehub.connect.assembly import Draft
from sharehub.connect.gathered import Orders
from sharehub.connect.spool import Spool

LATER_ROW: Final = "a later row says what became of the same record"
_OLDER: Final = ""

Judged = Iterator[tuple[Draft, str | None]]


def counting(drafts: Iterable[Draft], orders: Orders) -> Judged:
    """Each draft in its order, with None if it counts, or else what to warn of, which may be nothing."""
    if orders.changes:
        return _last(drafts)
    return _newest(drafts, orders.by_date) if orders.by_date else ((draft, None) for draft in drafts)


def _last(drafts: Iterable[Draft]) -> Judged:
    """The last statement about each record counts."""
    waiting: Spool[Draft] = Spool()
    last: dict[str, int] = {}
    for number, draft in enumerate(drafts):
        waiting.append(draft)
        last[draft.record_key] = number
    for number, draft in enumerate(waiting):
        yield draft, None if last[draft.record_key] == number else LATER_ROW


def _newest(drafts: Iterable[Draft], by_date: str) -> Judged:
    """The statements of the latest day about each record count, and those without a day."""
    waiting: Spool[Draft] = Spool()
    latest: dict[str, date] = {}
    for draft in drafts:
        waiting.append(draft)
        if day := draft.value.get(by_date):
            latest[draft.record_key] = max(day, latest.get(draft.record_key, day))
    for draft in waiting:
        day = draft.value.get(by_date)
        yield draft, _OLDER if day and day < latest[draft.record_key] else None
