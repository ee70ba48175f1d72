"""Judgement on the work: does the log fit the positions, is somebody at it, what waits, what is late."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sharehub.doctor.kinds import Finding, found
from sharehub.doctor.seen import Seen
from sharehub.observed import Holding, KafkaFound, WorkFound
from sharehub.topics import Place


def positions(seen: Seen) -> Iterator[Finding]:
    """Whether the log is the one whose positions are stored, whole."""
    kafka, work = _both(seen)
    for (topic_name, why), places in _halted(work).items():
        numbers = ",".join(str(place.partition) for place in places)
        yield found("partition-halted", f"{topic_name}:{numbers}: {why}", topic=topic_name)
    for place, held in sorted(work.holdings.items()):
        topic = kafka.topics.get(place.topic)
        if held.halt_reason or topic is None:
            continue  # why it is halted says what is wrong with the log; a missing topic is told of where topics are
        if (held.cluster_id, held.topic_id) != (kafka.cluster_id, topic.topic_id):
            words = f"{_name(place)} is not the partition whose position is stored"
            yield found("log-other", words, topic=place.topic)
        elif held.next_offset > kafka.end.get(place, 0):
            words = f"{_name(place)} ends at {kafka.end.get(place, 0)}, stored is {held.next_offset}"
            yield found("log-short", words, topic=place.topic)
        elif held.next_offset < kafka.first.get(place, 0):
            lost = kafka.first[place] - held.next_offset
            words = f"{_name(place)}: {lost} messages were deleted before they were processed"
            yield found("log-lost", words, topic=place.topic)


def _halted(work: WorkFound) -> dict[tuple[str, str], list[Place]]:
    """The partitions of a topic that are halted for the same reason: they are told of once."""
    halted = defaultdict(list)
    for place, held in sorted(work.holdings.items()):
        if held.halt_reason:
            halted[place.topic, held.halt_reason].append(place)
    return halted


def consolidator(seen: Seen) -> Iterator[Finding]:
    """Whether what is said is taken in."""
    kafka, work = _both(seen)
    if not work.running("consolidator") and not _left(kafka, work):
        yield found("consolidator-absent", "no consolidator is connected")
    orphaned = {
        place: count for place, count in _left(kafka, work).items() if _holder(work, work.holdings.get(place)) is None
    }
    if orphaned:
        words = f"{sum(orphaned.values()):,} messages wait in {len(orphaned)} partitions that nobody holds"
        yield found("records-waiting", f"{words}: {_some(orphaned)}")
    for place, count in sorted(_left(kafka, work, late=True).items()):
        held = work.holdings.get(place)
        holder = _holder(work, held)
        if held is not None and holder is not None and max(held.advanced_at or holder, holder) < seen.late_before:
            words = f"{_name(place)}: {count:,} messages wait, and {held.owner} has not moved"
            yield found("partition-stuck", words, owner=held.owner)


def _left(kafka: KafkaFound, work: WorkFound, *, late: bool = False) -> dict[Place, int]:
    """What waits for a consolidator: what is halted waits for a person."""
    halted = {place for places in _halted(work).values() for place in places}
    return {place: count for place, count in kafka.waiting(work.holdings, late=late).items() if place not in halted}


def _holder(work: WorkFound, held: Holding | None) -> datetime | None:
    """Since when the owner of the partition is connected; None where it is not."""
    return next((one.since for one in work.running("consolidator") if held and one.is_of(held.owner)), None)


def relay(seen: Seen) -> Iterator[Finding]:
    """Whether what follows leaves."""
    kafka, work = _both(seen)
    if kafka.relayed > work.outbox_last:
        yield found("outbox-behind", f"outbox position {kafka.relayed} was sent, this database has {work.outbox_last}")
    running, since = work.running("relay"), work.outbox.since
    if since is None:
        if not running:
            yield found("relay-absent", "no relay is connected")
    elif not running or since < seen.late_before:
        why = "it does not keep up" if running else "no relay is connected"
        yield found("outbox-waiting", f"{work.outbox.count:,} entries wait since {since:%Y-%m-%d %H:%M} UTC: {why}")


def timers(seen: Seen) -> Iterator[Finding]:
    """Whether what time brings is issued."""
    _, work = _both(seen)
    running = work.running("timers")
    if work.due_on is not None and (work.due_on < seen.today or not running):
        yield found("timers-behind", f"{work.due:,} entities are to be decided since {work.due_on}")
    elif not running:
        yield found("timers-absent", "no timers service is connected")


def dead_letters(seen: Seen) -> Iterator[Finding]:
    """What was rejected."""
    waiting = _both(seen)[1].dead_letters
    if waiting.since is not None:
        words = f"{waiting.count:,} dead letters wait, the first since {waiting.since:%Y-%m-%d %H:%M} UTC"
        yield found("dead-letters", words)


def acknowledgements(seen: Seen) -> Iterator[Finding]:
    """Who has not answered."""
    _, work = _both(seen)
    for recipient, count in sorted(work.acks_overdue.items()):
        if count:
            words = f"{recipient} has not answered {count:,} events within its term"
            yield found("acks-overdue", words, recipient=recipient)


def due_process(seen: Seen) -> Iterator[Finding]:
    """Who has not acted."""
    _, work = _both(seen)
    if work.clocks_overdue:
        yield found("clocks-overdue", f"{work.clocks_overdue:,} clocks are overdue")


def consolidator_well(seen: Seen) -> str:
    """Who is at it, and how much is left."""
    kafka, work = _both(seen)
    left = sum(kafka.waiting(work.holdings).values())
    holders = [
        (one.owner, sum(one.is_of(held.owner) for held in work.holdings.values()))
        for one in work.running("consolidator")
    ]
    return ", ".join(f"{owner} holds {count} partitions" for owner, count in holders) + f"; {left:,} messages to go"


def relay_well(seen: Seen) -> str:
    """Who is at it, and how much is left."""
    _, work = _both(seen)
    return f"{_owners(work, 'relay')}; {work.outbox.count:,} entries to go"


def timers_well(seen: Seen) -> str:
    """Who is at it."""
    return _owners(_both(seen)[1], "timers")


def _owners(work: WorkFound, kind: str) -> str:
    return ", ".join(one.owner for one in work.running(kind))


def _both(seen: Seen) -> tuple[KafkaFound, WorkFound]:
    assert seen.kafka is not None and seen.work is not None  # noqa: S101 - asked only where both were reached
    return seen.kafka, seen.work


def _name(place: Place) -> str:
    return f"{place.topic}-{place.partition}"


def _some(places: dict[Place, int]) -> str:
    names = [f"{_name(place)} ({count:,})" for place, count in sorted(places.items())]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
