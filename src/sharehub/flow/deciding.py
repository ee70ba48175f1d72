"""Decide on entities that something has touched: gather facts and standing, decide, keep the events."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import structlog

from sharehub.core.catalogue import Catalogue
from sharehub.core.clock import Clock
from sharehub.core.decision import Facts, decide, fold
from sharehub.core.entity import KINDS
from sharehub.core.identifier import SCHEMES
from sharehub.core.measure import SanctionEvent, UnlawfulError
from sharehub.core.record import Record
from sharehub.core.standing import MeasureState, Standing
from sharehub.errors import BrokenStateError, SharehubError
from sharehub.flow.clockwork import running_clocks
from sharehub.flow.relinking import DecodeRecord
from sharehub.ports.view import EntityFacts, ViewTransaction

log = structlog.get_logger()

SINGLE_SCHEMES = tuple(sorted(name for name, scheme in SCHEMES.items() if scheme.single))


class Moment(NamedTuple):
    """When something is decided: the day in law, the instant at which the hub knew, and what is in force that day."""

    on: date
    known_at: datetime
    catalogue: Catalogue


class Arrived(NamedTuple):
    """A fact that is new to its entity, and the moment at which it came."""

    payload: bytes
    moment: Moment


def decide_entities(
    txn: ViewTransaction,
    entity_ids: Sequence[UUID],
    decode: DecodeRecord,
    now: Moment,
    arrived: Mapping[UUID, Sequence[Arrived]] = MappingProxyType({}),
    divided: frozenset[UUID] = frozenset(),
) -> int:
    """Re-decide these entities and return how many events were issued.

    What arrived is decided on record by record, each at its own moment, and what fell due before it first: the events
    are the same however many records share a batch. Where nothing arrived it is decided once, as of `now`.
    """
    if not entity_ids:
        return 0
    told = [
        _Course(found, tuple(_readable(found, decode)), divided).through(arrived.get(entity_id, ()), now)
        for entity_id, found in txn.gather(entity_ids, SINGLE_SCHEMES).items()
    ]
    events = [said for one in told for said in one.events]
    if events:
        txn.append(events, [state for one in told for state in one.changed()])
    txn.keep_clocks({one.found.entity_id: one.clocks for one in told})
    txn.mark({one.found.entity_id: (one.on, one.due_on) for one in told})
    return len(events)


class _Course:
    """One entity on its course through a batch: its standing, and what was said on the way."""

    def __init__(self, found: EntityFacts, records: tuple[tuple[bytes, Record], ...], divided: frozenset[UUID]) -> None:
        self.found = found
        self.events: list[tuple[SanctionEvent, datetime]] = []
        self.clocks: tuple[Clock, ...] = ()
        self.on, self.due_on = found.decided_on or date.min, found.next_due_on
        self._records = records
        self._divided = divided
        self._standing: Standing = {state.measure.id: state for state in found.standing}

    def through(self, arrived: Sequence[Arrived], now: Moment) -> "_Course":
        """Decide at every moment; what came later is not known yet."""
        place = {one.payload: number for number, one in enumerate(arrived, 1)}
        for number, one in enumerate(arrived, 1):
            self._pass_days(one.moment, [record for payload, record in self._records if place.get(payload, 0) < number])
            self._decide(one.moment, [record for payload, record in self._records if place.get(payload, 0) <= number])
        if not arrived:
            self._decide(now, [record for _, record in self._records])
        last = arrived[-1].moment if arrived else now
        self.clocks = running_clocks((record for _, record in self._records), last.catalogue)
        return self

    def changed(self) -> list[MeasureState]:
        """The measures of which something was said, as they now stand."""
        return [self._standing[key] for key in sorted({event.measure.id for event, _ in self.events})]

    def _pass_days(self, until: Moment, known: Sequence[Record]) -> None:
        """What the calendar made due before the moment is said first, as timers would have said it."""
        while self.due_on is not None and self.due_on <= until.on:
            midnight = datetime.combine(self.due_on, time.min, UTC)
            self._decide(Moment(self.due_on, midnight, until.catalogue), known)

    def _decide(self, moment: Moment, known: Sequence[Record]) -> None:
        self.on = max(moment.on, self.on)
        facts = Facts(
            entity_id=self.found.entity_id,
            kind=KINDS[self.found.kind_rank],
            records=tuple(known),
            conflict=self.found.conflict,
            divided=self._divided,
        )
        decision = decide(facts, self._standing, moment.catalogue, self.on)
        try:
            self._standing = fold(self._standing, decision.events)
        except UnlawfulError as error:
            raise BrokenStateError(f"the stored standing contradicts its events: {error}") from error
        self.events += [(event, moment.known_at) for event in decision.events]
        self.due_on = decision.next_due_on


def _readable(found: EntityFacts, decode: DecodeRecord) -> Iterator[tuple[bytes, Record]]:
    """The facts that decode; a rival that does not can take nobody's place, and is told."""
    for payload, received_at in found.payloads:
        try:
            yield payload, decode(payload, received_at.date())
        except SharehubError as error:
            log.warning("fact_unreadable", entity=str(found.entity_id), reason=str(error))
