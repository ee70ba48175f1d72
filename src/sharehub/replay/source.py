"""Kept records as batches of messages: each under the key with which it was published."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice

from sharehub.core.activation import MESSAGE_KEY, RULEBOOK_VERSION
from sharehub.core.admission import message_key
from sharehub.ports.batch import Messages, Polled
from sharehub.ports.rules import RecordRow
from sharehub.topics import CASEWORK, DESK, Place, records_topic
from sharehub.wire.registry import Registry
from sharehub.wire.rows import decode


class KeptSource:
    """Rows of the records table, numbered anew from `starts` on in one partition of each topic."""

    def __init__(self, rows: Iterable[RecordRow], part: int, registry: Registry, starts: Mapping[Place, int]) -> None:
        self._rows = iter(rows)
        self._part = part
        self._registry = registry
        self._next = defaultdict(int, starts)

    def poll(self, records_max: int) -> Polled:
        """The next records in the order in which the hub received them; none at the end."""
        messages: dict[Place, Messages] = {}
        for row in islice(self._rows, records_max):
            place = Place(topic_of(row.agency), self._part)
            found = messages.setdefault(place, Messages.none())
            found.offsets.append(self._next[place])
            found.appended_ms.append(round(row.received_at.timestamp() * 1000))
            found.keys.append(key_of(self._registry, row.payload))
            found.values.append(bytes(row.payload))
            self._next[place] += 1
        return Polled(messages)


def topic_of(agency: str) -> str:
    """The topic on which this agency, or the desk, speaks."""
    return CASEWORK if agency == DESK else records_topic(agency)


def key_of(registry: Registry, payload: bytes) -> bytes:
    """The key under which a record is published."""
    schema, value = decode(registry, payload)
    if schema.name == RULEBOOK_VERSION:
        return MESSAGE_KEY.encode()
    return message_key(value["agency"], value["record_key"], value["subject"])
