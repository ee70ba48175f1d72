"""Reads of feeds: pages in their order, and from where to where they are kept."""

from typing import NamedTuple

from psycopg import Connection

from sharehub.ports import FeedEntry

_PAGE = """
SELECT feed_position, event_id, payload, jws FROM feed_entries
WHERE feed = %s AND feed_position > %s AND payload IS NOT NULL ORDER BY feed_position LIMIT %s
"""
_BOUNDS = "SELECT min(feed_position), max(feed_position) FROM feed_entries WHERE feed = %s AND payload IS NOT NULL"


class Bounds(NamedTuple):
    """The first position that is still kept and the last that was given; both 0 where there was no event."""

    first: int
    last: int


def page(connection: Connection, feed: str, after: int, entries_max: int) -> list[FeedEntry]:
    """The entries that follow the position, in order, without gaps."""
    return [FeedEntry(*row) for row in connection.execute(_PAGE, [feed, after, entries_max])]


def bounds(connection: Connection, feed: str) -> Bounds:
    """What is kept of a feed."""
    first, last = connection.execute(_BOUNDS, [feed]).fetchall()[0]
    return Bounds(first or 0, last or 0)
