"""The subscriber's side: read one recipient's feed from Kafka, committed messages only.

The topic has one partition and every entry takes one offset, so the entry after position p never lies before
offset p.
"""

import time
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from sharehub.errors import UnreachableError, UsageError
from sharehub.stream.prompt import prompt
from sharehub.topics import feed_topic

_POLL_MS = 500
_ENTRIES_MAX = 500


class Entry(NamedTuple):
    """One message of a feed: its bytes, and their signature."""

    value: bytes
    jws: str


class FeedReader:
    """Reads a feed from the first entry that can follow a position, and goes on as long as it is asked."""

    def __init__(self, bootstrap_servers: str, recipient: str, after: int) -> None:
        """Connect and go to the place.

        Raises:
            UsageError: there is no such feed, or it ends before the position.
            UnreachableError: Kafka does not answer.
        """
        self._bootstrap_servers = bootstrap_servers
        self._partition = TopicPartition(feed_topic(recipient), 0)
        self._consumer = _consumer(bootstrap_servers)
        try:
            self._begin(recipient, after)
        except KafkaError as error:
            self.close()
            raise self._away(error) from error
        except UsageError:
            self.close()
            raise

    def page(self, wait_s: float) -> list[Entry]:
        """The next entries; empty: the feed had ended, and nothing newer came for so long.

        Raises:
            UnreachableError: Kafka does not answer.
        """
        deadline = time.monotonic() + wait_s
        try:
            while time.monotonic() < deadline or not self._at_end():
                if found := self._polled():
                    return found
        except KafkaError as error:
            raise self._away(error) from error
        return []

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close(autocommit=False)

    def _begin(self, recipient: str, after: int) -> None:
        if self._partition.topic not in self._consumer.topics():
            raise UsageError(f"there is no feed {recipient!r}", hint="sharehub feed list")
        self._consumer.assign([self._partition])
        first = self._consumer.beginning_offsets([self._partition])[self._partition]
        end = self._end()
        if after > end:
            told = f"the feed {recipient!r} has no entry {after}: the place is of another feed, or of another hub"
            raise UsageError(told, hint="begin anew, from a snapshot or without a place")
        self._consumer.seek(self._partition, max(first, after))

    def _polled(self) -> list[Entry]:
        polled = self._consumer.poll(_POLL_MS, max_records=_ENTRIES_MAX)
        return [
            Entry(message.value, dict(message.headers).get("jws", b"").decode())
            for message in polled.get(self._partition, ())
            if message.value is not None
        ]

    def _at_end(self) -> bool:
        return bool(self._consumer.position(self._partition) >= self._end())

    def _end(self) -> int:
        return int(self._consumer.end_offsets([self._partition])[self._partition])

    def _away(self, error: KafkaError) -> UnreachableError:
        return UnreachableError(f"Kafka at {self._bootstrap_servers} stopped answering: {error}", hint="go on later")


def _consumer(bootstrap_servers: str) -> Any:
    try:
        return prompt(
            KafkaConsumer(
                bootstrap_servers=bootstrap_servers,
                isolation_level="read_committed",
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        )
    except KafkaError as error:
        raise UnreachableError(f"Kafka at {bootstrap_servers} does not answer", hint="sharehub up") from error
