"""What the flows need from the outside; drivers live behind these protocols."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import polars as pl

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.core.activation import Content, Proposal
from sharehub.core.clock import Clock
from sharehub.core.competence import Recipient
from sharehub.core.dead_letter import Headers
from sharehub.core.identifier import Identifier
from sharehub.core.judgement import Judgement
from sharehub.core.linking import identifier_key
from sharehub.core.measure import SanctionEvent
from sharehub.core.resolution import Link
from sharehub.core.standing import MeasureState
from sharehub.topics import Place as Place  # noqa: PLC0414 - flows know it from here


class RacedError(Exception):
    """Another worker was quicker with the same identifiers or rows: do the batch again."""


class Messages(NamedTuple):
    """Consecutive messages of one partition, by column; `appended_ms` is the broker's append time since 1970."""

    offsets: list[int]
    appended_ms: list[int]
    keys: list[bytes | None]
    values: list[bytes | None]

    @classmethod
    def none(cls) -> "Messages":
        """No messages yet."""
        return cls([], [], [], [])


class Halt(NamedTuple):
    """Why nothing more of a partition may be processed before a person has looked: a code and plain words."""

    place: Place
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A partition taken over: the epoch that fences earlier owners, where to go on, and what came last.

    `halt`: why it must not go on. `rejections_accepted_to`: below this offset a flood of rejections is meant.
    """

    place: Place
    epoch: int
    next_offset: int
    last_offset: int | None = None
    last_hash: bytes | None = None
    halt: Halt | None = None
    rejections_accepted_to: int = 0


@dataclass(frozen=True, slots=True)
class Advance:
    """A position to commit with the effects of its batch, with the hash of the last message before it."""

    claim: Claim
    next_offset: int
    last_hash: bytes


class Tally(NamedTuple):
    """Figures of one batch: messages taken, of these seen before, of these rejected; events issued."""

    records: int
    duplicates: int
    rejected: int
    events: int


@dataclass(frozen=True)
class Polled:
    """One bounded batch: consecutive messages of some partitions, in offset order; `headers` of those that have any."""

    messages: Mapping[Place, Messages] = field(default_factory=dict)
    headers: Mapping[Place, Mapping[int, Headers]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(found.offsets) for found in self.messages.values())

    def only(self, places: Iterable[Place]) -> "Polled":
        """The part of the batch that is of these partitions."""
        kept = [place for place in places if place in self.messages]
        return Polled(
            {place: self.messages[place] for place in kept},
            {place: self.headers[place] for place in kept if place in self.headers},
        )

    def headers_at(self, place: Place, offset: int) -> Headers:
        """The headers of one message."""
        return self.headers.get(place, {}).get(offset, ())


@dataclass(frozen=True)
class Fault:
    """A payload that will not decode: its place in the batch, a code and plain words."""

    row: int
    code: str
    reason: str


@dataclass(frozen=True)
class Decoded:
    """Columns of all records of one kind in a batch; column `row` is each record's place in the batch."""

    kind: str
    frame: pl.DataFrame


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


class Log(Protocol):
    """The subscription of one worker to the record topics."""

    def poll(self, records_max: int, wait_s: float) -> Polled:
        """The next batch of claimed partitions; empty when nothing came in time."""
        ...

    def revoked(self) -> frozenset[Place]:
        """Partitions lost since the last call; what was polled from them is dropped."""
        ...

    def claim_again(self, places: Iterable[Place]) -> None:
        """Take over anew what the group still gives us, at the stored positions."""
        ...

    def caught_up(self) -> bool:
        """True where everything that was in the log when asked first has been polled."""
        ...

    def hint(self, claims: Iterable[Claim]) -> None:
        """Tell the broker's group the positions, for lag tools only."""
        ...

    def halted(self) -> Mapping[Place, Halt]:
        """The partitions of this worker of which nothing more is polled, and why."""
        ...

    def halt(self, halts: Iterable[Halt]) -> None:
        """Poll nothing more of these partitions before they are claimed again."""
        ...


class Notice(NamedTuple):
    """What the hub tells one recipient beside sanction events, as a value of the named schema but for its place."""

    notice_id: UUID
    recipient: str
    schema_name: str
    body: Mapping[str, Any]
    known_at: datetime


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


