"""A scenario played: records arrive on their days, the clock runs, and each day is decided as the hub decides it.

Identity is by the subject that the table names. An entity is decided when one of its records arrives, on the day
that its last decision named as the next, and when a rulebook is published: never only because a table looks.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sharehub.core.acceptance import rejection_of
from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Facts, decide, fold
from sharehub.core.entity import KINDS
from sharehub.core.measure import SanctionEvent
from sharehub.core.record import Record, Rejection, content_id
from sharehub.core.safeguard import Violation
from sharehub.core.scenario import Saying, Scenario
from sharehub.core.standing import Standing


class Issued(NamedTuple):
    """An event with the day on which the hub issued it, and the subject."""

    on: date
    subject: str
    event: SanctionEvent


class HeldBack(NamedTuple):
    """What a law did not let the hub issue on a day."""

    on: date
    subject: str
    violation: Violation


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a story: events, what was held back, records admitted by subject, and those rejected by place."""

    events: tuple[Issued, ...]
    held_back: tuple[HeldBack, ...]
    records: Mapping[str, tuple[Record, ...]]
    rejections: Mapping[str, Rejection]

    def standing(self, subject: str, on: date) -> Standing:
        """What stands for the subject at the end of the day."""
        return fold({}, [issued.event for issued in self.events if issued.subject == subject and issued.on <= on])


@dataclass
class _Subject:
    records: tuple[Record, ...] = ()
    standing: Standing = field(default_factory=dict)


def play(scenario: Scenario, catalogue: Catalogue) -> Played:
    """Let the story happen, up to the last day that it names."""
    rejections: dict[str, Rejection] = {}
    arriving: dict[tuple[date, str], list[Record]] = defaultdict(list)
    for said in scenario.sayings:
        if refused := rejection_of(said.record, said.value, catalogue):
            rejections[said.place] = refused
        else:
            arriving[said.on, said.subject].append(said.record)
    events, held_back, records = _days(scenario, arriving, catalogue)
    return Played(tuple(events), tuple(held_back), records, rejections)


def _days(
    scenario: Scenario, arriving: Mapping[tuple[date, str], list[Record]], catalogue: Catalogue
) -> tuple[list[Issued], list[HeldBack], dict[str, tuple[Record, ...]]]:
    subjects: dict[str, _Subject] = defaultdict(_Subject)
    events: list[Issued] = []
    held_back: list[HeldBack] = []
    agenda = [*arriving, *_publications(scenario.sayings, catalogue)]
    heapq.heapify(agenda)
    done: set[tuple[date, str]] = set()
    while agenda and agenda[0][0] <= scenario.last_on:
        on, name = heapq.heappop(agenda)
        if (on, name) in done:
            continue
        done.add((on, name))
        known = subjects[name]
        known.records += tuple(arriving.get((on, name), ()))
        decision = decide(_facts(name, known.records), known.standing, catalogue, on)
        known.standing = fold(known.standing, decision.events)
        events += [Issued(on, name, event) for event in decision.events]
        held_back += [HeldBack(on, name, violation) for violation in decision.held_back]
        if decision.next_due_on:
            heapq.heappush(agenda, (decision.next_due_on, name))
    return events, held_back, {name: known.records for name, known in subjects.items()}


def _publications(sayings: tuple[Saying, ...], catalogue: Catalogue) -> set[tuple[date, str]]:
    days = {book.published_on for book in catalogue.rulebooks}
    return {(day, said.subject) for day in days for said in sayings if said.on <= day}


def _facts(name: str, records: tuple[Record, ...]) -> Facts:
    kind = max((record.subject_kind for record in records), key=KINDS.index, default=KINDS[0])
    return Facts(entity_id=content_id("scenario", name), kind=kind, records=records)
