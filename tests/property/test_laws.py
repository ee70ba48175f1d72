"""Every law has a test that tries to break it: at activation, at issue, and by construction."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_type_hints

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sharehub import core
from sharehub.core.competence import Agency
from sharehub.core.condition import Condition
from sharehub.core.decision import due
from sharehub.core.entry import Bar, Entry, MeasureKind, Requirement
from sharehub.core.measure import Measure, UnlawfulError
from sharehub.core.rank import Rank
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import ESSENTIAL_SERVICES, agency_violations, may_issue, violations
from sharehub.shipped import shipped
from tests.property.worlds import TODAY, told
from tests.unit.core.said import Told, catalogue, facts_of, listing, penalty

CATALOGUE = catalogue()
ENTRIES = [entry for book in CATALOGUE.rulebooks for entry in book.entries]
MEASURES = due(facts_of(penalty(), listing()), CATALOGUE, TODAY)
BLANK = st.text(" \t\n\u3000", max_size=30)


def laws_broken(entry: Entry) -> set[int]:
    book = Rulebook(jurisdiction="cn", version="x", title="x", published_on=TODAY, entries=(entry,))
    return {found.law for found in violations(book, CATALOGUE)}


def test_every_shipped_entry_is_lawful() -> None:
    assert [entry.id for entry in ENTRIES if laws_broken(entry)] == []


def ground(entry: Entry, **changes: Any) -> Entry:
    return replace(entry, ground=replace(entry.ground, **changes))


def without(entry: Entry, field: str) -> tuple[Condition, ...]:
    return tuple(test for test in entry.ground.where if test.field != field)


def no_recipient(entry: Entry, draw: Callable[..., Any]) -> Entry:
    name = draw(st.text(min_size=1))
    assume(name not in CATALOGUE.recipients)
    return replace(entry, recipients=(*entry.recipients, name))


def low_rank(entry: Entry, draw: Callable[..., Any]) -> Entry:
    heavy = draw(st.sampled_from(["procurement", "bidding", "land-supply", "market-access", "consumption", "exit"]))
    target, least = draw(st.sampled_from([(heavy, Rank.ADMINISTRATIVE_REGULATION), ("honours", Rank.LOCAL_REGULATION)]))
    basis = replace(entry.legal_basis[0], rank=draw(st.sampled_from([rank for rank in Rank if rank < least])))
    return replace(entry, kind=MeasureKind.RESTRICTION, target_service=target, legal_basis=(basis,))


def not_final(entry: Entry, draw: Callable[..., Any]) -> Entry:
    kind = draw(st.sampled_from(["penalty", "judgment"]))
    test = draw(
        st.sampled_from(
            [
                [],
                [Condition("finality", "is", "preliminary")],
                [Condition("finality", "is", "under_appeal")],
                [Condition("finality", "is_not", "final")],
                [Condition("finality", "one_of", ("final", "under_appeal"))],
                [Condition("finality", "present", True)],
                [Condition("finality", "is", "settled")],
            ]
        )
    )
    return ground(entry, record_kind=kind, where=(*without(entry, "finality"), *test))


def untested(entry: Entry, draw: Callable[..., Any]) -> Entry:
    kind, field = draw(st.sampled_from([("listing", "status"), ("licence", "action"), ("judgment", "finality")]))
    return ground(entry, record_kind=kind, where=without(entry, field))


def essential(entry: Entry, draw: Callable[..., Any]) -> Entry:
    kind = draw(st.sampled_from([kind for kind in MeasureKind if kind is not MeasureKind.REWARD]))
    return replace(entry, kind=kind, target_service=draw(st.sampled_from(sorted(ESSENTIAL_SERVICES))))


def respelt(entry: Entry, draw: Callable[..., Any]) -> Entry:
    changed = essential(entry, draw)
    spell = draw(st.sampled_from([str.upper, str.title, lambda text: f" {text}", lambda text: text.replace("-", "_")]))
    service = spell(changed.target_service)
    return replace(changed, target_service=service)


DEBTOR = next(entry for entry in ENTRIES if entry.id == "debtor-able-to-pay")
REMINDED = DEBTOR.requires[0]


def individuals(entry: Entry, draw: Callable[..., Any]) -> Entry:
    assume("individual" not in entry.entity_kinds and entry.kind is not MeasureKind.REWARD)
    return replace(entry, entity_kinds=(*entry.entity_kinds, "individual"))


def debtor(**changes: Any) -> Callable[[Entry, Callable[..., Any]], Entry]:
    return lambda entry, draw: replace(DEBTOR, **changes)


def debtor_needs(**changes: Any) -> Callable[[Entry, Callable[..., Any]], Entry]:
    return debtor(requires=(replace(REMINDED, **changes),))


def debtor_where(test: Condition | None) -> Callable[[Entry, Callable[..., Any]], Entry]:
    where = (*without(DEBTOR, "able_to_pay"), *([test] if test else []))
    return lambda entry, draw: ground(DEBTOR, where=where)


def complaint_beside(entry: Entry, draw: Callable[..., Any]) -> Entry:
    return replace(entry, requires=(*entry.requires, Requirement(record_kind="complaint", count=1, distinct="about")))


def uncontested(entry: Entry, draw: Callable[..., Any]) -> Entry:
    said = draw(st.sampled_from([[], [Condition("contested", "is", True)], [Condition("contested", "present", True)]]))
    return ground(entry, record_kind="arrears", where=(*without(entry, "contested"), *said))


def presumed(entry: Entry, draw: Callable[..., Any]) -> Entry:
    word = draw(st.sampled_from(["presumed", "Presumed", "under_appeal", "preliminary", "pending"]))
    test = draw(st.sampled_from([Condition("status", "is", word), Condition("status", "one_of", ("listed", word))]))
    return ground(entry, record_kind="listing", where=(*without(entry, "status"), test))


def complaint_bars(entry: Entry, draw: Callable[..., Any]) -> Entry:
    return replace(entry, barred_by=(*entry.barred_by, Bar("complaint", (), 6, "complained-of")))


Breach = Callable[[Entry, Callable[..., Any]], Entry]
BREACHES: dict[str, tuple[int, Breach]] = {
    "no legal basis": (2, lambda entry, draw: replace(entry, legal_basis=())),
    "no authority": (2, lambda entry, draw: replace(entry, authority="")),
    "a blank authority": (2, lambda entry, draw: replace(entry, authority=draw(BLANK))),
    "no remedies": (2, lambda entry, draw: replace(entry, remedies=())),
    "blank remedies": (2, lambda entry, draw: replace(entry, remedies=(draw(BLANK),))),
    "nobody to carry it out": (2, lambda entry, draw: replace(entry, recipients=())),
    "a recipient that does not exist": (2, no_recipient),
    "nobody to whom it applies": (2, lambda entry, draw: replace(entry, entity_kinds=())),
    "neither term nor exit": (2, lambda entry, draw: replace(entry, term_months=None, exit="")),
    "no term and a blank exit": (2, lambda entry, draw: replace(entry, term_months=None, exit=draw(BLANK))),
    "a term of nothing": (2, lambda entry, draw: replace(entry, term_months=draw(st.integers(max_value=0)))),
    "a basis of too low a rank": (2, low_rank),
    "a penalty or judgment that is not final": (3, not_final),
    "a decision whose state is not tested": (3, untested),
    "a registration as ground": (3, lambda entry, draw: ground(entry, record_kind="registration")),
    "a declaration as ground": (3, lambda entry, draw: ground(entry, record_kind="declaration")),
    "arrears that may be contested": (3, uncontested),
    "a listing that is presumed": (3, presumed),
    "an objection as ground": (3, lambda entry, draw: ground(entry, record_kind="objection")),
    "an appeal as ground": (3, lambda entry, draw: ground(entry, record_kind="appeal")),
    "a kind that nobody knows as ground": (3, lambda entry, draw: ground(entry, record_kind=draw(st.text("a-z")))),
    "nobody who must have decided": (3, lambda entry, draw: ground(entry, authority="")),
    "a complaint as ground": (4, lambda entry, draw: ground(entry, record_kind="complaint")),
    "a complaint beside the ground": (4, complaint_beside),
    "a complaint that ends": (4, complaint_bars),
    "individuals for what companies did": (5, individuals),
    "debtors without reminders": (5, debtor(requires=())),
    "debtors without a grace period": (5, debtor(starts_after_field=None)),
    "debtors of anybody but a court": (5, lambda entry, draw: ground(DEBTOR, authority="tax")),
    "debtors who wait for nothing": (5, debtor(starts_after_field="decided_on")),
    "debtors in public": (5, debtor(publication="public")),
    "two reminders": (5, debtor_needs(count=2)),
    "one reminder thrice": (5, debtor_needs(distinct="record_key")),
    "reminders that nobody served": (5, debtor_needs(where=())),
    "reminders that must not be served": (5, debtor_needs(where=(Condition("served_on", "present", False),))),
    "notices instead of reminders": (5, debtor_needs(record_kind="notice")),
    "debtors whose means nobody examined": (5, debtor_where(None)),
    "debtors unable to pay": (5, debtor_where(Condition("able_to_pay", "is", False))),
    "debtors found not able to pay": (5, debtor_where(Condition("able_to_pay", "is_not", True))),
    "an essential service": (6, essential),
    "an essential service in other letters": (6, respelt),
    "a rating of any scheme": (
        7,
        lambda entry, draw: ground(entry, record_kind="rating", where=without(entry, "rating_system")),
    ),
    "no word on how it relates": (10, lambda entry, draw: replace(entry, relatedness="")),
    "blanks on how it relates": (10, lambda entry, draw: replace(entry, relatedness=draw(BLANK))),
    "one word again and again": (10, lambda entry, draw: replace(entry, relatedness="by by by by by")),
    "two words on how it relates": (10, lambda entry, draw: replace(entry, relatedness="by law")),
}


@pytest.mark.parametrize("breach", BREACHES)
@given(st.data())
def test_an_entry_that_breaks_a_law_is_refused_by_its_number(breach: str, data: st.DataObject) -> None:
    law, break_it = BREACHES[breach]
    entry = break_it(data.draw(st.sampled_from(ENTRIES)), data.draw)
    assert law in laws_broken(entry)


@given(st.sampled_from(ENTRIES))
def test_an_exit_without_a_condition_is_refused(entry: Entry) -> None:
    way_out = replace(next(one for one in ENTRIES if one.exits).exits[0], where=())
    assert 8 in laws_broken(replace(entry, exits=(*entry.exits, way_out)))


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True), st.sets(st.sampled_from(["a", "b", "c", "x"])))
def test_a_private_scheme_can_be_no_agency(names: list[str], private: set[str]) -> None:
    agencies = [Agency(name, name, "tax", "cn", ("penalty",)) for name in names]
    found = agency_violations(agencies, private)
    assert {(one.law, one.entry) for one in found} == {(7, name) for name in names if name in private}


@given(st.sampled_from(MEASURES), st.sampled_from(sorted(ESSENTIAL_SERVICES)))
def test_a_restriction_of_an_essential_service_is_not_issued(measure: Measure, service: str) -> None:
    kinds = [kind for kind in MeasureKind if kind is not MeasureKind.REWARD]
    for kind in kinds:
        assert may_issue(replace(measure, kind=kind, target_service=service.upper()), ENTRIES[0], "company", False)
    restriction = replace(measure, kind=MeasureKind.RESTRICTION, target_service=service)
    refused = may_issue(restriction, ENTRIES[0], "company", False)
    assert refused is not None
    assert refused.law == 6


NEEDED: list[tuple[int, str, tuple[Any, ...]]] = [
    (2, "ground", (replace(MEASURES[0].ground, record_key=""),)),
    (2, "legal_basis", ((),)),
    (2, "authority", ("", " ")),
    (2, "remedies", ((), ("",))),
    (2, "exit", ("", " ")),
    (10, "relatedness", ("", "  ")),
]


@given(st.sampled_from(MEASURES), st.sampled_from(NEEDED), st.data())
def test_a_measure_without_what_every_measure_needs_cannot_be_made(
    measure: Measure, needed: tuple[int, str, tuple[Any, ...]], data: st.DataObject
) -> None:
    law, field, nothing = needed
    open_ended = replace(measure, effective_to=None) if field == "exit" else measure
    with pytest.raises(UnlawfulError) as refused:
        replace(open_ended, **{field: data.draw(st.sampled_from(nothing))})
    assert refused.value.law == law


@given(told())
def test_everything_issued_comes_from_an_entry_that_the_laws_accept(records: list[Any]) -> None:
    hub = Told(CATALOGUE)
    hub.on(TODAY, *records)
    entries = {f"{book.jurisdiction}/{entry.id}": entry for book in CATALOGUE.rulebooks for entry in book.entries}
    for event in hub.events:
        assert laws_broken(entries[event.measure.entry]) == set()


SCORES = ("score", "scoring", "ranking", "points", "grade", "rating", "weight", "risk", "level", "trust", "credit")
SAID_BY_AGENCIES = {("Rating", "grade"), ("Rating", "rating_system")}
COUNTED = {"revision", "number", "row", "count", "months", "months_min", "months_max", "term_months", "law", "year"}
COUNTED |= {"ground_number", "feed_position", "first_year", "last_year"}
COUNTED |= {"acknowledge_within_days", "failures", "position", "limit", "step", "last_number", "last_position"}
COUNTED |= {"about_position", "partition", "offset"}


def core_fields() -> Iterator[tuple[str, str, Any]]:
    for module in iter_modules(core.__path__, f"{core.__name__}."):
        for name, found in vars(import_module(module.name)).items():
            if is_dataclass(found) and isinstance(found, type):
                hints = get_type_hints(found)
                yield from ((name, field.name, hints[field.name]) for field in fields(found))


def schema_fields() -> Iterator[tuple[str, str, Any]]:
    def walk(schema: Any) -> Iterator[tuple[str, str, Any]]:
        for part in schema if isinstance(schema, list) else [schema]:
            if isinstance(part, dict):
                for field in part.get("fields", ()):
                    yield part["name"], field["name"], field["type"]
                    yield from walk(field["type"])
                yield from walk(part.get("items", []))

    for path in sorted(shipped("schemas").rglob("*.avsc")):
        yield from walk(json.loads(path.read_text(encoding="utf-8")))


def test_no_field_of_the_core_or_of_any_schema_is_a_score() -> None:
    named = [(owner, field) for owner, field, _ in (*core_fields(), *schema_fields())]
    assert len(named) > 200
    found = {(owner, field) for owner, field in named if any(word in field.split("_") for word in SCORES)}
    assert found <= SAID_BY_AGENCIES


def test_the_core_counts_but_measures_nobody() -> None:
    numbers = {field for _, field, kind in core_fields() if kind in (int, float)}
    assert numbers <= COUNTED


def test_what_leaves_the_hub_holds_no_number_but_counts() -> None:
    numeric = {"int", "long", "float", "double"}
    for owner, field, kind in schema_fields():
        plain = kind if isinstance(kind, list) else [kind]
        is_date = any(isinstance(part, dict) and part.get("logicalType") for part in plain)
        if not is_date and numeric & {part for part in plain if isinstance(part, str)}:
            assert field in COUNTED, (owner, field)
