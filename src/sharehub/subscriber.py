"""The subscriber client: a recipient's feed as CloudEvents; works with the base installation."""

from collections.abc import Iterator
from typing import Any

from sharehub.core.feed import position_of
from sharehub.errors import UsageError
from sharehub.stream.feed import read_feed
from sharehub.wire.cloudevents import cloud_event
from sharehub.wire.registry import Registry
from sharehub.wire.rows import decode


def pull(bootstrap_servers: str, registry: Registry, recipient: str, after: str) -> Iterator[dict[str, Any]]:
    """The events after the cursor, in the feed's order, each once.

    Raises:
        UsageError: the cursor or the recipient is not known.
    """
    try:
        position = position_of(after)
    except ValueError as error:
        raise UsageError(str(error), hint="take the cursor of the last line you kept") from error
    for entry in read_feed(bootstrap_servers, recipient, position):
        _, value = decode(registry, entry.value)
        if value["feed_position"] > position:
            position = value["feed_position"]
            yield cloud_event(recipient, value, entry.jws)
