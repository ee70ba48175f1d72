"""What recipients answer, and what they still owe."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sharehub.core.acknowledgement import Acknowledgement


class AnsweredEvent(NamedTuple):
    """One event as one recipient answers it."""

    recipient: str
    event_id: UUID


class EventInFeed(NamedTuple):
    """The measure of an event and its number in it, None where it is none; and whether the recipient was sent it."""

    measure_id: UUID | None
    number: int | None
    sent: bool

    @property
    def answerable(self) -> bool:
        """True where it is an event that the recipient was sent, and no notice."""
        return self.sent and self.measure_id is not None


class Answered(NamedTuple):
    """An answer, the measure and number of the event that it answers, and when it came."""

    said: Acknowledgement
    measure_id: UUID
    number: int
    received_at: datetime


class Delivery(NamedTuple):
    """One event in one recipient's feed, with all answers that it got."""

    recipient: str
    event_id: UUID
    measure_id: UUID
    event: str
    published_at: datetime
    answers: tuple[Acknowledgement, ...]


class Owed(NamedTuple):
    """An event that waits for its recipient's answer."""

    event_id: UUID
    feed_position: int
    event: str
    measure_id: UUID
    published_at: datetime


class Acknowledgements(Protocol):
    """Answers of recipients, over the connection of a view; see `store.acknowledgements`.

    What writes is called within a transaction of the view.
    """

    def sent(self, asked: Iterable[AnsweredEvent]) -> dict[AnsweredEvent, EventInFeed]: ...
    def keep(self, answers: Sequence[Answered]) -> set[UUID]: ...
    def answers(self, asked: Iterable[AnsweredEvent]) -> list[Acknowledgement]: ...
    def stand(self, chosen: Iterable[Acknowledgement]) -> None: ...


class Reminders(Protocol):
    """Answers that are missing, as `Acknowledgements`; see `store.reminders`."""

    def looked(self, recipient: str, step: int) -> int: ...
    def last_before(self, recipient: str, day: date) -> int: ...
    def owed(self, recipient: str, after: int, last: int, published_from: date) -> list[Owed]: ...
    def look(self, recipient: str, step: int, after: int, last: int) -> None: ...
