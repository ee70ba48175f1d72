"""The life of each measure as the facts tell it, from its first day on: what should have been issued, and when.

A ground's life is cut where anything that matters to it changes; on each stretch the answer is constant. Playing the
stretches gives the events with their business dates, whether the clock ticks or jumps, in whatever order records came.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sharehub.core.catalogue import Catalogue
from sharehub.core.dossier import Dossier
from sharehub.core.entry import Entry, MeasureKind
from sharehub.core.grounds import Question, examine, exit_day, leaves, related
from sharehub.core.measure import EventKind, Ground, Measure, SanctionEvent, measure_id
from sharehub.core.months import ONE_DAY
from sharehub.core.process import NONE, Effects, Ended, change_days, effects
from sharehub.core.record import Record, RecordKey
from sharehub.core.rulebook import Rulebook
from sharehub.core.spells import Line, Spell, days_of
from sharehub.core.standing import ENDINGS, MeasureState, advance, following
from sharehub.core.terms import ends, published_until, starts


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from `since` on during which one answer holds: a measure with its marks, or why there is none."""

    since: date
    measure: Measure | None
    ended: Ended
    effects: Effects = NONE


@dataclass(frozen=True, slots=True)
class Life:
    """All stretches of one entry on one ground, in order; `entry` is its newest text, None where none ever counted."""

    measure_id: UUID
    entry: Entry | None
    stretches: tuple[Stretch, ...]

    def at(self, on: date) -> Stretch:
        """What holds on that day; before the first one, what will hold then."""
        return next((one for one in reversed(self.stretches) if one.since <= on), self.stretches[0])

    def due(self, on: date) -> Measure | None:
        """The measure of that day or, where there is none, the next one to come."""
        later = (one.measure for one in self.stretches if one.since > on and one.measure)
        return self.at(on).measure or next(later, None)


_NOT_DUE = Ended("lifted", "no-longer-due", None)


Place = tuple[str, str, str]
"""Entry, agency and record key: what a measure is called by."""


class Case(NamedTuple):
    """One entry on one ground: the revisions of the record, and what due process says about it."""

    entity_id: UUID
    key: RecordKey
    line: Line
    name: str
    said: Sequence[Line]
    dossier: Dossier
    on: date

    @property
    def place(self) -> Place:
        """What the measure is called by: entry, agency and record key."""
        return (self.name, *self.key)


def cases(entity_id: UUID, dossier: Dossier, on: date) -> Iterator[Case]:
    """Every entry of which a record of the entity is, was or will be a ground, as known now."""
    for key, line in dossier.lines.items():
        for name in _names(line, dossier.catalogue):
            yield Case(entity_id, key, line, name, dossier.concerning(key), dossier, on)


def _names(line: Line, catalogue: Catalogue) -> list[str]:
    """The entries whose ground any revision of the record could be."""
    found = [name for record, _, _ in line for name in grounding(record, catalogue)]
    return sorted(set(found)) if len(found) > 1 else found


def grounding(record: Record, catalogue: Catalogue) -> list[str]:
    """The entries, of any version, whose tests on the ground the revision passes."""
    agency = catalogue.agencies.get(record.agency)
    if agency is None:
        return []
    texts = catalogue.ever(record.jurisdiction, record.kind, agency.authority)
    return [name for name, entry in texts if entry.ground.matches(record)] if texts else []


def plain(case: Case) -> tuple[Rulebook, Entry, Spell] | None:
    """The text and the revision that alone decide the case for ever; None where more can matter."""
    if len(case.line) > 1 or case.said:
        return None
    spell, catalogue = case.line[0], case.dossier.catalogue
    record = spell.record
    if not catalogue.settled(record.jurisdiction, case.on):
        return None
    chosen = catalogue.entry_on(case.name, record.jurisdiction, record.kind, spell.since, spell.since, case.on)
    if chosen is None or not _alone(chosen[1], record, case.dossier):
        return None
    return (*chosen, spell)


def _alone(entry: Entry, record: Record, dossier: Dossier) -> bool:
    """True where no other record can matter to the ground, and nothing that it states ends it."""
    if entry.requires or entry.barred_by:
        return False
    if (entry.latest_by or entry.same_ground_by) and len(dossier.of_kind(record.kind)) > 1:
        return False
    return not any(leaves(way_out, record) for way_out in entry.exits)


def life(case: Case) -> Life:
    """The life of the case's measure."""
    found: list[Stretch] = []
    entry: Entry | None = None
    days = [case.line[0].since] if plain(case) else _days(case)
    for day in days:
        stretch, chosen = _stretch(case, day)
        entry = chosen or entry
        if not found or replace(found[-1], since=day) != stretch:
            found.append(stretch)
    return Life(measure_id(*case.place), entry, tuple(found))


