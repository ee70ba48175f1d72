"""Dead letters: kept with their original bytes, and every step of what became of them.

How a letter stands is said in one place, the view `dead_letters`; whoever counts them counts there.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sharehub.core.dead_letter import Failure, Headers, State, standing, without_marks
from sharehub.ports.leaving import Message
from sharehub.ports.view import LetterStep, RejectionRow, Retried
from sharehub.topics import dead_letter_topic

_REJECTIONS = """
WITH fresh AS (
  INSERT INTO rejections
  (rejection_id, topic, partition, "offset", agency, code, field, reason, key, payload, received_at, headers)
  VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
  RETURNING rejection_id
)
INSERT INTO outbox (rejection_id) SELECT rejection_id FROM fresh
"""
_STEPS = """
WITH fresh AS (
  INSERT INTO letter_steps
  (step_id, rejection_id, step, topic, partition, "offset", code, field, reason, acted_by, received_at)
  VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
  RETURNING step_id, rejection_id
)
INSERT INTO outbox (rejection_id, step_id) SELECT rejection_id, step_id FROM fresh JOIN rejections USING (rejection_id)
"""
_KNOWN = """
SELECT asked.number FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::bytea[])
  WITH ORDINALITY AS asked (rejection_id, topic, key, payload, number)
JOIN rejections USING (rejection_id, topic)
WHERE asked.key IS NOT DISTINCT FROM rejections.key AND asked.payload IS NOT DISTINCT FROM rejections.payload
"""
_COUNTS = """
SELECT agency, count(*) AS rejections, count(*) FILTER (WHERE state = 'waiting') AS waiting,
  count(*) FILTER (WHERE state = 'closed') AS closed, count(*) FILTER (WHERE state = 'discarded') AS discarded
FROM dead_letters GROUP BY agency ORDER BY agency
"""
_WANTED = """
(%(agency)s::text IS NULL OR agency = %(agency)s) AND (%(code)s::text IS NULL OR code = %(code)s)
AND (%(state)s::text IS NULL OR state = %(state)s) AND (%(ids)s::uuid[] IS NULL OR rejection_id = ANY(%(ids)s::uuid[]))
"""
_GROUPS = f"""
SELECT agency, code, field, state, count(*) AS letters, min(first_at) AS first_at, max(last_at) AS last_at,
  (array_agg(reason ORDER BY last_at DESC, rejection_id))[1] AS reason,
  (array_agg(rejection_id ORDER BY last_at DESC, rejection_id))[1] AS newest
FROM dead_letters WHERE {_WANTED}
GROUP BY agency, code, field, state ORDER BY letters DESC, agency, code, field, state
"""
_LETTERS = f"""
SELECT letter.*, rejections.key, rejections.payload, rejections.headers
FROM (
  SELECT * FROM dead_letters
  WHERE {_WANTED} AND (%(after)s::uuid IS NULL OR rejection_id > %(after)s) ORDER BY rejection_id LIMIT %(most)s
) AS letter JOIN rejections USING (rejection_id) ORDER BY rejection_id
"""
_LIFE = """
SELECT step, topic, partition, "offset", code, field, reason, acted_by, received_at FROM letter_steps
WHERE rejection_id = %s ORDER BY received_at, step_id
"""
_STATES = "SELECT rejection_id, state, attempts FROM dead_letters WHERE rejection_id = ANY(%s)"


class Wanted(NamedTuple):
    """Which letters are meant; None: whatever it is."""

    agency: str | None = None
    code: str | None = None
    state: str | None = None
    ids: Sequence[UUID] | None = None


class Letter(NamedTuple):
    """A letter as it stands, with its original message."""

    failed: Failure
    agency: str
    state: str
    attempts: int
    code: str
    field: str
    reason: str
    key: bytes | None
    payload: bytes | None
    headers: Headers


def reject(connection: Connection, rows: Sequence[RejectionRow]) -> None:
    """Keep new letters; one that is kept already stays as it is."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_REJECTIONS, [(*one[:11], Jsonb(_plain(one.headers))) for one in rows])


