"""Positions of partitions, and the epochs that fence stale workers.

A claim raises the partition's epoch; every batch moves the position with a compare-and-set on
(epoch, next_offset) as the first statement of its transaction, so a worker that lost its partition
cannot commit, whatever the broker or a long pause did.
"""

from collections.abc import Iterable, Mapping, Sequence

from psycopg import Connection, Cursor, sql

from sharehub.errors import FencedError
from sharehub.ports.batch import Advance, Claim, Halt, Tally
from sharehub.topics import Place

OTHER_CLUSTER, MADE_ANEW = "other-cluster", "made-anew"

_CLAIM = """
INSERT INTO partition_claims AS claim (consumer_group, topic, partition, cluster_id, topic_id, epoch, owner)
VALUES (%(group)s, %(topic)s, %(partition)s, %(cluster)s, %(topic_id)s, 1, %(owner)s)
ON CONFLICT (consumer_group, topic, partition) DO UPDATE
  SET epoch = claim.epoch + 1, owner = excluded.owner, claimed_at = now()
RETURNING epoch, next_offset, last_offset, last_record_hash, rejections_accepted_to, cluster_id, topic_id
"""

_ADVANCE = """
UPDATE partition_claims SET
  next_offset = %(next)s, last_offset = %(last)s, last_record_hash = %(hash)s, advanced_at = now()
WHERE consumer_group = %(group)s AND topic = %(topic)s AND partition = %(partition)s
  AND epoch = %(epoch)s AND next_offset = %(expected)s
RETURNING true
"""


def positions(connection: Connection, group: str, schema: str = "") -> dict[Place, int]:
    """The next offset of every partition that was ever claimed; in the connection's own schema where none is named."""
    table = sql.Identifier(schema, "partition_claims") if schema else sql.Identifier("partition_claims")
    query = sql.SQL("SELECT topic, partition, next_offset FROM {} WHERE consumer_group = %s").format(table)
    rows = connection.execute(query, [group])
    return {Place(topic, partition): next_offset for topic, partition, next_offset in rows}


def claim_partitions(
    connection: Connection, group: str, owner: str, places: Sequence[Place], cluster: str, topic_ids: Mapping[str, str]
) -> list[Claim]:
    """Take the partitions over and return where each goes on, or that it is another log whose position is stored."""
    claims = []
    with connection.transaction():
        for place in sorted(places):
            values = {
                "group": group,
                "topic": place.topic,
                "partition": place.partition,
                "cluster": cluster,
                "topic_id": topic_ids[place.topic],
                "owner": owner,
            }
            row = connection.execute(_CLAIM, values).fetchone()
            assert row is not None  # noqa: S101 - the statement always returns a row
            halt = other_log(place, row[5:], (cluster, topic_ids[place.topic]))
            claims.append(Claim(place, row[0], row[1], row[2], row[3], halt, row[4]))
    return claims


def other_log(place: Place, stored: Sequence[str], found: Sequence[str]) -> Halt | None:
    """Whether this cluster and topic are others than those whose positions are stored."""
    codes = (OTHER_CLUSTER, MADE_ANEW)
    for code, what, before, now in zip(codes, ("cluster", "topic"), stored, found, strict=True):
        if before != now:
            told = f"{place.topic}: positions were stored for {what} {before}, but this is {what} {now}"
            return Halt(place, code, told)
    return None


def halt(connection: Connection, group: str, halts: Iterable[Halt]) -> None:
    """Write down why partitions are halted; the first reason since when stays."""
    query = """
        UPDATE partition_claims SET halted_at = coalesce(halted_at, now()), halt_code = %s, halt_reason = %s
        WHERE consumer_group = %s AND topic = %s AND partition = %s
    """
    for one in halts:
        connection.execute(query, [one.code, one.reason, group, *one.place])


def release(connection: Connection, group: str, places: Iterable[Place]) -> None:
    """Write down that these partitions go on."""
    query = """
        UPDATE partition_claims SET halted_at = NULL, halt_code = '', halt_reason = ''
        WHERE consumer_group = %s AND topic = %s AND partition = %s AND halted_at IS NOT NULL
    """
    for place in places:
        connection.execute(query, [group, *place])


def halted(connection: Connection, group: str) -> dict[Place, Halt]:
    """The partitions that are halted."""
    query = (
        "SELECT topic, partition, halt_code, halt_reason FROM partition_claims WHERE consumer_group = %s AND halted_at"
    )
    rows = connection.execute(f"{query} IS NOT NULL", [group]).fetchall()
    return {Place(*row[:2]): Halt(Place(*row[:2]), *row[2:]) for row in rows}


def advance(connection: Connection, group: str, moves: Iterable[Advance]) -> None:
    """Move positions inside the batch's transaction.

    Raises:
        FencedError: the epoch or the position is no longer ours.
    """
    ordered = sorted(moves, key=lambda move: move.claim.place)
    asked = [(move.claim.place, _moved(connection, group, move)) for move in ordered]
    for place, moved in asked:
        if moved.fetchone() is None:
            raise FencedError(f"{place.topic}-{place.partition} was taken over by another worker")


def _moved(connection: Connection, group: str, move: Advance) -> Cursor:
    values = {
        "next": move.next_offset,
        "last": move.next_offset - 1,
        "hash": move.last_hash,
        "group": group,
        "topic": move.claim.place.topic,
        "partition": move.claim.place.partition,
        "epoch": move.claim.epoch,
        "expected": move.claim.next_offset,
    }
    return connection.execute(_ADVANCE, values)


def count(connection: Connection, group: str, tallies: Mapping[Place, Tally]) -> None:
    """Add what was counted to the partitions' totals."""
    query = """
        UPDATE partition_claims SET
          records = records + %s, duplicates = duplicates + %s, rejections = rejections + %s
        WHERE consumer_group = %s AND topic = %s AND partition = %s
    """
    for place, tally in sorted(tallies.items()):
        values = [tally.records, tally.duplicates, tally.rejected, group, place.topic, place.partition]
        connection.execute(query, values)
