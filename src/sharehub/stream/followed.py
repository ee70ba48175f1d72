"""What was pushed to one topic: the log is the memory, SQLite only remembers how far it was read.

Like `stream.published`, but it keeps every revision with its offset and the call that sent it, and its consumer stays
open, so that catching up before every call costs milliseconds. One thread at a time.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from kafka.errors import KafkaError

from sharehub.core.publication import Said
from sharehub.errors import UnreachableError
from sharehub.stream.cache import Layout, store_positions
from sharehub.stream.publisher import place_of
from sharehub.stream.reading import assigned, batches, bounds, open_consumer

_ASKED_MAX = 500
_LAYOUT = Layout(
    1,
    {
        "calls": "(call_key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
        "duplicates": """(
          call_key TEXT NOT NULL, place INTEGER NOT NULL, revision INTEGER NOT NULL,
          PRIMARY KEY (call_key, place)) WITHOUT ROWID""",
        "said": """(
          record_key TEXT NOT NULL, revision INTEGER NOT NULL, content BLOB NOT NULL, partition INTEGER NOT NULL,
          offset INTEGER NOT NULL, call TEXT NOT NULL, PRIMARY KEY (record_key, revision)) WITHOUT ROWID""",
    },
)
_INSERT = "INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?, ?, ?)"
_CALL, _PLACE, _BODY = "call_key", "call_place", "call_body"


class Digest(NamedTuple):
    """What a payload says: its key, its revision and a hash of its content."""

    record_key: str
    revision: int
    content: bytes


def call_headers(call_key: str, place: int, body: bytes) -> list[tuple[str, bytes]]:
    """The headers by which a repeated call finds what it sent: its key, the record's place, the hash of its body."""
    if not call_key:
        return []
    return [(_CALL, call_key.encode()), (_PLACE, str(place).encode()), (_BODY, body)]


