"""What a trial of a rulebook found, for people: counts, and a flat row for each difference; individuals are masked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Facts
from sharehub.core.entity import best_shown, masked
from sharehub.core.entry import Entry
from sharehub.core.measure import Ground, Measure
from sharehub.core.months import ONE_DAY
from sharehub.core.privacy import masked_identifier, redaction
from sharehub.core.record import Record
from sharehub.core.safeguard import Violation
from sharehub.core.what_if import Comparison, Difference, Held, Outcome, Trial

COLUMNS = (
    *("outcome", "entity_id", "name", "identifier", "entry", "title", "kind", "agency", "jurisdiction", "recipients"),
    *("record_kind", "record_key", "revision", "document_number", "decided_on", "why", "differs"),
    *("effective_from", "effective_to", "in_place_from", "in_place_until", "rulebook_version", "measure_id"),
)
"""The fields of a row, in their order; all are text."""

HELD_BACK = "held back"
Row = Mapping[str, str]
Counts = Counter[tuple[str, str, str]]
"""How often: dimension (`all`, `entry`, `agency`, `jurisdiction` or `recipient`), its value, and the outcome."""

DIMENSIONS = ("entry", "agency", "jurisdiction", "recipient")


@dataclass(frozen=True)
class Foretelling:
    """One entity's comparison with its facts; only grounds of the `jurisdictions` are told, if any are named."""

    facts: Facts
    comparison: Comparison
    asked: Trial
    jurisdictions: frozenset[str] = frozenset()

    def differences(self) -> Iterator[tuple[Difference, str]]:
        """The differences that are told, each with the jurisdiction of its ground."""
        for one in self.comparison.differences:
            place = self._place(one.measure)
            if not self.jurisdictions or self.jurisdictions.intersection(self.asked.tried.lineage(place)):
                yield one, place

    def counts(self) -> Counts:
        """How often each outcome is met, in each dimension."""
        found: Counts = Counter()
        for one, place in self.differences():
            measure = one.measure
            found["all", "", one.outcome] += 1
            found["entry", measure.entry, one.outcome] += 1
            found["agency", measure.ground.agency, one.outcome] += 1
            found["jurisdiction", place, one.outcome] += 1
            found.update(("recipient", name, outcome) for name, outcome in _for_recipients(one))
        found.update(("all", "", HELD_BACK) for _ in self.comparison.held_back)
        found.update(("entry", one.entry, HELD_BACK) for one in self.comparison.held_back)
        return found

    def rows(self) -> Iterator[Row]:
        """A row for each measure that would be issued, lifted or changed, and for what the laws would hold back."""
        redacted = redaction(self.facts.kind, self.facts.records)
        told = [self._row(one, place) for one, place in self.differences() if one.outcome not in _NOT_TOLD]
        told += map(_held_back, self.comparison.held_back)
        about = self._entity() if told else {}
        for row in told:
            yield {name: redacted((about | row).get(name, "")) for name in COLUMNS} | about

    def _row(self, one: Difference, place: str) -> dict[str, str]:
        measure, ground = one.measure, one.measure.ground
        held = one.after or one.before
        assert held is not None  # noqa: S101 - one of the two is there
        return {
            "outcome": one.outcome,
            "entry": measure.entry,
            "title": measure.title,
            "kind": measure.kind.value,
            "agency": ground.agency,
            "jurisdiction": place,
            "recipients": "; ".join(measure.recipients),
            **_said_of(ground),
            "differs": "; ".join(self._differs(one)),
            "effective_from": str(measure.effective_from),
            "effective_to": str(measure.effective_to or ""),
            "in_place_from": str(held.begun_on),
            "in_place_until": str(held.ended_on - ONE_DAY) if held.ended_on else "",
            "rulebook_version": measure.rulebook_version,
            "measure_id": str(measure.id),
        }

    def _differs(self, one: Difference) -> Iterator[str]:
        if one.before is None:
            yield from self._unmet(one.measure, self.asked.present, "in use")
        elif one.after is None:
            yield one.reason.replace("-", " ")
            yield from self._unmet(one.measure, self.asked.tried, "tried")
        else:
            for name in one.fields:
                yield f"{name.replace('_', ' ')}: {_shown(one.before, name)} → {_shown(one.after, name)}"

    def _unmet(self, measure: Measure, catalogue: Catalogue, which: str) -> Iterator[str]:
        """The tests of the other catalogue's text that the ground does not meet."""
        record = self._record(measure.ground)
        if record is None:
            return
        entry = self._text(measure.entry, record, catalogue)
        if entry is None:
            yield f"no entry of that name counts in the rulebook {which}"
            return
        for test in entry.ground.where:
            if not test.holds(record):
                yield f"unmet in the rulebook {which}: {test.words(record)}"

    def _text(self, name: str, record: Record, catalogue: Catalogue) -> Entry | None:
        on = self.asked.on
        since = record.counts_from or on
        found = catalogue.entry_on(name, record.jurisdiction, record.kind, since, on, on)
        return found[1] if found else None

    def _record(self, ground: Ground) -> Record | None:
        mine = (ground.agency, ground.record_key, ground.revision)
        return next((one for one in self.facts.records if (one.agency, one.record_key, one.revision) == mine), None)

    def _place(self, measure: Measure) -> str:
        record = self._record(measure.ground)
        return record.jurisdiction if record else measure.jurisdiction

    def _entity(self) -> dict[str, str]:
        kind, records = self.facts.kind, self.facts.records
        stated = next((record.identifiers[0] for record in records if record.identifiers), None)
        return {
            "entity_id": str(self.facts.entity_id),
            "name": masked(kind, best_shown(records)[1]) or "",
            "identifier": str(masked_identifier(kind, stated)) if stated else "",
        }


