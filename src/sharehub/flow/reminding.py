"""Recipients are reminded of answers that are overdue: once per event and step, however often one looks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import structlog

from sharehub.core.acknowledgement import REMINDERS_MAX, published_before, reminder_id, term
from sharehub.core.agreement import in_force
from sharehub.core.calendar import Calendar
from sharehub.core.catalogue import Catalogue
from sharehub.core.clock import calendar_of
from sharehub.core.competence import Recipient
from sharehub.ports.answers import Owed, Reminders
from sharehub.ports.batch import RacedError
from sharehub.ports.view import Notice, View

log = structlog.get_logger()

_POSITIONS_MAX = 5_000
_REMINDER = "reminder-notice"


def answer_due(recipient: Recipient, published_on: date, catalogue: Catalogue) -> tuple[date, bool]:
    """The last day on which the answer to what was published that day is in time, and whether that is sure."""
    return term(recipient.acknowledge_within_days).due(published_on, calendar_for(recipient, catalogue))


def overdue_before(recipient: Recipient, on: date, catalogue: Catalogue) -> date:
    """The day before which all that was published, and waits for its answer, is overdue on `on`."""
    return published_before(on, recipient.acknowledge_within_days, 1, calendar_for(recipient, catalogue))


def calendar_for(recipient: Recipient, catalogue: Catalogue) -> Calendar:
    """The working days of a recipient: its jurisdiction's, or those of the next one above."""
    return calendar_of(catalogue.lineage(recipient.jurisdiction), catalogue.calendars)


def remind(view: View, store: Reminders, catalogue: Catalogue, on: date) -> int:
    """Give every reminder that is due by that day; returns how many were given."""
    bound = [one for one in catalogue.recipients.values() if in_force(one, on)]
    given = sum(_Reminding(view, store, one, calendar_for(one, catalogue), on).give() for one in bound)
    if given:
        log.info("reminders_given", on=str(on), reminders=given)
    return given


@dataclass(frozen=True)
class _Reminding:
    """Reminders of one recipient, on one day."""

    view: View
    store: Reminders
    recipient: Recipient
    calendar: Calendar
    on: date

    def give(self) -> int:
        """All that are due; of several steps that have come since somebody looked, an event gets the last one."""
        given, further = 0, date.min
        for step in range(REMINDERS_MAX, 0, -1):
            before = published_before(self.on, self.recipient.acknowledge_within_days, step, self.calendar)
            while (found := self._page(step, further, before)) is not None:
                given += found
            further = before
        return given

    def _page(self, step: int, published_from: date, before: date) -> int | None:
        """Look at some of what the step has reached; None where all has been looked at."""
        name = self.recipient.id
        try:
            with self.view.transaction() as txn:
                after = self.store.looked(name, step)
                last = min(self.store.last_before(name, before), after + _POSITIONS_MAX)
                if last <= after:
                    return None
                owed = self.store.owed(name, after, last, published_from)
                txn.notify([self._notice(one, step) for one in owed])
                self.store.look(name, step, after, last)
                return len(owed)
        except RacedError:
            return 0  # somebody else looks at the same: the rest is found again

    def _notice(self, owed: Owed, step: int) -> Notice:
        published_on = owed.published_at.date()
        due_on, _ = term(self.recipient.acknowledge_within_days, step).due(published_on, self.calendar)
        body = {
            "event": "reminded",
            "recipient": self.recipient.id,
            "step": step,
            "about_event_id": str(owed.event_id),
            "about_position": owed.feed_position,
            "about_event": owed.event,
            "measure_id": str(owed.measure_id),
            "published_on": published_on.isoformat(),
            "due_on": due_on.isoformat(),
        }
        notice_id = reminder_id(self.recipient.id, owed.event_id, step)
        return Notice(notice_id, self.recipient.id, _REMINDER, body, datetime.combine(self.on, time.min, UTC))
