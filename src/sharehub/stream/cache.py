"""How far a memory of the log has read, in SQLite; a cache of another place or format is worth nothing.

The log has it all: what is forgotten here is read again.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from sharehub.stream.publisher import Place

_SHARED = {
    "place": "(cluster_id TEXT NOT NULL, topic_id TEXT NOT NULL)",
    "positions": "(partition INTEGER PRIMARY KEY, next_offset INTEGER NOT NULL)",
}


@dataclass(frozen=True)
class Layout:
    """The tables of one kind of cache, beside place and positions, by name, as SQL has their
    columns; another `version` is another format."""

    version: int
    tables: Mapping[str, str]

    def positions(self, cache: sqlite3.Connection, place: Place) -> dict[int, int]:
        """The next offset of every partition; none, and an empty cache, where it is of another place or format."""
        known = cache.execute("PRAGMA user_version").fetchone()[0] == self.version
        if not known or cache.execute("SELECT * FROM place").fetchone() != (place.cluster_id, place.topic_id):
            self.forget(cache, place)
        return dict(cache.execute("SELECT partition, next_offset FROM positions").fetchall())

    def forget(self, cache: sqlite3.Connection, place: Place) -> None:
        """Begin anew for this place."""
        with cache:
            for name, columns in {**_SHARED, **self.tables}.items():
                cache.execute(f"DROP TABLE IF EXISTS {name}")
                cache.execute(f"CREATE TABLE {name} {columns}")
            cache.execute("INSERT INTO place VALUES (?, ?)", (place.cluster_id, place.topic_id))
            cache.execute(f"PRAGMA user_version = {self.version}")


def store_positions(cache: sqlite3.Connection, positions: Mapping[int, int]) -> None:
    """Remember how far each partition was read."""
    cache.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?)", positions.items())
