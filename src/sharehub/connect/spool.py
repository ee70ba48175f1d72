"""Rows and messages by the million, kept on disk and not in memory: a list that grows, and a memory of keys."""

import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from operator import itemgetter
from os import SEEK_END
from tempfile import TemporaryFile
from typing import IO, Any, Final, Generic, NamedTuple, TypeVar, cast

from sharehub.connect.rows import Place

_CHUNK: Final = 1_000
_CACHE_KIB: Final = 32_768
_ASKED_MAX: Final = 10_000

Item = TypeVar("Item")


class Spool(Generic[Item]):
    """Items in the order in which they came; a file without a name holds all but the newest.

    Those that `make` makes of plain tuples are kept as such, in a third of the time.
    """

    def __init__(self, make: Callable[[tuple[Any, ...]], Item] | None = None) -> None:
        self._make = make
        self._file: IO[bytes] | None = None
        self._newest: list[Item] = []
        self._count = 0

    def append(self, item: Item) -> None:
        """One item more."""
        self.extend((item,))

    def extend(self, items: Sequence[Item]) -> None:
        """Some items more."""
        self._newest += items
        self._count += len(items)
        if len(self._newest) >= _CHUNK:
            self._file = self._file or TemporaryFile()  # noqa: SIM115 -- it lives as long as the spool
            tuples = self._make and list(map(tuple, cast("list[Sequence[object]]", self._newest)))
            pickle.dump(tuples or self._newest, self._file, pickle.HIGHEST_PROTOCOL)
            self._newest = []

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    def __iter__(self) -> Iterator[Item]:
        """All of them; append none meanwhile."""
        if self._file:
            end, at = self._file.seek(0, SEEK_END), 0
            while at < end:
                self._file.seek(at)
                chunk = pickle.load(self._file)  # noqa: S301 -- written by this very object
                at = self._file.tell()
                yield from map(self._make, chunk) if self._make else chunk
        yield from self._newest


class Sighting(NamedTuple):
    """Where a key stood first in this run, and the hash of what was said there."""

    place: Place
    content: bytes


class Sightings:
    """The keys of one run, each with its first valid row: 128 bits of hash stand for a key, and for its content."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)  # a file of the run's own, gone with it
        self._rows.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("BEGIN")
        self._rows.execute(
            "CREATE TABLE seen (key BLOB PRIMARY KEY, content BLOB, number INTEGER, source INTEGER, row INTEGER)"
            " WITHOUT ROWID"
        )
        self._sources: dict[tuple[str, str | None], int] = {}
        self._number = 0

    def mark(self, record_keys: Iterable[str]) -> None:
        """These keys are in the file, whatever their rows say."""
        self._rows.executemany("INSERT OR IGNORE INTO seen (key) VALUES (?)", ((hashed(key),) for key in record_keys))

    def seen(self, hashes: Sequence[bytes]) -> frozenset[bytes]:
        """Those of some keys, by their hashes, that were marked or had a row."""
        return frozenset(row[0] for row in self._known(hashes))

    def first(self, rows: Sequence[tuple[str, bytes, Place]]) -> list[Sighting | None]:
        """For each key with its content and place: None where it is the first, else that one."""
        begun, before = self._number, self._rows.total_changes
        keys = [hashed(key) for key, _, _ in rows]
        self._rows.executemany(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET content = excluded.content, "
            "number = excluded.number, source = excluded.source, row = excluded.row WHERE content IS NULL",
            sorted(  # in the order of the table, which takes a quarter less time
                (
                    (key, content, number, self._source(place), place.row)
                    for number, (key, (_, content, place)) in enumerate(zip(keys, rows, strict=True), begun)
                ),
                key=itemgetter(0),
            ),
        )
        self._number += len(rows)
        if self._rows.total_changes - before == len(rows):
            return [None] * len(rows)
        known = {row[0]: row[1:] for row in self._known(keys)}
        names = tuple(self._sources)
        return [
            None if known[key][1] == number else _sighting(names, *known[key]) for number, key in enumerate(keys, begun)
        ]

    def absent(self, record_keys: Iterable[str]) -> Iterator[str]:
        """Those of some keys that were not seen, in their order."""
        waiting: list[str] = []
        for key in record_keys:
            waiting.append(key)
            if len(waiting) == _ASKED_MAX:
                yield from self._unseen(waiting)
                waiting = []
        yield from self._unseen(waiting)

    def _unseen(self, record_keys: list[str]) -> list[str]:
        hashes = [hashed(key) for key in record_keys]
        known = self.seen(hashes)
        return [key for key, hashed in zip(record_keys, hashes, strict=True) if hashed not in known]

    def _known(self, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes, int, int, int]]:
        marks = ",".join("?" * len(keys))
        return iter(
            self._rows.execute(f"SELECT key, content, number, source, row FROM seen WHERE key IN ({marks})", keys)
        )

    def _source(self, place: Place) -> int:
        return self._sources.setdefault((place.name, place.sheet), len(self._sources))


def _sighting(names: Sequence[tuple[str, str | None]], content: bytes, _number: int, source: int, row: int) -> Sighting:
    return Sighting(Place(*names[source], row), content)


def hashed(record_key: str) -> bytes:
    """What stands for a key where many are kept."""
    return blake2b(record_key.encode(), digest_size=16).digest()
