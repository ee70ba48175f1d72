"""One entity as the hub shows it: who said what, which measures stand, and the story, by two clocks.

`on` is the day in law, `known_at` the instant up to which the hub is asked to remember (`core.validity`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

from sharehub.core.assignment import assignments, identifiers
from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import DESK
from sharehub.core.entity import shown_kind
from sharehub.core.history import history
from sharehub.core.identifier import main_identifier
from sharehub.core.measure import SanctionEvent
from sharehub.core.narrative import event_words, record_words
from sharehub.core.privacy import masked_identifier, redaction
from sharehub.core.record import Received
from sharehub.core.standing import MeasureState, told
from sharehub.core.statement import OTHER_NAME, Statement, disagreements, displayed, folded, statements
from sharehub.core.validity import as_of, known, revisions
from sharehub.flow.pending import Shown, pending_at
from sharehub.flow.shown import (
    Titles,
    assignment_shown,
    disagreement_shown,
    measure_shown,
    revision_shown,
    statement_shown,
)
from sharehub.ports.answers import Delivery

Heard = tuple[SanctionEvent, datetime]
"""An event, and the instant from which the hub knew it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What belongs to an entity, each with the instant at which the hub knew it; later ones are left out when asked.

    `kind` is the most protected one that any agency has ever named, so that nothing is unmasked by looking back.
    """

    entity_id: UUID
    kind: str
    identifiers: Sequence[str]
    records: Sequence[Received]
    events: Sequence[Heard]
    deliveries: Sequence[Delivery] = ()


def shown_entity(
    entity: Known,
    catalogue: Catalogue,
    on: date,
    known_at: datetime | None = None,
    *,
    complete: bool | None = None,
) -> dict[str, Any]:
    """The answer of `entity show`, in values that JSON has; "in force" is computed for the day, never stored.

    `known_at` None: all that the hub knows. `complete` is echoed: True where the hub has processed all that it
    had received by `known_at`, so that this answer is final; None where that was not asked or cannot be told.
    """
    received = known(entity.records, known_at)
    heard = _known_events(entity.events, known_at)
    events = [event for event, _ in heard]
    stated = statements(received, on)
    title, chosen = _titles(catalogue), displayed(stated)
    answer = {
        "entity_id": entity.entity_id,
        "kind": shown_kind(one.record for one in received),
        "individual": entity.kind == "individual",
        "on": on,
        "known_at": known_at,
        "complete": complete,
        "identifiers": _identifiers(entity, received, on, title),
        "names": _names(stated, chosen.get("name")),
        "statements": [statement_shown(one, title, displayed=one is chosen.get(one.prop)) for one in stated],
        "disagreements": [disagreement_shown(found, title) for found in disagreements(stated)],
        "measures": _measures(events, pending_at(entity.deliveries, catalogue, on), on),
        "records": _records(received, catalogue, on, title),
        "timeline": _timeline(received, heard, on, title),
    }
    redacted = redaction(entity.kind, (one.record for one in entity.records))
    return {name: _plain(value, redacted) for name, value in answer.items()}


def _known_events(events: Sequence[Heard], known_at: datetime | None) -> list[Heard]:
    kept = [one for one in events if known_at is None or one[1] <= known_at]
    return sorted(kept, key=lambda one: (one[0].measure.id, one[0].number))


def _plain(value: Any, redacted: Callable[[str], str]) -> Any:
    """The value as JSON has it: dates and instants in ISO 8601 (UTC), exact decimals as text."""
    if isinstance(value, Mapping):
        return {name: _plain(one, redacted) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, redacted) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, str | date | Decimal | UUID):
        return redacted(str(value))
    return value


def _titles(catalogue: Catalogue) -> Titles:
    def title(agency_id: str) -> str:
        agency = DESK if agency_id == DESK.id else catalogue.agencies.get(agency_id)
        return agency.title if agency else agency_id

    return title


def _identifiers(entity: Known, received: Sequence[Received], on: date, title: Titles) -> list[dict[str, Any]]:
    """The entity's identifiers that were known, with who says from when to when that they are its own."""
    ever = identifiers(received)
    assigned = assignments(received, on)
    shown = [one for text in entity.identifiers if (one := main_identifier(text)) in ever]
    return [
        masked_identifier(entity.kind, one)._asdict()
        | {"assignments": [assignment_shown(found, title) for found in assigned if found.identifier == one]}
        for one in sorted(shown)
    ]


def _names(stated: Sequence[Statement], chosen: Statement | None) -> list[str]:
    """The displayed name, then every other one that counts; names alike but for width, case and spaces are one."""
    others = (one for one in stated if one.current and one.prop in ("name", OTHER_NAME))
    names: dict[str, str] = {}
    for one in (chosen, *others) if chosen else others:
        names.setdefault(folded(one.value), str(one.value))
    return list(names.values())


def _measures(
    events: Sequence[SanctionEvent], pending: Mapping[UUID, Sequence[Shown]], on: date
) -> list[dict[str, Any]]:
    states: dict[UUID, MeasureState] = {}
    for event in events:
        if event.business_on <= on:
            states[event.measure.id] = told(states.get(event.measure.id), event)
    shown = sorted(states.items())
    return [measure_shown(state, on) | {"pending_at": list(pending.get(measure, ()))} for measure, state in shown]


def _records(received: Sequence[Received], catalogue: Catalogue, on: date, title: Titles) -> list[dict[str, Any]]:
    """Every revision, as received: does it speak on the day, what does it change, what is odd about it."""
    speaking = set(map(_place, as_of(received, on)))
    found = sorted(history(received, catalogue), key=lambda one: (one.said.received_at, _place(one.said)))
    return [revision_shown(one, title, speaks=_place(one.said) in speaking) for one in found]


def _place(said: Received) -> tuple[str, str, int]:
    return said.record.agency, said.record.record_key, said.record.revision


def _timeline(received: Sequence[Received], events: Sequence[Heard], on: date, title: Titles) -> list[dict[str, Any]]:
    """Up to the day, in business order: what agencies said, then what followed from it on the same day.

    Each line has both clocks, and names the record that says it or the measure whose event it is.
    """
    said = [(one.counts_from, 0, _place(one), _record_line(one, title)) for one in chain(*revisions(received).values())]
    followed = [
        (one.business_on, one.number, ("", str(one.measure.id), one.number), _event_line(one, known_at))
        for one, known_at in events
    ]
    return [line for day, *_, line in sorted([*said, *followed], key=lambda line: line[:3]) if day <= on]


def _record_line(said: Received, title: Titles) -> dict[str, Any]:
    record = said.record
    place = {"agency": record.agency, "record_key": record.record_key, "revision": record.revision}
    words = record_words(record, title(record.agency))
    return {"on": said.counts_from, "known_at": said.received_at, "words": words, "event": None, **place}


def _event_line(event: SanctionEvent, known_at: datetime) -> dict[str, Any]:
    what = {"event": event.event, "measure_id": event.measure.id, "title": event.measure.title, "reason": event.reason}
    return {"on": event.business_on, "known_at": known_at, "words": event_words(event), **what}
