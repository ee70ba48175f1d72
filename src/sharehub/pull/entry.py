"""What a recipient finds in its feed: sanction events, which it answers, and notices, which it takes note of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sharehub.core.acknowledgement import Status
from sharehub.errors import UsageError

SANCTION = "gov.sharehub.events.sanction."

Answer = Callable[[UUID, Status, str | None, date | None, str | None], None]
"""Event, status, reason, day from which it is in effect, note."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the hub tells the recipient itself: what was agreed with it, or an answer that it owes."""

    cloud_event: Mapping[str, Any]

    @property
    def id(self) -> UUID:
        """Its id."""
        return UUID(self.cloud_event["id"])

    @property
    def event(self) -> str:
        """agreed, changed, retired, reminded."""
        return str(self.data["event"])

    @property
    def data(self) -> Mapping[str, Any]:
        """All its fields, by the names of its schema; dates as `2026-03-02`."""
        found: Mapping[str, Any] = self.cloud_event["data"]
        return found

    @property
    def position(self) -> int:
        """Its place in the feed, from 1, without gaps."""
        return int(self.data["feed_position"])

    @property
    def cursor(self) -> str:
        """The place after it: who keeps it can go on from there."""
        return str(self.cloud_event["cursor"])


@dataclass(frozen=True, slots=True)
class Event(Notice):
    """A sanction event: something happened to a measure, and the recipient says what it did about it."""

    answer: Answer

    @property
    def event(self) -> str:
        """issued, amended, suspended, resumed, lifted, expired, annulled, disputed, dispute-closed, excepted."""
        return str(self.data["event"])

    @property
    def measure_id(self) -> str:
        """The measure; what must be kept under one key."""
        return str(self.data["measure_id"])

    @property
    def number(self) -> int:
        """Its number within the measure, from 1: of two events the one with the greater number counts."""
        return int(self.data["number"])

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Whom it concerns, as `SCHEME:VALUE`."""
        return tuple(f"{one['scheme']}:{one['value']}" for one in self.data["identifiers"])

    @property
    def status(self) -> str:
        """How the measure stands after it: standing, suspended, lifted, expired, annulled."""
        return str(self.data["status"])

    @property
    def effective_from(self) -> date:
        """First day of the measure."""
        return date.fromisoformat(self.data["effective_from"])

    @property
    def effective_to(self) -> date | None:
        """Last day of the measure, inclusive; None: open."""
        return date.fromisoformat(self.data["effective_to"]) if self.data["effective_to"] else None

    def received(self, note: str | None = None) -> None:
        """Answer that it has arrived; what is done about it will be said later."""
        self.answer(self.id, "received", None, None, note)

    def applied(self, on: date | None = None, note: str | None = None) -> None:
        """Answer that it is in effect here, from that day, or today."""
        self.answer(self.id, "applied", None, on, note)

    def refused(self, reason: str, note: str | None = None) -> None:
        """Answer that it is not put into effect here, and why.

        Raises:
            UsageError: there is no reason.
        """
        if not reason.strip():
            raise UsageError("a refusal needs its reason")
        self.answer(self.id, "refused", reason, None, note)
