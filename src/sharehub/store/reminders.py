"""Answers that are overdue, looked for once per step of reminding: a mark per recipient says how far.

Feed positions are given in the order of time and without gaps, so a mark is a position.
"""

from datetime import date

from psycopg import Connection

from sharehub.ports.answers import Owed
from sharehub.ports.batch import RacedError
from sharehub.store.pending import WAITING

_OWED = f"""
SELECT event_id, feed_position, event, measure_id, published_at FROM ({WAITING}) AS waiting
WHERE recipient = %s AND feed_position > %s AND feed_position <= %s AND published_at >= %s::date
ORDER BY feed_position
"""
_LAST_BEFORE = """
SELECT feed_position FROM feed_entries WHERE feed = %s AND published_at < %s::date
ORDER BY published_at DESC, feed_position DESC LIMIT 1
"""
_LOOK = """
INSERT INTO reminders_looked AS mark (recipient, step, feed_position) VALUES (%s, %s, %s)
ON CONFLICT (recipient, step) DO UPDATE SET feed_position = excluded.feed_position WHERE mark.feed_position = %s
"""


class Reminders:
    """What recipients owe, over the connection on which a view has its transaction open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def looked(self, recipient: str, step: int) -> int:
        """The position up to which reminders of this step were given; 0: none yet."""
        query = "SELECT feed_position FROM reminders_looked WHERE recipient = %s AND step = %s"
        row = self._connection.execute(query, [recipient, step]).fetchone()
        return row[0] if row else 0

    def last_before(self, recipient: str, day: date) -> int:
        """The last position that was given before that day; 0: none was."""
        row = self._connection.execute(_LAST_BEFORE, [recipient, day]).fetchone()
        return row[0] if row else 0

    def owed(self, recipient: str, after: int, last: int, published_from: date) -> list[Owed]:
        """Events between these positions, published from that day on, that wait for the recipient's answer."""
        rows = self._connection.execute(_OWED, [recipient, after, last, published_from])
        return [Owed(*row) for row in rows]

    def look(self, recipient: str, step: int, after: int, last: int) -> None:
        """Move the mark.

        Raises:
            RacedError: somebody else has moved it meanwhile.
        """
        if self._connection.execute(_LOOK, [recipient, step, last, after]).rowcount != 1:
            raise RacedError
