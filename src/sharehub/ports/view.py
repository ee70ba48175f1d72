"""The shared view: what one transaction of it takes and gives."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import polars as pl

from sharehub.core.clock import Clock
from sharehub.core.dead_letter import Headers
from sharehub.core.measure import SanctionEvent
from sharehub.core.standing import MeasureState
from sharehub.ports.batch import Advance, Tally
from sharehub.ports.identity import Assigned, EntityCandidate, IdentityTransaction
from sharehub.topics import Place


class RejectionRow(NamedTuple):
    """A message that was not admitted, with its place, the reason in plain words and its original bytes."""

    rejection_id: UUID
    topic: str
    partition: int
    offset: int
    agency: str
    code: str
    field: str
    reason: str
    key: bytes | None
    payload: bytes | None
    received_at: datetime
    headers: Headers = ()


class LetterStep(NamedTuple):
    """What one message made of a dead letter: failed again, with code, field and reason; admitted; or discarded."""

    step_id: UUID
    letter_id: UUID
    step: str
    topic: str
    partition: int
    offset: int
    code: str
    field: str
    reason: str
    acted_by: str
    received_at: datetime


class Retried(NamedTuple):
    """A message that says of itself that it is this letter."""

    letter_id: UUID
    topic: str
    key: bytes | None
    payload: bytes | None


class RunningClock(NamedTuple):
    """A clock that nothing has stopped, and the entity whose records started it."""

    entity_id: UUID
    clock: Clock


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """Everything gathered to decide on one entity; payloads are newest revisions with their receipt.

    `decided_on` is the day of the last decision: a lagging partition never turns the clock back; `next_due_on` the day
    on which time alone changes something.
    """

    entity_id: UUID
    kind_rank: int
    decided_on: date | None
    payloads: tuple[tuple[bytes, datetime], ...]
    standing: tuple[MeasureState, ...]
    conflict: bool
    next_due_on: date | None = None


class Notice(NamedTuple):
    """What the hub tells one recipient beside sanction events, as a value of the named schema but for its place."""

    notice_id: UUID
    recipient: str
    schema_name: str
    body: Mapping[str, Any]
    known_at: datetime


class ViewTransaction(Protocol):
    """One open transaction on the shared view; `store.view` says what each call promises."""

    @property
    def identity(self) -> IdentityTransaction: ...
    def advance(self, moves: Iterable[Advance]) -> None: ...
    def count(self, tallies: Mapping[Place, Tally]) -> None: ...
    def merge_count(self) -> int: ...
    def entities_of(self, identifier_keys: Sequence[bytes]) -> dict[bytes, bytes]: ...
    def assign(self, assigned: Sequence[Assigned]) -> None: ...
    def merge(self, merges: Mapping[bytes, bytes]) -> None: ...
    def guarded(self, entity_keys: Sequence[bytes]) -> set[bytes]: ...
    def add_records(self, frame: pl.DataFrame) -> pl.Series: ...
    def create(self, candidates: Sequence[EntityCandidate]) -> None: ...
    def show(self, candidates: Sequence[EntityCandidate]) -> None: ...
    def add_facts(self, facts: pl.DataFrame) -> set[UUID]: ...
    def with_measures(self, entity_keys: Sequence[bytes], known_before: datetime | None = None) -> set[UUID]: ...
    def gather(self, entity_ids: Sequence[UUID], single_schemes: Sequence[str]) -> dict[UUID, EntityFacts]: ...
    def append(self, events: Sequence[tuple[SanctionEvent, datetime]], states: Iterable[MeasureState]) -> None: ...
    def keep_clocks(self, running: Mapping[UUID, Sequence[Clock]]) -> None: ...
    def mark(self, decided: Mapping[UUID, tuple[date, date | None]]) -> None: ...
    def reject(self, rows: Sequence[RejectionRow]) -> None: ...
    def letters(self, asked: Sequence[Retried]) -> set[Retried]: ...
    def step(self, steps: Sequence[LetterStep]) -> None: ...
    def notify(self, notices: Sequence[Notice]) -> None: ...
    def due_entities(self, on: date, entities_max: int) -> tuple[date | None, list[UUID]]: ...


class View(Protocol):
    """The shared view as a worker writes it."""

    def transaction(self, *, exclusive: bool = False, few: bool = False) -> AbstractContextManager[ViewTransaction]: ...
