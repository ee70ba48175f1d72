"""Where a measure is not yet what the hub says it is: recipients that have not put its last event into effect."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sharehub.core.acknowledgement import standing
from sharehub.core.catalogue import Catalogue
from sharehub.flow.reminding import answer_due
from sharehub.ports.answers import Delivery

Shown = Mapping[str, Any]


def pending_at(deliveries: Iterable[Delivery], catalogue: Catalogue, on: date) -> dict[UUID, list[Shown]]:
    """By measure, the recipients at which it is pending, with the last event that each was sent.

    Who has applied the last event has nothing pending, whatever it said, or did not say, of those before.
    """
    found: dict[UUID, list[Shown]] = {}
    for one in sorted(deliveries, key=lambda one: (one.measure_id, one.recipient)):
        shown = _shown(one, catalogue, on)
        if shown["status"] != "applied":
            found.setdefault(one.measure_id, []).append(shown | {"words": _words(shown)})
    return found


def _shown(one: Delivery, catalogue: Catalogue, on: date) -> dict[str, Any]:
    recipient = catalogue.recipients.get(one.recipient)
    answer = standing(one.answers)
    published_on = one.published_at.date()
    due_on, sure = answer_due(recipient, published_on, catalogue) if recipient else (None, False)
    status = answer.status if answer else "waiting"
    return {
        "recipient": one.recipient,
        "title": recipient.title if recipient else one.recipient,
        "event": one.event,
        "event_id": one.event_id,
        "published_on": published_on,
        "due_on": due_on,
        "sure": sure,
        "overdue": due_on is not None and due_on < on and status != "refused",
        "status": status,
        "reason": answer.reason if answer else None,
    }


def _words(one: Shown) -> str:
    title, event = one["title"], f"{one['event'].replace('-', ' ')}, published on {one['published_on']}"
    if one["status"] == "refused":
        return f"{title} refuses it ({event}): {one['reason']}"
    answer = "received" if one["status"] == "received" else "not answered"
    due = f", due by {one['due_on']}" if one["due_on"] else ""
    return f"pending at {title} ({event}): {answer}{due}{', overdue' if one['overdue'] else ''}"
