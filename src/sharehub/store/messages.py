"""Events and states as the messages that leave: (topic, key, schema name, value)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sharehub.core.entity import KINDS, masked
from sharehub.core.identifier import main_identifier
from sharehub.core.measure import Ground, Measure, SanctionEvent
from sharehub.core.privacy import masked_identifier
from sharehub.topics import ENTITY_STATE, MEASURE_STATE, SANCTION_EVENTS, feed_topic

Message = tuple[str, str, str, dict[str, Any]]
State = tuple[str, str, str, dict[str, Any] | None]


def event_message(
    event: SanctionEvent,
    feed: str,
    position: int,
    known_at: datetime,
    kind_rank: int,
    name: str | None,
    identifiers: Sequence[str],
) -> Message:
    """One event in one feed; the topic of a recipient's feed is `feed.<recipient>`."""
    value = {
        "event_id": str(event.id),
        "event": event.event,
        "number": event.number,
        "business_on": event.business_on,
        "known_at": known_at,
        "reason": event.reason,
        "recipients": list(event.measure.recipients),
        "feed_position": position,
        **_measure(event.measure, kind_rank, name, identifiers),
        "disputed": event.disputed,
        "until": event.until,
    }
    topic = feed if feed == SANCTION_EVENTS else feed_topic(feed)
    return topic, str(event.measure.entity_id), "sanction-event", value


def measure_state(
    event: SanctionEvent,
    status: str,
    excepted_until: date | None,
    kind_rank: int,
    name: str | None,
    identifiers: Sequence[str],
) -> Message:
    """The measure as it stands after its last event."""
    body = _measure(event.measure, kind_rank, name, identifiers)
    marks = {"disputed": event.disputed, "excepted_until": excepted_until}
    value = {"status": status, "reason": event.reason, **body, **marks}
    return MEASURE_STATE, str(event.measure.id), "measure", value


def entity_state(
    entity_id: UUID, kind_rank: int, name: str | None, identifiers: Sequence[str], measures: Sequence[str]
) -> State:
    """The entity as the shared view has it; None for an individual, which is never published (law 5).

    The tombstone also takes back what was published while all agencies took the individual for a company.
    """
    if KINDS[kind_rank] == "individual":
        return ENTITY_STATE, str(entity_id), "", None
    value = {
        "entity_id": str(entity_id),
        "kind": KINDS[kind_rank],
        "name": name,
        "identifiers": _identifiers(kind_rank, identifiers),
        "measures": list(measures),
    }
    return ENTITY_STATE, str(entity_id), "entity", value


def _measure(measure: Measure, kind_rank: int, name: str | None, identifiers: Sequence[str]) -> dict[str, Any]:
    shown = masked(KINDS[kind_rank], name)
    return {
        "measure_id": str(measure.id),
        "entity_id": str(measure.entity_id),
        "identifiers": _identifiers(kind_rank, identifiers),
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


def _identifiers(kind_rank: int, texts: Sequence[str]) -> list[dict[str, str]]:
    return [masked_identifier(KINDS[kind_rank], main_identifier(text))._asdict() for text in texts]
