"""Records read again from the log, from here to there: assigned by hand, in no group, so that no position moves.

Partitions of different topics are merged by the broker's append time: what was said first is read first.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError

from sharehub.core.dead_letter import Headers
from sharehub.errors import BrokenStateError, UnreachableError
from sharehub.ports.batch import Messages, Polled
from sharehub.stream.reading import open_consumer, take_up_again
from sharehub.topics import Place

_POLL_MS = 200
_SILENT_POLLS_MAX = 300
_HELD_MAX = 5_000
"""Messages of one partition that wait for those of the others; a partition that has them is paused."""


class _Held(NamedTuple):
    """A message that was read and not handed over; sorted by when it was appended, then by its place."""

    appended_ms: int
    place: Place
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Replayed:
    """The messages of some partitions between two offsets each, oldest first; only those whose key is `wanted`."""

    def __init__(
        self,
        bootstrap_servers: str,
        starts: Mapping[Place, int],
        ends: Mapping[Place, int],
        wanted: Callable[[bytes | None], bool] | None = None,
    ) -> None:
        self._ends = dict(starts)
        self._wanted = wanted
        self._consumer: KafkaConsumer = open_consumer(bootstrap_servers)
        self._next = dict(starts)
        self._waiting: dict[Place, deque[_Held]] = {place: deque() for place in starts}
        self._ready: deque[_Held] = deque()
        self._consumer.assign([TopicPartition(*place) for place in starts])
        for place, start in starts.items():
            self._consumer.seek(TopicPartition(*place), start)
        self.extend(ends)

    def extend(self, ends: Mapping[Place, int]) -> None:
        """Go on to these ends where they are later."""
        for place, end in ends.items():
            if end > self._ends[place]:
                self._ends[place] = end
                self._consumer.seek(TopicPartition(*place), self._next[place])
        for place in self._ends:
            self._idle(place)

    def _idle(self, place: Place) -> None:
        """Nothing is fetched beyond an end."""
        partition = TopicPartition(*place)
        (self._consumer.pause if self._next[place] >= self._ends[place] else self._consumer.resume)(partition)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close(autocommit=False)

    def poll(self, records_max: int) -> Polled:
        """The next messages in the order in which they were appended; none once all were handed over.

        Raises:
            BrokenStateError: messages were deleted from the log before they were read again.
            UnreachableError: Kafka does not answer.
        """
        while len(self._ready) < records_max and (self._unread() or any(self._waiting.values())):
            self._fill()
        messages: dict[Place, Messages] = {}
        headers: dict[Place, dict[int, Headers]] = {}
        for _ in range(min(records_max, len(self._ready))):
            one = self._ready.popleft()
            found = messages.setdefault(one.place, Messages.none())
            found.offsets.append(one.offset)
            found.appended_ms.append(one.appended_ms)
            found.keys.append(one.key)
            found.values.append(one.value)
            if one.headers:
                headers.setdefault(one.place, {})[one.offset] = one.headers
        return Polled(messages, headers)

    def _unread(self) -> list[Place]:
        return [place for place, end in self._ends.items() if self._next[place] < end]

    def _fill(self) -> None:
        """Read until every partition that is not at its end has two instants, and release what nothing can precede.

        Its last instant waits: more of it may be unread.
        """
        silent = 0
        while missing := [place for place in self._unread() if _of_one_instant(self._waiting[place])]:
            silent = 0 if self._read(missing) else silent + 1
            if silent > _SILENT_POLLS_MAX:
                raise UnreachableError("Kafka stopped answering during the replay", hint="sharehub replay resume")
        unread = self._unread()
        until = min((self._waiting[place][-1].appended_ms for place in unread), default=None)
        released: list[_Held] = []
        for held in self._waiting.values():
            while held and (until is None or held[0].appended_ms < until):
                released.append(held.popleft())
        self._ready.extend(sorted(released))

    def _read(self, missing: list[Place]) -> bool:
        """Wait for more of these partitions, and of all that are not far ahead; False where nothing came."""
        full = [place for place, held in self._waiting.items() if len(held) >= _HELD_MAX]
        self._consumer.pause(*(TopicPartition(*place) for place in full))
        self._consumer.resume(*(TopicPartition(*place) for place in missing))
        take_up_again(self._consumer)
        try:
            polled: dict[TopicPartition, list[Any]] = self._consumer.poll(_POLL_MS, max_records=_HELD_MAX)
            at = {place: self._consumer.position(TopicPartition(*place)) for place in self._unread()}
            self._next.update({place: min(offset, self._ends[place]) for place, offset in at.items()})
        except OffsetOutOfRangeError as error:
            raise BrokenStateError(
                f"messages were deleted from the log before they were read again: {error}",
                hint="sharehub replay plan --from-records",
            ) from error
        except KafkaError as error:
            raise UnreachableError(f"Kafka failed during the replay: {error}") from error
        for partition, records in polled.items():
            place = Place(partition.topic, partition.partition)
            self._waiting[place].extend(
                _Held(one.timestamp, place, one.offset, one.key, one.value, one.headers)
                for one in records
                if one.offset < self._ends[place] and (self._wanted is None or self._wanted(one.key))
            )
            self._idle(place)
        return bool(polled)


def _of_one_instant(held: deque[_Held]) -> bool:
    return not held or held[0].appended_ms == held[-1].appended_ms
