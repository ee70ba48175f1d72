"""Who is who, as the flows read and write it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

import polars as pl

from sharehub.core.identifier import Identifier
from sharehub.core.judgement import Judgement
from sharehub.core.linking import identifier_key
from sharehub.core.resolution import Link


class Assigned(NamedTuple):
    """A new identifier and the entity that it leads to, by their keys."""

    identifier_key: bytes
    scheme: str
    value: str
    entity_key: bytes


class StoredRecord(NamedTuple):
    """A record in its own bytes, under the reference that it is kept, and when the hub received it."""

    subject_key: bytes
    record_key: bytes
    payload: bytes
    received_at: datetime


class StoredJudgement(NamedTuple):
    """One pair of a decision: its record's fact key, its place in it, what was decided, and when it came."""

    fact_key: bytes
    ordinal: int
    judgement: Judgement
    received_at: datetime

    @property
    def left_key(self) -> bytes:
        """The key of its left side."""
        return identifier_key(self.judgement.left)

    @property
    def right_key(self) -> bytes:
        """The key of its right side."""
        return identifier_key(self.judgement.right)


class Neighbourhood(NamedTuple):
    """All that was ever linked with one another: references and their entities, records, decisions."""

    references: tuple[Assigned, ...]
    records: tuple[StoredRecord, ...]
    judgements: tuple[StoredJudgement, ...]


class Comparable(NamedTuple):
    """An entity to compare by name: its records in their own bytes, with when the hub received them."""

    entity_id: UUID
    records: tuple[tuple[bytes, datetime], ...]


class NameKeys(NamedTuple):
    """A name of an entity and the keys to find others by, 8 bytes each.

    `schemes`: identifiers of which the entity has one and an entity can have one only.
    """

    entity_id: UUID
    name: str
    schemes: Sequence[str]
    keys: bytes


class Found(NamedTuple):
    """A proposal: two entities, the smaller id first, its place in the queue, and its explanation as JSON."""

    left_id: UUID
    right_id: UUID
    place: str
    body: str


class EntityCandidate(NamedTuple):
    """What a batch says of an entity: the greater `kind_rank` and `name_rank` win, whatever the order."""

    entity_key: bytes
    kind_rank: int
    name: str | None
    name_rank: str


class IdentityTransaction(Protocol):
    """The part of it that changes which references are one entity's; see `store.identity`."""

    def cited_records(self) -> dict[str, bytes]: ...
    def add_links(self, links: pl.DataFrame) -> set[bytes]: ...
    def add_judgements(self, said: Sequence[StoredJudgement]) -> None: ...
    def decided(self, fact: bytes) -> bool: ...
    def awaited(self, record_keys: Sequence[bytes]) -> set[bytes]: ...
    def ensure(self, references: Iterable[Assigned]) -> None: ...
    def guarded(self, entity_keys: Iterable[bytes]) -> set[bytes]: ...
    def neighbourhood(self, seeds: Iterable[bytes]) -> Neighbourhood: ...
    def move_records(self, moved: Mapping[tuple[bytes, bytes], bytes], facts: Mapping[bytes, bytes]) -> None: ...
    def lead(self, entity_of: Mapping[bytes, bytes], references: Iterable[bytes]) -> None: ...
    def replace(self, gone: Iterable[bytes], now: Sequence[EntityCandidate]) -> None: ...
    def contest(
        self, references: Iterable[bytes], links: Iterable[Link], key_of: Mapping[Identifier, bytes]
    ) -> None: ...
    def superseded(
        self, entity_keys: Sequence[bytes], facts: Sequence[bytes], revisions: Sequence[int]
    ) -> set[bytes]: ...
    def with_revisions(self, entity_keys: Sequence[bytes]) -> set[bytes]: ...
    def outdated(self, entity_keys: Sequence[bytes], shown: Sequence[str]) -> set[bytes]: ...


class NameStore(Protocol):
    """Names to compare and what came of it; see `store.matching`."""

    def uncompared(self, entities_max: int) -> list[UUID]: ...
    def forget_individuals(self) -> None: ...
    def described(self, entity_ids: Iterable[UUID]) -> list[Comparable]: ...
    def remember(self, entity_ids: Iterable[UUID], names: Iterable[NameKeys]) -> None: ...
    def all_names(self) -> pl.DataFrame: ...
    def decided(self, entity_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]: ...
    def compared(self, entity_ids: Sequence[UUID], found: Sequence[Found]) -> None: ...