def _days(case: Case) -> list[date]:
    """The days on which the answer may change, from the ground's first on."""
    catalogue, first = case.dossier.catalogue, case.line[0].since
    days = {spell.since for spell in case.line}
    for record, _, _ in case.line:
        agency = catalogue.agencies[record.agency]
        for _, entry in catalogue.ever(record.jurisdiction, record.kind, agency.authority):
            ways_out = (exit_day(way, record) for way in entry.exits if leaves(way, record))
            days.update(day for day in ways_out if day is not None)
            for other in related(record, entry, case.dossier):
                days |= days_of(other)
        days.update(catalogue.turns(record.jurisdiction, first, case.on))
    for about in case.said:
        days |= change_days(about)
    return sorted(day for day in days if day >= first)


def _stretch(case: Case, day: date) -> tuple[Stretch, Entry | None]:
    """What holds from that day on, and the entry's text that says so."""
    spell = next((spell for spell in reversed(case.line) if spell.speaks(day)), None)
    if spell is None:
        return Stretch(day, None, Ended("lifted", "ground-withdrawn", day)), None
    record, since, _ = spell
    chosen = case.dossier.catalogue.entry_on(case.name, record.jurisdiction, record.kind, since, day, case.on)
    if chosen is None:
        return Stretch(day, None, Ended("lifted", "ground-ended", day, record.revision)), None
    book, entry = chosen
    process = effects(case.said, entry, day) if case.said else NONE
    found = process.ended or _due(case, Question(record, since, entry, case.dossier, day), book, process)
    if isinstance(found, Ended):
        return Stretch(day, None, found), entry
    return Stretch(day, found, _NOT_DUE, process), entry


def _due(case: Case, asked: Question, book: Rulebook, process: Effects) -> Measure | Ended:
    met = examine(asked)
    if isinstance(met, Ended):
        return met
    record, since, entry, _, day = asked
    milder = _of_its_day(case, asked, book)
    if isinstance(milder, Ended):
        return milder
    first = starts(record, since, entry, met.beside)
    last = None if first is None else _ends(first, record, entry, milder)
    if first is None or (last is not None and last < first):
        return _NOT_DUE
    recipients = tuple(name for name in entry.recipients if name not in process.opted_out)
    if not recipients:
        return Ended("lifted", "opted-out", day)
    why = tuple(test.words(record) for test in entry.ground.where) + _beside_words(met.beside)
    private = "individual" in (record.subject_kind, case.dossier.kind)
    bounds = case.dossier.catalogue.publication_class(book, entry)
    return Measure(
        id=measure_id(*case.place),
        entity_id=case.entity_id,
        entry=case.name,
        title=entry.title,
        kind=entry.kind,
        target_service=entry.target_service,
        binding=entry.binding,
        rulebook_version=book.version,
        jurisdiction=book.jurisdiction,
        ground=Ground.of(record, why),
        legal_basis=entry.legal_basis,
        authority=entry.authority,
        recipients=recipients,
        relatedness=entry.relatedness,
        effective_from=first,
        effective_to=last,
        exit=entry.exit,
        remedies=entry.remedies,
        witnesses=tuple(Ground.of(other, ()) for other in met.witnesses),
        publication="none" if private else entry.publication,
        published_until=None if private else published_until(record, since, entry, bounds),
        pilot=entry.pilot,
    )


def _of_its_day(case: Case, asked: Question, book: Rulebook) -> Entry | Ended | None:
    """The text of the decision's own day, where a milder transition holds the new one against it; None: it does not."""
    record, since, entry, dossier, _ = asked
    if book.transition != "milder" or since >= book.published_on or entry.kind is MeasureKind.REWARD:
        return None
    own = dossier.catalogue.entry_on(case.name, record.jurisdiction, record.kind, since, since, case.on)
    if own is not None and own[0] is book:
        return None
    if own is None or isinstance(examine(asked._replace(entry=own[1])), Ended):
        return Ended("lifted", "not-of-its-day", since)
    return own[1]


def _ends(first: date, record: Record, entry: Entry, milder: Entry | None) -> date | None:
    """The last day; under a revised text never later than under the text of the decision's day."""
    texts = (entry,) if milder is None else (entry, milder)
    return min((day for text in texts if (day := ends(first, record, text)) is not None), default=None)


def _beside_words(beside: Iterable[Record]) -> tuple[str, ...]:
    return tuple(
        f"{record.kind} {record.value('number')} served on {record.value('served_on')}"
        if record.kind == "reminder"
        else f"{record.kind} {record.document_number or record.record_key}"
        for record in beside
    )


