"""Replays as they are kept: one row each, one of them at a time at work, and the schema that it builds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sharehub.errors import RefusedError
from sharehub.store.claims import positions
from sharehub.topics import Place

_LOCK = 7_301_020
_COLUMNS = """
replay_id, plan, state, wanted, by, owner, planned_at, begun_at, running_since, worked_s, ended_at, reason, verified,
promoted_by, approved_by
"""


class Replay(NamedTuple):
    """One replay: what was planned, who began it where (`owner`), what it does, and what it was told (`wanted`)."""

    replay_id: str
    plan: Mapping[str, Any]
    state: str
    wanted: str
    by: str
    owner: str
    planned_at: datetime
    begun_at: datetime
    running_since: datetime
    worked_s: float
    ended_at: datetime | None
    reason: str
    verified: Mapping[str, Any] | None
    promoted_by: str | None
    approved_by: str | None


LEFT = ("running", "paused", "interrupted", "failed", "rebuilt")
"""States of a replay that is under way, or waits to be promoted, cancelled or dropped."""


class Replays:
    """The table of replays, over a connection to the live schema that commits each statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def every(self) -> list[Replay]:
        """All of them, the newest first."""
        with self._connection.cursor(row_factory=class_row(Replay)) as cursor:
            return cursor.execute(f"SELECT {_COLUMNS} FROM replays ORDER BY begun_at DESC").fetchall()

    def open(self) -> Replay | None:
        """The one whose schema is there and was not promoted."""
        return next((one for one in self.every() if one.state in LEFT), None)

    def begin(self, plan: Mapping[str, Any], by: str, owner: str) -> None:
        """Write a replay down as running."""
        query = """
            INSERT INTO replays (replay_id, plan, state, by, owner, planned_at) VALUES (%s, %s, 'running', %s, %s, %s)
        """
        self._connection.execute(query, [plan["replay_id"], Jsonb(plan), by, owner, plan["planned_at"]])

    def resume(self, replay_id: str, owner: str) -> None:
        """It is at work again; what it was told before is done with."""
        query = """
            UPDATE replays SET state = 'running', wanted = '', reason = '', owner = %s, running_since = now()
            WHERE replay_id = %s
        """
        self._connection.execute(query, [owner, replay_id])

    def want(self, replay_id: str, wanted: str) -> None:
        """Tell whoever is at work to `pause` or to `cancel`."""
        self._connection.execute("UPDATE replays SET wanted = %s WHERE replay_id = %s", [wanted, replay_id])

    def wanted(self, replay_id: str) -> str:
        """What it was told, empty for nothing."""
        rows = self._connection.execute("SELECT wanted FROM replays WHERE replay_id = %s", [replay_id]).fetchall()
        return str(rows[0][0]) if rows else "cancel"

    def leave(self, replay_id: str, state: str, worked_s: float, reason: str = "") -> None:
        """It is not at work any more; adds the time for which it was."""
        query = """
            UPDATE replays SET state = %s, reason = %s, worked_s = worked_s + %s, wanted = '',
              ended_at = CASE WHEN %s = ANY(%s) THEN NULL ELSE now() END
            WHERE replay_id = %s
        """
        self._connection.execute(query, [state, reason, worked_s, state, list(LEFT), replay_id])

    def verified(self, replay_id: str, found: Mapping[str, Any] | None) -> None:
        """Keep what a verification found; None: what was found counts no longer."""
        value = None if found is None else Jsonb(found)
        self._connection.execute("UPDATE replays SET verified = %s WHERE replay_id = %s", [value, replay_id])

    def promoted(self, replay_id: str, by: str, approved_by: str, rules_digest: str, *, other_rules: bool) -> None:
        """It has become the live view; once that was on other rule files, whoever decides must have the same."""
        query = """
            UPDATE replays SET state = 'promoted', ended_at = now(), promoted_by = %s, approved_by = %s
            WHERE replay_id = %s
        """
        self._connection.execute(query, [by, approved_by, replay_id])
        bound = self._connection.execute("DELETE FROM rule_files RETURNING digest").fetchall()
        if bound or other_rules:
            query = "INSERT INTO rule_files (digest, replay_id) VALUES (%s, %s)"
            self._connection.execute(query, [rules_digest, replay_id])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For the one at work; the lock goes with the session, however that ends.

        Raises:
            RefusedError: another one is at work; says who and since when.
        """
        if not self._connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchall()[0][0]:
            one = self.open()
            who = f"{one.by} has {one.replay_id} at work on {one.owner} since {_utc(one.running_since)}" if one else "?"
            raise RefusedError(f"one replay at a time: {who}", hint="sharehub replay status")
        try:
            yield
        finally:
            if not self._connection.closed and not self._connection.broken:
                self._connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])

    def at_work(self) -> bool:
        """True where somebody holds the lock; after a crash nobody does."""
        query = """
            SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        """
        return bool(self._connection.execute(query, [_LOCK]).fetchall()[0][0])

    def positions(self, schema: str, group: str) -> dict[Place, int]:
        """The positions of a group in a schema; empty where its tables are not there."""
        made = "SELECT to_regclass(%s) IS NOT NULL"
        if not self._connection.execute(made, [f'"{schema}".partition_claims']).fetchall()[0][0]:
            return {}
        return positions(self._connection, group, schema)

    def there(self, schema: str) -> bool:
        """True where there is such a schema."""
        query = "SELECT to_regnamespace(%s) IS NOT NULL"
        return bool(self._connection.execute(query, [f'"{schema}"']).fetchall()[0][0])

    def create(self, schema: str) -> None:
        """Make the schema, empty."""
        self._connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))

    def drop(self, schema: str) -> None:
        """Take the schema away with all that it holds."""
        self._connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def same_rule_files(connection: Connection, digest: str) -> None:
    """Nothing where these rule files are those that the live view was rebuilt on, or it never was.

    Raises:
        RefusedError: they are others; whoever decides by them would undo what was promoted.
    """
    row = connection.execute("SELECT digest, replay_id FROM rule_files").fetchone()
    if digest and row and row[0] != digest:
        raise RefusedError(
            f"the view was rebuilt by {row[1]} on other rule files than these",
            hint="start again with the files of that replay (setting rulebooks), or replay on these",
        )


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
