"""Trials of rulebooks on the live records: several processes look at one snapshot; nothing is written or sent."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context

from sharehub.core.foretold import Counts, Row, spread
from sharehub.core.record import Record
from sharehub.errors import UnreachableError
from sharehub.flow.what_if import Found, Look, Reading
from sharehub.ports import IdRange
from sharehub.store.what_if import KeptRecords, kept_records, ranges, snapshot
from sharehub.wire.columns import decode_columns
from sharehub.wire.facts import record_of
from sharehub.wire.registry import Registry, load_registry
from sharehub.wire.rows import decode

_ENTITIES_AT_ONCE = 4_000
_RANGES_MAX = 4_096

Progress = Callable[[int, int], None]
"""Entities looked at, of how many in all."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A trial, and where: the database, the day that live decisions are set to, how many processes look."""

    look: Look
    database_url: str
    decide_on: date | None = None
    workers: int = 2
    samples: int = 0


@dataclass
class Answer:
    """What a trial found on all entities."""

    entities: int = 0
    decided: int = 0
    unreadable: int = 0
    counts: Counts = field(default_factory=Counter)
    samples: list[Row] = field(default_factory=list)


def try_out(ask: Ask, rows: Callable[[Sequence[Row]], None], progress: Progress) -> Answer:
    """Look at every entity; differences go to `rows` as they are found, in the order of the entities' ids.

    Raises:
        UnreachableError: PostgreSQL does not answer, or a process that looked has died.
    """
    answer = Answer()
    with snapshot(ask.database_url) as (name, entities):
        parts = ranges(min(max(-(-entities // _ENTITIES_AT_ONCE), ask.workers), _RANGES_MAX))
        for number, found in enumerate(_found(ask, name, parts), 1):
            answer.decided += found.entities
            answer.unreadable += found.unreadable
            answer.counts += found.counts
            answer.samples = spread([*answer.samples, *found.rows], ask.samples)
            rows(found.rows)
            progress(entities * number // len(parts), entities)
        answer.entities = entities
    return answer


def _found(ask: Ask, snapshot_name: str, parts: Sequence[IdRange]) -> Iterator[Found]:
    """What is found in each range, in their order; what is not begun when somebody interrupts never is."""
    arguments = (ask, snapshot_name)
    pool = ProcessPoolExecutor(ask.workers, get_context("spawn"), initializer=_prepare, initargs=arguments)
    try:
        with pool, closing(pool.map(_look, parts)) as results:  # type: ignore[type-var]
            yield from results
    except BrokenProcessPool as error:
        raise UnreachableError("a process of the trial has died", hint="is there memory left?") from error


@dataclass(frozen=True)
class _Worker:
    """What a process of its own works with."""

    look: Look
    kept: KeptRecords
    reading: Reading


_prepared: list[tuple[Ask, str]] = []
_working: list[_Worker] = []


def _prepare(ask: Ask, snapshot_name: str) -> None:
    """Leave Ctrl-C to the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _prepared.append((ask, snapshot_name))


def _look(within: IdRange) -> Found:
    if not _working:
        ask, name = _prepared[0]
        reading = reading_of(load_registry(), ask.decide_on)
        _working.append(_Worker(ask.look, kept_records(ask.database_url, name), reading))
    worker = _working[0]
    return worker.look.at(worker.kept, worker.reading, within)


def reading_of(registry: Registry, decide_on: date | None) -> Reading:
    """How these schemas are read; what states no day counts from its receipt, or from the day that is set."""

    def record(payload: bytes, received_on: date) -> Record:
        schema, value = decode(registry, payload)
        return record_of(schema.name, value, decide_on or received_on)

    def headers(kind: str) -> list[bytes]:
        return [b"\0" + schema.id.to_bytes(4, "big") for schema in registry.all() if schema.name == kind]

    return Reading(columns=lambda payloads: decode_columns(registry, payloads), record=record, headers=headers)
