"""From when until when a measure counts, and how long its decision is published."""

from collections.abc import Sequence
from datetime import date

from sharehub.core.entry import Entry
from sharehub.core.grounds import stated_day
from sharehub.core.months import ONE_DAY, add_months
from sharehub.core.record import Record
from sharehub.core.rulebook import PublicationClass

_OWN_ENDS = ("effective_to", "valid_to")


def starts(record: Record, since: date, entry: Entry, beside: Sequence[Record]) -> date | None:
    """The first day: the ground's, but never before the last document beside it or the end of grace; None: never."""
    days = [since, *(other.counts_from for other in beside if other.counts_from)]
    for need in entry.requires:
        proven = (stated_day(need.where, other) for other in beside if other.kind == need.record_kind)
        days += [day for day in proven if day is not None]
    if entry.starts_after_field:
        after = record.value(entry.starts_after_field)
        if not isinstance(after, date):
            return None
        days.append(after + ONE_DAY)
    return max(days)


def ends(first: date, record: Record, entry: Entry) -> date | None:
    """The last day: the decision's own end or the entry's term, whichever comes first; None: open.

    Where the measure begins only after the ground's own end, as after that of a licence, this end starts it.
    A pilot that lifts ends its measures with itself.
    """
    stated = None if entry.starts_after_field in _OWN_ENDS else record.effective_to
    if stated is not None and entry.term_months_min is not None:
        stated = max(stated, add_months(first, entry.term_months_min) - ONE_DAY)
    months = term_months(record, entry)
    term = None if months is None else add_months(first, months) - ONE_DAY
    pilot = entry.effective_to if entry.pilot and entry.when_pilot_ends == "lift" else None
    return min((day for day in (stated, term, pilot) if day is not None), default=None)


def term_months(record: Record, entry: Entry) -> int | None:
    """The term with what aggravates it, within its bounds; None: open."""
    if entry.term_months is None:
        return None
    longer = sum(one.months for one in entry.aggravation if all(test.holds(record) for test in one.where))
    months = max(entry.term_months + longer, entry.term_months_min or 1)
    return months if entry.term_months_max is None else min(months, entry.term_months_max)


def published_until(record: Record, since: date, entry: Entry, bounds: PublicationClass | None) -> date | None:
    """The last day of publication, from the document's date on (NDRC Order 36); None: no bound, or never public."""
    if bounds is None or entry.publication == "none":
        return None
    return add_months(record.decided_on or since, bounds.months_max) - ONE_DAY
