"""What a connector has already published: the log itself is the memory, SQLite only remembers how far it was read.

`catch_up` reads the log from where the cache ends to where the log ended when it began. A lost cache is therefore
rebuilt, a crash after sending is seen by the next run, and another cluster or a topic made anew starts from nothing.
It must not know schemas: `digest` says what a payload is.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from kafka.errors import KafkaError

from sharehub.errors import UnreachableError
from sharehub.stream.cache import Layout, store_positions
from sharehub.stream.publisher import Place, place_of
from sharehub.stream.reading import assigned, batches, bounds, open_consumer

_LAYOUT = Layout(
    1,
    {
        "said": """(
          record_key TEXT PRIMARY KEY, revision INTEGER NOT NULL, content BLOB NOT NULL, withdrawn INTEGER NOT NULL,
          payload BLOB NOT NULL)"""
    },
)
_UPSERT = """
INSERT INTO said VALUES (?, ?, ?, ?, ?)
ON CONFLICT (record_key) DO UPDATE SET revision = excluded.revision, content = excluded.content,
  withdrawn = excluded.withdrawn, payload = excluded.payload
WHERE excluded.revision >= said.revision
"""


class Said(NamedTuple):
    """The newest revision of one record key, as it stands on the log."""

    record_key: str
    revision: int
    content: bytes
    withdrawn: bool


Digest = Callable[[bytes], Said | None]
"""What a payload says; None for what is no record."""


class PublishedLog:
    """What one connector has said on one topic."""

    def __init__(self, bootstrap_servers: str, topic: str, connector: str, cache: Path, digest: Digest) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic
        self._prefix = f"{connector}/"
        self._cache = cache
        self._digest = digest

    def catch_up(self) -> dict[str, Said]:
        """The newest revision of every record key, up to the present end of the log.

        Raises:
            UsageError: the topic does not exist.
            UnreachableError: Kafka does not answer.
        """
        place = place_of(self._bootstrap_servers, self._topic)
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._caught_up(place)
        except sqlite3.DatabaseError:  # a damaged cache is worth nothing: the log has it all
            self._cache.unlink(missing_ok=True)
            return self._caught_up(place)

    def payload(self, record_key: str) -> bytes:
        """The newest payload of a record key that `catch_up` returned."""
        with closing(sqlite3.connect(self._cache)) as cache:
            row = cache.execute("SELECT payload FROM said WHERE record_key = ?", (record_key,)).fetchone()
        return bytes(row[0])

    def _caught_up(self, place: Place) -> dict[str, Said]:
        with closing(sqlite3.connect(self._cache)) as cache, _consumer(self._bootstrap_servers) as consumer:
            positions = _LAYOUT.positions(cache, place)
            begin, end = bounds(consumer, assigned(consumer, self._topic, place.partitions))
            if any(positions.get(partition, 0) > last for partition, last in end.items()):
                _LAYOUT.forget(cache, place)  # the log is shorter than what we read of it
                positions = {}
            start = {partition: max(positions.get(partition, 0), first) for partition, first in begin.items()}
            with cache:
                for messages in batches(consumer, self._topic, start, end):
                    cache.executemany(_UPSERT, self._rows(message.value for message in messages))
                store_positions(cache, start)
            rows = cache.execute("SELECT record_key, revision, content, withdrawn FROM said")
            return {row[0]: Said(row[0], row[1], row[2], bool(row[3])) for row in rows}

    def _rows(self, values: Iterable[bytes]) -> Iterator[tuple[str, int, bytes, bool, bytes]]:
        prefix = self._prefix.encode()
        for value in values:
            said = self._digest(value) if prefix in value else None
            if said and said.record_key.startswith(self._prefix):
                yield (*said, value)


@contextmanager
def _consumer(bootstrap_servers: str) -> Iterator[Any]:
    consumer = open_consumer(bootstrap_servers)
    try:
        yield consumer
    except KafkaError as error:
        raise UnreachableError(f"reading what was published before failed: {error}") from error
    finally:
        consumer.close()
