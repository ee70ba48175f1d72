"""What each field of an entry and of a rulebook does, one at a time, on invented rulebooks."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency, Recipient
from sharehub.core.condition import Condition
from sharehub.core.entry import Aggravation, Bar, Entry, GroundRule, MeasureKind
from sharehub.core.rank import Basis, Rank
from sharehub.core.record import Record
from sharehub.core.rulebook import PublicationClass, Rulebook
from sharehub.core.safeguard import violations
from tests.unit.core.said import Told, said

LAW = Basis("An invented law", "Art. 1", Rank.LAW)
KINDS = ("listing", "penalty", "delisting", "opt-out", "rating")
AGENCIES = {name: Agency(name, name, "bank", "x", KINDS) for name in ("bank-a", "bank-b", "bank-c")}
RECIPIENTS = {name: Recipient(name, name, "x", "test") for name in ("r1", "r2")}
PLAIN = Entry(
    id="e",
    title="An entry",
    kind=MeasureKind.RESTRICTION,
    target_service="tenders",
    binding=True,
    ground=GroundRule(record_kind="listing", authority="bank", where=(Condition("status", "is", "final"),)),
    entity_kinds=("company",),
    legal_basis=(LAW,),
    authority="The bank",
    recipients=("r1", "r2"),
    relatedness="Who was debarred is not contracted.",
    exit="The listing ends.",
    remedies=("Appeal",),
    effective_from=date(2020, 1, 1),
)
DAY = date(2026, 3, 1)
LATER = date(2026, 12, 31)
VIOLENCE = {"reason": "violence"}


def catalogue(*entries: Entry, **book: Any) -> Catalogue:
    shared = {"jurisdiction": "x", "version": "1", "title": "x", "published_on": date(2020, 1, 1)}
    return Catalogue((Rulebook(**{**shared, **book}, entries=entries),), AGENCIES, RECIPIENTS)


def listed(key: str = "l1", agency: str = "bank-a", /, **stated: Any) -> Record:
    shared = {"jurisdiction": "x", "decided_on": DAY, "list_name": "debarred", "status": "final"}
    return said(agency, "listing", key, **{**shared, **stated})


def measures(told: Told) -> list[tuple[str, date, date | None]]:
    states = [state.measure for state in told.standing.values() if state.in_place]
    return sorted((one.ground.record_key, one.effective_from, one.effective_to) for one in states)


def stories(entry: Entry, *records: Record, on: date = LATER, **book: Any) -> list[tuple[str, date, str]]:
    told = Told(catalogue(entry, **book))
    told.on(on, *records)
    return sorted((one.event, one.business_on, one.reason) for one in told.events)


@pytest.mark.parametrize(
    ("change", "stated", "until"),
    [
        ({"term_months": 24}, {}, date(2028, 2, 29)),
        ({"term_months": 24}, {"effective_to": date(2027, 1, 1)}, date(2027, 1, 1)),
        ({"term_months": 24, "term_months_min": 12}, {"effective_to": date(2026, 4, 1)}, date(2027, 2, 28)),
        ({"term_months": 24, "aggravation": "violence"}, {}, date(2028, 2, 29)),
        ({"term_months": 24, "aggravation": "violence"}, VIOLENCE, date(2029, 2, 28)),
        ({"term_months": 24, "term_months_max": 30, "aggravation": "violence"}, VIOLENCE, date(2028, 8, 31)),
        ({"pilot": True, "effective_to": date(2026, 9, 30), "when_pilot_ends": "lift"}, {}, date(2026, 9, 30)),
        ({"pilot": True, "effective_to": date(2026, 9, 30), "when_pilot_ends": "keep"}, {}, None),
    ],
)  # fmt: skip
def test_how_long_a_measure_lasts(change: dict[str, Any], stated: dict[str, Any], until: date | None) -> None:
    if "aggravation" in change:
        change = {**change, "aggravation": (Aggravation((Condition("reason", "is", "violence"),), 12),)}
    told = Told(catalogue(replace(PLAIN, **change)))
    told.on(date(2026, 3, 2), listed(**stated))
    assert measures(told) == [("l1", DAY, until)]


def test_what_is_exempt_is_no_ground() -> None:
    entry = replace(PLAIN, unless=(Condition("reason", "is", "security given"),))
    assert stories(entry, listed(reason="security given")) == []
    assert stories(entry, listed()) == [("issued", DAY, "ground-final")]


def delisted(reason: str = "creditor_consent", on: date = date(2026, 4, 1), **stated: Any) -> Record:
    shared = {"jurisdiction": "x", "decided_on": on, "reason": reason, "case_reference": "c"}
    concerns = {"concerns_agency": "bank-a", "concerns_key": "l1"}
    return said("bank-a", "delisting", "d1", **{**shared, **concerns, **stated})


def test_after_a_consent_the_same_case_is_barred_for_months() -> None:
    bar = Bar("delisting", (Condition("reason", "is", "creditor_consent"),), 6, "consent-within-six-months")
    entry = replace(PLAIN, barred_by=(bar,))
    first, lifted = listed(case_reference="c"), delisted()
    again = {"case_reference": "c", "decided_on": date(2026, 9, 30)}
    ended = [("issued", DAY, "ground-final"), ("lifted", date(2026, 4, 1), "creditor-consent")]
    assert stories(entry, first, lifted, listed("l2", **again)) == ended
    allowed = listed("l2", **{**again, "decided_on": date(2026, 10, 1)})
    assert stories(entry, first, lifted, allowed) == sorted([*ended, ("issued", date(2026, 10, 1), "ground-final")])
    other = listed("l2", **{**again, "case_reference": "another"})
    assert len(stories(entry, first, lifted, other)) == 3
    assert len(stories(entry, first, delisted("performed"), listed("l2", **again))) == 3


def test_one_sanction_reported_by_several_is_one_ground_with_witnesses() -> None:
    entry = replace(PLAIN, same_ground_by=("case_reference",))
    records = [listed(f"l{number}", name, case_reference="c") for number, name in enumerate(AGENCIES, 1)]
    told = Told(catalogue(entry))
    told.on(LATER, *records)
    [state] = told.standing.values()
    assert (state.measure.ground.agency, [one.agency for one in state.measure.witnesses]) == (
        "bank-a",
        ["bank-b", "bank-c"],
    )
    several = Told(catalogue(entry))
    several.on(LATER, *[replace(one, case_reference=None) for one in records])
    assert len(measures(several)) == 3


def opted(recipient: str, key: str = "o1") -> Record:
    stated = {"jurisdiction": "x", "decided_on": date(2026, 5, 1), "recipient": recipient, "reason": "own law"}
    return said("bank-b", "opt-out", key, **stated, concerns_agency="bank-a", concerns_key="l1")


def test_a_body_that_opts_out_does_not_apply_the_listing() -> None:
    entry = replace(PLAIN, opt_out=True)
    told = Told(catalogue(entry))
    told.on(LATER, listed(), opted("r1"))
    [state] = told.standing.values()
    assert (state.status, state.measure.recipients) == ("standing", ("r2",))
    told.on(LATER, opted("r2", "o2"))
    assert [event.reason for event in told.events][-1] == "opted-out"
    assert stories(PLAIN, listed(), opted("r1"), opted("r2", "o2")) == [("issued", DAY, "ground-final")]


def test_a_reward_gives_way_to_a_restriction_while_it_is_in_force() -> None:
    reward = replace(
        PLAIN,
        id="reward",
        kind=MeasureKind.REWARD,
        ground=GroundRule(record_kind="rating", authority="bank"),
        excluded_by=(MeasureKind.RESTRICTION,),
    )
    told = Told(catalogue(replace(PLAIN, term_months=2), reward))
    rated = said("bank-a", "rating", "r", jurisdiction="x", decided_on=date(2026, 1, 1), grade="A", year=2025)
    assert told.on(date(2026, 2, 1), rated) == [("x/reward", "issued", "ground-final")]
    told.on(date(2026, 3, 2), listed())
    told.on(LATER)
    assert [(one.event, one.business_on) for one in told.events if one.measure.entry == "x/reward"] == [
        ("issued", date(2026, 1, 1)),
        ("lifted", DAY),
        ("issued", date(2026, 5, 1)),
    ]


@pytest.mark.parametrize(
    ("publication", "name", "until"),
    [("public", "general", date(2027, 2, 28)), ("none", "general", None), ("public", None, None)],
)
def test_how_long_a_decision_is_published(publication: Any, name: str | None, until: date | None) -> None:
    entry = replace(PLAIN, publication=publication, publication_class=name)
    told = Told(catalogue(entry, publication_classes={"general": PublicationClass(3, 12, LAW)}))
    told.on(LATER, listed())
    [state] = told.standing.values()
    assert (state.measure.publication, state.measure.published_until) == (publication, until)


def test_a_class_of_publication_may_be_the_parents() -> None:
    parent = Rulebook(
        jurisdiction="x",
        version="1",
        title="x",
        published_on=date(2020, 1, 1),
        publication_classes={"minor": PublicationClass(0, 3, LAW)},
    )
    entry = replace(PLAIN, publication="public", publication_class="minor")
    city = Rulebook(
        jurisdiction="x-y", version="1", title="y", published_on=date(2020, 1, 1), parent="x", entries=(entry,)
    )
    told = Told(Catalogue((parent, city), AGENCIES, RECIPIENTS))
    told.on(LATER, listed(jurisdiction="x-y"))
    [state] = told.standing.values()
    assert state.measure.published_until == date(2026, 5, 31)


@pytest.mark.parametrize(("transition", "kept"), [("apply", False), ("keep", True)])
def test_a_new_version_applies_to_earlier_grounds_or_leaves_them(transition: Any, kept: bool) -> None:
    second = {"version": "2", "published_on": date(2026, 6, 1), "transition": transition}
    first, new = catalogue(PLAIN), catalogue(replace(PLAIN, title="Another text", term_months=6), **second)
    both = Catalogue((*first.rulebooks, *new.rulebooks), AGENCIES, RECIPIENTS)
    told = Told(both)
    assert told.on(date(2026, 5, 1), listed()) == [("x/e", "issued", "ground-final")]
    assert (told.decision.next_due_on is None) is kept
    told.on(date(2026, 6, 1))
    changed = [(one.event, one.business_on, one.reason) for one in told.events[1:]]
    assert changed == ([] if kept else [("amended", date(2026, 6, 1), "term-changed")])
    told.on(date(2026, 6, 2), listed("l2", decided_on=date(2026, 6, 1)))
    titles = {state.measure.ground.record_key: state.measure.title for state in told.standing.values()}
    assert titles == {"l1": "An entry" if kept else "Another text", "l2": "Another text"}


def test_a_milder_transition_restricts_nobody_anew_and_for_no_longer() -> None:
    shared = {"version": "2", "published_on": date(2026, 6, 1), "transition": "milder"}
    wider = GroundRule(record_kind="listing", authority="bank", where=(Condition("status", "one_of", ("final", "x")),))
    first = catalogue(replace(PLAIN, term_months=6))
    new = catalogue(replace(PLAIN, ground=wider, term_months=12), **shared)
    told = Told(Catalogue((*first.rulebooks, *new.rulebooks), AGENCIES, RECIPIENTS))
    told.on(date(2026, 5, 1), listed(), listed("l2", status="x"))
    told.on(date(2026, 6, 2), listed("l3", status="x", decided_on=date(2026, 6, 1)))
    assert measures(told) == [("l1", DAY, date(2026, 8, 31)), ("l3", date(2026, 6, 1), date(2027, 5, 31))]
    shorter = catalogue(replace(PLAIN, term_months=4), **shared)
    told = Told(Catalogue((*first.rulebooks, *shorter.rulebooks), AGENCIES, RECIPIENTS))
    told.on(date(2026, 6, 2), listed())
    assert measures(told) == [("l1", DAY, date(2026, 6, 30))]


def test_a_version_that_drops_an_entry_ends_its_measures_on_the_day_it_counts() -> None:
    books = (*catalogue(PLAIN).rulebooks, *catalogue(version="2", published_on=date(2026, 6, 1)).rulebooks)
    told = Told(Catalogue(books, AGENCIES, RECIPIENTS))
    told.on(LATER, listed())
    assert [(one.event, one.business_on) for one in told.events] == [("issued", DAY), ("lifted", date(2026, 6, 1))]


def test_performance_ends_only_what_says_so_and_only_in_full() -> None:
    agencies = {"bank-a": replace(AGENCIES["bank-a"], record_kinds=(*KINDS, "performance"))}
    concerns = {"concerns_agency": "bank-a", "concerns_key": "l1", "jurisdiction": "x"}

    def ends(entry: Entry, extent: str) -> bool:
        told = Told(replace(catalogue(entry), agencies=agencies))
        paid = said("bank-a", "performance", "p", extent=extent, performed_on=date(2026, 5, 1), **concerns)
        told.on(LATER, listed(), paid)
        return not told.in_place()

    pays_off = replace(PLAIN, ends_when_performed=True)
    assert [ends(PLAIN, "full"), ends(pays_off, "partial"), ends(pays_off, "full")] == [False, False, True]


def test_these_rulebooks_are_lawful() -> None:
    assert violations(catalogue(PLAIN).rulebooks[0], catalogue(PLAIN)) == ()


def test_a_version_that_says_the_same_changes_no_measure() -> None:
    books = (*catalogue(PLAIN).rulebooks, *catalogue(PLAIN, version="2", published_on=date(2026, 6, 1)).rulebooks)
    told = Told(Catalogue(books, AGENCIES, RECIPIENTS))
    told.on(date(2026, 5, 1), listed())
    assert told.on(LATER) == []


def test_an_agency_that_loses_its_competence_loses_its_grounds() -> None:
    told = Told(catalogue(PLAIN))
    told.on(LATER, listed())
    told.catalogue = replace(told.catalogue, agencies={"bank-b": AGENCIES["bank-b"]})
    assert told.on(LATER) == [("x/e", "lifted", "agency-not-competent")]


def test_a_decision_on_another_basis_than_the_agencys_own_is_no_ground() -> None:
    bound = {"bank-a": replace(AGENCIES["bank-a"], legal_bases=("Charter",))}
    for instrument, stands in (("Charter", True), ("Another act", False)):
        told = Told(replace(catalogue(PLAIN), agencies=bound))
        told.on(LATER, listed(legal_basis=(Basis(instrument, "Art. 1", Rank.LAW),)))
        assert bool(told.in_place()) is stands
