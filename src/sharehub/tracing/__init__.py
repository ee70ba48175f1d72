"""Where is my record? From the row of its source to the answers of those who were told, in one look."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sharehub.checks import Checks
from sharehub.core.reader import Note, Reader
from sharehub.core.record import fact_key, trace_id
from sharehub.errors import UsageError
from sharehub.hub import Hub
from sharehub.status import kafka_of
from sharehub.store import traces as store
from sharehub.store.health import holdings
from sharehub.stream.finding import Finder, Logged
from sharehub.topics import Place, agency_of, speaker_of
from sharehub.tracing.revisions import Revisions
from sharehub.tracing.said import Named, event_in, named_in
from sharehub.tracing.shown import events_shown, published, refused, waiting

_HINT = "a record's id, AGENCY KEY, TOPIC:PARTITION:OFFSET, an event's id, or the trace_id of a log line"


class Tracing:
    """Traces records over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._checks = Checks(hub)

    def trace(self, words: Sequence[str], reader: Reader) -> dict[str, Any] | None:
        """All that is known of a record; None where the hub has never heard of it. The look is written down before.

        Raises:
            UsageError: the words name no record.
            RefusedError: it is about an individual, and no reason is stated.
            UnreachableError: Kafka or PostgreSQL does not answer.
        """
        place = _place(words)
        with Finder.opened(self._hub.addresses.bootstrap_servers) as finder:
            logged = finder.at(*place) if place else None
            if place and logged is None:
                raise UsageError(f"there is no message at {' '.join(words)}", hint="sharehub status")
            same = self._said_at(logged) if logged else self._meant(words)
            if same:
                return self._of_record(same, finder, reader)
        return self._of_bytes(logged, reader) if logged else None

    def _said_at(self, logged: Logged) -> tuple[str, str] | None:
        """The record that a message is, or the one from which the event follows that it tells or answers."""
        named = named_in(self._hub.registry, logged.value)
        if named:
            return named.same
        event = event_in(self._hub.registry, logged.value)
        if event:
            with self._hub.snapshot() as connection:
                return store.ground_of(connection, event)
        if speaker_of(logged.place.topic) is None:
            raise UsageError(f"no records lie on {logged.place.topic}", hint=_HINT)
        return None

    def _meant(self, words: Sequence[str]) -> tuple[str, str] | None:
        """Agency and record key of what was named by its key or an id."""
        if len(words) == 2:
            return words[0], words[1]
        try:
            wanted = UUID(" ".join(words))
        except ValueError:
            raise UsageError(f"{' '.join(words)!r} names no record", hint=_HINT) from None
        with self._hub.snapshot() as connection:
            if ground := store.ground_of(connection, wanted):
                return ground
            kept = store.of_fact(connection, wanted) or store.of_records(connection, [wanted])
        named = named_in(self._hub.registry, kept[0].payload) if kept else None
        return named.same if named else None

    def _of_bytes(self, logged: Logged, reader: Reader) -> dict[str, Any]:
        """What is told of a message that is no record."""
        self._checks.noted([Note(reader, "trace", [])])
        with self._hub.snapshot() as connection:
            rejection = store.rejected_at(connection, logged.place, logged.offset)
            held = holdings(connection, self._hub.settings.consolidator.group).get(logged.place)
        became = refused(rejection) if rejection else waiting(logged, held.next_offset if held else 0)
        return {
            **{"agency": agency_of(logged.place.topic), "record_key": None, "trace_id": None},
            "revisions": [{"published": published(logged), **became}],
            **{"entity": None, "events": []},
        }

    def _of_record(self, same: tuple[str, str], finder: Finder, reader: Reader) -> dict[str, Any] | None:
        revisions = Revisions(self._hub, finder, same).all()
        if not revisions:
            return None
        newest = revisions[-1].named
        kept = [one.subject_id for one in revisions if one.subject_id]
        self._note(newest, kept[-1] if kept else None, reader)
        return {
            **{"agency": same[0], "record_key": same[1], "trace_id": trace_id(*same)},
            "revisions": [one.shown() for one in revisions],
            "entity": self._entity(kept[-1]) if kept else None,
            "events": self._events(UUID(bytes=fact_key(*same))) if kept else [],
        }

    def _note(self, named: Named, subject_id: UUID | None, reader: Reader) -> None:
        """Write the look down, where it is lawful."""
        subject = named.subject()
        self._checks.lawful(reader, subject)
        self._checks.noted([Note(reader, "trace", [subject_id.bytes if subject_id else subject.key])])

    def _entity(self, subject_id: UUID) -> dict[str, Any] | None:
        with self._hub.snapshot() as connection:
            found = store.led_to(connection, subject_id)
        return {"entity_id": str(found[0]), "name": found[1]} if found else None

    def _events(self, fact_id: UUID) -> list[dict[str, Any]]:
        """The events that follow, each with where it has left and what was answered."""
        with self._hub.snapshot() as connection:
            told, answers = store.told_of(connection, fact_id)
        kafka = kafka_of(self._hub)
        return events_shown(told, answers, kafka.relayed if kafka else 0)


def _place(words: Sequence[str]) -> tuple[Place, int] | None:
    """The place that `TOPIC:PARTITION:OFFSET` names."""
    parts = words[0].rsplit(":", 2) if len(words) == 1 else []
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return None
    return Place(parts[0], int(parts[1])), int(parts[2])
