"""What a run decided, sent: first what is new and changed, then what is withdrawn."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from sharehub.connect.gathered import Pending
from sharehub.connect.mapping import Connector
from sharehub.connect.prospect import Prospect
from sharehub.core.admission import message_key
from sharehub.core.record import WITHDRAWAL, record_id
from sharehub.stream.published import PublishedKeys, Said
from sharehub.stream.publisher import Keyed, Publisher
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
        stated, gone = prospect.gathered.pending, prospect.gone
        total = len(stated) + len(gone)
        taken_back = (self._withdrawn(prospect, record_key, approval) for record_key in gone)
        done = 0
        for kind, messages in ((self._kind, stated), (WITHDRAWAL, taken_back)):
            for some in _chunks(messages):
                publisher.send_many(prospect.topic, [self._outgoing(kind, one) for one in some])
                tell_published(self._agency, some)
                done += len(some)
                progress("publishing", done, total)
            publisher.flush()  # no withdrawal before all else is on the log: see `respelling`
        progress("publishing", total, total)

    def _outgoing(self, kind: str, one: Pending) -> Keyed:
        return Keyed(one.message_key, one.payload, self._headers.of(kind, one.record_key, one.revision))

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
        taken_back = _withdrawal(said, value, schema.name, f"{why}{approval}", run)
        its_key = message_key(value["agency"], record_key, value["subject"])
        payload = encode(self._registry.latest(WITHDRAWAL), taken_back)
        return Pending(record_key, said.revision + 1, its_key, payload)


def _chunks(messages: Iterable[Pending]) -> Iterator[list[Pending]]:
    rest = iter(messages)
    while some := list(islice(rest, TOLD_EVERY)):
        yield some


def _withdrawal(said: Said, value: Mapping[str, Any], kind: str, reason: str, run: Mapping[str, Any]) -> dict[str, Any]:
    """The record that takes another one back: same key, same subject, next revision."""
    kept = ("agency", "record_key", "jurisdiction", "subject", "document_number", "case_reference", "legal_basis")
    return {
        **{name: value[name] for name in kept},
        **dict.fromkeys(("occurred_on", "decided_on", "effective_from", "effective_to", "causation_id")),
        "revision": said.revision + 1,
        "supersedes": str(record_id(value["agency"], said.record_key, said.revision)),
        "withdrawn_kind": kind,
        "reason": reason,
        **run,
    }
