"""The metrics of the whole hub, read from PostgreSQL and Kafka."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sharehub.acknowledgements import Acknowledgements
from sharehub.errors import UnreachableError
from sharehub.hub import Hub
from sharehub.observed import KafkaFound, WorkFound
from sharehub.status import LATE_S, kafka_of, lag_of, work_of
from sharehub.store.feeds import last_given
from sharehub.store.health import agency_counts
from sharehub.telemetry.metrics import Values

_SERVICES = ("consolidator", "relay", "timers", "webhooks", "web")
_ANSWERS_FRESH_S = 300
"""What recipients owe is counted over all their events, and changes by the day."""


class Gauges:
    """Reads them over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._answers: list[dict[str, Any]] = []
        self._answers_until = 0.0

    def read(self) -> Values:
        """The values of now; of a part that is away only that it is."""
        kafka = kafka_of(self._hub)
        parts = {"kafka": float(kafka is not None), "database": 1.0}
        try:
            return {"sharehub_part_up": _labelled(parts), **self._values(kafka)}
        except UnreachableError:
            return {"sharehub_part_up": _labelled(parts | {"database": 0.0})}

    def _values(self, kafka: KafkaFound | None) -> Values:
        answers = self._answered()
        work = work_of(self._hub, kafka, {one["recipient"]: one["overdue"] for one in answers})
        recipients = [one["recipient"] for one in answers]
        with self._hub.snapshot() as connection:
            feeds = {one: last_given(connection, one) for one in recipients}
            agencies = agency_counts(connection, self._hub.settings.consolidator.group)
        return {
            **_log(kafka, work),
            **_work(work),
            "sharehub_feed_position": _labelled(feeds),
            "sharehub_agency_messages_total": agencies,
            "sharehub_acknowledgements_waiting": _labelled({one["recipient"]: one["waiting"] for one in answers}),
            "sharehub_acknowledgements_overdue": _labelled(work.acks_overdue),
        }

    def _answered(self) -> list[dict[str, Any]]:
        if time.monotonic() >= self._answers_until:
            self._answers = Acknowledgements(self._hub).figures()
            self._answers_until = time.monotonic() + _ANSWERS_FRESH_S
        return self._answers


def _log(kafka: KafkaFound | None, work: WorkFound) -> Values:
    if kafka is None:
        return {}
    unmoved: defaultdict[str, float] = defaultdict(float, dict.fromkeys(lag_of(kafka, work), 0.0))
    for place in kafka.waiting(work.holdings, late=True):
        held = work.holdings.get(place)
        moved_at = held.advanced_at if held else None
        unmoved[place.topic] = max(unmoved[place.topic], _age_s(moved_at) if moved_at else LATE_S)
    return {
        "sharehub_lag_messages": _labelled(lag_of(kafka, work)),
        "sharehub_lag_unmoved_seconds": _labelled(unmoved),
    }


def _work(work: WorkFound) -> Values:
    connected = Counter(one.kind for one in work.services)
    return {
        "sharehub_services_connected": _labelled({kind: connected[kind] for kind in _SERVICES}),
        "sharehub_outbox_entries": {(): work.outbox.count},
        "sharehub_outbox_oldest_seconds": {(): _age_s(work.outbox.since) if work.outbox.since else 0},
        "sharehub_timers_due_entities": {(): work.due},
        "sharehub_dead_letters_waiting": {(): work.dead_letters.count},
        "sharehub_clocks_overdue": {(): work.clocks_overdue},
    }


def _age_s(instant: datetime) -> float:
    return max((datetime.now(UTC) - instant).total_seconds(), 0)


def _labelled(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(name,): float(value) for name, value in values.items()}
