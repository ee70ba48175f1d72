"""Is this still the log whose positions are stored? A truncated or rewritten topic stops, never skips.

`seek` takes no leader epoch, so a truncation that happened while a worker was down is invisible to the client.
The hash of the last applied message is therefore stored with the position, and read again at assignment.
"""

import time
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from sharehub.errors import BrokenStateError, UnreachableError
from sharehub.ports import Claim

_PATIENCE_S = 15


def message_hash(key: bytes | None, value: bytes | None) -> bytes:
    """A short hash of a message, kept with the position to recognise the log later."""
    return blake2b((key or b"") + b"\0" + (value or b""), digest_size=16).digest()


def verify_continuity(bootstrap_servers: str, claims: Sequence[Claim]) -> None:
    """Return where the log goes on from every claim.

    Raises:
        BrokenStateError: a partition is shorter than its position, has lost records that were not yet
            processed, or holds another message where the last one was applied.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="none",
        allow_auto_create_topics=False,
        max_partition_fetch_bytes=64 * 1024,
        metrics_enabled=False,
    )
    try:
        partitions = {TopicPartition(*claim.place): claim for claim in claims}
        kept = _within_bounds(consumer, partitions)
        _same_last_message(consumer, kept)
    except KafkaError as error:
        raise UnreachableError(f"Kafka failed while positions were verified: {error}") from error
    finally:
        consumer.close(autocommit=False)


def _within_bounds(consumer: KafkaConsumer, partitions: Mapping[TopicPartition, Claim]) -> dict[TopicPartition, Claim]:
    """The claims whose last message should still be there."""
    starts, ends = consumer.beginning_offsets(list(partitions)), consumer.end_offsets(list(partitions))
    for partition, claim in partitions.items():
        name = f"{partition.topic}-{partition.partition}"
        if ends[partition] < claim.next_offset:
            raise BrokenStateError(
                f"{name} ends at offset {ends[partition]}, but {claim.next_offset} is the stored position: "
                "the log was truncated",
                hint="restore the topic, or rebuild into an empty database",
            )
        if starts[partition] > claim.next_offset:
            raise BrokenStateError(
                f"{name} begins at offset {starts[partition]}, but {claim.next_offset} is the next to process: "
                "records were deleted before they were processed",
                hint="restore the topic, or ask the agency to publish again",
            )
    return {
        partition: claim
        for partition, claim in partitions.items()
        if claim.last_hash is not None and claim.last_offset is not None and starts[partition] <= claim.last_offset
    }


def _same_last_message(consumer: KafkaConsumer, partitions: Mapping[TopicPartition, Claim]) -> None:
    waiting = dict(partitions)
    consumer.assign(list(waiting))
    for partition, claim in waiting.items():
        consumer.seek(partition, claim.last_offset)
    deadline = time.monotonic() + _PATIENCE_S
    while waiting and time.monotonic() < deadline:
        for partition, messages in consumer.poll(500).items():
            claim = waiting.pop(partition)
            consumer.pause(partition)
            first = messages[0]
            if first.offset != claim.last_offset or message_hash(first.key, first.value) != claim.last_hash:
                raise BrokenStateError(
                    f"{partition.topic}-{partition.partition}: offset {claim.last_offset} holds another message "
                    "than the one that was applied: the log was rewritten",
                    hint="use the log that belongs to this database, or rebuild into an empty one",
                )
    if waiting:
        raise UnreachableError(f"Kafka did not return the last messages of {len(waiting)} partitions in time")
