"""A feed straight from Kafka, and its answers straight to it."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.core.feed import is_next, position_of
from sharehub.errors import UsageError
from sharehub.pull.answering import Answers
from sharehub.stream.feed import FeedReader
from sharehub.wire.acknowledgements import AcknowledgementCodec
from sharehub.wire.cloudevents import cloud_event
from sharehub.wire.registry import Registry
from sharehub.wire.rows import decode


class KafkaWay:
    """One recipient's feed and its answers over Kafka."""

    def __init__(self, bootstrap_servers: str, registry: Registry, recipient: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._registry = registry
        self._recipient = recipient
        self._reader: FeedReader | None = None
        self._answers = Answers(bootstrap_servers, AcknowledgementCodec(registry), "subscriber")

    def page(self, after: str, wait_s: float) -> list[dict[str, Any]]:
        """The CloudEvents that follow; empty: nothing newer came for so long. `after` counts for the first page.

        Raises:
            UsageError: there is no such feed, or the cursor lies beyond it.
            UnreachableError: Kafka does not answer.
        """
        if self._reader is None:
            self._reader = FeedReader(self._bootstrap_servers, self._recipient, position_of(after))
        return [self._event(entry.value, entry.jws) for entry in self._reader.page(wait_s)]

    def _event(self, payload: bytes, jws: str) -> dict[str, Any]:
        return cloud_event(self._recipient, decode(self._registry, payload)[1], jws)

    def answer(self, answers: Sequence[Acknowledgement]) -> None:
        """Put the answers on the log. Raises as `Answers.send`."""
        self._answers.send(self._recipient, answers)

    def close(self) -> None:
        """Let go of all connections."""
        self._answers.close()
        if self._reader is not None:
            self._reader.close()


def pull(bootstrap_servers: str, registry: Registry, recipient: str, after: str) -> Iterator[dict[str, Any]]:
    """The CloudEvents after the cursor, to the feed's end now, in its order, each once.

    Raises:
        UsageError: the cursor or the recipient is not known.
        TooOldError: what follows the cursor is no longer kept.
        UnreachableError: Kafka does not answer.
    """
    try:
        position = position_of(after)
    except ValueError as error:
        raise UsageError(str(error), hint="take the cursor of the last line you kept") from error
    with closing(KafkaWay(bootstrap_servers, registry, recipient)) as way:
        while found := way.page(after, 0):
            for event in found:
                came = event["data"]["feed_position"]
                if is_next(recipient, came, position):
                    position = came
                    yield event
