"""One worker's subscription: positions come from the claims, never from Kafka's group.

kafka-python runs rebalance listeners on its I/O thread, so the listener only marks, pauses and seeks to a
placeholder; the application thread claims in PostgreSQL, seeks to the stored position and resumes.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Self

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, LogTruncationError, OffsetOutOfRangeError
from kafka.structs import OffsetAndMetadata

from sharehub.core.dead_letter import Headers
from sharehub.errors import UnreachableError
from sharehub.ports.batch import Claim, Halt, Messages, Polled
from sharehub.stream.prompt import prompt
from sharehub.stream.reading import take_up_again
from sharehub.topics import Place

Claimer = Callable[[Sequence[Place]], Sequence[Claim]]
Topics = Callable[[], Sequence[str]]

_POLL_MS = 200
_AGAIN_MS = 10
"""What was fetched while the last batch was at work is old: what has come since is one round trip away."""
_BACKLOG_RECORDS = 1_000
"""A batch that is smaller holds all that there was: waiting for more would only make it late."""
_JOIN_POLL_MS = 500
_JOIN_PATIENCE_S = 10.0
_REJOINS_MAX = 3
_HINT_EVERY_S = 1.0
_CLOSE_MS = 5_000
"""Who is told to stop waits no longer for a group that does not answer."""


class _Marks(ConsumerRebalanceListener):  # type: ignore[misc]
    """What a rebalance changed, for the application thread to act on."""

    def __init__(self) -> None:
        self.consumer: KafkaConsumer | None = None
        self.assigned: set[TopicPartition] = set()
        self.revoked: set[TopicPartition] = set()

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        fresh = set(assigned)
        self.assigned |= fresh
        if fresh and self.consumer is not None:
            self.consumer.pause(*fresh)
            for partition in fresh:
                self.consumer.seek(partition, 0)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self.revoked |= set(revoked)
        self.assigned -= set(revoked)


class Subscription:
    """Polls bounded batches of the partitions that this worker has claimed."""

    def __init__(
        self, bootstrap_servers: str, group: str, topics: Topics, claimer: Claimer, *, fetch_bytes_max: int
    ) -> None:
        """Join the group for all topics that there are; `follow` asks again which those are."""
        self._servers = bootstrap_servers
        self._claimer = claimer
        self._marks = _Marks()
        self._lost: set[Place] = set()
        self._halts: dict[Place, Halt] = {}
        self._ends: dict[Place, int] = {}
        self._next: dict[Place, int] = {}
        self._hints: dict[TopicPartition, OffsetAndMetadata] = {}
        self._hinted = 0.0
        self._connect = partial(_consumer, bootstrap_servers, group, fetch_bytes_max)
        self._find = topics
        self._topics = list(topics())
        self._rejoins = 0
        self._join()

    def _join(self) -> None:
        """A consumer that joins the group with its topics known: without metadata a first join gets nothing."""
        self._consumer = self._marks.consumer = self._connect()
        self._subscribe()
        self._waiting_since = time.monotonic()

    def _subscribe(self) -> None:
        for topic in self._topics:
            self._consumer.partitions_for_topic(topic)
        self._consumer.subscribe(topics=self._topics, listener=self._marks)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hint()
        self._consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)

    def poll(self, records_max: int, wait_s: float) -> Polled:
        """The next batch: at most `records_max` messages, gathered until none are waiting or time is up.

        It is empty where partitions were taken over and none of their messages are here yet: the caller may need none.
        """
        if time.monotonic() - self._hinted > _HINT_EVERY_S:
            self._hint()
        deadline = time.monotonic() + wait_s
        gathered: dict[Place, Messages] = {}
        headers: dict[Place, dict[int, Headers]] = {}
        count = polls = 0
        while count < records_max and (polls < 2 or not 0 < count < _BACKLOG_RECORDS):
            polled = self._poll_once(records_max - count, again=0 < count < _BACKLOG_RECORDS)
            polls += bool(polled)
            taken_over = self._take_over()
            for place in taken_over:
                gathered.pop(place, None)
            count += _gather(gathered, headers, polled, self._lost)
            if (not polled and (count or taken_over)) or time.monotonic() >= deadline:
                break
        for place, messages in gathered.items():
            self._next[place] = messages.offsets[-1] + 1
        return Polled(gathered, headers)

    def _poll_once(self, records_max: int, *, again: bool) -> dict[TopicPartition, list[Any]]:
        try:
            patience_ms = _JOIN_POLL_MS if not self._assigned() else _AGAIN_MS if again else _POLL_MS
            take_up_again(self._consumer)
            found: dict[TopicPartition, list[Any]] = self._consumer.poll(patience_ms, max_records=records_max)
            return found
        except OffsetOutOfRangeError as error:
            return self._again(error.args[0])
        except LogTruncationError as error:
            return self._again(error.divergent_offsets)
        except KafkaError as error:
            raise UnreachableError(f"Kafka failed while polling: {error}") from error

    def _again(self, cut: Iterable[TopicPartition]) -> dict[TopicPartition, list[Any]]:
        """The log was cut while we read it: claimed anew, its partitions say what happened to them."""
        self._marks.assigned |= set(cut)
        return {}

    def _assigned(self) -> bool:
        """True while there are partitions; a member that never gets any joins again, a few times.

        A poll that ends while the group's answer is under way loses the answer for good in kafka-python 3.0,
        so polls are long until there is an assignment, and an empty one is not believed at once.
        """
        if self._consumer.assignment():
            self._rejoins = _REJOINS_MAX
        elif self._rejoins < _REJOINS_MAX and time.monotonic() - self._waiting_since > _JOIN_PATIENCE_S:
            self._rejoins += 1
            self._consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)
            self._join()
        return bool(self._consumer.assignment())

    def _take_over(self) -> list[Place]:
        """Claim what was newly assigned and go to its stored position; returns those places."""
        revoked, self._marks.revoked = self._marks.revoked, set()
        for partition in revoked:  # its next owner tells how far it is
            self._hints.pop(partition, None)
        self._lost |= {_place(partition) for partition in revoked}
        for place in self._lost:
            self._halts.pop(place, None)
        fresh = sorted(_place(partition) for partition in self._marks.assigned)
        self._marks.assigned = set()
        if fresh:
            self._claim(fresh)
        return fresh

    def _claim(self, places: Sequence[Place]) -> None:
        claims = self._claimer(places)
        self._lost -= set(places)
        held = self._consumer.assignment()
        for claim in claims:
            partition = TopicPartition(*claim.place)
            self._halts.pop(claim.place, None)
            if partition in held and claim.halt:
                self.halt([claim.halt])
            elif partition in held:
                self._consumer.seek(partition, claim.next_offset)
                self._consumer.resume(partition)
                self._next[claim.place] = claim.next_offset

    def follow(self) -> None:
        """Read the topics too that were made since; a Kafka that does not answer is asked another time."""
        with suppress(UnreachableError, KafkaError):
            if fresh := set(self._find()) - set(self._topics):
                self._topics = sorted(fresh.union(self._topics))
                self._subscribe()

    def halted(self) -> Mapping[Place, Halt]:
        """The partitions of this worker of which nothing more is polled, and why."""
        return self._halts

    def halt(self, halts: Iterable[Halt]) -> None:
        """Poll nothing more of these partitions before they are claimed again."""
        for one in halts:
            self._halts[one.place] = one
            self._consumer.pause(TopicPartition(*one.place))

    def claim_again(self, places: Iterable[Place]) -> None:
        """Take over anew those of the places that the group still gives to us, at their stored positions."""
        held = {_place(partition) for partition in self._consumer.assignment()}
        mine = sorted(held & set(places))
        if mine:
            self._claim(mine)

    def revoked(self) -> frozenset[Place]:
        """Partitions lost since the last call."""
        lost, self._lost = self._lost, set()
        return frozenset(lost)

    def caught_up(self) -> bool:
        """True where everything that stood in the log when first asked has been polled, but for what is halted."""
        held = [_place(partition) for partition in self._consumer.assignment()]
        if not held or self._marks.assigned:
            return False
        assignment = [place for place in held if place not in self._halts]
        unknown = [place for place in assignment if place not in self._ends]
        if unknown:
            ends = self._consumer.end_offsets([TopicPartition(*place) for place in unknown])
            self._ends.update({_place(partition): end for partition, end in ends.items()})
        return all(self._next.get(place, 0) >= self._ends[place] for place in assignment)

    def hint(self, claims: Iterable[Claim]) -> None:
        """Tell Kafka's group the positions, soon, for lag tools only; a failure changes nothing."""
        self._hints.update({TopicPartition(*one.place): OffsetAndMetadata(one.next_offset, "", -1) for one in claims})

    def _hint(self) -> None:
        self._hinted = time.monotonic()
        if self._hints:
            hints, self._hints = self._hints, {}
            self._consumer.commit_async(hints)