_NOT_TOLD: frozenset[Outcome] = frozenset(("restated", "unchanged"))


def _for_recipients(one: Difference) -> Iterator[tuple[str, Outcome]]:
    """What each recipient gets: one who is new to a measure sees it issued, one who is left out sees it lifted."""
    before = one.before.measure.recipients if one.before else ()
    after = one.after.measure.recipients if one.after else ()
    for name in dict.fromkeys((*before, *after)):
        yield name, "issued" if name not in before else "lifted" if name not in after else one.outcome


def _said_of(ground: Ground) -> dict[str, str]:
    return {
        "record_kind": ground.record_kind,
        "record_key": ground.record_key,
        "revision": str(ground.revision),
        "document_number": ground.document_number or "",
        "decided_on": str(ground.decided_on or ""),
        "why": "; ".join(ground.why),
    }


def _held_back(found: Violation) -> dict[str, str]:
    return {"outcome": HELD_BACK, "entry": found.entry, "differs": str(found)}


def _shown(held: Held, name: str) -> str:
    if name == "why":
        return _text_of(held.measure.ground.why)
    place = next(one for one in (held, held.state, held.measure) if hasattr(one, name))
    return _text_of(getattr(place, name))


def _text_of(value: object) -> str:
    if value in (None, "", ()):
        return "nothing"
    if isinstance(value, Ground):
        return f"{value.record_kind} {value.record_key} of {value.agency}, revision {value.revision}"
    if isinstance(value, tuple):
        return ", ".join(map(_text_of, value))
    return str(value)


def totals(counts: Counts, dimension: str) -> dict[str, dict[str, int]]:
    """The counts of a dimension by value and outcome, the values in order."""
    found: dict[str, dict[str, int]] = {}
    for (what, name, outcome), number in sorted(counts.items()):
        if what == dimension:
            found.setdefault(name, {})[outcome] = number
    return found


def spread(rows: Iterable[Row], each: int) -> list[Row]:
    """The first rows of every outcome, so many of each."""
    taken: Counter[str] = Counter()
    found = []
    for row in rows:
        if taken[row["outcome"]] < each:
            taken[row["outcome"]] += 1
            found.append(row)
    return found
