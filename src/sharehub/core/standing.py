"""The standing of an entity: its events folded, and which event may follow which (law 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from sharehub.core.measure import EventKind, Measure, SanctionEvent, UnlawfulError

Status = Literal["standing", "suspended", "lifted", "expired", "annulled"]
IN_PLACE: frozenset[Status] = frozenset(("standing", "suspended"))
ENDINGS: frozenset[EventKind] = frozenset(("lifted", "expired", "annulled"))
_ENDED: frozenset[Status | None] = frozenset((None, "lifted", "expired", "annulled"))


class Transition(NamedTuple):
    """From which states an event may follow, to which it leads (None: it stays), and what it means."""

    before: frozenset[Status | None]
    after: Status | None
    meaning: str


TRANSITIONS: Mapping[EventKind, Transition] = {
    "issued": Transition(_ENDED, "standing", "the measure begins to count, for the first time or again"),
    "amended": Transition(frozenset(IN_PLACE), None, "its terms, its ground or its text change"),
    "suspended": Transition(frozenset(("standing",)), "suspended", "a stay was ordered; an appeal alone never does"),
    "resumed": Transition(frozenset(("suspended",)), "standing", "the stay is over"),
    "lifted": Transition(frozenset(IN_PLACE), "lifted", "its ground has ended; the reason is coded"),
    "expired": Transition(frozenset(IN_PLACE), "expired", "its term is over"),
    "annulled": Transition(frozenset(IN_PLACE), "annulled", "its ground was void from the start"),
    "disputed": Transition(frozenset(IN_PLACE), None, "an objection or an appeal is open; nothing is suspended"),
    "dispute-closed": Transition(frozenset(IN_PLACE), None, "every objection and appeal is answered"),
    "excepted": Transition(frozenset(IN_PLACE), None, "it does not apply from the event's day until the stated one"),
}
"""The life of a measure, as one table; the pages and the checks are drawn from it."""


@dataclass(frozen=True, slots=True)
class MeasureState:
    """A measure after its last event; `last_on` is the latest day in law of all its events so far.

    `excepted` are the first and last day of the last exception.
    """

    measure: Measure
    status: Status
    number: int
    reason: str
    last_on: date = date.min
    disputed: bool = False
    excepted: tuple[date, date] | None = None

    @property
    def in_place(self) -> bool:
        """True while recipients must hold the measure (standing or suspended)."""
        return self.status in IN_PLACE

    def excepted_on(self, on: date) -> bool:
        """True where the last exception holds on the day."""
        return self.excepted is not None and self.excepted[0] <= on <= self.excepted[1]

    def in_force(self, on: date) -> bool:
        """True where the measure applies on the day: computed when asked, never stored."""
        within = self.measure.effective_from <= on and (
            self.measure.effective_to is None or on <= self.measure.effective_to
        )
        return self.status == "standing" and within and not self.excepted_on(on)


Standing = Mapping[UUID, MeasureState]


def evolve(standing: Standing, event: SanctionEvent) -> Standing:
    """The standing after the event.

    Raises:
        UnlawfulError: the event cannot follow, such as a lift before an issue (law 8).
    """
    return {**standing, event.measure.id: advance(standing.get(event.measure.id), event)}


def advance(before: MeasureState | None, event: SanctionEvent) -> MeasureState:
    """The state of one measure after the event.

    Raises:
        UnlawfulError: the event cannot follow (law 8).
    """
    status = before.status if before else None
    number = before.number if before else 0
    if status not in TRANSITIONS[event.event].before:
        raise UnlawfulError(8, f"{event.event} cannot follow {status or 'nothing'}")
    if event.event in ("disputed", "dispute-closed") and (before is not None and before.disputed) == (
        event.event == "disputed"
    ):
        raise UnlawfulError(
            8, f"{event.event} cannot follow: the mark is {'there' if before and before.disputed else 'not there'}"
        )
    if event.number != number + 1:
        raise UnlawfulError(8, f"event {event.number} cannot follow event {number}")
    return told(before, event)


def told(before: MeasureState | None, event: SanctionEvent) -> MeasureState:
    """The state after an event that was issued, whatever came before it: up to a past day some events are missing."""
    changes = event.event in ("issued", "amended") or before is None
    return MeasureState(
        measure=event.measure if changes or before is None else before.measure,
        status=status_after(before.status if before else None, event.event),
        number=event.number,
        reason=event.reason,
        last_on=max(event.business_on, before.last_on) if before else event.business_on,
        disputed=_disputed(before, event.event),
        excepted=_excepted(before, event),
    )


def following(
    state: MeasureState | None, event: EventKind, on: date, reason: str, measure: Measure, until: date | None = None
) -> SanctionEvent:
    """The next event of a measure, with its number and its mark."""
    return SanctionEvent(
        event=event,
        number=state.number + 1 if state else 1,
        business_on=on,
        reason=reason,
        measure=measure,
        until=until,
        disputed=_disputed(state, event),
    )


def status_after(before: Status | None, event: EventKind) -> Status:
    """The status after the event: what is amended while suspended stays so; a mark changes no status."""
    return TRANSITIONS[event].after or before or "standing"


def _disputed(before: MeasureState | None, event: EventKind) -> bool:
    if event in ("disputed", "dispute-closed"):
        return event == "disputed"
    return before is not None and before.disputed and event in ("amended", "suspended", "resumed", "excepted")


def _excepted(before: MeasureState | None, event: SanctionEvent) -> tuple[date, date] | None:
    if event.event == "excepted" and event.until is not None:
        return event.business_on, event.until
    return before.excepted if before and event.event != "issued" else None
