"""What the hub's desk has published, as the view keeps it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Connection

DeskRecord = tuple[bytes, datetime]
"""Payload and receipt."""


def desk_records(connection: Connection, record_ids: Sequence[UUID]) -> list[DeskRecord]:
    """Those of these records that are known."""
    query = "SELECT payload, received_at FROM records WHERE agency = 'hub' AND record_id = ANY(%s)"
    return connection.execute(query, [list(record_ids)]).fetchall()


def all_desk_records(connection: Connection) -> list[DeskRecord]:
    """Everything that the desk has ever published, the newest first."""
    query = "SELECT payload, received_at FROM records WHERE agency = 'hub' ORDER BY received_at DESC, record_id"
    return connection.execute(query).fetchall()
