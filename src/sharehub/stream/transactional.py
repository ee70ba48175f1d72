"""The relay's sender: messages and the outbox position in one Kafka transaction.

The position is a group offset on `events.sanction`, committed inside the transaction. A second sender with
the same transactional id fences the first. After any doubt inside a transaction the producer is closed, never
aborted and used again: kafka-python speaks the transaction protocol for which that is unsafe.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import ConsumerGroupMetadata, OffsetAndMetadata

from sharehub.errors import UnreachableError
from sharehub.ports.leaving import Message, Outgoing
from sharehub.stream.parcels import Keyed, Parcels, Sent, announce, handed_over
from sharehub.stream.prompt import prompt
from sharehub.topics import SANCTION_EVENTS

_TRANSACTION_S = 15
_AGAIN = "start the relay again; it reads back how far it came"
_CARRIER = TopicPartition(SANCTION_EVENTS, 0)


class TransactionalSender:
    """Sends batches exactly once for readers of committed messages."""

    def __init__(self, bootstrap_servers: str, transactional_id: str) -> None:
        self._servers = bootstrap_servers
        self._id = transactional_id
        self._producer = self._connected()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(KafkaError):
            self._producer.close(timeout=2)

    def _connected(self) -> KafkaProducer:
        try:
            producer = prompt(
                KafkaProducer(
                    bootstrap_servers=self._servers,
                    transactional_id=self._id,
                    enable_idempotence=True,
                    acks="all",
                    compression_type="lz4",
                    linger_ms=2,
                    batch_size=131_072,
                    retry_backoff_ms=5,
                    transaction_timeout_ms=30_000,
                    max_block_ms=10_000,
                    allow_auto_create_topics=False,
                )
            )
            producer.init_transactions()
        except KafkaError as error:
            raise UnreachableError(f"Kafka at {self._servers} does not answer", hint="sharehub up") from error
        return producer

    def position(self) -> int:
        """The outbox position that was committed together with its messages."""
        consumer = KafkaConsumer(bootstrap_servers=self._servers, group_id=self._id, enable_auto_commit=False)
        try:
            return int(consumer.committed(_CARRIER) or 0)
        finally:
            consumer.close(autocommit=False)

    def send(self, entries: Sequence[Outgoing], position: int) -> None:
        """All messages and the position, or nothing.

        Raises:
            UnreachableError: the outcome is unknown; a new sender reads the position back.
        """
        failed: list[Exception] = []

        def transaction() -> None:
            try:
                self._transaction(entries, position)
            except Exception as error:  # noqa: BLE001 - told to the caller's thread
                failed.append(error)

        # The client's transaction calls have no time limit of their own.
        attempt = Thread(target=transaction, daemon=True)
        attempt.start()
        attempt.join(_TRANSACTION_S)
        if attempt.is_alive():
            raise UnreachableError(f"Kafka did not finish a transaction within {_TRANSACTION_S} s", hint=_AGAIN)
        if failed:
            raise UnreachableError(f"Kafka failed while relaying: {failed[0]}", hint=_AGAIN) from failed[0]

    def _transaction(self, entries: Sequence[Outgoing], position: int) -> None:
        self._producer.begin_transaction()
        pending = list(self._queued(one for entry in entries for one in entry.messages))
        offsets = {_CARRIER: OffsetAndMetadata(position, "", -1)}
        self._producer.send_offsets_to_transaction(offsets, ConsumerGroupMetadata(self._id, -1, "", None))
        self._producer.flush(timeout=_TRANSACTION_S)
        for sent in pending:
            sent.future.get(timeout=_TRANSACTION_S)
        self._producer.commit_transaction()

    def _queued(self, messages: Iterable[Message]) -> Iterator[Sent]:
        """The messages under way, in their order in each topic."""
        by_topic: dict[str, list[Keyed]] = defaultdict(list)
        for topic, key, value, headers in messages:
            by_topic[topic].append(Keyed(key, value, headers))
        if handed_over:
            yield from self._packed(by_topic)
            return
        for topic, keyed in by_topic.items():
            yield from (Sent(self._producer.send(topic, value, key, list(headers)), 1) for key, value, headers in keyed)

    def _packed(self, by_topic: Mapping[str, Sequence[Keyed]]) -> Iterator[Sent]:
        partitions = self._producer.partitions_for
        parcels = {topic: Parcels(self._producer, topic, len(partitions(topic))) for topic in by_topic}
        for topic, keyed in by_topic.items():
            yield from parcels[topic].add(keyed)
        announce(self._producer, parcels.values())
        for one in parcels.values():
            yield from one.rest()
