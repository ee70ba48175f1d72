"""What lies ahead of positions: where a partition begins and ends, and since when its next record waits."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition

from sharehub.stream.reading import asking
from sharehub.topics import Place

_PATIENCE_S = 5


class Ahead(NamedTuple):
    """First offset and end of a partition, records ahead of the position, and when the next of them was appended."""

    start: int
    end: int
    unread: int
    next_at: datetime | None


def partitions_of(bootstrap_servers: str, topics: Iterable[str]) -> list[Place]:
    """Every partition of those of the topics that exist."""
    with asking(bootstrap_servers, committed=True) as consumer:
        return [Place(name, one) for name in topics for one in sorted(consumer.partitions_for_topic(name) or ())]


def ahead(bootstrap_servers: str, positions: Mapping[Place, int]) -> dict[Place, Ahead]:
    """What lies beyond these positions; a reader of committed messages sees no more.

    Raises:
        UnreachableError: Kafka does not answer.
    """
    parts = {TopicPartition(*place): offset for place, offset in positions.items()}
    if not parts:
        return {}
    with asking(bootstrap_servers, committed=True) as consumer:
        starts, ends = consumer.beginning_offsets(list(parts)), consumer.end_offsets(list(parts))
        behind = {one: max(offset, starts[one]) for one, offset in parts.items() if offset < ends[one]}
        next_at = _next_at(consumer, behind)
        marks = {one for one in behind if one not in next_at and consumer.position(one) >= ends[one]}
        return {
            Place(*one): Ahead(
                starts[one],
                ends[one],
                ends[one] - behind[one] if one in behind and one not in marks else 0,
                next_at.get(one),
            )
            for one in parts
        }


def _next_at(consumer: KafkaConsumer, behind: Mapping[TopicPartition, int]) -> dict[TopicPartition, datetime]:
    """When the next record of each was appended; the marks of transactions are no records."""
    found: dict[TopicPartition, datetime] = {}
    consumer.assign(list(behind))
    for partition, offset in behind.items():
        consumer.seek(partition, offset)
    deadline = time.monotonic() + _PATIENCE_S
    while behind and len(found) < len(behind) and time.monotonic() < deadline:
        for partition, messages in consumer.poll(500).items():
            found.setdefault(partition, datetime.fromtimestamp(messages[0].timestamp / 1000, UTC))
            consumer.pause(partition)
    return found
