"""Encodes the records once, puts them on the real topics, and keeps them beside for the limits."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl

from benchmarks.records import Message, Mix, messages
from sharehub.stream.publisher import Publisher
from sharehub.wire.registry import load_registry

PARTS = ("cn-tax", "others")
"""Two processes publish at once: the tax bureau's records, which are the most, and all the others."""

_CHUNK = 20_000
_SCHEMA = {"subject_id": pl.Binary, "record_id": pl.Binary, "agency": pl.String, "payload": pl.Binary}


def publish(bootstrap_servers: str, mix: Mix, part: str, cache: Path) -> tuple[int, int]:
    """Send one part of the records as a connector would; returns messages, and their bytes with key and headers."""

    def wanted(agency: str) -> bool:
        return (agency == PARTS[0]) == (part == PARTS[0])

    count = size = 0
    with Publisher(bootstrap_servers, f"sharehub-benchmark-{part}") as publisher:
        source = messages(load_registry(), mix, wanted)
        while chunk := tuple(islice(source, _CHUNK)):
            for one in chunk:
                publisher.send(one.topic, one.key, one.payload, one.headers)
                size += len(one.key) + len(one.payload) + sum(len(name) + len(value) for name, value in one.headers)
            _frame(chunk).write_ipc(cache / f"{part}-{count:09d}.arrow")
            count += len(chunk)
        publisher.flush()
    return count, size


def _frame(chunk: tuple[Message, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        [(one.subject_id, one.record_id, one.agency, one.payload) for one in chunk], schema=_SCHEMA, orient="row"
    )


def cached(cache: Path, rows: int) -> Iterator[pl.DataFrame]:
    """What was sent, in frames of so many rows: subject_id, record_id, agency, payload."""
    whole = pl.concat([pl.read_ipc(path) for path in sorted(cache.glob("*.arrow"))])
    yield from whole.iter_slices(rows)
