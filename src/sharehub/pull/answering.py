"""Answers on their way to the log: every one of them is on it, or it is said that it may not be."""

from collections.abc import Sequence
from contextlib import suppress

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.errors import UnreachableError
from sharehub.stream.publisher import Landed, Outgoing, Publisher
from sharehub.topics import acknowledgements_topic
from sharehub.wire.acknowledgements import AcknowledgementCodec
from sharehub.wire.cloudevents import answer_headers


class Answers:
    """Sends answers to their recipients' topics; `source` says by which way they came."""

    def __init__(self, bootstrap_servers: str, codec: AcknowledgementCodec, source: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._codec = codec
        self._source = source
        self._publisher: Publisher | None = None

    def send(self, recipient: str, answers: Sequence[Acknowledgement]) -> list[Landed]:
        """Where each of them lies on the log.

        Raises:
            UsageError: the recipient has no topic.
            UnreachableError: some may not be on the log; sending all of them again is safe.
        """
        if not answers:
            return []
        if self._publisher is None:
            self._publisher = Publisher(self._bootstrap_servers, f"sharehub-{self._source}")
        messages = [
            Outgoing(str(one.event_id).encode(), self._codec.encode(one), answer_headers(one, self._source))
            for one in answers
        ]
        try:
            return self._publisher.deliver(acknowledgements_topic(recipient), messages)
        except UnreachableError:
            self.close()  # never go on with a producer that may still hold messages of a failed call
            raise

    def close(self) -> None:
        """Let go of the connection."""
        if self._publisher is not None:
            with suppress(UnreachableError):
                self._publisher.close()
        self._publisher = None
