"""What bounds the consolidator on this machine: polling, decoding and COPY, each alone and by one process."""

import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import psycopg
from kafka import TopicPartition

from benchmarks.load import cached
from sharehub.store.arrow import copy_frame
from sharehub.stream.admin import existing_topics
from sharehub.stream.subscription import _consumer  # the very consumer that a worker polls
from sharehub.wire.columns import decode_columns
from sharehub.wire.registry import load_registry

_POLL_MS = 200
_PATIENCE_S = 120.0


def poll_only(bootstrap_servers: str, fetch_bytes_max: int, records_max: int, expected: int) -> float:
    """Seconds to read all records of all topics with a worker's consumer, looking at none of them.

    Raises:
        TimeoutError: the log holds fewer records than expected.
    """
    consumer = _consumer(bootstrap_servers, "sharehub-benchmark-poll", fetch_bytes_max)
    try:
        places = [
            TopicPartition(topic, partition)
            for topic in existing_topics(bootstrap_servers)
            if topic.startswith("records.")
            for partition in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, 0)
        count, begun = 0, time.perf_counter()
        while count < expected:
            count += sum(map(len, consumer.poll(_POLL_MS, max_records=records_max).values()))
            if time.perf_counter() - begun > _PATIENCE_S:
                raise TimeoutError(f"{count} of {expected} records were polled")
        return time.perf_counter() - begun
    finally:
        consumer.close(autocommit=False)


def decode_only(cache: Path, rows: int) -> float:
    """Seconds to decode all payloads, already in memory, to columns.

    Raises:
        AssertionError: a payload does not decode.
    """
    registry = load_registry()
    batches = [frame["payload"].to_list() for frame in cached(cache, rows)]
    begun, decoded = time.perf_counter(), 0
    for payloads in batches:
        found, faults = decode_columns(registry, payloads)
        assert not faults, faults[0]
        decoded += sum(one.frame.height for one in found)
    seconds = time.perf_counter() - begun
    assert decoded == sum(map(len, batches))
    return seconds


def copy_only(conninfo: str, cache: Path, rows: int, *, keyed: bool) -> float:
    """Seconds to COPY all records into a table like `records`, a transaction per batch, with or without its key."""
    received_at = datetime.now(UTC).replace(microsecond=0)
    batches = [
        frame.select("subject_id", "record_id", "agency", received_at=pl.lit(received_at), payload="payload")
        .with_columns(pl.col("received_at").dt.cast_time_unit("ms"))
        .sort("subject_id", "record_id")
        for frame in cached(cache, rows)
    ]
    table = "copied_keyed" if keyed else "copied"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {table} (LIKE records INCLUDING {'INDEXES' if keyed else 'DEFAULTS'})")
        connection.execute("CHECKPOINT")
        begun = time.perf_counter()
        for batch in batches:
            with connection.transaction():
                copy_frame(connection, table, batch)
        return time.perf_counter() - begun
