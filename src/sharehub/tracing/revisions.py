"""All revisions of one record: those in the view, those that were rejected, and those not processed yet."""

from collections.abc import Iterator
from itertools import islice
from operator import attrgetter
from uuid import UUID

import structlog

from sharehub.core.record import fact_key, record_id
from sharehub.hub import Hub
from sharehub.store import traces as store
from sharehub.store.health import holdings
from sharehub.stream.finding import Finder, Logged
from sharehub.topics import CASEWORK, DESK, Place, records_topic
from sharehub.tracing.said import Named, named_in
from sharehub.tracing.shown import Revision, refused, waiting

log = structlog.get_logger()

_REVISIONS_MAX = 200
_UNREAD_MAX = 200_000
"""Messages that are not processed yet and are looked through for a record."""
_REJECTIONS_MAX = 10_000


class Revisions:
    """Looks for the revisions of a record, `same` being its agency and record key."""

    def __init__(self, hub: Hub, finder: Finder, same: tuple[str, str]) -> None:
        self._hub = hub
        self._finder = finder
        self._same = same
        self._topic = CASEWORK if same[0] == DESK else records_topic(same[0])

    def all(self) -> list[Revision]:
        """All of them, the oldest first."""
        found = [*self._taken(), *self._rejected(), *self._unread()]
        return sorted(found, key=attrgetter("named.revision"))

    def _taken(self) -> Iterator[Revision]:
        """Those in the view, each where it lies on the log."""
        with self._hub.snapshot() as connection:
            kept = store.of_fact(connection, UUID(bytes=fact_key(*self._same)))
            if not kept:
                ids = [record_id(*self._same, revision) for revision in range(1, _REVISIONS_MAX + 1)]
                kept = store.of_records(connection, ids)
        for one in kept:
            named = self._ours(one.payload)
            if named:
                at = self._finder.appended_at(self._topic, one.received_at)
                logged = next((found for found in at if found.value == one.payload), None)
                yield Revision(named, {"state": "taken-in", "received_at": one.received_at}, logged, one.subject_id)

    def _rejected(self) -> Iterator[Revision]:
        with self._hub.snapshot() as connection:
            every = store.rejected_of(connection, self._same[0], _REJECTIONS_MAX)
        for one in every:
            named = self._ours(one.payload)
            if named:
                logged = Logged(Place(one.topic, one.partition), one.offset, one.received_at, one.payload)
                yield Revision(named, refused(one), logged)

    def _unread(self) -> Iterator[Revision]:
        """Those that lie on the log and are not processed yet."""
        with self._hub.snapshot() as connection:
            held = holdings(connection, self._hub.settings.consolidator.group)
        starts = {one: held[one].next_offset if one in held else 0 for one in self._finder.places(self._topic)}
        looked_at = 0
        for looked_at, logged in enumerate(islice(self._finder.since(starts), _UNREAD_MAX), 1):  # noqa: B007
            named = self._ours(logged.value)
            if named:
                yield Revision(named, waiting(logged, starts[logged.place]), logged)
        if looked_at == _UNREAD_MAX:
            log.warning("search_ended", topic=self._topic, messages=looked_at)

    def _ours(self, payload: bytes | None) -> Named | None:
        named = named_in(self._hub.registry, payload)
        return named if named and named.same == self._same else None