class FollowedLog:
    """All revisions on one record topic, as far as the log had been written at the last `catch_up`."""

    def __init__(
        self, bootstrap_servers: str, topic: str, cache: Path, digest: Callable[[bytes], Digest | None]
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic
        self._path = cache
        self._digest = digest
        self._cache: sqlite3.Connection | None = None
        self._consumer: Any = None
        self._places: list[Any] = []
        self._next: dict[int, int] = {}

    def catch_up(self) -> None:
        """Read to the present end of the log.

        Raises:
            UsageError: the topic does not exist.
            UnreachableError: Kafka does not answer.
        """
        try:
            self._catch_up()
        except sqlite3.OperationalError as error:
            self.close()
            raise UnreachableError(f"{self._path} cannot be written: {error}") from error
        except sqlite3.DatabaseError:  # a damaged cache is worth nothing: the log has it all
            self.close()
            for ending in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
            self._catch_up()

    def said(self, record_keys: Iterable[str]) -> dict[str, list[Said]]:
        """Every revision of these keys."""
        found: dict[str, list[Said]] = {}
        for part in _parts(list(record_keys)):
            marks = ", ".join("?" * len(part))
            for record_key, *said in self._opened().execute(f"SELECT * FROM said WHERE record_key IN ({marks})", part):
                found.setdefault(record_key, []).append(Said(*said))
        return found

    def body_of(self, call_key: str) -> bytes | None:
        """The hash of the body with which this call was made; None where no record of it is on the log."""
        row = self._opened().execute("SELECT body FROM calls WHERE call_key = ?", (call_key,)).fetchone()
        return bytes(row[0]) if row else None

    def duplicates_of(self, call_key: str) -> dict[int, int]:
        """The revisions that this call found said before, by the records' places in it."""
        query = "SELECT place, revision FROM duplicates WHERE call_key = ?"
        return dict(self._opened().execute(query, (call_key,)).fetchall())

    def remember(
        self, call_key: str, body: bytes, duplicates: Mapping[int, int], sent: Sequence[tuple[str, Said]]
    ) -> None:
        """Keep what a call leaves no message of, its duplicates: only this is lost with the cache.

        What it sent need not be read from the log, where nobody else wrote in between.
        """
        reached = _reached(self._next, [said for _, said in sent])
        rows = [(key, *said) for key, said in sent if said.offset < reached.get(said.partition, 0)]
        known = [(call_key, place, revision) for place, revision in duplicates.items()]
        with self._opened() as cache:
            cache.executemany("INSERT OR IGNORE INTO calls VALUES (?, ?)", [(call_key, body)] if call_key else [])
            cache.executemany("INSERT OR IGNORE INTO duplicates VALUES (?, ?, ?)", known)
            cache.executemany(_INSERT, rows)
            store_positions(cache, reached)
        self._next |= reached

    def close(self) -> None:
        """Let go of consumer and cache; the next call opens them again."""
        if self._consumer is not None:
            with suppress(KafkaError):
                self._consumer.close()
        if self._cache is not None:
            self._cache.close()
        self._consumer = self._cache = None

    def _catch_up(self) -> None:
        try:
            if self._consumer is None:
                self._start()
            end = {at.partition: offset for at, offset in self._consumer.end_offsets(self._places).items()}
            if any(self._next[partition] > offset for partition, offset in end.items()):
                self.close()  # the log is shorter than what we read of it: another topic under the same name
                self._start()
            if self._next != end:
                self._take(end)
        except KafkaError as error:
            self.close()
            raise UnreachableError(f"reading what was said on {self._topic} failed: {error}") from error
        except UnreachableError:
            self.close()
            raise

    def _start(self) -> None:
        place = place_of(self._bootstrap_servers, self._topic)
        consumer = self._consumer = open_consumer(self._bootstrap_servers)
        self._places = assigned(consumer, self._topic, place.partitions)
        begin, end = bounds(consumer, self._places)
        cache = self._opened()
        stored = _LAYOUT.positions(cache, place)
        if any(stored.get(partition, 0) > offset for partition, offset in end.items()):
            _LAYOUT.forget(cache, place)
            stored = {}
        self._next = {partition: max(stored.get(partition, 0), first) for partition, first in begin.items()}

    def _take(self, end: dict[int, int]) -> None:
        cache, reached = self._opened(), dict(self._next)
        with cache:
            for messages in batches(self._consumer, self._topic, reached, end):
                cache.executemany(_INSERT, self._rows(messages))
                cache.executemany("INSERT OR IGNORE INTO calls VALUES (?, ?)", _calls(messages))
            store_positions(cache, reached)
        self._next = reached

    def _rows(self, messages: Sequence[Any]) -> Iterator[tuple[str, int, bytes, int, int, str]]:
        for one in messages:
            if found := self._digest(one.value):
                yield (*found, one.partition, one.offset, _call(one))

    def _opened(self) -> sqlite3.Connection:
        if self._cache is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._cache = sqlite3.connect(self._path, check_same_thread=False)
            self._cache.execute("PRAGMA journal_mode = WAL")
            self._cache.execute("PRAGMA synchronous = NORMAL")  # what a power cut loses is read again
        return self._cache


def _reached(positions: Mapping[int, int], sent: Sequence[Said]) -> dict[int, int]:
    """The positions after what was sent, of partitions in which it follows without a gap on what was read."""
    offsets: dict[int, list[int]] = {}
    for said in sent:
        offsets.setdefault(said.partition, []).append(said.offset)
    return {
        partition: max(found) + 1
        for partition, found in offsets.items()
        if sorted(found) == list(range(begin := positions.get(partition, -1), begin + len(found)))
    }


def _call(message: Any) -> str:
    stated = dict(message.headers or ())
    if not stated.keys() >= {_CALL, _PLACE}:
        return ""
    return f"{stated[_CALL].decode(errors='replace')}#{stated[_PLACE].decode(errors='replace')}"


def _calls(messages: Sequence[Any]) -> Iterator[tuple[str, bytes]]:
    for one in messages:
        stated = dict(one.headers or ())
        if stated.keys() >= {_CALL, _BODY}:
            yield stated[_CALL].decode(errors="replace"), stated[_BODY]


def _parts(keys: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(keys), _ASKED_MAX):
        yield keys[begin : begin + _ASKED_MAX]
