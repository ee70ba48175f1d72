"""The shared view told once more from what was said: slowly, one thing at a time, with nothing remembered between.

Written apart from the consolidator, to judge it: no batches, no columns, no store, no working copies. All that was
ever linked is one world; what was said in it is heard in the order in which the broker received it, identity is
resolved anew after each, and everybody in it is decided on anew.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from uuid import UUID

from sharehub.core.catalogue import Catalogue
from sharehub.core.clock import Clock
from sharehub.core.clockwork import clocks
from sharehub.core.competence import DESK
from sharehub.core.decision import Facts, decide
from sharehub.core.entity import KINDS, best_shown
from sharehub.core.identifier import SCHEMES, Identifier, derived, strong
from sharehub.core.judgement import Judgement, standing_judgements
from sharehub.core.linking import Key
from sharehub.core.measure import SanctionEvent
from sharehub.core.record import Record, RecordKey, fact_key
from sharehub.core.resolution import Resolution, homes, nodes_of, resolve
from sharehub.core.standing import MeasureState, evolve

Place = tuple[str, int, int]
"""Topic, partition and offset."""
Broken = tuple[Place, str, str]
"""Where something was said that was refused, the code and the field."""


class Said(NamedTuple):
    """One thing that was admitted, when the broker received it, and where it lies: a record, or a decision."""

    at: datetime
    place: Place
    record: Record | None = None
    judgements: tuple[Judgement, ...] = ()


class EntityRow(NamedTuple):
    """An entity as the view shows it, with the next day on which time alone changes something."""

    entity: Key
    kind_rank: int
    name: str | None
    next_due_on: date | None


@dataclass
class Retold:
    """The view: everything that the consolidator must have come to as well."""

    entity_of: dict[Identifier, Key] = field(default_factory=dict)
    entities: list[EntityRow] = field(default_factory=list)
    measures: list[tuple[Key, MeasureState]] = field(default_factory=list)
    clocks: list[tuple[Key, Clock]] = field(default_factory=list)
    judgements: list[tuple[Key, int, Judgement]] = field(default_factory=list)
    open: list[tuple[Identifier, Identifier, str, str]] = field(default_factory=list)
    events: list[SanctionEvent] = field(default_factory=list)
    refused: list[Broken] = field(default_factory=list)


@dataclass(frozen=True)
class Calendar:
    """The rules of each day, the day on which something received is decided, and the days on which rules changed."""

    rules: Callable[[date], Catalogue]
    day: Callable[[datetime], date]
    turns: Sequence[date]
    until: date


def retell(said: Iterable[Said], calendar: Calendar) -> Retold:
    """The view after all of this, in any order of the arguments."""
    told = Retold()
    for world in _worlds(sorted(said, key=lambda one: (one.at, one.place))):
        _World(calendar, told).through(world)
    return told


def _worlds(said: Sequence[Said]) -> Iterator[list[Said]]:
    """What was said, parted into what can have nothing to do with one another."""
    root: dict[object, object] = {}

    def find(node: object) -> object:
        while root.setdefault(node, node) != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for one in said:
        first, *others = _mentions(one)
        for other in others:
            root[find(other)] = find(first)
    parts: defaultdict[object, list[Said]] = defaultdict(list)
    for one in said:
        parts[find(next(_mentions(one)))].append(one)
    yield from parts.values()


def _mentions(one: Said) -> Iterator[object]:
    references: list[Identifier] = []
    if one.record is not None:
        yield ("record", one.record.reference)
        references += nodes_of(one.record, True)
    for said in one.judgements:
        yield ("decision", said.record_key)
        references += (said.left, said.right, *said.stated)
    for reference in references:
        yield ("record", reference) if reference.scheme == "RECORD" else reference
        yield from (implied for implied in derived(reference) if strong(implied))


class _World:
    """Everybody who was ever linked with one another, on the way through what was said of them."""

    def __init__(self, calendar: Calendar, told: Retold) -> None:
        self._calendar, self._told = calendar, told
        self._records: dict[tuple[str, str, int], Record] = {}
        self._judgements: list[Judgement] = []
        self._states: dict[UUID, MeasureState] = {}
        self._received: dict[UUID, datetime] = {}
        self._due: dict[Key, date | None] = {}
        self._found = Resolution({}, (), ())
        self._home: Mapping[RecordKey, Key] = {}
        self._on = date.min

    def through(self, said: Iterable[Said]) -> None:
        """Hear all of it, let the calendar run to its end, and tell what has become of everybody."""
        for one in said:
            self._pass_days(self._calendar.day(one.at))
            self._hear(one)
        self._pass_days(self._calendar.until)
        self._tell()

    def _hear(self, one: Said) -> None:
        if one.record is not None:
            key = (one.record.agency, one.record.record_key, one.record.revision)
            if key in self._records:
                return
            self._records[key] = one.record
        elif wrong := self._needs_approval(one):
            self._told.refused.append((one.place, *wrong))
            return
        else:
            self._keep(one.judgements)
        before = self._found.entity_of
        self._resolve()
        self._on = max(self._on, self._calendar.day(one.at))
        self._decide(one.at, self._divided(before))

    def _keep(self, judgements: Sequence[Judgement]) -> None:
        there = {(one.record_key, one.revision) for one in self._judgements}
        for number, one in enumerate(judgements):
            if (one.record_key, one.revision) not in there:
                self._judgements.append(one)
                self._told.judgements.append((fact_key(DESK.id, one.record_key), number, one))

    def _needs_approval(self, one: Said) -> tuple[str, str] | None:
        """Law 13: what moves a measure that was known by then needs two people."""
        alone = [said for said in one.judgements if said.effective and not said.approved]
        keys = {said.record_key for said in one.judgements}
        decided = any(
            said.record_key in keys and said.effective and said.verdict != "unsure" for said in self._judgements
        )
        if all(said.verdict == "unsure" for said in alone) and not decided:
            return None
        sides = {self._found.entity_of.get(side) for said in alone for side in (said.left, said.right)}
        moved = (state for state in self._states.values() if state.in_place and self._home_of(state) in sides)
        known = any(self._received[state.measure.id] < one.at for state in moved)
        return ("needs-approval", "approved_by") if known else None

    def _cited(self) -> frozenset[Identifier]:
        return frozenset(side for one in self._judgements for side in (one.left, one.right))

    def _resolve(self) -> None:
        self._found = resolve(self._records.values(), self._judgements)
        self._home = homes(self._records.values(), self._found, self._cited())

    def _divided(self, before: Mapping[Identifier, Key]) -> frozenset[UUID]:
        became: defaultdict[Key, set[Key]] = defaultdict(set)
        for reference, entity in before.items():
            became[entity].add(self._found.entity_of[reference])
        return frozenset(UUID(bytes=entity) for entity, now in became.items() if len(now) > 1)

    def _entities(self) -> dict[Key, list[Record]]:
        found: defaultdict[Key, list[Record]] = defaultdict(list)
        for record in self._records.values():
            found[self._home[record.agency, record.record_key]].append(record)
        return found

    def _home_of(self, state: MeasureState) -> Key | None:
        return self._home.get((state.measure.ground.agency, state.measure.ground.record_key))

    def _pass_days(self, until: date) -> None:
        """Every day up to this one on which something falls due, or on which the rules changed."""
        while True:
            turning = [day for day in self._calendar.turns if self._on < day <= until]
            due = [day for day in self._due.values() if day is not None and day <= until]
            if not turning and not due:
                return
            self._on = min((*turning, *due))
            self._decide(datetime.combine(self._on, time.min, UTC), frozenset())

    def _decide(self, at: datetime, divided: frozenset[UUID]) -> None:
        """Decide on everybody as of the day."""
        catalogue, contested = self._calendar.rules(self._on), self._contested()
        self._due = {}
        for entity, records in sorted(self._entities().items()):
            standing = {key: one for key, one in self._states.items() if self._home_of(one) == entity}
            kind = KINDS[best_shown(records)[0]]
            facts = Facts(
                entity_id=UUID(bytes=entity),
                kind=kind,
                records=tuple(records),
                conflict=entity in contested,
                divided=divided,
            )
            decision = decide(facts, standing, catalogue, self._on)
            for event in decision.events:
                self._states[event.measure.id] = evolve(self._states, event)[event.measure.id]
                self._received.setdefault(event.measure.id, at)
            self._told.events += decision.events
            self._due[entity] = decision.next_due_on

    def _contested(self) -> set[Key]:
        """Law 11: entities with two codes where one is possible, unless people joined them, or with an open link."""
        entity_of = self._found.entity_of
        found = {entity_of[side] for link in self._found.open for side in (link.left, link.right)}
        codes: defaultdict[tuple[Key, str], set[str]] = defaultdict(set)
        for reference, entity in entity_of.items():
            if reference.scheme in SCHEMES and SCHEMES[reference.scheme].single:
                codes[entity, reference.scheme].add(reference.value)
        same = [one for one in standing_judgements(self._judgements) if one.verdict == "same"]
        for (entity, scheme), values in codes.items():
            joined = sum(
                one.left.scheme == one.right.scheme == scheme and entity_of[one.left] == entity_of[one.right] == entity
                for one in same
            )
            if len(values) > 1 + joined:
                found.add(entity)
        return found

    def _tell(self) -> None:
        told = self._told
        told.entity_of.update(self._found.entity_of)
        told.open += [(link.left, link.right, link.because, link.source) for link in self._found.open]
        catalogue = self._calendar.rules(self._calendar.until)
        for entity, records in self._entities().items():
            rank, name, _ = best_shown(records)
            told.entities.append(EntityRow(entity, rank, name, self._due.get(entity)))
            told.clocks += [(entity, one) for one in clocks(records, catalogue) if one.stopped_on is None]
        for state in self._states.values():
            home = self._home_of(state)
            told.measures.append((home or state.measure.entity_id.bytes, state))
