"""What recipients answer to the events of their feeds: which answer stands, what is wrong with one, when one is due.

The answer that stands follows from the set of answers alone: it is the same in any order of arrival and however
often one of them is repeated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sharehub.core.calendar import Calendar
from sharehub.core.clock import Length
from sharehub.core.months import ONE_DAY
from sharehub.core.record import Rejection, content_id

Status = Literal["received", "applied", "refused"]

_RANK = ("received", "applied", "refused")
_TEXT_MAX = 2_000
_AHEAD = timedelta(minutes=5)
"""How far a recipient's clock may run ahead of the broker's."""
REMINDERS_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """One answer to one event; `acknowledged_at` by the recipient's clock, `applied_on` None: the day of the answer."""

    event_id: UUID
    recipient: str
    status: Status
    acknowledged_at: datetime
    acknowledged_by: str
    reason: str | None = None
    applied_on: date | None = None
    note: str | None = None

    @property
    def id(self) -> UUID:
        """The same for the same answer, however often it is sent."""
        said = (self.status, self.reason, self.acknowledged_at.isoformat(), self.applied_on, self.acknowledged_by)
        return content_id("acknowledgement", self.recipient, str(self.event_id), *map(str, (*said, self.note)))

    @property
    def decided(self) -> bool:
        """True where the recipient has said what it does, not only that the event has arrived."""
        return self.status != "received"


class Receipt(NamedTuple):
    """What became of one answer: on the log, where, or rejected with what is wrong; `event_id` as it was stated."""

    event_id: str | None
    partition: int | None = None
    offset: int | None = None
    fault: Rejection | None = None


def standing(answers: Iterable[Acknowledgement]) -> Acknowledgement | None:
    """The answer to one event that counts: the last in which the recipient decided, else the first receipt.

    Of two decisions of the same instant a refusal counts: nobody may be told that something is in effect that is not.
    """
    found = list(answers)
    decided = [one for one in found if one.decided]
    if decided:
        return max(decided, key=lambda one: (one.acknowledged_at, _RANK.index(one.status), one.id))
    return min(found, key=lambda one: (one.acknowledged_at, one.id), default=None)


def fault(said: Acknowledgement, recipient: str, received_at: datetime) -> Rejection | None:
    """What is wrong with an answer on this recipient's topic, whatever the hub knows of its event; None: nothing."""
    if said.recipient != recipient:
        return _wrong("other-recipient", "recipient", f"{said.recipient} answers on the topic of {recipient}")
    texts = {"reason": said.reason, "acknowledged_by": said.acknowledged_by, "note": said.note}
    for field, text in texts.items():
        if len(text or "") > _TEXT_MAX:
            return _wrong("too-long", field, f"{field} has more than {_TEXT_MAX} characters")
        if "\0" in (text or ""):
            return _wrong("bad-value", field, f"{field} holds a NUL character, which no database keeps")
    if said.status == "refused" and not (said.reason or "").strip():
        return _wrong("no-reason", "reason", "a refusal needs its reason")
    if not said.acknowledged_by.strip():
        return _wrong("no-author", "acknowledged_by", "an answer says who gives it")
    return _strange_time(said, received_at)


def _strange_time(said: Acknowledgement, received_at: datetime) -> Rejection | None:
    """An answer from the future would outrank all that are given until then."""
    if said.acknowledged_at > received_at + _AHEAD:
        told = f"it was given at {said.acknowledged_at.isoformat()} and came at {received_at.isoformat()}"
        return _wrong("from-the-future", "acknowledged_at", told)
    if said.applied_on is None:
        return None
    if said.status != "applied":
        return _wrong("bad-date", "applied_on", f"what is {said.status} is not applied on any day")
    if said.applied_on > received_at.date() + ONE_DAY:  # east of the hub it is the next day already
        return _wrong("from-the-future", "applied_on", f"{said.applied_on} has not come yet: it is received until then")
    return None


def _wrong(code: str, field: str, reason: str) -> Rejection:
    return Rejection(code, field, "", reason)


def term(within_days: int, step: int = 1) -> Length:
    """How long a recipient has for its answer, up to so many reminders later."""
    return Length(within_days * step, "working_days")


def published_before(on: date, within_days: int, step: int, calendar: Calendar) -> date:
    """The day from which on what was published is not overdue on `on`, by the term of that step: the first such day."""
    length, day = term(within_days, step), on
    while length.due(day - ONE_DAY, calendar)[0] >= on:
        day -= ONE_DAY
    return day


def reminder_id(recipient: str, event_id: UUID, step: int) -> UUID:
    """Id of one reminder: there is one for each event and step."""
    return content_id("reminder", recipient, str(event_id), step)
