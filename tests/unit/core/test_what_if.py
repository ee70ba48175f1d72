"""One change of a rulebook, and what the trial tells of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sharehub.core.condition import Condition
from sharehub.core.entry import Entry
from sharehub.core.foretold import Foretelling, Row
from sharehub.core.record import Record
from sharehub.core.rulebook import Rulebook
from sharehub.core.what_if import Trial, compare, trial
from tests.unit.core.said import Told, catalogue, facts_of, judgment, penalty, rating, reminder, withdrawal

TODAY = date(2026, 6, 15)
ENTRY = "cn/major-environmental-penalty"


def edited(change: Callable[[Entry], dict[str, Any] | None]) -> Rulebook:
    """The national rulebook with that entry changed, or left out."""
    book = catalogue().rulebook("cn", TODAY)
    assert book is not None
    entries = (
        one if f"cn/{one.id}" != ENTRY else replace(one, **made) if (made := change(one)) is not None else None
        for one in book.entries
    )
    return replace(book, version="tried", entries=tuple(one for one in entries if one is not None))


def foretold(asked: Trial, *records: Record, jurisdictions: frozenset[str] = frozenset()) -> Foretelling:
    """What the trial tells of an entity that was decided day by day as live."""
    hub = Told(catalogue())
    hub.on(TODAY, *records)
    facts = facts_of(*records)
    return Foretelling(facts, compare(facts, hub.standing, asked), asked, jurisdictions)


def row_of(book: Rulebook, *records: Record) -> Row:
    """The one row about that entry."""
    (row,) = [row for row in foretold(trial(catalogue(), book, TODAY), *records).rows() if row["entry"] == ENTRY]
    return row


def heavier(entry: Entry, fine: str = "6000000") -> dict[str, Any]:
    where = (*entry.ground.where, Condition("fine", "at_least", fine))
    return {"ground": replace(entry.ground, where=where)}


def lighter(entry: Entry) -> dict[str, Any]:
    return {"ground": replace(entry.ground, where=tuple(one for one in entry.ground.where if one.field != "fine"))}


def test_a_heavier_ground_lifts_and_names_the_test_that_is_unmet() -> None:
    row = row_of(edited(heavier), penalty(names=("Clear Water",)))
    assert (row["outcome"], row["name"], row["agency"], row["record_key"]) == (
        "lifted",
        "Clear Water",
        "cn-environment",
        "p1",
    )
    assert "unmet in the rulebook tried: fine is at least 6000000 (5000000.00)" in row["differs"]
    assert "5000000.00" in row["why"]


def test_a_lighter_ground_issues_and_names_the_test_that_was_unmet() -> None:
    row = row_of(edited(lighter), penalty(fine=Decimal("10.00")))
    assert row["outcome"] == "issued"
    assert "unmet in the rulebook in use: fine is" in row["differs"]
    assert (row["effective_from"], row["in_place_from"]) == ("2026-02-10", str(TODAY))


def test_an_entry_that_is_left_out_lifts() -> None:
    row = row_of(edited(lambda entry: None), penalty())
    assert row["outcome"] == "lifted"
    assert "no entry of that name counts in the rulebook tried" in row["differs"]


def test_a_shorter_term_is_told_with_before_and_after() -> None:
    row = row_of(edited(lambda entry: {"term_months": 12}), penalty())
    assert row["outcome"] == "changed"
    assert "effective to: 2029-02-09 → 2027-02-09" in row["differs"]


def test_a_recipient_more_sees_it_issued_and_others_see_it_changed() -> None:
    book = edited(lambda entry: {"recipients": (*entry.recipients, "new")})
    counts = foretold(trial(catalogue(), book, TODAY), penalty()).counts()
    assert counts["recipient", "new", "issued"] == 1
    assert counts["entry", ENTRY, "changed"] == 1
    (entry,) = [one for one in book.entries if f"cn/{one.id}" == ENTRY]
    assert all(counts["recipient", name, "changed"] >= 1 for name in entry.recipients[:-1])


def test_another_version_of_the_same_text_changes_nothing() -> None:
    told = foretold(trial(catalogue(), edited(lambda entry: {}), TODAY), penalty())
    assert {kind for what, _, kind in told.counts() if what == "all"} == {"unchanged"}
    assert list(told.rows()) == []


def test_other_words_for_the_same_measure_restate_it() -> None:
    told = foretold(trial(catalogue(), edited(lambda entry: heavier(entry, "5000000")), TODAY), penalty())
    assert told.counts()["entry", ENTRY, "restated"] == 1
    assert list(told.rows()) == []


def test_only_the_grounds_of_a_jurisdiction_are_told_where_one_is_named() -> None:
    asked = trial(catalogue(), edited(lambda entry: None), TODAY)
    assert foretold(asked, penalty(), jurisdictions=frozenset(("cn",))).counts()["all", "", "lifted"] == 1
    assert not foretold(asked, penalty(), jurisdictions=frozenset(("mx",))).counts()
    local = penalty(jurisdiction="cn-qinghe")
    assert foretold(asked, local, jurisdictions=frozenset(("cn-qinghe",))).counts()["all", "", "lifted"] == 1


def test_history_tells_of_what_would_be_over_by_now() -> None:
    taken_back = withdrawal(penalty(fine=Decimal("10.00")), date(2026, 5, 1))
    records = (penalty(fine=Decimal("10.00")), replace(taken_back, received_on=date(2026, 5, 1)))
    book = edited(lighter)
    (row,) = [
        row
        for row in foretold(trial(catalogue(), book, TODAY, date(2026, 3, 1)), *records).rows()
        if row["entry"] == ENTRY
    ]
    assert (row["outcome"], row["in_place_until"]) == ("issued", "2026-04-30")
    assert not list(foretold(trial(catalogue(), book, TODAY), *records).rows())


def test_what_replaces_a_version_of_the_day_is_compared_with_it() -> None:
    asked = trial(catalogue(), edited(lambda entry: None), TODAY, TODAY - timedelta(days=365))
    assert [book.version for book in asked.tried.rulebooks if book.jurisdiction == "cn"] == ["tried"]


@pytest.mark.parametrize("name", ["张三丰", "Ann Lee"])
def test_an_individual_is_masked(name: str) -> None:
    said = {"subject_kind": "individual", "names": (name,)}
    records = (judgment(**said, obligation=f"{name} pays"), *(reminder(number, **said) for number in (1, 2, 3)))
    book = catalogue().rulebook("cn", TODAY)
    assert book is not None
    asked = trial(catalogue(), replace(book, version="none", entries=()), TODAY)
    rows = list(foretold(asked, *records).rows())
    assert [row["outcome"] for row in rows] == ["lifted"]
    assert not any(name in text for row in rows for text in row.values())


def test_a_later_rating_replaces_as_live() -> None:
    told = foretold(trial(catalogue(), edited(lambda entry: None), TODAY), rating(2024), rating(2025))
    assert told.counts()["entry", "cn/tax-grade-a", "unchanged"] == 1
