"""Sends messages so that each is on the log once, or says that it may not be.

Idempotent producer, every acknowledgement checked, a bounded number of unacknowledged messages. Never makes a topic.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from sharehub.errors import UnreachableError, UsageError
from sharehub.stream.admin import administration
from sharehub.stream.parcels import Keyed, Parcels, Sent, handed_over
from sharehub.stream.prompt import prompt

__all__ = ["Keyed", "Landed", "Outgoing", "Place", "Publisher", "open_producer", "place_of"]

BOOTSTRAP_TIMEOUT_MS = 8_000
_REQUEST_TIMEOUT_MS = 10_000
_DELIVERY_TIMEOUT_MS = 30_000
_UNACKNOWLEDGED_MAX = 20_000
_BATCH_BYTES = 524_288  # of one partition, before compression: half of what a broker takes
_UNKNOWN_TOPIC = 3


class Place(NamedTuple):
    """One topic of one cluster: a topic made anew under the same name is another place."""

    cluster_id: str
    topic_id: str
    partitions: int


class Outgoing(NamedTuple):
    """One message as it is sent; `partition` None leaves the choice to the key."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None


class Landed(NamedTuple):
    """Where a message lies in its topic."""

    partition: int
    offset: int


def place_of(bootstrap_servers: str, topic: str) -> Place:
    """Where a topic is.

    Raises:
        UsageError: the topic does not exist.
        UnreachableError: Kafka does not answer within ten seconds.
    """
    try:
        with administration(bootstrap_servers) as client:
            found = client.describe_topics([topic])[0]
            cluster = client.describe_cluster()
    except KafkaError as error:
        raise _unreachable(bootstrap_servers, error) from error
    if found["error_code"] == _UNKNOWN_TOPIC:
        raise UsageError(
            f"there is no topic {topic}: who speaks on it is not registered at this hub, or the hub is not initialised",
            hint="name it in rulebooks/agencies.toml or recipients.toml, then: sharehub init",
        )
    return Place(str(cluster["cluster_id"]), str(found["topic_id"]), len(found["partitions"]))


