"""Whole record batches handed to kafka-python's producer: record by record costs ten times as much.

The producer goes on to do what it is good at: producer ids and sequence numbers, compression, checksums, retries,
leaders that move. Only the records of a batch are written here (Kafka protocol, "Record Batch", magic 2). How a batch
is handed over is no promise of kafka-python's, so it is done with the releases that it was tried with
(`handed_over`), and `stream.publisher` sends one by one with any other.
"""

import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

import kafka
from kafka import KafkaProducer, TopicPartition
from kafka.errors import MessageSizeTooLargeError
from kafka.producer.future import FutureRecordMetadata
from kafka.producer.producer_batch import ProducerBatch
from kafka.record.memory_records import MemoryRecordsBuilder
from kafka.record.util import encode_varint

from sharehub.stream.partitioning import partitions_of

_PARCEL_BYTES: Final = 262_144  # before compression: far below what any broker takes, for a parcel is never split
_OVERHEAD_BYTES: Final = 128
_MAGIC: Final = 2

handed_over: Final = kafka.__version__.startswith("3.0.")


class Keyed(NamedTuple):
    """One message, whose key says its partition; a value of None is a tombstone."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class Sent(NamedTuple):
    """So many messages under way, and what tells how it ends: `get` answers, or raises."""

    future: Any
    messages: int


class Parcels:
    """Packs the messages of one topic."""

    def __init__(self, producer: KafkaProducer, topic: str, partitions: int) -> None:
        self._producer = producer
        self._topic = topic
        self._open = [_Parcel() for _ in range(partitions)]
        self._max = producer.config["max_request_size"]

    def add(self, messages: Sequence[Keyed]) -> list[Sent]:
        """Pack these; what became full is under way.

        Raises:
            MessageSizeTooLargeError: one of them is larger than a request may be.
        """
        sent: list[Sent] = []
        places = partitions_of([message.key or b"" for message in messages], len(self._open))
        for message, partition in zip(messages, places, strict=True):
            parcel = self._open[partition]
            record = _record(len(parcel.records), *message)
            if parcel.size + len(record) > _PARCEL_BYTES and parcel.records:
                sent.append(self._handed(partition))
                parcel = self._open[partition]
                record = _record(0, *message)
            if len(record) + _OVERHEAD_BYTES > self._max:
                raise MessageSizeTooLargeError(f"a message has {len(record)} bytes, a request {self._max}")
            parcel.records.append(record)
            parcel.size += len(record)
        return sent

    def rest(self) -> list[Sent]:
        """What is not full yet, under way too."""
        return [self._handed(partition) for partition, parcel in enumerate(self._open) if parcel.records]

    def places(self) -> list[TopicPartition]:
        """Where something waits that is not under way."""
        return [TopicPartition(self._topic, partition) for partition, parcel in enumerate(self._open) if parcel.records]

    def _handed(self, partition: int) -> Sent:
        parcel, self._open[partition] = self._open[partition], _Parcel()
        accumulator, place = self._producer._accumulator, TopicPartition(self._topic, partition)
        batch = ProducerBatch(place, _built(parcel, accumulator.config["compression_attrs"]))
        transactions = self._producer._transaction_manager
        if transactions is not None and transactions.is_transactional():
            transactions.maybe_add_partition_to_transaction(place)
        with accumulator._tp_lock(place):
            accumulator._incomplete.add(batch)
            accumulator._batches[place].append(batch)
        self._producer._sender.wakeup()
        last = len(parcel.records) - 1
        return Sent(FutureRecordMetadata(batch.produce_future, last, None, None, -1, -1, -1), last + 1)


def announce(producer: KafkaProducer, parcels: Iterable[Parcels]) -> None:
    """All their partitions join the transaction by one request; one by one, the first goes alone and the rest wait."""
    transactions = producer._transaction_manager
    with transactions._lock:
        for place in chain.from_iterable(one.places() for one in parcels):
            transactions.maybe_add_partition_to_transaction(place)


class _Parcel:
    """Records of one partition, written."""

    __slots__ = ("records", "size")

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.size = 0


def _built(parcel: _Parcel, compression: int) -> MemoryRecordsBuilder:
    """A batch as the producer has it before it is closed."""
    records = MemoryRecordsBuilder(_MAGIC, compression, batch_size=0)  # it is full, whatever it holds
    records._next_offset = len(parcel.records)
    builder = records._builder
    builder._buffer += b"".join(parcel.records)
    builder._num_records = len(parcel.records)
    builder._last_offset = len(parcel.records) - 1
    builder._first_timestamp = builder._max_timestamp = int(time.time() * 1000)
    return records


class _Lengths(dict[int, bytes]):
    """Lengths as a record has them, those of short texts ready."""

    def __missing__(self, number: int) -> bytes:
        found = bytearray()
        encode_varint(number, found.append)
        return bytes(found)


_LENGTHS: Final = _Lengths((number, _Lengths()[number]) for number in range(2**12))
_NONE: Final = b"\1"  # the length -1
_PLAIN: Final = b"\0\0"  # no attributes; the time of the batch


def _record(offset: int, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> bytes:
    """One record of a batch."""
    lengths = _LENGTHS
    parts = [_PLAIN, lengths[offset], *_sized(key), *_sized(value), lengths[len(headers)]]
    for name, stated in headers:
        parts += (_named(name), lengths[len(stated)], stated)
    body = b"".join(parts)
    return lengths[len(body)] + body


def _sized(stated: bytes | None) -> tuple[bytes, bytes]:
    """Bytes after their length; what is not stated has none."""
    return (_NONE, b"") if stated is None else (_LENGTHS[len(stated)], stated)


@lru_cache(64)
def _named(name: str) -> bytes:
    """The name of a header; there are few."""
    return _LENGTHS[len(name.encode())] + name.encode()
