"""How a trace is told: where a message lies, what became of it, and the ways of the events that follow."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sharehub.core.record import record_id
from sharehub.store.traces import Answer, Refused, Told
from sharehub.stream.finding import Logged
from sharehub.tracing.said import Named


class Revision(NamedTuple):
    """One revision, what became of it, where it lies (None: no longer on the log), and the reference that keeps it."""

    named: Named
    became: Mapping[str, Any]
    logged: Logged | None
    subject_id: UUID | None = None

    def shown(self) -> dict[str, Any]:
        """As it is told."""
        named = self.named
        return {
            "revision": named.revision,
            "record_id": str(record_id(*named.same, named.revision)),
            "kind": named.kind,
            "source": named.value.get("source"),
            "published": published(self.logged) if self.logged else None,
            **self.became,
        }


def published(logged: Logged) -> dict[str, Any]:
    """Where a message lies, and since when."""
    return {**logged.place._asdict(), "offset": logged.offset, "appended_at": logged.appended_at}


def refused(one: Refused) -> dict[str, Any]:
    """Why it was rejected, and how its letter stands."""
    why = {"code": one.code, "field": one.field, "reason": one.reason}
    return {"state": "rejected", **why, "rejection_id": str(one.letter_id), "letter_state": one.letter_state}


def waiting(logged: Logged, next_offset: int) -> dict[str, Any]:
    """Not processed, with how many messages of its partition come before it."""
    return {"state": "waiting", "before_it": max(logged.offset - next_offset, 0)}


def events_shown(told: Sequence[Told], answers: Sequence[Answer], relayed: int) -> list[dict[str, Any]]:
    """The events, each with its feeds; `relayed` is the outbox position up to which all has left."""
    return [
        {
            "event_id": str(event_id),
            **{name: getattr(ways[0], name) for name in ("event", "number", "business_on", "known_at")},
            "measure": ways[0].entry,
            "feeds": [_way(one, answers, relayed) for one in ways if one.feed],
        }
        for event_id, ways in ((event_id, [*those]) for event_id, those in groupby(told, key=attrgetter("event_id")))
    ]


def _way(one: Told, answers: Sequence[Answer], relayed: int) -> dict[str, Any]:
    said = [answer for answer in answers if (answer.recipient, answer.event_id) == (one.feed, one.event_id)]
    return {
        "feed": one.feed,
        "position": one.feed_position,
        "sent": one.outbox_position is not None and one.outbox_position <= relayed,
        "sent_at": one.published_at,
        "answers": [{"status": answer.status, "acknowledged_at": answer.acknowledged_at} for answer in said],
    }
