"""Events, notices and states as values of their schemas."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sharehub.core.change import Change
from sharehub.core.entity import KINDS, masked
from sharehub.core.identifier import main_identifier
from sharehub.core.measure import Ground, Measure, SanctionEvent
from sharehub.core.privacy import masked_identifier
from sharehub.store.names import Named


def event_value(
    event: SanctionEvent, feed_position: int, known_at: datetime, entity: Named, change: Change
) -> dict[str, Any]:
    """One event at its place in a feed, whole: what a recipient may see of it is another matter."""
    return {
        "event_id": str(event.id),
        "event": event.event,
        "number": event.number,
        "business_on": event.business_on,
        "known_at": known_at.astimezone(UTC),
        "reason": event.reason,
        "recipients": list(event.measure.recipients),
        "feed_position": feed_position,
        **_measure(event.measure, entity),
        "disputed": event.disputed,
        "until": event.until,
        "origin": change.origin,
        "status": change.status,
        "appeal_state": change.appeal_state,
        "changes": [one._asdict() for one in change.fields],
        "withheld": [],
    }


def notice_value(body: Mapping[str, Any], notice_id: UUID, feed_position: int, known_at: datetime) -> dict[str, Any]:
    """What the hub tells one recipient, at its place in the feed."""
    placed = {"event_id": str(notice_id), "feed_position": feed_position, "known_at": known_at.astimezone(UTC)}
    return {**body, **placed}


def measure_state(
    event: SanctionEvent, status: str, excepted_until: date | None, entity: Named
) -> tuple[str, dict[str, Any]]:
    """Key and value of the measure as it stands after its last event."""
    marks = {"disputed": event.disputed, "excepted_until": excepted_until}
    value = {"status": status, "reason": event.reason, **_measure(event.measure, entity), **marks}
    return str(event.measure.id), value


def entity_state(entity_id: UUID, entity: Named, measures: Sequence[str]) -> tuple[str, dict[str, Any] | None]:
    """Key and value of the entity as the shared view has it; None for an individual, never published (law 5).

    The tombstone also takes back what was published while all agencies took the individual for a company.
    """
    if KINDS[entity.kind_rank] == "individual":
        return str(entity_id), None
    value = {
        "entity_id": str(entity_id),
        "kind": KINDS[entity.kind_rank],
        "name": entity.name,
        "identifiers": _identifiers(entity),
        "measures": list(measures),
    }
    return str(entity_id), value


def _measure(measure: Measure, entity: Named) -> dict[str, Any]:
    shown = masked(KINDS[entity.kind_rank], entity.name)
    return {
        "measure_id": str(measure.id),
        "entity_id": str(measure.entity_id),
        "identifiers": _identifiers(entity),
        "names": [shown] if shown else [],
        "measure": measure.entry,
        "title": measure.title,
        "kind": measure.kind.value,
        "target_service": measure.target_service,
        "binding": measure.binding,
        "rulebook_version": measure.rulebook_version,
        "jurisdiction": measure.jurisdiction,
        "ground": _ground(measure.ground),
        "witnesses": [_ground(other) for other in measure.witnesses],
        "legal_basis": [
            {"instrument": basis.instrument, "article": basis.article, "rank": basis.rank.word}
            for basis in measure.legal_basis
        ],
        "authority": measure.authority,
        "effective_from": measure.effective_from,
        "effective_to": measure.effective_to,
        "exit": measure.exit,
        "remedies": list(measure.remedies),
        "relatedness": measure.relatedness,
        "publication": measure.publication,
        "published_until": measure.published_until,
        "pilot": measure.pilot,
    }


def _ground(ground: Ground) -> dict[str, Any]:
    return {
        "agency": ground.agency,
        "record_kind": ground.record_kind,
        "record_key": ground.record_key,
        "revision": ground.revision,
        "document_number": ground.document_number,
        "decided_on": ground.decided_on,
        "why": list(ground.why),
    }


def _identifiers(entity: Named) -> list[dict[str, str]]:
    kind = KINDS[entity.kind_rank]
    return [masked_identifier(kind, main_identifier(text))._asdict() for text in entity.identifiers]
