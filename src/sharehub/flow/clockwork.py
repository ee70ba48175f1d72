"""Clocks of due process: those that run for an entity, and how one is told to people."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sharehub.core.catalogue import Catalogue
from sharehub.core.clock import Clock, calendar_of
from sharehub.core.clockwork import clocks
from sharehub.core.competence import DESK
from sharehub.core.record import Record
from sharehub.ports.view import RunningClock


def running_clocks(records: Iterable[Record], catalogue: Catalogue) -> tuple[Clock, ...]:
    """The clocks that the records of one entity have started and nothing has stopped."""
    return tuple(clock for clock in clocks(records, catalogue) if clock.stopped_on is None)


def told(found: RunningClock, catalogue: Catalogue, on: date) -> dict[str, Any]:
    """One clock as the operator sees it on that day: who must do what, by when, why, and how late it is."""
    clock = found.clock
    rule = catalogue.clock_rules.get(clock.rule)
    agency = DESK if clock.responsible == DESK.id else catalogue.agencies.get(clock.responsible)
    calendar = calendar_of(catalogue.lineage(clock.jurisdiction), catalogue.calendars)
    return {
        "clock": clock.rule,
        "title": rule.title if rule else clock.rule,
        "standing": clock.standing(on),
        "started_on": clock.started_on,
        "due_on": clock.due_on,
        "sure": clock.sure,
        "working_days_late": clock.days_late(on, calendar),
        "responsible": clock.responsible,
        "responsible_title": agency.title if agency else clock.responsible,
        "record": "/".join(clock.concerns),
        "started_by": "/".join(clock.started_by),
        "jurisdiction": clock.jurisdiction,
        "entity_id": str(found.entity_id),
        "legal_basis": [str(basis) for basis in rule.legal_basis] if rule else [],
    }
