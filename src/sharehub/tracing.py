"""Where is my record? From the row of its source to the answers of those who were told, in one look."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sharehub.checks import Checks
from sharehub.core.admission import message_key
from sharehub.core.identifier import main_identifier
from sharehub.core.linking import identifier_key
from sharehub.core.reader import Note, Reader, Subject
from sharehub.core.record import content_id, fact_key, record_id, trace_id
from sharehub.errors import UsageError
from sharehub.hub import Hub
from sharehub.status import kafka_of
from sharehub.store import traces as store
from sharehub.store.health import holdings
from sharehub.stream.finding import Finder, Logged
from sharehub.topics import CASEWORK, DESK, Place, agency_of, records_topic
from sharehub.wire.rows import UndecodableError, decode

_REVISIONS_MAX = 200
_UNREAD_MAX = 200_000
"""Messages that are not processed yet and are looked through for a record."""
_REJECTIONS_MAX = 10_000
_HINT = "a record's id, AGENCY KEY, TOPIC:PARTITION:OFFSET, or the trace_id of a log line"


class Named(NamedTuple):
    """What a message says it is."""

    agency: str
    record_key: str
    revision: int
    kind: str
    value: Mapping[str, Any]

    @property
    def same(self) -> tuple[str, str]:
        """What all revisions have in common."""
        return self.agency, self.record_key


class Tracing:
    """Traces records over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def trace(self, words: Sequence[str], reader: Reader) -> dict[str, Any] | None:
        """All that is known of a record; None where the hub has never heard of it. The look is written down before.

        Raises:
            UsageError: the words name no record.
            RefusedError: it is about an individual, and no reason is stated.
            UnreachableError: Kafka or PostgreSQL does not answer.
        """
        with Finder.opened(self._hub.addresses.bootstrap_servers) as finder:
            place = _place(words)
            if place is None:
                same = self._meant(words)
                return self._of_record(same, finder, reader) if same else None
            logged = finder.at(*place)
            if logged is None:
                raise UsageError(f"there is no message at {':'.join(words)}", hint="sharehub status")
            named = self._named(logged.value)
            return self._of_record(named.same, finder, reader) if named else self._of_bytes(logged, reader)

    def _meant(self, words: Sequence[str]) -> tuple[str, str] | None:
        """Agency and record key of what was named."""
        if len(words) == 2:
            return words[0], words[1]
        try:
            wanted = UUID(words[0])
        except (ValueError, IndexError):
            raise UsageError(f"{' '.join(words)!r} names no record", hint=_HINT) from None
        with self._hub.snapshot() as connection:
            if ground := store.ground_of(connection, wanted):
                return ground
            kept = store.of_fact(connection, wanted) or store.of_records(connection, [wanted])
        named = self._named(kept[0].payload) if kept else None
        return named.same if named else None

    def _of_bytes(self, logged: Logged, reader: Reader) -> dict[str, Any]:
        """What is told of a message that is no record."""
        Checks(self._hub).noted([Note(reader, "trace", [])])
        with self._hub.snapshot() as connection:
            refused = store.rejected_as(connection, _rejection_id(logged.place, logged.offset))
            stored = holdings(connection, self._hub.settings.consolidator.group)
        found = (
            _refused(refused)
            if refused
            else _waiting(logged, stored[logged.place].next_offset if logged.place in stored else 0)
        )
        return {"agency": agency_of(logged.place.topic), "record_key": None, "trace_id": None} | {
            "revisions": [{"published": _published(logged), **found}],
            "entity": None,
            "events": [],
        }

    def _of_record(self, same: tuple[str, str], finder: Finder, reader: Reader) -> dict[str, Any] | None:
        revisions = [*self._taken(same, finder), *self._rejected(same), *self._unread(same, finder)]
        if not revisions:
            return None
        self._note(revisions[0].named, reader)
        kept = [one.subject_id for one in revisions if one.subject_id]
        return {
            "agency": same[0],
            "record_key": same[1],
            "trace_id": trace_id(*same),
            "revisions": [one.shown() for one in sorted(revisions, key=attrgetter("named.revision"))],
            "entity": self._entity(kept[-1]) if kept else None,
            "events": self._events(UUID(bytes=fact_key(*same))) if kept else [],
        }

    def _note(self, named: Named, reader: Reader) -> None:
        """Write the look down, where it is lawful."""
        key = message_key(named.agency, named.record_key, named.value["subject"]).decode()
        reference = main_identifier(key)
        subject = Subject(reference, identifier_key(reference), named.value["subject"]["kind"])
        checks = Checks(self._hub)
        checks.lawful(reader, subject)
        checks.noted([Note(reader, "trace", [subject.key])])

    def _taken(self, same: tuple[str, str], finder: Finder) -> Iterator["_Revision"]:
        """The revisions that are in the view, each where it lies on the log."""
        with self._hub.snapshot() as connection:
            kept = store.of_fact(connection, UUID(bytes=fact_key(*same)))
            ids = [record_id(*same, revision) for revision in range(1, _REVISIONS_MAX + 1)]
            kept = kept or store.of_records(connection, ids)
        topic = CASEWORK if same[0] == DESK else records_topic(same[0])
        for one in kept:
            named = self._named(one.payload)
            if named is not None:
                at = (found for found in finder.appended_at(topic, one.received_at) if found.value == one.payload)
                logged = next(at, None)
                yield _Revision(named, {"state": "taken-in", "received_at": one.received_at}, logged, one.subject_id)

    def _rejected(self, same: tuple[str, str]) -> Iterator["_Revision"]:
        with self._hub.snapshot() as connection:
            every = store.rejected_of(connection, same[0], _REJECTIONS_MAX)
        for one in every:
            named = self._named(one.payload)
            if named is not None and named.same == same:
                place = Place(one.topic, one.partition)
                yield _Revision(named, _refused(one), Logged(place, one.offset, one.received_at, one.payload))

    def _unread(self, same: tuple[str, str], finder: Finder) -> Iterator["_Revision"]:
        """Those that lie on the log and are not processed yet."""
        with self._hub.snapshot() as connection:
            stored = holdings(connection, self._hub.settings.consolidator.group)
        topic = CASEWORK if same[0] == DESK else records_topic(same[0])
        starts = {place: stored[place].next_offset if place in stored else 0 for place in finder.places(topic)}
        for logged in islice(finder.since(starts), _UNREAD_MAX):
            named = self._named(logged.value)
            if named is not None and named.same == same:
                yield _Revision(named, _waiting(logged, starts[logged.place]), logged)

    def _entity(self, subject_id: UUID) -> dict[str, Any] | None:
        with self._hub.snapshot() as connection:
            found = store.led_to(connection, subject_id)
        return {"entity_id": str(found[0]), "name": found[1]} if found else None

    def _events(self, fact_id: UUID) -> list[dict[str, Any]]:
        """The events that follow, each with where it has left and what was answered."""
        with self._hub.snapshot() as connection:
            told, answers = store.told_of(connection, fact_id)
        kafka = kafka_of(self._hub)
        relayed = kafka.relayed if kafka else 0

        def way(one: store.Told) -> dict[str, Any]:
            said = [a for a in answers if (a.recipient, a.event_id) == (one.feed, one.event_id)]
            return {
                "feed": one.feed,
                "position": one.feed_position,
                "sent": one.outbox_position is not None and one.outbox_position <= relayed,
                "sent_at": one.published_at,
                "answers": [{"status": a.status, "acknowledged_at": a.acknowledged_at} for a in said],
            }

        return [
            {
                **{name: getattr(ways[0], name) for name in ("event", "number", "business_on", "known_at")},
                "event_id": str(ways[0].event_id),
                "measure": ways[0].entry,
                "feeds": [way(one) for one in ways if one.feed],
            }
            for ways in ([*those] for _, those in groupby(told, key=attrgetter("event_id")))
        ]

    def _named(self, payload: bytes | None) -> Named | None:
        with suppress(UndecodableError, KeyError):
            schema, value = decode(self._hub.registry, payload or b"")
            return Named(value["agency"], value["record_key"], value["revision"], schema.name, value)
        return None


