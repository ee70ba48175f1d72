"""The standing of an entity: its events folded, and which event may follow which (law 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sharehub.core.measure import EventKind, Measure, SanctionEvent, UnlawfulError

Status = Literal["standing", "suspended", "lifted", "expired", "annulled"]


@dataclass(frozen=True, slots=True)
class MeasureState:
    """A measure after its last event."""

    measure: Measure
    status: Status
    number: int
    reason: str

    @property
    def in_place(self) -> bool:
        """True while recipients must hold the measure (standing or suspended)."""
        return self.status in ("standing", "suspended")


Standing = Mapping[UUID, MeasureState]

_AFTER: Mapping[EventKind, Status] = {
    "issued": "standing",
    "amended": "standing",
    "suspended": "suspended",
    "resumed": "standing",
    "lifted": "lifted",
    "expired": "expired",
    "annulled": "annulled",
}
_ALLOWED: Mapping[EventKind, frozenset[Status | None]] = {
    "issued": frozenset({None, "lifted", "expired", "annulled"}),
    "amended": frozenset({"standing", "suspended"}),
    "suspended": frozenset({"standing"}),
    "resumed": frozenset({"suspended"}),
    "lifted": frozenset({"standing", "suspended"}),
    "expired": frozenset({"standing", "suspended"}),
    "annulled": frozenset({"standing", "suspended"}),
}


def evolve(standing: Standing, event: SanctionEvent) -> Standing:
    """The standing after the event.

    Raises:
        UnlawfulError: the event cannot follow, such as a lift before an issue (law 8).
    """
    before = standing.get(event.measure.id)
    status = before.status if before else None
    if status not in _ALLOWED.get(event.event, frozenset()):
        raise UnlawfulError(8, f"{event.event} cannot follow {status or 'nothing'}")
    if event.number != (before.number if before else 0) + 1:
        raise UnlawfulError(8, f"event {event.number} cannot follow event {before.number if before else 0}")
    kept = event.measure if event.event in ("issued", "amended") or before is None else before.measure
    after = status_after(status, event.event)
    return {**standing, event.measure.id: MeasureState(kept, after, event.number, event.reason)}


def status_after(before: Status | None, event: EventKind) -> Status:
    """The status after the event: what is amended while suspended stays so; a mark changes no status."""
    kept = before or "standing"
    return kept if event == "amended" else _AFTER.get(event, kept)
