"""Decide on entities that something has touched: gather facts and standing, decide, keep the events."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import structlog

from sharehub.core.catalogue import Catalogue
from sharehub.core.clock import Clock
from sharehub.core.decision import Decision, Facts, decide, fold
from sharehub.core.entity import KINDS
from sharehub.core.identifier import SCHEMES
from sharehub.core.measure import SanctionEvent, UnlawfulError
from sharehub.core.record import Record
from sharehub.core.standing import MeasureState, Standing
from sharehub.errors import BrokenStateError, SharehubError
from sharehub.flow.clockwork import running_clocks
from sharehub.flow.relinking import DecodeRecord
from sharehub.ports import (
    EntityFacts,
    ViewTransaction,
)

log = structlog.get_logger()

SINGLE_SCHEMES = tuple(sorted(name for name, scheme in SCHEMES.items() if scheme.single))


def decide_entities(
    txn: ViewTransaction,
    entity_ids: Sequence[UUID],
    decode: DecodeRecord,
    catalogue: Catalogue,
    on: date,
    known_at: datetime,
    divided: frozenset[UUID] = frozenset(),
) -> int:
    """Re-decide these entities as of the day, or their last one, and return how many events were issued."""
    if not entity_ids:
        return 0
    issued = 0
    decided: dict[UUID, tuple[date, date | None]] = {}
    events: list[SanctionEvent] = []
    states: list[MeasureState] = []
    running: dict[UUID, tuple[Clock, ...]] = {}
    for entity_id, found in txn.gather(entity_ids, SINGLE_SCHEMES).items():
        standing = {state.measure.id: state for state in found.standing}
        day = max(on, found.decided_on or on)
        records = tuple(_readable(found, decode))
        running[entity_id] = running_clocks(records, catalogue)
        decision = _decision(found, records, standing, catalogue, day, divided)
        after = _folded(standing, decision)
        events += decision.events
        states += [after[key] for key in sorted({event.measure.id for event in decision.events})]
        decided[entity_id] = (day, decision.next_due_on)
        issued += len(decision.events)
    if events:
        txn.append(events, known_at, states)
    txn.keep_clocks(running)
    txn.mark(decided)
    return issued


def _readable(found: EntityFacts, decode: DecodeRecord) -> Iterator[Record]:
    """The facts that decode; a rival that does not can take nobody's place, and is told."""
    for payload, received_at in found.payloads:
        try:
            yield decode(payload, received_at.date())
        except SharehubError as error:
            log.warning("fact_unreadable", entity=str(found.entity_id), reason=str(error))


def _folded(standing: Standing, decision: Decision) -> Standing:
    try:
        return fold(standing, decision.events)
    except UnlawfulError as error:
        raise BrokenStateError(f"the stored standing contradicts its events: {error}") from error


def _decision(
    found: EntityFacts,
    records: tuple[Record, ...],
    standing: Mapping[UUID, MeasureState],
    catalogue: Catalogue,
    on: date,
    divided: frozenset[UUID],
) -> Decision:
    facts = Facts(
        entity_id=found.entity_id,
        kind=KINDS[found.kind_rank],
        records=records,
        conflict=found.conflict,
        divided=divided,
    )
    return decide(facts, standing, catalogue, on)