def known(connection: Connection, asked: Sequence[Retried]) -> set[Retried]:
    """Those of the messages that are the letters that they say they are, byte for byte."""
    columns = [list(column) for column in zip(*asked, strict=True)]
    rows = connection.execute(_KNOWN, columns).fetchall() if asked else []
    return {asked[number - 1] for (number,) in rows}


def step(connection: Connection, steps: Sequence[LetterStep]) -> None:
    """Keep what became of letters; what is read again is kept once."""
    if not steps:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_STEPS, [tuple(one) for one in steps])


def counts(connection: Connection) -> dict[str, dict[str, int]]:
    """Per agency, or recipient: all letters there ever were, and of these those that wait, are closed, discarded."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return {one.pop("agency"): one for one in cursor.execute(_COUNTS).fetchall()}


def groups(connection: Connection, wanted: Wanted) -> list[dict[str, Any]]:
    """Letters by agency, code, field and state, the largest group first, with the newest reason and letter of each."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_GROUPS, wanted._asdict()).fetchall()


def letters(connection: Connection, wanted: Wanted, after: UUID | None, letters_max: int) -> list[Letter]:
    """The next letters beyond that one, in the order of their ids."""
    values = wanted._asdict() | {"after": after, "most": letters_max}
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_letter(row) for row in cursor.execute(_LETTERS, values)]


def every_letter(connection: Connection, wanted: Wanted, after: UUID | None, page: int) -> Iterator[list[Letter]]:
    """All letters beyond that one, page by page."""
    while found := letters(connection, wanted, after, page):
        yield found
        after = found[-1].failed.letter_id


def topics(connection: Connection, wanted: Wanted) -> set[str]:
    """The topics that these letters came from."""
    query = f"SELECT DISTINCT topic FROM dead_letters WHERE {_WANTED}"
    return {row[0] for row in connection.execute(query, wanted._asdict())}


def life(connection: Connection, letter_id: UUID) -> list[dict[str, Any]]:
    """What became of a letter, step by step."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_LIFE, [letter_id]).fetchall()


def states(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, tuple[str, int]]:
    """The state of each of these letters, and how often it has failed."""
    return {row[0]: (row[1], row[2]) for row in connection.execute(_STATES, [list(ids)])}


def dead_letter(row: Mapping[str, Any]) -> Message:
    """What is sent to the letter's dead-letter topic: its own bytes as often as it fails, none once it is settled."""
    names = ("topic", "partition", "offset", "received_at", "code", "field", "reason")
    failed = Failure(letter_id=row["rejection_id"], **{name: row[name] for name in names})
    state = _STATE_AFTER[row["step"]]
    by, why = (row["acted_by"], row["step_reason"]) if state == "discarded" else ("", "")
    value = row["rejected"] if state == "waiting" else None
    key = b"" if row["rejected_key"] is None and value is None else row["rejected_key"]  # no client sends neither
    headers = [*standing(failed, row["attempts"], state, by, why), *without_marks(_bytes(row["headers"]))]
    return Message(dead_letter_topic(row["agency"]), key, value, tuple(headers))


_STATE_AFTER: Mapping[str | None, State] = {
    None: "waiting",
    "failed": "waiting",
    "admitted": "closed",
    "discarded": "discarded",
}


def _letter(row: Mapping[str, Any]) -> Letter:
    failed = Failure(
        letter_id=row["rejection_id"],
        received_at=row["first_at"],
        **{name: row[name] for name in ("topic", "partition", "offset")},
        **{name: row[f"first_{name}"] for name in ("code", "field", "reason")},
    )
    now = {name: row[name] for name in ("agency", "state", "attempts", "code", "field", "reason", "key", "payload")}
    return Letter(failed=failed, headers=_bytes(row["headers"]), **now)


def _bytes(headers: Iterable[tuple[str, str]]) -> list[tuple[str, bytes]]:
    return [(name, base64.b64decode(value)) for name, value in headers]


def _plain(headers: Headers) -> list[tuple[str, str]]:
    return [(name.replace("\0", ""), base64.b64encode(value or b"").decode()) for name, value in headers]