def _consumer(bootstrap_servers: str, group: str, fetch_bytes_max: int) -> KafkaConsumer:
    try:
        return prompt(
            KafkaConsumer(
                bootstrap_servers=bootstrap_servers,
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="none",
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                session_timeout_ms=15_000,
                heartbeat_interval_ms=3_000,
                max_poll_interval_ms=300_000,
                max_partition_fetch_bytes=4 * 2**20,
                fetch_max_bytes=fetch_bytes_max,
                fetch_max_wait_ms=100,
                receive_buffer_bytes=2**20,
                metrics_enabled=False,
            )
        )
    except KafkaError as error:
        raise UnreachableError(f"Kafka at {bootstrap_servers} does not answer", hint="sharehub up") from error


def _gather(
    gathered: dict[Place, Messages],
    headers: dict[Place, dict[int, Headers]],
    polled: dict[TopicPartition, list[Any]],
    lost: set[Place],
) -> int:
    for place in lost & gathered.keys():
        del gathered[place]
    count = 0
    for partition, records in polled.items():
        place = _place(partition)
        if place not in lost:
            found = gathered.setdefault(place, Messages.none())
            found.offsets.extend([record.offset for record in records])
            found.appended_ms.extend([record.timestamp for record in records])
            found.keys.extend([record.key for record in records])
            found.values.extend([record.value for record in records])
            headers.setdefault(place, {}).update({one.offset: one.headers for one in records if one.headers})
            count += len(records)
    return count


def _place(partition: TopicPartition) -> Place:
    return Place(partition.topic, partition.partition)
