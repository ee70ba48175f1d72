"""What a rulebook would change: the decisions of two catalogues beside one another; nothing is issued.

Both are decided as live (`core.decision`), on the same facts. What is compared are the measures in place on the days
that are looked at: one day, or every day since the tried rulebook would have counted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Literal
from uuid import UUID

from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Facts, decide, fold
from sharehub.core.measure import Measure, SanctionEvent
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import Violation
from sharehub.core.standing import ENDINGS, MeasureState, Standing, advance

Outcome = Literal["issued", "lifted", "changed", "restated", "unchanged"]
"""`restated`: the same measure; only the version of the rulebook that it names, or the words of its ground, differ."""

OUTCOMES: tuple[Outcome, ...] = ("issued", "lifted", "changed", "restated", "unchanged")
_APART = frozenset(("id", "entity_id", "ground"))
_TEXT = frozenset(("rulebook_version", "why"))
_COMPARED = tuple(field.name for field in fields(Measure) if field.name not in _APART)
_MARKS = ("status", "disputed", "excepted")


@dataclass(frozen=True, eq=False)
class Trial:
    """The catalogue in use and the one with the tried rulebook; the days from `since` to `on` are compared."""

    present: Catalogue
    tried: Catalogue
    jurisdiction: str
    on: date
    since: date | None = None

    @property
    def both(self) -> Catalogue:
        """Every text of either, to find the records on which one of them could decide."""
        return replace(self.present, rulebooks=(*self.present.rulebooks, *self.tried.rulebooks))

    def governs(self, jurisdiction: str) -> bool:
        """True where the tried rulebook counts for records of that jurisdiction, its own or one below."""
        return self.jurisdiction in (*self.present.lineage(jurisdiction), *self.tried.lineage(jurisdiction))


def trial(present: Catalogue, book: Rulebook, on: date, since: date | None = None) -> Trial:
    """The rulebook as if published on the day, or on `since`, in place of what was published from then to the day."""
    first = since or on
    kept = [
        one for one in present.rulebooks if one.jurisdiction != book.jurisdiction or not first <= one.published_on <= on
    ]
    tried = replace(present, rulebooks=(*kept, replace(book, published_on=first)))
    return Trial(present, tried, book.jurisdiction, on, since)


@dataclass(frozen=True, slots=True)
class Held:
    """A measure that was in place on a day looked at: as it was last, from when, and the day it ended, if it did."""

    state: MeasureState
    begun_on: date
    ended_on: date | None = None
    reason: str = ""

    @property
    def measure(self) -> Measure:
        """The measure itself."""
        return self.state.measure


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of one measure, how it was held before and after, and the fields that differ.

    `reason` is the coded one of the event that ends it.
    """

    outcome: Outcome
    before: Held | None
    after: Held | None
    fields: tuple[str, ...] = ()
    reason: str = ""

    @property
    def measure(self) -> Measure:
        """The measure as it would be, else as it was."""
        held = self.after or self.before
        assert held is not None  # noqa: S101 - one of the two is there
        return held.measure


@dataclass(frozen=True, slots=True)
class Comparison:
    """All measures of an entity by what becomes of them, and what the laws hold back only under the tried rulebook."""

    differences: tuple[Difference, ...]
    held_back: tuple[Violation, ...] = ()


def compare(facts: Facts, standing: Standing, asked: Trial) -> Comparison:
    """What becomes of one entity's measures; on one day from its standing, on the history from nothing."""
    first = asked.since or asked.on
    start: Standing = standing if asked.since is None else {}
    present = decide(facts, start, asked.present, asked.on)
    before = held(start, present.events, first)
    if asked.since is None:
        start = fold(start, present.events)
    tried = decide(facts, start, asked.tried, asked.on)
    after = held(start, tried.events, first)
    endings = {event.measure.id: event.reason for event in tried.events if event.event in ENDINGS}
    found = (
        _difference(before.get(key), after.get(key), first, endings.get(key, ""))
        for key in sorted(before.keys() | after.keys())
    )
    return Comparison(tuple(found), tuple(one for one in tried.held_back if one not in present.held_back))


def held(standing: Standing, events: Iterable[SanctionEvent], first: date) -> dict[UUID, Held]:
    """The measures in place on any day from `first` on, as the events leave them, by id."""
    states = dict(standing)
    found = {key: Held(one, one.measure.effective_from) for key, one in standing.items() if one.in_place}
    for event in events:
        key, day = event.measure.id, event.business_on
        states[key] = advance(states.get(key), event)
        had = found.get(key)
        if states[key].in_place:
            again = had is None or had.ended_on is not None
            found[key] = Held(states[key], day if again or had is None else had.begun_on)
        elif had is not None and day > first:
            found[key] = replace(had, ended_on=day, reason=event.reason)
        else:
            found.pop(key, None)
    return found


def _difference(before: Held | None, after: Held | None, first: date, reason: str) -> Difference:
    if before is None:
        return Difference("issued", None, after)
    if after is None:
        return Difference("lifted", before, None, reason=reason or "not-due")
    names = tuple(_differing(before, after, first))
    if not names:
        return Difference("unchanged", before, after)
    return Difference("restated" if _TEXT.issuperset(names) else "changed", before, after, names)


def _differing(before: Held, after: Held, first: date) -> Iterator[str]:
    """Names of the fields that differ; days before the first one looked at make no difference."""
    old, new = before.measure, after.measure
    yield from (name for name in _COMPARED if getattr(old, name) != getattr(new, name))
    if replace(old.ground, why=()) != replace(new.ground, why=()):
        yield "ground"
    if old.ground.why != new.ground.why:
        yield "why"
    yield from (name for name in _MARKS if getattr(before.state, name) != getattr(after.state, name))
    if max(before.begun_on, first) != max(after.begun_on, first):
        yield "begun_on"
    if before.ended_on != after.ended_on:
        yield "ended_on"
