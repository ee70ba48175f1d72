"""A trial foretells: nothing for what is in use already, and otherwise exactly what happens once it counts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub.core.catalogue import Catalogue
from sharehub.core.condition import Condition
from sharehub.core.decision import decide, fold
from sharehub.core.entry import Entry, GroundRule
from sharehub.core.foretold import COLUMNS, HELD_BACK, Foretelling
from sharehub.core.record import Record
from sharehub.core.rulebook import Rulebook
from sharehub.core.standing import Standing
from sharehub.core.what_if import Comparison, compare, trial
from tests.property.worlds import TODAY, told
from tests.property.years import LAST, with_process, years
from tests.unit.core.said import facts_of

PRESENT = with_process()
BOOKS = {book.jurisdiction: book for book in PRESENT.rulebooks}
"""The newest version of each jurisdiction."""


def decided(records: list[Record], on: date, rules: Catalogue = PRESENT) -> Standing:
    facts = facts_of(*records)
    return fold({}, decide(facts, {}, rules, on).events)


def in_place(standing: Standing) -> dict[Any, Any]:
    return {key: state for key, state in standing.items() if state.in_place}


def outcomes(found: Comparison) -> set[str]:
    return {one.outcome for one in found.differences}


@st.composite
def edited(draw: st.DrawFn, entry: Entry) -> Entry:
    """The entry with another term, other recipients, a heavier or a lighter ground, or as it is."""
    heavier = Condition("fine", "at_least", str(draw(st.sampled_from([100, 1_999_999, 6_000_000]))))
    ground = entry.ground
    lighter = GroundRule(record_kind=ground.record_kind, authority=ground.authority, where=ground.where[:1])
    changes: list[dict[str, Any]] = [
        {},
        {"ground": lighter, "requires": (), "exits": (), "starts_after_field": None},
        {"term_months": draw(st.integers(1, 60))},
        {"recipients": entry.recipients[:1]},
        {"ground": replace(ground, where=(*ground.where, heavier)) if ground.record_kind == "penalty" else ground},
        {"ground": lighter},
        {"exits": (), "unless": ()},
    ]
    return replace(entry, **draw(st.sampled_from(changes)))


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """A next version of one of the rulebooks: entries edited, left out, or as they are."""
    book = BOOKS[draw(st.sampled_from(["cn", "cn", "cn", "cn-qinghe", "mx"]))]
    kept = [draw(edited(entry)) for entry in book.entries if draw(st.integers(0, 6))]
    return replace(
        book, version="tried", entries=tuple(kept), transition=draw(st.sampled_from(["apply", "keep", "milder"]))
    )


@given(years(), st.sampled_from(sorted(BOOKS)), st.dates(date(2026, 1, 1), LAST))
def test_the_rulebook_in_use_changes_nothing(records: list[Record], place: str, on: date) -> None:
    found = compare(facts_of(*records), decided(records, on), trial(PRESENT, BOOKS[place], on))
    assert outcomes(found) <= {"unchanged"}
    assert found.held_back == ()


@given(years(), st.sampled_from(sorted(BOOKS)), st.dates(date(2026, 1, 1), LAST))
def test_nor_on_the_history_since_its_publication(records: list[Record], place: str, on: date) -> None:
    asked = trial(PRESENT, BOOKS[place], on, BOOKS[place].published_on)
    assert outcomes(compare(facts_of(*records), {}, asked)) <= {"unchanged"}


@settings(max_examples=300)
@given(years(), rulebooks(), st.dates(date(2026, 3, 1), LAST))
def test_what_is_foretold_is_what_happens_once_it_counts(records: list[Record], book: Rulebook, on: date) -> None:
    standing = decided(records, on)
    found = compare(facts_of(*records), standing, trial(PRESENT, book, on))
    active = replace(PRESENT, rulebooks=(*PRESENT.rulebooks, replace(book, published_on=on)))
    events = decide(facts_of(*records), standing, active, on).events
    before, after = in_place(standing), in_place(fold(standing, events))
    told_of = {outcome: set[Any]() for outcome in ("issued", "lifted", "changed", "restated", "unchanged")}
    for one in found.differences:
        told_of[one.outcome].add(one.measure.id)
    assert told_of["issued"] == after.keys() - before.keys()
    assert told_of["lifted"] == before.keys() - after.keys()
    moved = {event.measure.id for event in events}
    assert told_of["changed"] | told_of["restated"] == (before.keys() & after.keys() & moved)
    assert told_of["unchanged"] == (before.keys() & after.keys()) - moved


@given(years(), rulebooks(), st.integers(1, 300))
def test_on_the_history_it_tells_what_would_have_been_in_place(
    records: list[Record], book: Rulebook, days: int
) -> None:
    since = LAST - timedelta(days=days)
    asked = trial(PRESENT, book, LAST, since)
    found = compare(facts_of(*records), decided(records, LAST), asked)
    every_day = [since + timedelta(days=number) for number in range(days + 1)]
    ever: dict[str, set[Any]] = {"before": set(), "after": set()}
    for name, rules in (("before", asked.present), ("after", asked.tried)):
        events = decide(facts_of(*records), {}, rules, LAST).events
        for day in {one.business_on for one in events if one.business_on in every_day} | {since}:
            ever[name] |= in_place(fold({}, [one for one in events if one.business_on <= day])).keys()
    issued = {one.measure.id for one in found.differences if one.outcome == "issued"}
    lifted = {one.measure.id for one in found.differences if one.outcome == "lifted"}
    assert issued == ever["after"] - ever["before"]
    assert lifted == ever["before"] - ever["after"]


@given(told(), rulebooks())
def test_counts_and_rows_tell_the_same(records: list[Record], book: Rulebook) -> None:
    facts, asked = facts_of(*records), trial(PRESENT, book, TODAY)
    foretold = Foretelling(facts, compare(facts, decided(records, TODAY), asked), asked)
    counts, rows = foretold.counts(), list(foretold.rows())
    for outcome in ("issued", "lifted", "changed", HELD_BACK):
        assert counts["all", "", outcome] == sum(row["outcome"] == outcome for row in rows)
    assert all(tuple(row) == COLUMNS for row in rows)
    for dimension in ("entry", "agency", "jurisdiction"):
        measures = sum(number for (what, _, kind), number in counts.items() if what == dimension and kind != HELD_BACK)
        assert measures == len(foretold.comparison.differences)
