"""One entity as the hub shows it: who said what, which measures stand on a day, and the story in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sharehub.core.entity import masked
from sharehub.core.measure import SanctionEvent
from sharehub.core.narrative import event_words, explained, record_words
from sharehub.core.record import Record, latest, record_id
from sharehub.core.rulebook import Catalogue

_STATED = ("name", "status", "legal_form", "registered_on", "capital", "region", "successor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entity with all that the hub knows of it, each with the instant at which it did."""

    entity_id: UUID
    kind: str
    name: str | None
    identifiers: Sequence[str]
    records: Sequence[tuple[Record, datetime]]
    events: Sequence[tuple[SanctionEvent, datetime]]


def shown_entity(known: Known, catalogue: Catalogue, on: date) -> dict[str, Any]:
    """The answer of `entity show`; "in force" is computed for the day, never stored."""
    said = [record for record, _ in known.records]
    return {
        "entity_id": str(known.entity_id),
        "kind": known.kind,
        "on": on,
        "identifiers": [_identifier(text) for text in known.identifiers],
        "names": [shown] if (shown := masked(known.kind, known.name)) else [],
        "statements": _statements(known.kind, said, catalogue),
        "measures": _measures(known.events, on),
        "records": [_record(record, received_at) for record, received_at in known.records],
        "timeline": _timeline(known, catalogue),
    }


def _identifier(text: str) -> dict[str, str]:
    scheme, _, value = text.partition(":")
    return {"scheme": scheme, "value": value}


def _title(record: Record, catalogue: Catalogue) -> str:
    agency = catalogue.agencies.get(record.agency)
    return agency.title if agency else record.agency


def _statements(kind: str, records: Sequence[Record], catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "property": name,
            "value": masked(kind, str(value)) if name == "name" else value,
            "agency": record.agency,
            "said_by": _title(record, catalogue),
            "since": record.counts_from,
            "record_key": record.record_key,
        }
        for record in latest(records)
        for name in _STATED
        if (value := record.value(name)) is not None and record.kind == "registration"
    ]


def _measures(events: Sequence[tuple[SanctionEvent, datetime]], on: date) -> list[dict[str, Any]]:
    last: dict[UUID, SanctionEvent] = {}
    status: dict[UUID, str] = {}
    for event, _ in events:
        if event.business_on <= on:
            last[event.measure.id] = event
            status[event.measure.id] = "standing" if event.event in ("issued", "amended", "resumed") else event.event
    return [_measure(event, status[key], on) for key, event in sorted(last.items())]


def _measure(event: SanctionEvent, status: str, on: date) -> dict[str, Any]:
    measure = event.measure
    until = measure.effective_to
    in_force = status == "standing" and measure.effective_from <= on and (until is None or on <= until)
    return {
        "measure_id": str(measure.id),
        "measure": measure.entry,
        "title": measure.title,
        "kind": measure.kind.value,
        "in_force": in_force,
        "status": status,
        "reason": event.reason,
        "effective_from": measure.effective_from,
        "effective_to": until,
        "authority": measure.authority,
        "legal_basis": [str(basis) for basis in measure.legal_basis],
        "rulebook_version": measure.rulebook_version,
        "ground": {
            "agency": measure.ground.agency,
            "record_key": measure.ground.record_key,
            "document_number": measure.ground.document_number,
            "decided_on": measure.ground.decided_on,
            "why": list(measure.ground.why),
        },
        "exit": measure.exit,
        "remedies": list(measure.remedies),
        "words": explained(measure),
    }


def _record(record: Record, received_at: datetime) -> dict[str, Any]:
    return {
        "record_id": str(record_id(record.agency, record.record_key, record.revision)),
        "agency": record.agency,
        "kind": record.kind,
        "record_key": record.record_key,
        "revision": record.revision,
        "occurred_on": record.occurred_on,
        "decided_on": record.decided_on,
        "received_at": received_at,
    }


def _timeline(known: Known, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Business order: what agencies said, then what followed from it on the same day."""
    lines: list[tuple[date, int, str, str]] = []
    for record, received_at in known.records:
        day = record.counts_from or received_at.date()
        lines.append((day, 0, record_words(record, _title(record, catalogue)), record.record_key))
    for event, _ in known.events:
        lines.append((event.business_on, event.number, event_words(event), str(event.measure.id)))
    return [
        {"on": day, "words": words} for day, _, words, _ in sorted(lines, key=lambda line: (line[0], line[1], line[3]))
    ]
