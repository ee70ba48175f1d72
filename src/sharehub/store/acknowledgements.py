"""Answers of recipients: kept as they came, and the one that counts marked."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from psycopg import Connection

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.ports.answers import Answered, AnsweredEvent, EventInFeed

_SENT = """
SELECT pair.recipient, pair.event_id, events.measure_id, events.number, entry.feed IS NOT NULL
FROM unnest(%s::text[], %s::uuid[]) AS pair (recipient, event_id)
LEFT JOIN events USING (event_id)
LEFT JOIN feed_entries entry ON entry.event_id = pair.event_id AND entry.feed = pair.recipient
"""

_COLUMNS: Mapping[str, str] = {
    "recipient": "text",
    "event_id": "uuid",
    "acknowledgement_id": "uuid",
    "measure_id": "uuid",
    "number": "int",
    "status": "text",
    "reason": "text",
    "acknowledged_at": "timestamptz",
    "acknowledged_by": "text",
    "applied_on": "date",
    "note": "text",
    "received_at": "timestamptz",
}
_KEEP = f"""
INSERT INTO acknowledgements ({", ".join(_COLUMNS)})
SELECT * FROM unnest({", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())}) ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING RETURNING acknowledgement_id
"""

_ANSWERS = """
SELECT recipient, event_id, status, acknowledged_at, acknowledged_by, reason, applied_on, note
FROM acknowledgements JOIN unnest(%s::text[], %s::uuid[]) AS pair (recipient, event_id) USING (recipient, event_id)
"""

_STAND = """
UPDATE acknowledgements answer SET standing = NOT answer.standing
FROM unnest(%s::text[], %s::uuid[], %s::uuid[]) AS chosen (recipient, event_id, acknowledgement_id)
WHERE answer.recipient = chosen.recipient AND answer.event_id = chosen.event_id
  AND answer.standing <> (answer.acknowledgement_id = chosen.acknowledgement_id)
"""


class Acknowledgements:
    """The answers, over the connection on which a view has its transaction open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sent(self, asked: Iterable[AnsweredEvent]) -> dict[AnsweredEvent, EventInFeed]:
        """What each event is to the recipient that answers it."""
        rows = self._connection.execute(_SENT, _columns(sorted(set(asked)), 2))
        return {AnsweredEvent(*row[:2]): EventInFeed(*row[2:]) for row in rows}

    def keep(self, answers: Sequence[Answered]) -> set[UUID]:
        """Add answers; returns the ids of those that were not there before."""
        rows = [
            (
                *(one.said.recipient, one.said.event_id, one.said.id, one.measure_id, one.number, one.said.status),
                *(one.said.reason, one.said.acknowledged_at, one.said.acknowledged_by, one.said.applied_on),
                *(one.said.note, one.received_at),
            )
            for one in answers
        ]
        return {row[0] for row in self._connection.execute(_KEEP, _columns(rows, len(_COLUMNS)))}

    def answers(self, asked: Iterable[AnsweredEvent]) -> list[Acknowledgement]:
        """All answers that were ever given to these events."""
        rows = self._connection.execute(_ANSWERS, _columns(sorted(set(asked)), 2))
        return [
            Acknowledgement(
                recipient=row[0],
                event_id=row[1],
                status=row[2],
                acknowledged_at=row[3],
                acknowledged_by=row[4],
                reason=row[5],
                applied_on=row[6],
                note=row[7],
            )
            for row in rows
        ]

    def stand(self, chosen: Iterable[Acknowledgement]) -> None:
        """Let these be the answers that count for their events."""
        rows = sorted((one.recipient, one.event_id, one.id) for one in chosen)
        self._connection.execute(_STAND, _columns(rows, 3))


def _columns(rows: Sequence[Sequence[object]], width: int) -> list[list[object]]:
    return [[row[place] for row in rows] for place in range(width)]
