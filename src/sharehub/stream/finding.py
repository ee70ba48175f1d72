"""Finds single messages on the log: by place, by the instant of their receipt, or among those not processed yet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from kafka import TopicPartition
from kafka.errors import KafkaError

from sharehub.errors import UnreachableError
from sharehub.stream.reading import open_consumer
from sharehub.topics import Place

_POLL_MS = 500
_SILENT_POLLS_MAX = 20
_MILLISECOND = timedelta(milliseconds=1)


class Logged(NamedTuple):
    """A message where it lies, and when the broker appended it."""

    place: Place
    offset: int
    appended_at: datetime
    value: bytes | None

    @classmethod
    def of(cls, message: Any) -> "Logged":
        """The message as the client gives it."""
        appended_at = datetime.fromtimestamp(message.timestamp / 1000, UTC)
        return cls(Place(message.topic, message.partition), message.offset, appended_at, message.value)


class Finder:
    """Reads where it is told to, one message after the other."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    @classmethod
    @contextmanager
    def opened(cls, bootstrap_servers: str) -> Iterator[Self]:
        """A finder for the time of the block.

        Raises:
            UnreachableError: Kafka does not answer.
        """
        consumer = open_consumer(bootstrap_servers)
        try:
            yield cls(consumer)
        except KafkaError as error:
            raise UnreachableError(f"Kafka failed while the log was searched: {error}", hint="sharehub up") from error
        finally:
            consumer.close(autocommit=False)

    def places(self, topic: str) -> list[Place]:
        """The partitions of a topic; none where there is no such topic."""
        return [Place(topic, number) for number in sorted(self._consumer.partitions_for_topic(topic) or ())]

    def at(self, place: Place, offset: int) -> Logged | None:
        """The message of this offset, where there is one."""
        return next((one for one in self.since({place: offset}) if one.offset == offset), None)

    def appended_at(self, topic: str, instant: datetime) -> Iterator[Logged]:
        """The messages of the topic that were appended in the millisecond of the instant."""
        places = [TopicPartition(*place) for place in self.places(topic)]
        begun_ms = int(instant.timestamp() * 1000)
        found = self._consumer.offsets_for_times(dict.fromkeys(places, begun_ms)) if places else {}
        for partition, first in found.items():
            if first is not None:
                for one in self.since({Place(*partition): first.offset}):
                    if one.appended_at >= instant + _MILLISECOND:
                        break
                    yield one

    def since(self, starts: Mapping[Place, int]) -> Iterator[Logged]:
        """The messages of these partitions from their offsets on, up to where the log ends now."""
        places = {TopicPartition(*place): offset for place, offset in starts.items()}
        if not places:
            return
        self._consumer.assign(list(places))
        first, end = self._consumer.beginning_offsets(list(places)), self._consumer.end_offsets(list(places))
        for partition, offset in places.items():
            self._consumer.seek(partition, max(offset, first[partition]))
        silent = 0
        while any(self._consumer.position(partition) < end[partition] for partition in places):
            polled = self._consumer.poll(timeout_ms=_POLL_MS, max_records=500)
            silent = 0 if polled else silent + 1
            if silent > _SILENT_POLLS_MAX:
                raise UnreachableError("Kafka stopped answering while the log was searched", hint="try again")
            for messages in polled.values():
                yield from map(Logged.of, messages)
