"""Reads the log without a group: a topic from where one stopped to its end, or only where things lie."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from sharehub.errors import UnreachableError
from sharehub.stream.prompt import prompt

_POLL_MS = 500
_SILENT_POLLS_MAX = 40
_BYTES_MAX = 8 * 2**20
_ONE_MESSAGE_BYTES = 64 * 1024


def open_consumer(bootstrap_servers: str) -> Any:
    """A consumer of no group; who opens it closes it.

    Raises:
        UnreachableError: Kafka does not answer within eight seconds.
    """
    try:
        return prompt(
            KafkaConsumer(
                bootstrap_servers=bootstrap_servers,
                bootstrap_timeout_ms=8_000,
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                max_poll_records=5_000,
                max_partition_fetch_bytes=_BYTES_MAX,
                fetch_max_bytes=_BYTES_MAX,  # of all partitions together: what was fetched is held in memory
                fetch_max_wait_ms=50,
                metrics_enabled=False,
            )
        )
    except KafkaError as error:
        raise UnreachableError(f"Kafka at {bootstrap_servers} does not answer: {error}") from error


def take_up_again(consumer: Any) -> None:
    """Before a poll: what was fetched of a partition, and set aside while it was paused, is handed over once it is not.

    kafka-python 3.0.12 takes it up only while nothing is in line, but leaves what was used up in line: it would wait
    for ever, and keep its partition from being fetched.
    """
    fetcher = consumer._fetcher  # there is no other way to it
    if not fetcher._next_partition_records:
        fetcher._next_partition_records = None


@contextmanager
def asking(bootstrap_servers: str, *, committed: bool = False) -> Iterator[Any]:
    """A consumer of no group that is asked for offsets and single messages; `committed`: of what readers may see.

    Raises:
        UnreachableError: no broker answers, or no longer.
    """
    try:
        consumer = prompt(
            KafkaConsumer(
                bootstrap_servers=bootstrap_servers,
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed" if committed else "read_uncommitted",
                allow_auto_create_topics=False,
                max_partition_fetch_bytes=_ONE_MESSAGE_BYTES,
                metrics_enabled=False,
            )
        )
    except KafkaError as error:
        raise UnreachableError(f"Kafka at {bootstrap_servers} does not answer", hint="sharehub up") from error
    try:
        yield consumer
    except KafkaError as error:
        raise UnreachableError(f"Kafka failed while it was asked for offsets: {error}", hint="sharehub up") from error
    finally:
        consumer.close(autocommit=False)


def assigned(consumer: Any, topic: str, partitions: int) -> list[TopicPartition]:
    """All partitions of the topic, given to the consumer."""
    places = [TopicPartition(topic, partition) for partition in range(partitions)]
    consumer.assign(places)
    return places


def bounds(consumer: Any, places: list[TopicPartition]) -> tuple[dict[int, int], dict[int, int]]:
    """The first offset of every partition, and the one after the last."""
    begin, end = consumer.beginning_offsets(places), consumer.end_offsets(places)
    return ({at.partition: begin[at] for at in places}, {at.partition: end[at] for at in places})


def batches(consumer: Any, topic: str, start: dict[int, int], end: dict[int, int]) -> Iterator[list[Any]]:
    """Batches of messages from `start` to `end`; moves `start` along, so that it says where reading stopped.

    Raises:
        UnreachableError: nothing came for twenty seconds.
    """
    for partition, offset in start.items():
        consumer.seek(TopicPartition(topic, partition), offset)
    silent = 0
    while any(start[partition] < end[partition] for partition in start):
        polled = consumer.poll(timeout_ms=_POLL_MS)
        yield [message for batch in polled.values() for message in batch if message.value]
        moved = {partition: consumer.position(TopicPartition(topic, partition)) for partition in start}
        silent = silent + 1 if moved == start else 0
        if silent > _SILENT_POLLS_MAX:
            raise UnreachableError(f"Kafka stopped answering while {topic} was read", hint="run the command again")
        start.update(moved)