def interrupted(life: Life, spans: Sequence[tuple[date, date | None]]) -> Life:
    """The life without the days on which other measures exclude it."""
    if not spans:
        return life
    first = life.stretches[0].since
    edges = {day for since, until in spans for day in (since, until + ONE_DAY if until else since)}
    days = sorted({stretch.since for stretch in life.stretches} | {day for day in edges if day > first})
    found = []
    for day in days:
        stretch = replace(life.at(day), since=day)
        within = next((since for since, until in spans if since <= day and (until is None or day <= until)), None)
        if within is not None and stretch.measure is not None:
            stretch = Stretch(day, None, Ended("lifted", "excluded-by-restriction", within))
        found.append(stretch)
    return replace(life, stretches=tuple(found))


class Play:
    """One life played from end to end: every event that it has or will have, as known now."""

    def __init__(self, life: Life) -> None:
        self.events: list[SanctionEvent] = []
        self.life = life
        self._state: MeasureState | None = None
        following = [stretch.since for stretch in life.stretches[1:]]
        for stretch, until in zip(life.stretches, (*following, None), strict=True):
            self._play(stretch, until)

    @property
    def kind(self) -> MeasureKind | None:
        """What the measure does to its entity."""
        return self.life.entry.kind if self.life.entry else None

    def by(self, on: date) -> list[SanctionEvent]:
        """The events that have happened by that day."""
        return [event for event in self.events if event.business_on <= on]

    def next_on(self, on: date) -> date | None:
        """The next day on which something happens by itself."""
        return min((event.business_on for event in self.events if event.business_on > on), default=None)

    def spans(self) -> list[tuple[date, date | None]]:
        """The first and last days on which the measure was or will be in place, both inclusive."""
        found: list[tuple[date, date | None]] = []
        for event in self.events:
            if event.event == "issued":
                found.append((event.business_on, None))
            elif event.event in ENDINGS:
                found[-1] = (found[-1][0], event.business_on - ONE_DAY)
        return [span for span in found if span[1] is None or span[0] <= span[1]]

    def _play(self, stretch: Stretch, following: date | None) -> None:
        measure = stretch.measure
        if measure is None or measure.effective_from > stretch.since:
            self._end(stretch.ended, stretch.since)
        if measure is None:
            return
        begins = max(stretch.since, measure.effective_from)
        if following is not None and begins >= following:
            return
        if measure.effective_to is not None and measure.effective_to < begins:
            return self._expire(measure, begins)
        self._hold(measure, begins)
        self._mark(stretch.effects, begins)
        if measure.effective_to is not None and (following is None or measure.effective_to < following - ONE_DAY):
            self._expire(measure, measure.effective_to + ONE_DAY)

    def _hold(self, measure: Measure, begins: date) -> None:
        if self._state is None or not self._state.in_place:
            self._emit("issued", begins, "ground-final", measure)
        elif not self._state.measure.alike(measure):
            self._emit("amended", begins, change(self._state.measure, measure), measure)

    def _mark(self, marks: Effects, begins: date) -> None:
        state = self._state
        assert state is not None  # noqa: S101 - what is held has a state
        if marks.stayed and state.status == "standing":
            self._emit("suspended", begins, "stayed", state.measure, marks.stayed_until)
        elif not marks.stayed and state.status == "suspended":
            self._emit("resumed", begins, "stay-over", state.measure)
        if marks.disputed and not state.disputed:
            self._emit("disputed", begins, "objection-or-appeal", state.measure)
        elif state.disputed and not marks.disputed:
            self._emit("dispute-closed", begins, "answered", state.measure)
        if marks.excepted is not None and (state.excepted is None or state.excepted[1] != marks.excepted[1]):
            self._emit("excepted", begins, "temporary-exception", state.measure, marks.excepted[1])

    def _expire(self, measure: Measure, on: date) -> None:
        if self._state is not None and self._state.in_place:
            self._emit("expired", on, "term-over", measure)

    def _end(self, ended: Ended, since: date) -> None:
        if self._state is not None and self._state.in_place:
            self._emit(ended.event, since, ended.reason_for(self._state.measure), self._state.measure)

    def _emit(self, event: EventKind, on: date, reason: str, measure: Measure, until: date | None = None) -> None:
        said = following(self._state, event, on, reason, measure, until)
        self._state = advance(self._state, said)
        self.events.append(said)


def change(before: Measure, after: Measure) -> str:
    """Why a measure was amended, in one coded word."""
    if (before.effective_from, before.effective_to) != (after.effective_from, after.effective_to):
        return "term-changed"
    return "rulebook-changed" if before.rulebook_version != after.rulebook_version else "ground-amended"
