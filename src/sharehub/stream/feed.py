"""The subscriber's side: read one recipient's feed from Kafka, committed messages only.

The topic has one partition and every event takes one offset, so the event after position p never lies before
offset p.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from sharehub.errors import UnreachableError, UsageError
from sharehub.topics import feed_topic

_PATIENCE_MS = 500


class Entry(NamedTuple):
    """One message of a feed: its bytes, and their signature."""

    value: bytes
    jws: str


def read_feed(bootstrap_servers: str, recipient: str, after: int) -> Iterator[Entry]:
    """The entries of the feed from the first that can follow the position, to its end now.

    Raises:
        UsageError: there is no such feed.
        UnreachableError: Kafka does not answer.
    """
    partition = TopicPartition(feed_topic(recipient), 0)
    with _consumer(bootstrap_servers) as consumer:
        if partition.topic not in consumer.topics():
            raise UsageError(f"there is no feed {recipient!r}", hint="sharehub feed list")
        consumer.assign([partition])
        first, end = _bounds(consumer, partition)
        consumer.seek(partition, min(max(first, after), end))
        while consumer.position(partition) < end:
            polled = consumer.poll(_PATIENCE_MS)
            for message in polled.get(partition, ()):
                if message.value is not None:
                    yield Entry(message.value, dict(message.headers).get("jws", b"").decode())


def _bounds(consumer: KafkaConsumer, partition: TopicPartition) -> tuple[int, int]:
    first = consumer.beginning_offsets([partition])[partition]
    end = consumer.end_offsets([partition])[partition]
    return int(first), int(end)


@contextmanager
def _consumer(bootstrap_servers: str) -> Iterator[Any]:
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap_servers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
    except KafkaError as error:
        raise UnreachableError(f"Kafka at {bootstrap_servers} does not answer", hint="sharehub up") from error
    try:
        yield consumer
    finally:
        consumer.close(autocommit=False)
