"""Trials of rulebooks on the live records: several processes look at one snapshot; nothing is written or sent."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from sharehub.core.foretold import Counts, Row, spread
from sharehub.core.record import Record
from sharehub.errors import SharehubError, UnreachableError
from sharehub.flow.what_if import Found, Look, Reading
from sharehub.ports.rules import IdRange
from sharehub.store.what_if import kept_records, ranges, snapshot
from sharehub.telemetry import configure_logs
from sharehub.wire.activations import headers_of
from sharehub.wire.columns import decode_columns
from sharehub.wire.facts import record_of
from sharehub.wire.registry import Registry, load_registry
from sharehub.wire.rows import decode

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
    """Look at every entity; differences go to `rows` as they are found, in the same order whenever it is done.

    Raises:
        UnreachableError: PostgreSQL does not answer, or a process that looked has died.
    """
    with snapshot(ask.database_url) as (name, entities):
        answer = Answer(entities)
        parts = ranges(ask.workers)
        done = [0.0] * ask.workers
        for number, found in _found(ask, name, parts):
            answer.decided += found.entities
            answer.unreadable += found.unreadable
            answer.counts += found.counts
            answer.samples = spread([*answer.samples, *found.rows], ask.samples)
            rows(found.rows)
            done[number] = _share(parts[number], found.reached)
            progress(int(entities * sum(done) / len(done)), entities)
    return answer


def _share(part: IdRange, reached: bytes) -> float:
    """How much of the range has been looked at."""
    first, after = part.first.int, part.after.int if part.after else 2**128
    return (int.from_bytes(reached, "big") + 1 - first) / (after - first)


def _found(ask: Ask, snapshot_name: str, parts: Sequence[IdRange]) -> Iterator[tuple[int, Found]]:
    """What is found in each range, one piece of each in turn; nobody looks on when the one who asks stops."""
    context = get_context("spawn")
    begun: list[tuple[SpawnProcess, Connection]] = []
    with deaf():
        for part in parts:
            receiver, sender = context.Pipe(duplex=False)
            begun.append((context.Process(target=_look, args=(ask, snapshot_name, part, sender)), receiver))
            begun[-1][0].start()
            sender.close()
    try:
        waiting = dict(enumerate(receiver for _, receiver in begun))
        while waiting:
            for number, receiver in list(waiting.items()):
                found = _next(receiver)
                if found is None:
                    del waiting[number]
                else:
                    yield number, found
    finally:
        for process, receiver in begun:
            receiver.close()
            process.terminate()
            process.join()


@contextmanager
def deaf() -> Iterator[None]:
    """Processes that are started within leave Ctrl-C to the one who asked."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _next(receiver: Connection) -> Found | None:
    try:
        said: Found | SharehubError | None = receiver.recv()
    except EOFError as error:
        raise UnreachableError("a process of the trial has died", hint="is there memory left?") from error
    if isinstance(said, SharehubError):
        raise said
    return said


def _look(ask: Ask, snapshot_name: str, part: IdRange, sender: Connection) -> None:
    """Look at a range in a process of its own, and say at the end that it was the end."""
    configure_logs("json", quiet=True)
    reading = reading_of(load_registry(), ask.decide_on)
    try:
        with kept_records(ask.database_url, snapshot_name) as kept:
            for found in ask.look.at(kept, reading, part):
                sender.send(found)
        sender.send(None)
    except SharehubError as error:
        sender.send(error)


def reading_of(registry: Registry, decide_on: date | None) -> Reading:
    """How these schemas are read; what states no day counts from its receipt, or from the day that is set."""

    def record(payload: bytes, received_on: date) -> Record:
        schema, value = decode(registry, payload)
        return record_of(schema.name, value, decide_on or received_on)

    return Reading(
        columns=lambda payloads: decode_columns(registry, payloads),
        record=record,
        headers=lambda kind: headers_of(registry, kind),
    )
