"""Reads of feeds: pages in their order, and from where to where they are kept."""

from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from sharehub.ports.leaving import FeedEntry

_PAGE = """
SELECT feed_position, event_id, payload, jws FROM feed_entries
WHERE feed = %s AND feed_position > %s AND payload IS NOT NULL ORDER BY feed_position LIMIT %s
"""
_BOUNDS = "SELECT min(feed_position), max(feed_position) FROM feed_entries WHERE feed = %s AND payload IS NOT NULL"
_LET_GO = """
UPDATE feed_entries SET payload = NULL, jws = NULL
WHERE feed = %(feed)s AND feed_position <= %(covered)s AND published_at < %(before)s AND payload IS NOT NULL
  AND feed_position < (SELECT max(feed_position) FROM feed_entries WHERE feed = %(feed)s AND payload IS NOT NULL)
"""


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


def last_given(connection: Connection, feed: str) -> int:
    """The last position that was ever given in the feed, whether or not what it stands for is kept."""
    query = "SELECT coalesce(max(feed_position), 0) FROM feed_entries WHERE feed = %s"
    return int(connection.execute(query, [feed]).fetchall()[0][0])


def let_go(connection: Connection, feed: str, covered: int, before: datetime) -> int:
    """Forget the bytes of entries that a version covers and that are older than the instant; returns how many.

    The entries themselves stay, with the events: who answered what can always be told. The last one keeps its bytes,
    so that a feed always says where it ends.
    """
    return connection.execute(_LET_GO, {"feed": feed, "covered": covered, "before": before}).rowcount
