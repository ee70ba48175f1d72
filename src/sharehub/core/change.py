"""What an event changed, and what brought it about: the second answers whether to look at the source or at the hub."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from sharehub.core.measure import Measure, SanctionEvent
from sharehub.core.standing import MeasureState, Status, told

Origin = Literal["source", "matching", "rule", "correction", "time"]
"""What an agency said, who the entity is, a version of a rulebook, a mended or annulled record, or the calendar."""

AppealState = Literal["none", "open", "stayed"]
"""No objection or appeal is open; one is, and suspends nothing; a stay suspends the measure."""

_MATCHING = frozenset(("entity-merged", "entity-split", "ground-moved"))
_CORRECTIONS = frozenset(("corrected", "ground-withdrawn", "no-longer-due"))
RECIPIENT_REMOVED, RECIPIENT_ADDED = "recipient-removed", "recipient-added"
_RULES = frozenset(("rulebook-changed", "not-of-its-day", "agency-not-competent", RECIPIENT_REMOVED))


class FieldChange(NamedTuple):
    """One field before and after, as texts; None where it was, or is, not stated."""

    field: str
    before: str | None
    after: str | None


class Change(NamedTuple):
    """The status and appeal state after an event, what brought it about, and the fields that it changed."""

    origin: Origin
    status: Status
    appeal_state: AppealState
    fields: tuple[FieldChange, ...]


def change_by(before: MeasureState | None, event: SanctionEvent) -> Change:
    """What the event changed against the state of its measure before it (None: there was none)."""
    after = told(before, event)
    return Change(_origin(before, event), after.status, appeal_state(after), tuple(_fields(before, after)))


def as_held(before: MeasureState | None, event: SanctionEvent) -> SanctionEvent:
    """The event with the recipients that hold its measure: only an issue or an amendment names others."""
    if before is None or event.event in ("issued", "amended"):
        return event
    return replace(event, measure=replace(event.measure, recipients=before.measure.recipients))


def told_to(
    recipient: str, before: MeasureState | None, event: SanctionEvent, change: Change
) -> tuple[SanctionEvent, Change]:
    """The event as one recipient is told it, and what it changes there; `change` is what it changed altogether.

    An amendment that names other recipients begins the measure for those that are new, and ends it for those that are
    gone: nobody holds a measure of which it will not be told the end (law 8).
    """
    if before is None or event.event != "amended":
        return event, change
    held, holds = (recipient in one.recipients for one in (before.measure, event.measure))
    if held and not holds:
        ended = replace(event, event="lifted", reason=RECIPIENT_REMOVED)
        return ended, change_by(before, ended)
    if holds and not held:
        begun = replace(event, event="issued", reason=RECIPIENT_ADDED)
        first = change_by(None, begun)
        return begun, first._replace(origin=change.origin, status=change.status, appeal_state=change.appeal_state)
    return event, change


def appeal_state(state: MeasureState) -> AppealState:
    """Whether an objection or an appeal is open, or a stay suspends the measure."""
    if state.status == "suspended":
        return "stayed"
    return "open" if state.disputed else "none"


def _origin(before: MeasureState | None, event: SanctionEvent) -> Origin:
    if event.reason in _MATCHING:
        return "matching"
    if event.event == "expired":
        return "time"
    if event.reason in _CORRECTIONS or event.event == "annulled":
        return "correction"
    if event.reason in _RULES:
        return "rule"
    return _of_amendment(before.measure, event.measure) if before and event.event == "amended" else "source"


def _of_amendment(before: Measure, after: Measure) -> Origin:
    """A later revision of the ground corrects it; the same ground under another text is the rule's doing."""
    if before.ground.revision != after.ground.revision:
        return "correction"
    return "rule" if before.rulebook_version != after.rulebook_version else "source"


def _fields(before: MeasureState | None, after: MeasureState) -> Iterator[FieldChange]:
    old, new = _texts(before) if before else {}, _texts(after)
    shown = new if before else ("status",)
    return (FieldChange(name, old.get(name), new[name]) for name in shown if old.get(name) != new[name])


def _texts(state: MeasureState) -> dict[str, str | None]:
    """Everything about a measure that an event can change, by the names that events have for it."""
    measure = state.measure
    ground = measure.ground
    return {
        "status": state.status,
        "appeal_state": appeal_state(state),
        "excepted": " to ".join(map(str, state.excepted)) if state.excepted else None,
        "entity_id": str(measure.entity_id),
        "title": measure.title,
        "kind": measure.kind.value,
        "target_service": measure.target_service,
        "binding": "yes" if measure.binding else "no",
        "rulebook_version": measure.rulebook_version,
        "ground": f"{ground.agency}/{ground.record_key}, revision {ground.revision}",
        "document_number": ground.document_number,
        "decided_on": _text(ground.decided_on),
        "why": "; ".join(ground.why),
        "witnesses": "; ".join(f"{one.agency}/{one.record_key}" for one in measure.witnesses),
        "legal_basis": "; ".join(map(str, measure.legal_basis)),
        "authority": measure.authority,
        "effective_from": str(measure.effective_from),
        "effective_to": _text(measure.effective_to),
        "exit": measure.exit,
        "remedies": "; ".join(measure.remedies),
        "relatedness": measure.relatedness,
        "publication": measure.publication,
        "published_until": _text(measure.published_until),
        "pilot": "yes" if measure.pilot else "no",
        "recipients": ", ".join(measure.recipients),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
