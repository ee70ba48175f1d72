"""The subscriber client: a recipient's feed as CloudEvents; works with the base installation."""

from collections.abc import Iterator
from typing import Any

from sharehub.stream.feed import position_of, read_feed
from sharehub.wire.cloudevents import cloud_event
from sharehub.wire.registry import Registry
from sharehub.wire.rows import decode


def pull(bootstrap_servers: str, registry: Registry, recipient: str, after: str) -> Iterator[dict[str, Any]]:
    """The events after the cursor, in the feed's order, each once.

    Raises:
        UsageError: the cursor or the recipient is not known.
    """
    position = position_of(after)
    for payload in read_feed(bootstrap_servers, recipient, position):
        _, value = decode(registry, payload)
        if value["feed_position"] > position:
            position = value["feed_position"]
            yield cloud_event(recipient, value)
