"""Webhooks and the attempts to deliver to them, and the lock of the one sender."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sharehub.core.webhook import Answer, Range, Secret, Webhook
from sharehub.errors import RefusedError

_SENDER_LOCK = 7_301_010
_COLUMNS = (
    "webhook_id, recipient, url, position, created_at, key_id, failures, not_before, replay_position, "
    "replay_until, disabled, revision, secrets"
)

_INSERT = """
INSERT INTO webhooks (webhook_id, recipient, url, position, created_at, key_id, failures, disabled, revision, secrets)
SELECT %(webhook_id)s, %(recipient)s, %(url)s, %(position)s, %(created_at)s, %(key_id)s, 0, '', 0, %(secrets)s
WHERE (SELECT count(*) FROM webhooks WHERE recipient = %(recipient)s AND removed_at IS NULL) < %(webhooks_max)s
"""

_CHANGE = """
UPDATE webhooks SET position = %(position)s, failures = %(failures)s, not_before = %(not_before)s,
  replay_position = %(replay_position)s, replay_until = %(replay_until)s, disabled = %(disabled)s,
  secrets = %(secrets)s, revision = revision + 1
WHERE webhook_id = %(webhook_id)s AND revision = %(revision)s AND removed_at IS NULL
"""

_DUE = f"""
SELECT {_COLUMNS} FROM webhooks
WHERE removed_at IS NULL AND disabled = '' AND (not_before IS NULL OR not_before <= %s) AND (
  replay_until IS NOT NULL OR EXISTS (
    SELECT FROM feed_entries WHERE feed = recipient AND feed_position > position AND payload IS NOT NULL
  )
)
"""

_ATTEMPT = """
INSERT INTO webhook_attempts (webhook_id, message_id, feed_position, attempted_at, seconds, status, taken, reason)
VALUES (%(webhook_id)s, %(message_id)s, %(feed_position)s, %(attempted_at)s, %(seconds)s, %(status)s, %(taken)s,
  %(reason)s)
"""
_FORGET = "DELETE FROM webhook_attempts WHERE webhook_id = %s AND attempted_at < %s::timestamptz - interval '90 days'"


class Attempt(NamedTuple):
    """One attempt; `feed_position` is None for what is no event."""

    message_id: str
    feed_position: int | None
    attempted_at: datetime
    seconds: float
    answer: Answer


def add(connection: Connection[Any], webhook: Webhook, webhooks_max: int) -> bool:
    """Keep a new webhook; False where its recipient has as many as it may have."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_SENDER_LOCK, webhook.recipient])
    return connection.execute(_INSERT, {**_values(webhook), "webhooks_max": webhooks_max}).rowcount == 1


def change(connection: Connection[Any], before: Webhook, after: Webhook) -> Webhook | None:
    """Keep the webhook as it is after; None where somebody else has changed it since `before` was read."""
    kept = connection.execute(_CHANGE, {**_values(after), "revision": before.revision}).rowcount
    return replace(after, revision=before.revision + 1) if kept else None


def remove(connection: Connection[Any], webhook_id: UUID, now: datetime) -> bool:
    """Take it out for good; what was attempted stays readable in the table."""
    query = "UPDATE webhooks SET removed_at = %s WHERE webhook_id = %s AND removed_at IS NULL"
    return connection.execute(query, [now, webhook_id]).rowcount == 1


def webhooks(connection: Connection[Any], recipient: str | None = None) -> list[Webhook]:
    """All webhooks, or those of one recipient, the oldest first."""
    query = f"SELECT {_COLUMNS} FROM webhooks WHERE removed_at IS NULL AND recipient = coalesce(%s, recipient)"
    return [_webhook(row) for row in connection.execute(query + " ORDER BY created_at, webhook_id", [recipient])]


def due(connection: Connection[Any], now: datetime) -> list[Webhook]:
    """Webhooks that can be told something now: the feed has more for them, or a range is to be sent again."""
    return [_webhook(row) for row in connection.execute(_DUE, [now])]


def webhook(connection: Connection[Any], webhook_id: UUID) -> Webhook | None:
    """One webhook; None where there is none."""
    query = f"SELECT {_COLUMNS} FROM webhooks WHERE removed_at IS NULL AND webhook_id = %s"
    row = connection.execute(query, [webhook_id]).fetchone()
    return _webhook(row) if row else None


def add_attempt(connection: Connection[Any], webhook_id: UUID, attempt: Attempt) -> None:
    """Write down what was tried; what is older than 90 days is let go."""
    status, _, reason = attempt.answer
    said = {"status": status, "taken": attempt.answer.taken, "reason": reason, "webhook_id": webhook_id}
    connection.execute(_ATTEMPT, {**attempt._asdict(), **said})
    connection.execute(_FORGET, [webhook_id, attempt.attempted_at])


def attempts(connection: Connection[Any], webhook_id: UUID, attempts_max: int) -> list[dict[str, Any]]:
    """What was tried, the newest first."""
    query = """
        SELECT attempted_at, message_id, feed_position, status, taken, reason, seconds FROM webhook_attempts
        WHERE webhook_id = %s ORDER BY attempt_id DESC LIMIT %s
    """
    return connection.cursor(row_factory=dict_row).execute(query, [webhook_id, attempts_max]).fetchall()


@contextmanager
def sending(connection: Connection[Any]) -> Iterator[None]:
    """The block is that of the one sender, for as long as the connection lives.

    Raises:
        RefusedError: another sender is running.
    """
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_SENDER_LOCK]).fetchone()
    if not row or not row[0]:
        raise RefusedError("another sender of webhooks is running", hint="stop it first, or leave it the work")
    yield  # the lock goes with the connection


def _values(one: Webhook) -> dict[str, Any]:
    replay = one.replay or (None, None)
    return {
        **{field.name: getattr(one, field.name) for field in fields(one)},
        "replay_position": replay[0],
        "replay_until": replay[1],
        "secrets": Jsonb([[number, until and until.isoformat()] for number, until in one.secrets]),
    }


def _webhook(row: Sequence[Any]) -> Webhook:
    replay = None if row[8] is None else Range(row[8], row[9])
    secrets = tuple(Secret(number, until and datetime.fromisoformat(until)) for number, until in row[12])
    return replace(Webhook(*row[:8]), replay=replay, disabled=row[10], revision=row[11], secrets=secrets)
