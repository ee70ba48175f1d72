"""The parts of the answer of `entity show`: statements, identifiers, measures and revisions as documents."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sharehub.core.assignment import Assignment
from sharehub.core.disclosure import disclosed
from sharehub.core.history import Revision
from sharehub.core.narrative import (
    change_words,
    disagreement_words,
    ending_words,
    explained,
    note_words,
    record_words,
    statement_words,
)
from sharehub.core.record import record_id
from sharehub.core.standing import MeasureState
from sharehub.core.statement import Disagreement, Statement

Titles = Callable[[str], str]
"""From an agency's id to its title."""


def assignment_shown(one: Assignment, title: Titles) -> dict[str, Any]:
    """From when to when an identifier is the entity's, and who says so."""
    return _said(one, title) | {"implied_by": one.implied_by.scheme if one.implied_by else None}


def statement_shown(one: Statement, title: Titles, *, displayed: bool) -> dict[str, Any]:
    """The value with the source's own text and who says it; `displayed` where it is the one to show first."""
    value = {"property": one.prop, "value": one.value, "original": one.original, "displayed": displayed}
    return value | _said(one, title) | {"words": statement_words(one, title(one.agency))}


def disagreement_shown(found: Disagreement, title: Titles) -> dict[str, Any]:
    """All sides of a disagreement, the displayed one first."""
    sides = (found.displayed, *found.others)
    return {
        "property": found.prop,
        "displayed": found.displayed.value,
        "sides": [{"value": one.value, **_said(one, title)} for one in sides],
        "words": disagreement_words(found, title),
    }


def _said(one: Assignment | Statement, title: Titles) -> dict[str, Any]:
    """Who says it, in which record, since when in law and at the hub, and whether it counts."""
    return {
        "agency": one.record.agency,
        "said_by": title(one.record.agency),
        "since": one.since,
        "until": one.until,
        "current": one.current,
        "ended": ending_words(one.ending, one.ended_by),
        "record_key": one.record.record_key,
        "revision": one.record.revision,
        "reference": str(one.record.reference),
        "received_at": one.received_at,
    }


def measure_shown(state: MeasureState, on: date) -> dict[str, Any]:
    """The measure after its last event; whether it is in force is computed for the day."""
    measure = state.measure
    excepted = state.excepted_on(on)
    return {
        "measure_id": measure.id,
        "measure": measure.entry,
        "title": measure.title,
        "kind": measure.kind.value,
        "target_service": measure.target_service,
        "binding": measure.binding,
        "in_force": state.in_force(on),
        "status": state.status,
        "disputed": state.disputed,
        "excepted_until": state.excepted[1] if state.excepted and excepted else None,
        "reason": state.reason,
        "effective_from": measure.effective_from,
        "effective_to": measure.effective_to,
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
        "witnesses": [f"{one.agency}/{one.record_key}" for one in measure.witnesses],
        "relatedness": measure.relatedness,
        "exit": measure.exit,
        "publication": measure.publication,
        "published_until": measure.published_until,
        "disclosed": disclosed(state, on),
        "remedies": list(measure.remedies),
        "words": explained(measure),
    }


def revision_shown(one: Revision, title: Titles, *, speaks: bool) -> dict[str, Any]:
    """One revision as received: what it changes, and what is odd about it; `speaks` where it counts on the day."""
    record = one.said.record
    return {
        "record_id": record_id(record.agency, record.record_key, record.revision),
        "reference": str(record.reference),
        "agency": record.agency,
        "said_by": title(record.agency),
        "kind": record.kind,
        "record_key": record.record_key,
        "revision": record.revision,
        "occurred_on": record.occurred_on,
        "decided_on": record.decided_on,
        "effective_from": record.effective_from,
        "effective_to": record.effective_to,
        "counts_from": one.said.counts_from,
        "received_at": one.said.received_at,
        "source": record.source,
        "speaks": speaks,
        "withdrawn": record.withdrawn,
        "changes": [change._asdict() | {"words": change_words(change)} for change in one.changes],
        "notes": [{"code": note.code, "words": note_words(note, record)} for note in one.notes],
        "words": record_words(record, title(record.agency)),
    }
