"""The schema of a replay: how it is made ready, and how it takes the place of the live one."""

from collections.abc import Mapping
from datetime import datetime

from psycopg import Connection

from sharehub.ports import Place


def no_relay(connection: Connection) -> None:
    """Nothing leaves from here: the live relay need not be woken by what is written."""
    connection.execute("DROP TRIGGER IF EXISTS outbox_tells_relay ON outbox")


def begin_at(
    connection: Connection, group: str, starts: Mapping[Place, int], cluster: str, topic_ids: Mapping[str, str]
) -> None:
    """Where every partition begins."""
    query = """
        INSERT INTO partition_claims (consumer_group, topic, partition, cluster_id, topic_id, next_offset)
        VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
    """
    rows = [(group, place.topic, place.partition, cluster, topic_ids[place.topic], at) for place, at in starts.items()]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(query, rows)


def take_rejections(connection: Connection, to: datetime | None) -> None:
    """What the live view has rejected, as it is: the bytes on the log are gone."""
    query = """
        INSERT INTO rejections SELECT * FROM public.rejections
        WHERE %(to)s::timestamptz IS NULL OR received_at <= %(to)s ON CONFLICT DO NOTHING
    """
    connection.execute(query, {"to": to})
