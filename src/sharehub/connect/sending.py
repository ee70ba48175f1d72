"""What a run decided, sent: first what is new and changed, then what is withdrawn."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sharehub.connect.gathering import Pending, withdrawal
from sharehub.connect.mapping import Connector
from sharehub.connect.prospect import Prospect
from sharehub.core.admission import message_key
from sharehub.core.record import WITHDRAWAL
from sharehub.stream.published import PublishedKeys, Said
from sharehub.stream.publisher import Publisher
from sharehub.telemetry.traces import tell_published
from sharehub.wire.cloudevents import Headers
from sharehub.wire.registry import Registry
from sharehub.wire.rows import decode, encode

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done, and how much there is (0 where that is not known)."""

TOLD_EVERY: Final = 1_000


class Sender:
    """Sends for one connector; `approval` is told in every withdrawal that a guard would have refused."""

    def __init__(self, connector: Connector, kind: str, registry: Registry, published: PublishedKeys) -> None:
        self._connector = connector
        self._registry = registry
        self._published = published
        self._kind = kind
        self._agency = connector.mapping.connector.agency
        self._headers = Headers(self._agency, f"connectors/{connector.id}")

    def send(self, publisher: Publisher, prospect: Prospect, approval: str, progress: Progress) -> None:
        """Send all of it; after this everything is on the log.

        Raises:
            UnreachableError: Kafka stopped acknowledging; running again is safe.
        """
        waiting = len(prospect.gathered.pending)
        total = waiting + len(prospect.gone)
        for number, (kind, message) in enumerate(self._messages(prospect, approval), 1):
            if number == waiting + 1:
                publisher.flush()  # no withdrawal before all else is on the log: see `respelling`
            headers = self._headers.of(kind, message.record_key, message.revision)
            publisher.send(prospect.topic, message.message_key, message.payload, headers)
            tell_published(self._agency, message.record_key, message.revision)
            if number % TOLD_EVERY == 0:
                progress("publishing", number, total)
        publisher.flush()
        progress("publishing", total, total)

    def _messages(self, prospect: Prospect, approval: str) -> Iterator[tuple[str, Pending]]:
        for message in prospect.gathered.pending:
            yield self._kind, message
        for record_key in prospect.gone:
            yield WITHDRAWAL, self._withdrawn(prospect, record_key, approval)

    def _withdrawn(self, prospect: Prospect, record_key: str, approval: str) -> Pending:
        said: Said = self._published.find([record_key])[record_key]
        schema, value = decode(self._registry, self._published.payload(record_key))
        names = ", ".join(prospect.names)
        run: dict[str, Any] = {
            "source": {"name": names, "sheet": None, "row": None},
            "correlation_id": prospect.run_id,
        }
        changes = self._connector.mapping.source.mode == "changes"
        why = f"taken off by the agency's changes {names}" if changes else f"absent from the agency's list {names}"
        taken_back = withdrawal(said, value, schema.name, f"{why}{approval}", run)
        its_key = message_key(value["agency"], record_key, value["subject"])
        payload = encode(self._registry.latest(WITHDRAWAL), taken_back)
        return Pending(record_key, said.revision + 1, its_key, payload)
