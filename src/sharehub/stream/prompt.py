"""Clients of Kafka that ask about topics as soon as somebody needs to know.

kafka-python 3.0.12 lets 100 ms pass between two requests for metadata, whatever its `retry_backoff_ms` is: the first
topic that a client was asked for came that much later than its connection, in every command and every call.
"""

from typing import Any, Final, TypeVar

from kafka import KafkaProducer

Client = TypeVar("Client")

_BETWEEN_MS: Final = 10
"""Where a leader is being elected, so many requests are made in vain; a connection that fails has a wait of its own."""


def prompt(client: Client) -> Client:
    """The consumer, producer or admin client, which lets no more than 10 ms pass."""
    made: Any = client  # kafka-python passes the setting on to everything but this
    metadata = made._metadata if isinstance(made, KafkaProducer) else made._client._manager.cluster
    metadata.config["retry_backoff_ms"] = _BETWEEN_MS
    return client
