"""Versions of the rules, and the kept records that a change of them touches."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sharehub.core.activation import Content, Proposal
from sharehub.ports.view import EntityFacts


class Held(NamedTuple):
    """A kept revision of what is said about one version: its place in the log, when it came, from when it counts."""

    number: int
    said: Proposal
    received_at: datetime
    counts_from: date | None
    begun: bool
    settled: bool


class Progress(NamedTuple):
    """How far the entities that a change touches were looked for; `after` is the last record looked at."""

    after: tuple[bytes, bytes] | None
    searched: bool
    settled: bool


class RecordRow(NamedTuple):
    """A record in its own bytes, by the key under which it is kept."""

    subject_key: bytes
    record_key: bytes
    agency: str
    received_at: datetime
    payload: bytes


class Activations(Protocol):
    """Versions of the rules and what they touch, over the connection of a view; see `store.activations`.

    What writes is called within a transaction of the view.
    """

    def epoch(self) -> int: ...
    def approved(self) -> list[Held]: ...
    def newest(self, record_key: str) -> Held | None: ...
    def revision(self, record_key: str, revision: int) -> Held | None: ...
    def approved_since(self, content: Content, place: str, number: int) -> bool: ...
    def keep(self, said: Proposal, received_at: datetime, counts_from: date | None, *, begun: bool) -> None: ...
    def begin(self, number: int) -> None: ...
    def progress(self, number: int) -> Progress: ...
    def records(
        self, after: tuple[bytes, bytes] | None, headers: Sequence[bytes], agencies: Sequence[str], records_max: int
    ) -> list[RecordRow]: ...
    def with_measures_of(self, entries: Sequence[str]) -> list[UUID]: ...
    def touch(self, number: int, entity_ids: Iterable[UUID], after: tuple[bytes, bytes] | None) -> None: ...
    def searched(self, number: int) -> None: ...
    def take_touched(self, number: int, entities_max: int) -> list[UUID]: ...
    def settled(self, number: int, events: int, *, done: bool) -> None: ...


class IdRange(NamedTuple):
    """Entity ids from `first` on, up to but without `after`; None: to the end."""

    first: UUID
    after: UUID | None


class KeptRecord(NamedTuple):
    """A record as it is kept: the key of the entity that it is about, its own bytes, and when the hub received it."""

    entity_key: bytes
    payload: bytes
    received_at: datetime


class KeptRecords(Protocol):
    """All that was ever said, at one moment and only to be read; see `store.what_if`."""

    def records(self, within: IdRange, headers: Sequence[bytes]) -> Iterator[KeptRecord]: ...
    def described(self, entity_keys: Sequence[bytes], single_schemes: Sequence[str]) -> dict[bytes, EntityFacts]: ...
