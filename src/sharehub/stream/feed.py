"""The subscriber's side: read one recipient's feed from Kafka, committed messages only.

A cursor is opaque: it holds the feed position of the last event that was taken. The topic has one
partition and every event takes one offset, so the event after position p never lies before offset p.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from sharehub.errors import UnreachableError, UsageError
from sharehub.topics import feed_topic

_PREFIX = "f1."
_PATIENCE_MS = 500


def cursor_of(position: int) -> str:
    """The cursor after this feed position."""
    return urlsafe_b64encode(f"{_PREFIX}{position}".encode()).decode().rstrip("=")


def position_of(cursor: str) -> int:
    """The inverse of `cursor_of`; the empty cursor is the beginning.

    Raises:
        UsageError: this is no cursor of a feed.
    """
    if not cursor:
        return 0
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(text.removeprefix(_PREFIX)) if text.startswith(_PREFIX) else _no_cursor(cursor)
    except ValueError as error:
        raise UsageError(
            f"{cursor!r} is no cursor of a feed", hint="take the cursor of the last line you kept"
        ) from error


def _no_cursor(cursor: str) -> int:
    raise ValueError(cursor)


def read_feed(bootstrap_servers: str, recipient: str, after: int) -> Iterator[bytes]:
    """The values of the feed from the first event that can follow the position, to its end now.

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
                    yield message.value


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
