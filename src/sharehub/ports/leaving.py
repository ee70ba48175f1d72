"""What leaves: messages, entries of feeds, and how a value becomes one."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sharehub.core.competence import Recipient


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
