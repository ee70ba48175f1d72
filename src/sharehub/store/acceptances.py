"""Positions as operators see them, and what they accepted so that halted partitions go on: kept for good."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import dict_row

from sharehub.errors import FencedError
from sharehub.ports.batch import Halt
from sharehub.topics import Place


class Standing(NamedTuple):
    """A stored position and all that is known of it."""

    place: Place
    next_offset: int
    last_offset: int | None
    last_hash: bytes | None
    cluster_id: str
    topic_id: str
    began_at: datetime | None
    advanced_at: datetime | None
    halt: Halt | None
    owner: str


class Acceptance(NamedTuple):
    """Who lets a halted partition go on and why: what was wrong, where it stopped and goes on, what is lost.

    `lost_to` None: nobody knows how much.
    """

    place: Place
    code: str
    explanation: str
    stopped_at: int
    goes_on_at: int
    lost_from: int | None
    lost_to: int | None
    cluster_id: str
    topic_id: str
    approved_by: str
    reason: str


def standings(connection: Connection, group: str) -> dict[Place, Standing]:
    """Every partition that was ever claimed."""
    query = """
        SELECT topic, partition, next_offset, last_offset, last_record_hash, cluster_id, topic_id, began_at,
          advanced_at, halt_code, halt_reason, owner
        FROM partition_claims WHERE consumer_group = %s ORDER BY topic, partition
    """
    found = {}
    for row in connection.execute(query, [group]):
        place = Place(row[0], row[1])
        halt = Halt(place, row[9], row[10]) if row[9] else None
        found[place] = Standing(place, row[2], row[3], row[4], row[5], row[6], row[7], row[8], halt, row[11])
    return found


_ACCEPT = """
WITH stopped AS (
  UPDATE partition_claims AS claim SET
    epoch = claim.epoch + 1, owner = '', cluster_id = %(cluster)s, topic_id = %(topic_id)s,
    next_offset = %(goes_on_at)s,
    last_offset = CASE WHEN claim.next_offset = %(goes_on_at)s THEN claim.last_offset END,
    last_record_hash = CASE WHEN claim.next_offset = %(goes_on_at)s THEN claim.last_record_hash END,
    rejections_accepted_to = %(meant_to)s,
    began_at = CASE WHEN claim.next_offset = %(goes_on_at)s THEN claim.began_at ELSE now() END,
    halted_at = NULL, halt_code = '', halt_reason = ''
  FROM partition_claims AS former
  WHERE claim.consumer_group = %(group)s AND claim.topic = %(topic)s AND claim.partition = %(partition)s
    AND claim.next_offset = %(stopped_at)s
    AND former.consumer_group = claim.consumer_group AND former.topic = claim.topic
    AND former.partition = claim.partition
  RETURNING former.cluster_id, former.topic_id
)
INSERT INTO acceptances
  (consumer_group, topic, partition, code, explanation, stopped_at, goes_on_at, lost_from, lost_to, cluster_id,
   topic_id, former_cluster_id, former_topic_id, approved_by, reason)
SELECT %(group)s, %(topic)s, %(partition)s, %(code)s, %(explanation)s, %(stopped_at)s, %(goes_on_at)s, %(lost_from)s,
  %(lost_to)s, %(cluster)s, %(topic_id)s, stopped.cluster_id, stopped.topic_id, %(approved_by)s, %(reason)s FROM stopped
"""


def accept(connection: Connection, group: str, accepted: Iterable[Acceptance], meant_to: Mapping[Place, int]) -> None:
    """Let partitions go on, all or none; who, why and what is lost is written down in the same transaction.

    `meant_to`: below these offsets a flood of rejections is meant.

    Raises:
        FencedError: a position has moved since it was looked at.
    """
    with connection.transaction():
        for one in accepted:
            values = one._asdict() | one.place._asdict()
            values |= {"group": group, "cluster": one.cluster_id, "meant_to": meant_to.get(one.place, 0)}
            if connection.execute(_ACCEPT, values).rowcount != 1:
                raise FencedError(f"{one.place.topic}-{one.place.partition} has moved on meanwhile: look again")


def every(connection: Connection, group: str) -> list[dict[str, Any]]:
    """All that was ever accepted, the newest first."""
    query = """
        SELECT accepted_at, topic, partition, code, explanation, stopped_at, goes_on_at, lost_from, lost_to,
          approved_by, reason
        FROM acceptances WHERE consumer_group = %s ORDER BY acceptance_id DESC
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, [group]).fetchall()