def open_producer(bootstrap_servers: str, client_id: str) -> KafkaProducer:
    """The producer behind every `Publisher`."""
    return prompt(
        KafkaProducer(
            bootstrap_servers=bootstrap_servers,
            client_id=client_id,
            bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
            enable_idempotence=True,  # left at its default it could be switched off silently
            acks="all",
            compression_type="lz4",
            linger_ms=5,
            batch_size=_BATCH_BYTES,
            max_block_ms=_REQUEST_TIMEOUT_MS,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
            delivery_timeout_ms=_DELIVERY_TIMEOUT_MS,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
    )


class Publisher:
    """Sends messages to topics that exist; `flush` vouches for all of them."""

    def __init__(self, bootstrap_servers: str, client_id: str) -> None:
        """Connect.

        Raises:
            UnreachableError: Kafka does not answer within ten seconds.
        """
        self._bootstrap_servers = bootstrap_servers
        self._topics: set[str] = set()
        self._parcels: dict[str, Parcels] = {}
        self._unacknowledged: deque[Sent] = deque()
        self._waiting = 0
        self.acknowledged = 0
        try:
            self._producer = open_producer(bootstrap_servers, client_id)
        except KafkaError as error:
            raise _unreachable(bootstrap_servers, error) from error

    def send(self, topic: str, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Queue one message; blocks while too many are unacknowledged.

        Raises:
            UsageError: the topic does not exist, or the message is larger than Kafka takes.
            UnreachableError: Kafka stopped acknowledging.
        """
        self._queue(topic, lambda: [self._sent(topic, Outgoing(key, value, headers))])

    def send_many(self, topic: str, messages: Sequence[Keyed]) -> None:
        """Queue many messages, at a fraction of what one by one costs; those with one key keep their order.

        What was sent by `send` on the same topic meanwhile may overtake them, unless `flush` lies between.

        Raises:
            UsageError: the topic does not exist, or a message is larger than Kafka takes.
            UnreachableError: Kafka stopped acknowledging.
        """
        if handed_over:
            self._queue(topic, lambda: self._packing(topic).add(messages))
        else:
            self._queue(topic, lambda: (self._sent(topic, Outgoing(*one)) for one in messages))

    def _queue(self, topic: str, queued: Callable[[], Iterable[Sent]]) -> None:
        self._require(topic)
        while self._waiting >= _UNACKNOWLEDGED_MAX:
            self._confirm()
        try:
            self._under_way(queued())
        except MessageSizeTooLargeError as error:
            raise UsageError(f"a message for {topic} is larger than Kafka takes: {error}") from error
        except KafkaError as error:
            raise self._stopped(error) from error

    def _require(self, topic: str) -> None:
        if topic not in self._topics:
            place_of(self._bootstrap_servers, topic)
            self._topics.add(topic)

    def _sent(self, topic: str, one: Outgoing) -> Sent:
        return Sent(self._producer.send(topic, one.value, one.key, list(one.headers), one.partition), 1)

    def _packing(self, topic: str) -> Parcels:
        if topic not in self._parcels:
            partitions = len(self._producer.partitions_for(topic))
            self._parcels[topic] = Parcels(self._producer, topic, partitions)
        return self._parcels[topic]

    def _under_way(self, sent: Iterable[Sent]) -> None:
        for one in sent:
            self._unacknowledged.append(one)
            self._waiting += one.messages

    def deliver(self, topic: str, messages: Sequence[Outgoing]) -> list[Landed]:
        """Send these and wait for all: where each of them lies on the log.

        Raises:
            UsageError: the topic does not exist, or a message is larger than Kafka takes.
            UnreachableError: at least one of them may not be on the log, and any of them may be.
        """
        self._require(topic)
        try:
            sent = [self._sent(topic, one).future for one in messages]
            self._producer.flush(timeout=_DELIVERY_TIMEOUT_MS / 1000)
            found = [future.get(timeout=_DELIVERY_TIMEOUT_MS / 1000) for future in sent]
        except MessageSizeTooLargeError as error:
            raise UsageError(f"a message for {topic} is larger than Kafka takes: {error}") from error
        except KafkaError as error:
            raise self._stopped(error) from error
        self.acknowledged += len(found)
        return [Landed(one.partition, one.offset) for one in found]

    def flush(self) -> int:
        """Number of messages acknowledged so far, which is then all of them.

        Raises:
            UnreachableError: at least one message may not be on the log.
        """
        try:
            for parcels in self._parcels.values():
                self._under_way(parcels.rest())
            self._producer.flush(timeout=_DELIVERY_TIMEOUT_MS / 1000)
        except KafkaError as error:
            raise self._stopped(error) from error
        while self._unacknowledged:
            self._confirm()
        return self.acknowledged

    def close(self) -> None:
        """Let go of the connection, without waiting for what was not flushed."""
        self._producer.close(timeout=1 if self._unacknowledged else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _confirm(self) -> None:
        sent = self._unacknowledged.popleft()
        self._waiting -= sent.messages
        try:
            sent.future.get(timeout=_DELIVERY_TIMEOUT_MS / 1000)
        except KafkaError as error:
            raise self._stopped(error) from error
        self.acknowledged += sent.messages

    def _stopped(self, error: KafkaError) -> UnreachableError:
        return UnreachableError(
            f"Kafka at {self._bootstrap_servers} stopped acknowledging after {self.acknowledged} messages: {error}",
            hint="run the same command again: what arrived is recognised and not sent twice",
        )


def _unreachable(bootstrap_servers: str, error: KafkaError) -> UnreachableError:
    return UnreachableError(f"Kafka at {bootstrap_servers} does not answer: {error}", hint="sharehub up")
