"""Is this still the log whose positions are stored? A truncated or rewritten topic stops, never skips.

`seek` takes no leader epoch, so a truncation that happened while a worker was down is invisible to the client.
The hash of the last applied message is therefore stored with the position, and read again at assignment.
"""

import time
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from kafka import KafkaConsumer, TopicPartition

from sharehub.errors import UnreachableError
from sharehub.ports.batch import Claim, Halt
from sharehub.stream.reading import asking

TRUNCATED, DELETED, REWRITTEN = "truncated", "records-deleted", "rewritten"
_PATIENCE_S = 15


def message_hash(key: bytes | None, value: bytes | None) -> bytes:
    """A short hash of a message, kept with the position to recognise the log later."""
    return blake2b((key or b"") + b"\0" + (value or b""), digest_size=16).digest()


def broken(bootstrap_servers: str, claims: Sequence[Claim]) -> list[Halt]:
    """The partitions of which the log does not go on from its claim: shorter than the position, shortened before it,
    or with another message where the last one was applied.

    Raises:
        UnreachableError: Kafka does not answer.
    """
    partitions = {TopicPartition(*claim.place): claim for claim in claims}
    if not partitions:
        return []
    with asking(bootstrap_servers) as consumer:
        starts, ends = consumer.beginning_offsets(list(partitions)), consumer.end_offsets(list(partitions))
        found = [halt for one, claim in partitions.items() if (halt := _outside(claim, starts[one], ends[one]))]
        halted = {halt.place for halt in found}
        kept = {
            partition: claim
            for partition, claim in partitions.items()
            if claim.last_offset is not None and starts[partition] <= claim.last_offset and claim.place not in halted
        }
        return found + _rewritten(consumer, kept)


def _outside(claim: Claim, start: int, end: int) -> Halt | None:
    name = f"{claim.place.topic}-{claim.place.partition}"
    if end < claim.next_offset:
        told = f"{name} ends at offset {end}, but {claim.next_offset} is the stored position: the log was truncated"
        return Halt(claim.place, TRUNCATED, told)
    if start > claim.next_offset:
        told = f"{name} begins at offset {start}, but {claim.next_offset} is the next to process: records were deleted"
        return Halt(claim.place, DELETED, f"{told} before they were processed")
    return None


def _rewritten(consumer: KafkaConsumer, partitions: Mapping[TopicPartition, Claim]) -> list[Halt]:
    """Those that hold another message than the one that was applied last."""
    waiting, found = dict(partitions), []
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
                told = f"{partition.topic}-{partition.partition}: offset {claim.last_offset} holds another message"
                found.append(
                    Halt(claim.place, REWRITTEN, f"{told} than the one that was applied: the log was rewritten")
                )
    if waiting:
        raise UnreachableError(f"Kafka did not return the last messages of {len(waiting)} partitions in time")
    return found