class ViewTransaction(Protocol):
    """One open transaction on the shared view; `store.view` says what each call promises."""

    @property
    def identity(self) -> IdentityTransaction: ...
    def advance(self, moves: Iterable[Advance]) -> None: ...
    def count(self, tallies: Mapping[Place, Tally]) -> None: ...
    def merge_count(self) -> int: ...
    def entities_of(self, identifier_keys: Sequence[bytes]) -> dict[bytes, bytes]: ...
    def assign(self, assigned: Sequence[Assigned]) -> bool: ...
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


class AnsweredEvent(NamedTuple):
    """One event as one recipient answers it."""

    recipient: str
    event_id: UUID


class EventInFeed(NamedTuple):
    """The measure of an event and its number in it, None where it is none; and whether the recipient was sent it."""

    measure_id: UUID | None
    number: int | None
    sent: bool

    @property
    def answerable(self) -> bool:
        """True where it is an event that the recipient was sent, and no notice."""
        return self.sent and self.measure_id is not None


class Answered(NamedTuple):
    """An answer, the measure and number of the event that it answers, and when it came."""

    said: Acknowledgement
    measure_id: UUID
    number: int
    received_at: datetime


class Delivery(NamedTuple):
    """One event in one recipient's feed, with all answers that it got."""

    recipient: str
    event_id: UUID
    measure_id: UUID
    event: str
    published_at: datetime
    answers: tuple[Acknowledgement, ...]


class Owed(NamedTuple):
    """An event that waits for its recipient's answer."""

    event_id: UUID
    feed_position: int
    event: str
    measure_id: UUID
    published_at: datetime


class Acknowledgements(Protocol):
    """Answers of recipients, over the connection of a view; see `store.acknowledgements`.

    What writes is called within a transaction of the view.
    """

    def sent(self, asked: Iterable[AnsweredEvent]) -> dict[AnsweredEvent, EventInFeed]: ...
    def keep(self, answers: Sequence[Answered]) -> set[UUID]: ...
    def answers(self, asked: Iterable[AnsweredEvent]) -> list[Acknowledgement]: ...
    def stand(self, chosen: Iterable[Acknowledgement]) -> None: ...


class Reminders(Protocol):
    """Answers that are missing, as `Acknowledgements`; see `store.reminders`."""

    def looked(self, recipient: str, step: int) -> int: ...
    def last_before(self, recipient: str, day: date) -> int: ...
    def owed(self, recipient: str, after: int, last: int, published_from: date) -> list[Owed]: ...
    def look(self, recipient: str, step: int, after: int, last: int) -> None: ...


class NameStore(Protocol):
    """Names to compare and what came of it; see `store.matching`."""

    def uncompared(self, entities_max: int) -> list[UUID]: ...
    def forget_individuals(self) -> None: ...
    def described(self, entity_ids: Iterable[UUID]) -> list[Comparable]: ...
    def remember(self, entity_ids: Iterable[UUID], names: Iterable[NameKeys]) -> None: ...
    def all_names(self) -> pl.DataFrame: ...
    def decided(self, entity_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]: ...
    def compared(self, entity_ids: Sequence[UUID], found: Sequence[Found]) -> None: ...


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


class View(Protocol):
    """The shared view as a worker writes it."""

    def transaction(self, *, exclusive: bool = False) -> AbstractContextManager[ViewTransaction]: ...


class Message(NamedTuple):
    """One message that leaves; a value of None is a tombstone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Outgoing(NamedTuple):
    """Messages that leave together, and their `position` in the outbox."""

    position: int
    messages: tuple[Message, ...]


class FeedEntry(NamedTuple):
    """What a feed carries at one place: Confluent-framed Avro bytes, and the signature of the data in them."""

    feed_position: int
    event_id: UUID
    payload: bytes
    jws: str


class Leaving(Protocol):
    """How what is in the outbox becomes what leaves it."""

    def encode(self, schema: str, value: Mapping[str, Any]) -> bytes: ...
    def sign(self, value: Mapping[str, Any]) -> str: ...
    def headers(self, feed: str, value: Mapping[str, Any], jws: str) -> tuple[tuple[str, bytes], ...]: ...
    def agreement(self, recipient: str) -> Recipient: ...
    def agreed(self) -> Sequence[str]: ...
