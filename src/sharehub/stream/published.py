"""What a connector has already published: the log itself is the memory, SQLite only remembers how far it was read.

`catch_up` reads the log from where the cache ends to where the log ended when it began. A lost cache is therefore
rebuilt, a crash after sending is seen by the next run, and another cluster or a topic made anew starts from nothing.
It must not know schemas: `digest` says what a payload is.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from operator import itemgetter
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
_SAID = "record_key, revision, content, withdrawn"
_CACHE_SIZE = "PRAGMA cache_size = -32768"  # KiB
_ASKED_MAX = 10_000


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

    def catch_up(self) -> "PublishedKeys":
        """What stands on the log up to its present end; close it after use.

        Raises:
            UsageError: the topic does not exist.
            UnreachableError: Kafka does not answer.
        """
        place = place_of(self._bootstrap_servers, self._topic)
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._read(place)
        except sqlite3.DatabaseError:  # a damaged cache is worth nothing: the log has it all
            self._cache.unlink(missing_ok=True)
            self._read(place)
        return PublishedKeys(self._cache)

    def _read(self, place: Place) -> None:
        with closing(sqlite3.connect(self._cache)) as cache, _consumer(self._bootstrap_servers) as consumer:
            cache.execute(_CACHE_SIZE)
            positions = _LAYOUT.positions(cache, place)
            begin, end = bounds(consumer, assigned(consumer, self._topic, place.partitions))
            if any(positions.get(partition, 0) > last for partition, last in end.items()):
                _LAYOUT.forget(cache, place)  # the log is shorter than what we read of it
                positions = {}
            start = {partition: max(positions.get(partition, 0), first) for partition, first in begin.items()}
            with cache:
                for messages in batches(consumer, self._topic, start, end):
                    said = self._rows(message.value for message in messages)
                    cache.executemany(_UPSERT, sorted(said, key=itemgetter(0)))  # in the order of the table: stable
                store_positions(cache, start)

    def _rows(self, values: Iterable[bytes]) -> Iterator[tuple[str, int, bytes, bool, bytes]]:
        prefix = self._prefix.encode()
        for value in values:
            said = self._digest(value) if prefix in value else None
            if said and said.record_key.startswith(self._prefix):
                yield (*said, value)


class PublishedKeys:
    """The newest revision of every record key of one connector, asked for where it lies, on disk."""

    def __init__(self, cache: Path) -> None:
        self._path = cache
        self._cache = sqlite3.connect(cache)
        self._cache.execute(_CACHE_SIZE)
        keys, withdrawn = self._cache.execute("SELECT count(*), total(withdrawn) FROM said").fetchone()
        self._keys = int(keys)
        self.live = self._keys - int(withdrawn)

    def __len__(self) -> int:
        """How many keys there are, also of withdrawn records."""
        return self._keys

    def find(self, record_keys: Sequence[str]) -> dict[str, Said]:
        """The newest revision of each of these that there is."""
        found: dict[str, Said] = {}
        for begin in range(0, len(record_keys), _ASKED_MAX):
            asked = record_keys[begin : begin + _ASKED_MAX]
            query = f"SELECT {_SAID} FROM said WHERE record_key IN ({','.join('?' * len(asked))})"
            found.update((row[0], _said(row)) for row in self._rows(query, asked))
        return found

    def standing(self) -> Iterator[str]:
        """The keys of all records that are not withdrawn, in order."""
        for (key,) in self._rows("SELECT record_key FROM said WHERE NOT withdrawn ORDER BY record_key"):
            yield key

    def payload(self, record_key: str) -> bytes:
        """The newest payload of a record key."""
        (row,) = self._rows("SELECT payload FROM said WHERE record_key = ?", (record_key,))
        return bytes(row[0])

    def _rows(self, query: str, asked: Sequence[str] = ()) -> Iterator[Any]:
        try:
            yield from self._cache.execute(query, asked)
        except sqlite3.DatabaseError as error:
            self._path.unlink(missing_ok=True)
            told = f"the memory of what was published is damaged ({error}); it is made anew from the log"
            raise UnreachableError(told, hint="run the same command again") from error

    def close(self) -> None:
        """Let go of the file."""
        self._cache.close()


class Remembered(dict[str, Said]):
    """The same in memory, for what needs no log."""

    def find(self, record_keys: Sequence[str]) -> dict[str, Said]:
        """The newest revision of each of these that there is."""
        return {key: self[key] for key in record_keys if key in self}

    def standing(self) -> Iterator[str]:
        """The keys of all records that are not withdrawn, in order."""
        return iter(sorted(key for key, said in self.items() if not said.withdrawn))


def _said(row: Sequence[Any]) -> Said:
    return Said(row[0], row[1], row[2], bool(row[3]))


@contextmanager
def _consumer(bootstrap_servers: str) -> Iterator[Any]:
    consumer = open_consumer(bootstrap_servers)
    try:
        yield consumer
    except KafkaError as error:
        raise UnreachableError(f"reading what was published before failed: {error}") from error
    finally:
        consumer.close()
