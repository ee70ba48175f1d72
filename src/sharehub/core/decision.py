"""Decide like a reconciler: what should have been issued by now, what was, and the events that make up the difference.

`on` is an input: a term that is over, a grace period that has elapsed and a new rulebook are one code path.
The result depends on the facts alone, never on the order in which they arrived.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from uuid import UUID

from sharehub.core.catalogue import Catalogue
from sharehub.core.dossier import Dossier
from sharehub.core.entry import Entry
from sharehub.core.grounds import exit_day, leaves
from sharehub.core.measure import EventKind, Measure, SanctionEvent
from sharehub.core.months import ONE_DAY
from sharehub.core.process import reason_unmet
from sharehub.core.record import Record
from sharehub.core.safeguard import Violation, may_issue
from sharehub.core.standing import ENDINGS, MeasureState, Standing, advance, evolve, following
from sharehub.core.timeline import Case, Life, Place, Play, cases, change, grounding, interrupted, life, plain

_CONFLICT = 11
"""An identifier conflict holds new restrictions back; what was in place stays (law 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is lawfully known about one entity: all revisions of its records, in any order.

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


_NOTHING = Decision(())


def due(facts: Facts, catalogue: Catalogue, on: date) -> tuple[Measure, ...]:
    """The measures that follow from the facts, each as it is on that day or, where it is not, as it will be next."""
    dossier = Dossier.of(facts.records, catalogue, on, facts.kind)
    found = (life(case).due(on) for case in cases(facts.entity_id, dossier, on))
    return tuple(measure for measure in found if measure is not None)


def decide(facts: Facts, standing: Standing, catalogue: Catalogue, on: date) -> Decision:
    """The events that turn what was issued into what should have been issued by that day."""
    if not standing and not any(grounding(record, catalogue) for record in facts.records):
        return _NOTHING  # most entities: nothing was ever issued, and nothing that is known is a ground
    dossier = Dossier.of(facts.records, catalogue, on, facts.kind)
    issued = {_place(state.measure): state for state in standing.values()}
    touched, days = _touched(facts, dossier, issued, on)
    if not touched and not issued:
        return Decision((), (), min(days, default=None))
    plays = _plays({case.place: life(case) for case in touched}, facts, issued)
    events: list[SanctionEvent] = []
    held_back: list[Violation] = []
    for place in sorted(issued.keys() | plays.keys()):
        state, play = issued.get(place), plays.get(place)
        if play is None:
            events += _vanished(state, facts, dossier, on)
            continue
        refusal = _refusal(play.life, facts, on)
        if refusal is None:
            events += reconcile(state, play, on, facts.divided)
        elif not _stays(refusal, state):
            held_back.append(refusal)
            events += [_next(state, "lifted", on, f"law-{refusal.law}")] if state and state.in_place else []
        else:
            said = reconcile(state, play, on, facts.divided)
            kept = list(takewhile(lambda event: event.event != "issued", said))
            events += kept
            held_back += [refusal] if len(kept) < len(said) else []
    days += [day for play in plays.values() if (day := play.next_on(on)) is not None]
    return Decision(tuple(events), tuple(held_back), min(days, default=None))


def _place(measure: Measure) -> Place:
    return measure.entry, measure.ground.agency, measure.ground.record_key


def _touched(
    facts: Facts, dossier: Dossier, issued: dict[Place, MeasureState], on: date
) -> tuple[list[Case], list[date]]:
    """The cases to play, and the days on which the others, which stand as they should, go on; those leave `issued`."""
    found = list(cases(facts.entity_id, dossier, on))
    if not issued or any(_excluded(case) for case in found):
        return found, []
    touched: list[Case] = []
    days: list[date] = []
    for case in found:
        state = issued.get(case.place)
        if state is None or not _undisturbed(case, state, facts, on):
            touched.append(case)
            continue
        last = issued.pop(case.place).measure.effective_to
        days += [last + ONE_DAY] if last is not None and last >= on else []
    return touched, days


def _excluded(case: Case) -> bool:
    entry = case.dossier.catalogue.entry(case.name)
    return entry is not None and bool(entry.excluded_by)


def _undisturbed(case: Case, state: MeasureState, facts: Facts, on: date) -> bool:
    """True where nothing but the revision and the text that the measure already rests on can matter to it."""
    found = plain(case)
    if found is None or state.disputed or state.excepted is not None:
        return False
    book, entry, (record, _, _) = found
    measure = state.measure
    ends = measure.effective_to
    status = "standing" if ends is None or on <= ends else "expired"
    return (
        state.status == status
        and measure.ground.revision == record.revision
        and measure.rulebook_version == book.version
        and measure.entity_id == facts.entity_id
        and facts.kind in entry.entity_kinds
    )


def _refusal(life: Life, facts: Facts, on: date) -> Violation | None:
    """The law that forbids the measure; what was never to be issued is not asked."""
    measure = life.at(on).measure or next((one.measure for one in life.stretches if one.measure), None)
    return may_issue(measure, life.entry, facts.kind, facts.conflict) if measure and life.entry else None


def _stays(refusal: Violation, state: MeasureState | None) -> bool:
    """True for what was in place before the conflict: it may change and end, but not begin again."""
    return refusal.law == _CONFLICT and state is not None and state.in_place


def fold(standing: Standing, events: Iterable[SanctionEvent]) -> Standing:
    """The standing after all of the events."""
    for event in events:
        standing = evolve(standing, event)
    return standing


def _plays(found: dict[Place, Life], facts: Facts, issued: dict[Place, MeasureState]) -> dict[Place, Play]:
    """Every life played; those that restrictions exclude come after the restrictions that stay or may be issued."""
    plays = {place: Play(life) for place, life in found.items() if not (life.entry and life.entry.excluded_by)}
    spans = {place: _counting(play, facts, issued.get(place)) for place, play in plays.items()}
    excluded: dict[Place, Play] = {}
    for place in found.keys() - plays.keys():
        kinds = entry.excluded_by if (entry := found[place].entry) else ()
        excluding = [span for other, held in spans.items() if plays[other].kind in kinds for span in held]
        excluded[place] = Play(interrupted(found[place], excluding))
    return plays | excluded


def _counting(play: Play, facts: Facts, state: MeasureState | None) -> list[tuple[date, date | None]]:
    """The days on which a measure excludes others: all that are lawful; in a conflict those on which it had begun."""
    refusal = _refusal(play.life, facts, date.max)
    if refusal is None:
        return play.spans()
    began = state.last_on if state is not None and refusal.law == _CONFLICT else date.min
    return [span for span in play.spans() if span[0] <= began]


def reconcile(
    state: MeasureState | None, play: Play, on: date, divided: frozenset[UUID] = frozenset()
) -> list[SanctionEvent]:
    """What is missing: first whatever corrects the past, then what has happened since the last event."""
    happened = play.by(on)
    if state is None:
        return happened
    past = [event for event in happened if event.business_on <= state.last_on]
    should: MeasureState | None = None
    for event in past:
        should = advance(should, event)
    events = _corrected(state, should, past, play, on, divided)
    later = [event for event in happened if event.business_on > state.last_on]
    if later and later[0].event in ENDINGS and [event.reason for event in events] == ["ground-amended"]:
        events = []  # what ends is not amended first
    number = events[-1].number if events else state.number
    return events + [replace(event, number=number + place) for place, event in enumerate(later, 1)]


def _corrected(
    state: MeasureState,
    should: MeasureState | None,
    past: Sequence[SanctionEvent],
    play: Play,
    on: date,
    divided: frozenset[UUID],
) -> list[SanctionEvent]:
    """The events that bring a measure to where it should have been at its last event."""
    if should is None or not should.in_place:
        return _ended(state, should, past, play, on)
    steps = _Steps(state)
    begins = should.measure.effective_from
    if not state.in_place:
        steps.add("issued", begins, "ground-final", should.measure)
    elif not state.measure.alike(should.measure):
        steps.add("amended", begins, _change(state.measure, should.measure, divided), should.measure)
    steps.mark(should, past, on)
    return steps.events


def _ended(
    state: MeasureState, should: MeasureState | None, past: Sequence[SanctionEvent], play: Play, on: date
) -> list[SanctionEvent]:
    """Law 8: a measure never outlives its ground."""
    if not state.in_place:
        return []
    steps = _Steps(state)
    if should is None:
        ended = play.life.at(on).ended
        event: EventKind = "annulled" if ended.reason == "ground-withdrawn" else ended.event
        day = max(min(ended.on or on, on), state.measure.effective_from)
        steps.add(event, day, ended.reason_for(state.measure), state.measure)
        return steps.events
    if should.status == "expired" and not state.measure.alike(should.measure):
        steps.add("amended", should.measure.effective_from, change(state.measure, should.measure), should.measure)
    last = next(event for event in reversed(past) if event.event == should.status)
    steps.add(last.event, last.business_on, last.reason, should.measure)
    return steps.events


class _Steps:
    """Corrective events of one measure, each following the one before."""

    def __init__(self, state: MeasureState) -> None:
        self.state = state
        self.events: list[SanctionEvent] = []

    def add(self, event: EventKind, on: date, reason: str, measure: Measure, until: date | None = None) -> None:
        said = following(self.state, event, on, reason, measure, until)
        self.state = advance(self.state, said)
        self.events.append(said)

    def mark(self, should: MeasureState, past: Sequence[SanctionEvent], on: date) -> None:
        """Suspension, dispute and a running exception as they should be."""
        if self.state.status != should.status:
            self._again("suspended" if should.status == "suspended" else "resumed", should, past, on)
        if self.state.disputed != should.disputed:
            self._again("disputed" if should.disputed else "dispute-closed", should, past, on)
        if should.excepted is not None and should.excepted != self.state.excepted and should.excepted[1] >= on:
            self._again("excepted", should, past, on)

    def _again(self, kind: EventKind, should: MeasureState, past: Sequence[SanctionEvent], on: date) -> None:
        said = next((event for event in reversed(past) if event.event == kind), None)
        if said is None:
            self.add(kind, on, "corrected", should.measure)
        else:
            self.add(kind, said.business_on, said.reason, should.measure, said.until)


def _next(state: MeasureState, event: EventKind, on: date, reason: str) -> SanctionEvent:
    return following(state, event, on, reason, state.measure)


def _change(before: Measure, after: Measure, divided: frozenset[UUID]) -> str:
    if before.entity_id != after.entity_id:
        return "entity-split" if before.entity_id in divided else "entity-merged"
    return change(before, after)


def _vanished(state: MeasureState | None, facts: Facts, dossier: Dossier, on: date) -> list[SanctionEvent]:
    """The end of a measure whose ground is no ground of its entry at all, as known now."""
    if state is None or not state.in_place:
        return []
    ground = state.measure.ground
    line = dossier.lines.get((ground.agency, ground.record_key))
    if line is None:
        return [_next(state, "lifted", on, "ground-moved" if _gone(state, facts) else "agency-not-competent")]
    last = line[-1]
    day = max(min(last.since, on), state.measure.effective_from)
    if last.record.withdrawn:
        return [_next(state, "annulled", day, "ground-withdrawn")]
    entry = dossier.catalogue.entry(state.measure.entry)
    why = reason_unmet(state.measure, last.record.revision)
    return [_exit(state, last.record, entry, on) or _next(state, "lifted", day, why)]


def _gone(state: MeasureState, facts: Facts) -> bool:
    """True where the ground is no record of this entity any more."""
    ground = state.measure.ground
    return all((one.agency, one.record_key) != (ground.agency, ground.record_key) for one in facts.records)


def _exit(state: MeasureState, record: Record, entry: Entry | None, on: date) -> SanctionEvent | None:
    """The event that the entry names for what its ground has become, such as a listing that was rebutted."""
    for way_out in entry.exits if entry else ():
        if leaves(way_out, record):
            stated = exit_day(way_out, record) or record.counts_from or on
            return _next(state, way_out.event, max(min(stated, on), state.measure.effective_from), way_out.reason)
    return None
