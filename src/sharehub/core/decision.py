"""Decide like a reconciler: what should stand, what does stand, and the events that make up the difference.

`on` is an input: a term that is over, a grace period that has elapsed and a new rulebook are one code path.
The result depends on the facts alone, never on the order in which they arrived.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sharehub.core.catalogue import Catalogue
from sharehub.core.condition import Condition
from sharehub.core.entry import Entry, Exit
from sharehub.core.measure import Ground, Measure, SanctionEvent, measure_id
from sharehub.core.months import add_months
from sharehub.core.record import Record, Scalar, latest
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import Violation, competent, may_issue
from sharehub.core.standing import MeasureState, Standing, evolve

ONE_DAY = timedelta(days=1)
_CONFLICT = 11
"""An identifier conflict holds new restrictions back; what was in place stays (law 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is lawfully known about one entity.

    `conflict`: its identifiers contradict one another. `divided`: former entities that turned out to be several.
    """

    entity_id: UUID
    kind: str
    records: tuple[Record, ...]
    conflict: bool = False
    divided: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """The events to issue, what the laws held back, and the next day on which time alone changes something."""

    events: tuple[SanctionEvent, ...]
    held_back: tuple[Violation, ...] = ()
    next_due_on: date | None = None


@dataclass(frozen=True, slots=True)
class _Due:
    measure: Measure
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Ended:
    event: str
    reason: str
    on: date | None


def due(facts: Facts, catalogue: Catalogue, on: date) -> tuple[Measure, ...]:
    """The measures that follow from the facts, whenever they begin or end; `on` selects rulebook versions."""
    return tuple(found.measure for found in _due(facts, catalogue, on))


def decide(facts: Facts, standing: Standing, catalogue: Catalogue, on: date) -> Decision:
    """The events that turn what stands into what should stand on that day."""
    records = latest(facts.records)
    wanted = {found.measure.id: found for found in _due(facts, catalogue, on)}
    events: list[SanctionEvent] = []
    held_back: list[Violation] = []
    for measure_key in sorted(standing.keys() - wanted.keys()):
        if standing[measure_key].in_place:
            events += _end(standing[measure_key], records, catalogue, on)
    for measure_key in sorted(wanted):
        found = wanted[measure_key]
        refusal = may_issue(found.measure, found.entry, facts.kind, facts.conflict, on)
        state = standing.get(measure_key)
        in_place = state is not None and state.in_place
        if refusal and state is not None and in_place and refusal.law != _CONFLICT:
            events.append(_event("lifted", state.number + 1, on, f"law-{refusal.law}", state.measure))
        if refusal and not (in_place and refusal.law == _CONFLICT):
            held_back.append(refusal)
        else:
            events += _reconcile(found.measure, state, on, facts.divided)
    return Decision(tuple(events), tuple(held_back), _next_due(wanted.values(), on))


def fold(standing: Standing, events: Iterable[SanctionEvent]) -> Standing:
    """The standing after all of the events."""
    for event in events:
        standing = evolve(standing, event)
    return standing


def _reconcile(measure: Measure, state: MeasureState | None, on: date, divided: frozenset[UUID]) -> list[SanctionEvent]:
    if measure.effective_from > on:
        return _lift_early(measure, state, on)
    over = measure.effective_to is not None and measure.effective_to < on
    number = state.number if state else 0
    events: list[SanctionEvent] = []
    if state is None or not state.in_place:
        if state and state.status == "expired" and over and _same_terms(state.measure, measure):
            return []
        events.append(_event("issued", number + 1, measure.effective_from, "ground-final", measure))
    elif state.measure != measure:
        change = _change(state.measure, measure, divided)
        events.append(_event("amended", number + 1, measure.effective_from, change, measure))
    if over and measure.effective_to is not None:
        last = events[-1].number if events else number
        events.append(_event("expired", last + 1, measure.effective_to + ONE_DAY, "term-over", measure))
    return events


def _lift_early(measure: Measure, state: MeasureState | None, on: date) -> list[SanctionEvent]:
    if state is None or not state.in_place:
        return []
    business_on = max(min(measure.ground.decided_on or on, on), state.measure.effective_from)
    return [_event("lifted", state.number + 1, business_on, "no-longer-due", state.measure)]


def _same_terms(before: Measure, after: Measure) -> bool:
    return (before.effective_from, before.effective_to) == (after.effective_from, after.effective_to)


def _change(before: Measure, after: Measure, divided: frozenset[UUID]) -> str:
    if before.entity_id != after.entity_id:
        return "entity-split" if before.entity_id in divided else "entity-merged"
    if not _same_terms(before, after):
        return "term-changed"
    if before.rulebook_version != after.rulebook_version:
        return "rulebook-changed"
    return "ground-amended"


def _event(event: str, number: int, business_on: date, reason: str, measure: Measure) -> SanctionEvent:
    return SanctionEvent(event=event, number=number, business_on=business_on, reason=reason, measure=measure)  # type: ignore[arg-type]


def _end(state: MeasureState, records: tuple[Record, ...], catalogue: Catalogue, on: date) -> list[SanctionEvent]:
    """Law 8: a measure never outlives its ground."""
    ended = _ending(state, records, catalogue, on)
    business_on = max(min(ended.on or on, on), state.measure.effective_from)
    return [_event(ended.event, state.number + 1, business_on, ended.reason, state.measure)]


def _ending(state: MeasureState, records: tuple[Record, ...], catalogue: Catalogue, on: date) -> _Ended:
    ground = state.measure.ground
    named = (record for record in records if (record.agency, record.record_key) == (ground.agency, ground.record_key))
    record = next(named, None)
    if record is None:
        return _Ended("lifted", "ground-moved", on)
    if record.withdrawn:
        return _Ended("lifted", "ground-withdrawn", record.counts_from)
    entry = catalogue.entry(state.measure.entry)
    for way_out in entry.exits if entry else ():
        if _leaves(way_out, record):
            return _Ended(way_out.event, way_out.reason, _stated_day(way_out.where, record) or record.counts_from)
    if entry and entry.latest_by and entry.ground.matches(record) and _replaced(record, entry, records, catalogue):
        return _Ended("lifted", "replaced-by-later", on)
    return _Ended("lifted", "ground-ended", record.counts_from)


def _due(facts: Facts, catalogue: Catalogue, on: date) -> Iterator[_Due]:
    records = tuple(
        record
        for record in latest(facts.records)
        if not record.withdrawn and competent(catalogue.agencies.get(record.agency), record, catalogue)
    )
    for record in records:
        ground_on = record.counts_from or on
        for book, entry in catalogue.entries(record.jurisdiction, record.kind, ground_on, on):
            if _is_ground(record, entry, records, catalogue):
                measure = _measure(facts, record, book, entry, records, ground_on)
                if measure is not None:
                    yield _Due(measure, entry)


def _is_ground(record: Record, entry: Entry, records: tuple[Record, ...], catalogue: Catalogue) -> bool:
    if not entry.ground.matches(record) or record.subject_kind not in entry.entity_kinds:
        return False
    if catalogue.agencies[record.agency].authority != entry.ground.authority:
        return False
    if any(_leaves(way_out, record) for way_out in entry.exits):
        return False
    return entry.latest_by is None or not _replaced(record, entry, records, catalogue)


def _leaves(way_out: Exit, record: Record) -> bool:
    return all(test.holds(record) for test in way_out.where)


def _replaced(record: Record, entry: Entry, records: tuple[Record, ...], catalogue: Catalogue) -> bool:
    """True where a later record of the same authority, alike in `latest_among`, has taken the ground's place."""
    field = entry.latest_by or ""
    mine = record.value(field)
    rivals = (
        other.value(field)
        for other in records
        if other.kind == record.kind
        and catalogue.agencies[other.agency].authority == entry.ground.authority
        and all(other.value(name) == record.value(name) for name in entry.latest_among)
    )
    return any(_later(rival, mine) for rival in rivals)


def _later(rival: Scalar, mine: Scalar) -> bool:
    if isinstance(rival, date) and isinstance(mine, date):
        return rival > mine
    return isinstance(rival, int) and isinstance(mine, int) and rival > mine


def _measure(
    facts: Facts, record: Record, book: Rulebook, entry: Entry, records: tuple[Record, ...], ground_on: date
) -> Measure | None:
    beside: list[Record] = []
    for need in entry.requires:
        met = need.met_by(record, records)
        if not met:
            return None
        beside += met
    starts = _starts(record, entry, beside, ground_on)
    if starts is None:
        return None
    ends = _ends(starts, record, entry)
    if ends is not None and ends < starts:
        return None
    return Measure(
        id=measure_id(book, entry, record),
        entity_id=facts.entity_id,
        entry=f"{book.jurisdiction}/{entry.id}",
        title=entry.title,
        kind=entry.kind,
        target_service=entry.target_service,
        binding=entry.binding,
        rulebook_version=book.version,
        jurisdiction=book.jurisdiction,
        ground=Ground.of(record, tuple(test.words(record) for test in entry.ground.where) + _beside_words(beside)),
        legal_basis=entry.legal_basis,
        authority=entry.authority,
        recipients=entry.recipients,
        relatedness=entry.relatedness,
        effective_from=starts,
        effective_to=ends,
        exit=entry.exit,
        remedies=entry.remedies,
    )


def _beside_words(beside: list[Record]) -> tuple[str, ...]:
    return tuple(
        f"{record.kind} {record.value('number')} served on {record.value('served_on')}"
        if record.kind == "reminder"
        else f"{record.kind} {record.document_number or record.record_key}"
        for record in beside
    )


def _starts(record: Record, entry: Entry, beside: list[Record], ground_on: date) -> date | None:
    """The first day: the ground's, but never before the last document beside it or the end of grace."""
    days = [ground_on, *(other.counts_from for other in beside if other.counts_from)]
    for need in entry.requires:
        proven = (_stated_day(need.where, other) for other in beside if other.kind == need.record_kind)
        days += [day for day in proven if day is not None]
    if entry.starts_after_field:
        after = _day(record.value(entry.starts_after_field))
        if after is None:
            return None
        days.append(after + ONE_DAY)
    return max(days)


def _stated_day(where: tuple[Condition, ...], record: Record) -> date | None:
    """The latest date among the fields that must be stated, such as the day of service or of performance."""
    stated = (record.value(test.field) for test in where if test.operator == "present" and test.operand is True)
    return max((day for value in stated if isinstance(value, date) and (day := _day(value))), default=None)


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    return date.fromisoformat(value) if isinstance(value, str) else None


def _ends(starts: date, record: Record, entry: Entry) -> date | None:
    """The last day: the decision's own end or the entry's term, whichever comes first; None: open.

    Where the measure begins only after a day of the ground, the ground's own end is what starts it.
    """
    stated = None if entry.starts_after_field else record.effective_to
    term = None if entry.term_months is None else add_months(starts, entry.term_months) - ONE_DAY
    return min((day for day in (stated, term) if day is not None), default=None)


def _next_due(wanted: Iterable[_Due], on: date) -> date | None:
    days = [found.measure.effective_from for found in wanted]
    days += [found.measure.effective_to + ONE_DAY for found in wanted if found.measure.effective_to]
    return min((day for day in days if day > on), default=None)