class _Revision(NamedTuple):
    """One revision, and what became of it."""

    named: Named
    became: Mapping[str, Any]
    logged: Logged | None
    subject_id: UUID | None = None

    def shown(self) -> dict[str, Any]:
        named = self.named
        return {
            "revision": named.revision,
            "record_id": str(record_id(*named.same, named.revision)),
            "kind": named.kind,
            "source": named.value.get("source"),
            "published": _published(self.logged) if self.logged else None,
            **self.became,
        }


def _place(words: Sequence[str]) -> tuple[Place, int] | None:
    """The place that `TOPIC:PARTITION:OFFSET` names."""
    parts = words[0].rsplit(":", 2) if len(words) == 1 else []
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return None
    return Place(parts[0], int(parts[1])), int(parts[2])


def _published(logged: Logged) -> dict[str, Any]:
    return {**logged.place._asdict(), "offset": logged.offset, "appended_at": logged.appended_at}


def _refused(one: store.Refused) -> dict[str, Any]:
    rejection = str(_rejection_id(Place(one.topic, one.partition), one.offset))
    return {"state": "rejected", "code": one.code, "field": one.field, "reason": one.reason, "rejection_id": rejection}


def _waiting(logged: Logged, next_offset: int) -> dict[str, Any]:
    """Not processed, with how many messages of its partition come before it."""
    return {"state": "waiting", "before_it": max(logged.offset - next_offset, 0)}


def _rejection_id(place: Place, offset: int) -> UUID:
    return content_id("rejection", *place, offset)
