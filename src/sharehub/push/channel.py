"""One agency's way to the log: its memory, its producer and the laws of admission, put together."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sharehub.core.admission import refusal
from sharehub.core.publication import Receipt
from sharehub.core.record import Rejection
from sharehub.errors import SharehubError, UnreachableError
from sharehub.flow.publish import Call, Draft, Ports, Prepared, Pushed, publish
from sharehub.stream.followed import Digest, FollowedLog, call_headers
from sharehub.stream.publisher import Outgoing, Publisher
from sharehub.telemetry.traces import tell_published
from sharehub.topics import records_topic
from sharehub.wire.cloudevents import record_headers
from sharehub.wire.registry import Registry
from sharehub.wire.rows import UndecodableError, digest, encode

_TURN_WAIT_S: Final = 10

Judge = Callable[[str, Sequence[Prepared]], Sequence[Rejection | None]]


class BusyError(SharehubError):
    """The agency's other calls take too long; nothing of this one was sent."""


def each_by_itself(agency: str, prepared: Sequence[Prepared]) -> list[Rejection | None]:
    """The verdict on each record by the laws that need no catalogue."""
    return [refusal(one.value, agency) for one in prepared]


@dataclass(frozen=True)
class Around:
    """What all channels share: Kafka's address, where caches lie, the schemas, the judge, and their mark."""

    bootstrap_servers: str
    caches: Path
    registry: Registry
    judge: Judge = each_by_itself
    source: str = "api"


class Channel:
    """Publishes one agency's records, one call after the other."""

    def __init__(self, agency: str, around: Around) -> None:
        self._agency = agency
        self._around = around
        self._topic = records_topic(agency)
        self._turn = threading.Lock()
        self._memory = FollowedLog(
            around.bootstrap_servers, self._topic, around.caches / f"{agency}.sqlite", self._digest
        )
        self._publisher: Publisher | None = None
        self._ports = Ports(
            encode=lambda kind, value: encode(around.registry.latest(kind), value),
            content_of=lambda payload: digest(around.registry, payload).content,
            memory=self._memory,
            judge=around.judge,
            deliver=self._deliver,
            topic=self._topic,
        )

    def publish(self, call: Call, drafts: Sequence[Draft]) -> list[Receipt]:
        """Send what the log does not say yet; one receipt per draft, in their order.

        Raises:
            BusyError: other calls of this agency take too long.
            UsageError: the agency has no topic.
            UnreachableError: Kafka is away; `UnclearError` where something may be on the log.
            OtherBodyError: the call's key was used with another body.
        """
        if not self._turn.acquire(timeout=_TURN_WAIT_S):
            raise BusyError(f"calls of {self._agency} are waiting for one another")
        try:
            return publish(call, drafts, self._ports)
        finally:
            self._turn.release()

    def catch_up(self) -> None:
        """Read the log, so that the first call need not wait for it."""
        with self._turn:
            self._memory.catch_up()

    def close(self) -> None:
        """Let go of all connections, after the call that is under way."""
        with self._turn:
            self._memory.close()
            self._drop()

    def _deliver(self, call: Call, pushed: Sequence[Pushed]) -> list[tuple[int, int]]:
        messages = [Outgoing(one.key, one.payload, self._headers(call, one)) for one in pushed]
        if self._publisher is None:
            self._publisher = Publisher(self._around.bootstrap_servers, f"sharehub-{self._around.source}")
        try:
            landed = [(one.partition, one.offset) for one in self._publisher.deliver(self._topic, messages)]
        except UnreachableError as error:
            self._drop()  # never go on with a producer that may still hold messages of a failed call
            raise UnclearError(str(error), hint="send the same again: what arrived is recognised") from error
        tell_published(self._agency, pushed)
        return landed

    def _headers(self, call: Call, one: Pushed) -> list[tuple[str, bytes]]:
        headers = record_headers(self._agency, self._around.source, one.kind, one.record_key, one.revision)
        return [*headers, *call_headers(call.key, one.place, call.body)]

    def _digest(self, payload: bytes) -> Digest | None:
        try:
            found = digest(self._around.registry, payload)
        except UndecodableError:
            return None  # whoever wrote it, the consolidator rejects it where people see it
        return Digest(found.record_key, found.revision, found.schema.name.encode() + found.content)

    def _drop(self) -> None:
        if self._publisher is not None:
            with suppress(UnreachableError):
                self._publisher.close()
        self._publisher = None


class UnclearError(UnreachableError):
    """Kafka stopped acknowledging: some of the records may be on the log. Sending the same again is safe."""
