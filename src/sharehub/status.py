"""What runs, how far it is and what waits: one answer for people, scripts and the metrics."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sharehub.acknowledgements import Acknowledgements
from sharehub.errors import UnreachableError
from sharehub.feeds import RELAY_ID
from sharehub.hub import Hub
from sharehub.observed import KafkaFound, WorkFound
from sharehub.store.health import work_found
from sharehub.stream.health import kafka_found

LATE_S = 300
"""For longer no message waits where somebody is at work."""


def status_of(hub: Hub) -> dict[str, Any]:
    """Services, positions, lag, and counts in all and per agency; the lag is null where Kafka does not answer.

    Raises:
        UnreachableError: the database does not answer.
    """
    figures, answers = hub.status(), Acknowledgements(hub).figures()
    kafka = kafka_of(hub)
    work = work_of(hub, kafka, {one["recipient"]: one["overdue"] for one in answers})
    return {
        **figures,
        "services": {**figures["services"], "kafka_answers": kafka is not None, "running": _running(work)},
        "positions": _positions(work),
        "lag": None if kafka is None else lag_of(kafka, work),
        "outbox_unsent": work.outbox.count,
        "outbox_oldest_at": work.outbox.since,
        "timers_due": work.due,
        "acknowledgements": answers,
    }


def kafka_of(hub: Hub) -> KafkaFound | None:
    """Kafka as it is now, with what has waited for `LATE_S` as late; None where it does not answer."""
    try:
        return kafka_found(hub.addresses.bootstrap_servers, RELAY_ID, datetime.now(UTC) - timedelta(seconds=LATE_S))
    except UnreachableError:
        return None


def work_of(hub: Hub, kafka: KafkaFound | None, acks_overdue: Mapping[str, int] | None = None) -> WorkFound:
    """The work as the hub's tables have it, and Kafka's word on how much has left."""
    if acks_overdue is None:
        acks_overdue = {one["recipient"]: one["overdue"] for one in Acknowledgements(hub).figures()}
    with hub.snapshot() as connection:
        relayed = kafka.relayed if kafka else None
        return work_found(connection, hub.settings.consolidator.group, relayed, hub.today(), acks_overdue)


def lag_of(kafka: KafkaFound, work: WorkFound) -> dict[str, int]:
    """How many messages of each topic are not processed yet; every topic that is read is named."""
    counts = Counter({place.topic: 0 for place in sorted(kafka.end)})
    for place, count in kafka.waiting(work.holdings).items():
        counts[place.topic] += count
    return dict(counts)


def _running(work: WorkFound) -> list[dict[str, Any]]:
    return [
        {
            "service": one.kind,
            "owner": one.owner,
            "since": one.since,
            **({"partitions": _held(work, one.owner)} if one.kind == "consolidator" else {}),
        }
        for one in work.services
    ]


def _held(work: WorkFound, owner: str) -> int:
    services = work.running("consolidator")
    return sum(one.owner == owner and one.is_of(held.owner) for held in work.holdings.values() for one in services)


def _positions(work: WorkFound) -> dict[str, dict[int, int]]:
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for place, held in sorted(work.holdings.items()):
        found[place.topic][place.partition] = held.next_offset
    return dict(found)
