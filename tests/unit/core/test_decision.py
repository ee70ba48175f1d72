"""What follows from the shipped rulebooks, case by case: records in, events out, day after day."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sharehub.core.record import Record
from tests.unit.core.said import (
    Told,
    arrears,
    catalogue,
    complaint,
    judgment,
    licence,
    listing,
    penalty,
    rating,
    reminder,
    said,
    withdrawal,
)

DAY = date(2026, 4, 1)
ONE_DAY = timedelta(days=1)
REMINDERS = tuple(reminder(number) for number in (1, 2, 3))


def first(told: Told) -> Any:
    return next(iter(told.standing.values())).measure


@pytest.fixture
def told() -> Told:
    return Told(catalogue())


ISSUED = [
    ("a fraudulent registration", penalty("cn-samr", violation_type="fraudulent-registration"),
     ["cn/fraudulent-registration"]),
    ("a major environmental fine", penalty(fine=Decimal("2000000.00")),
     ["cn/environmental-supervision", "cn/major-environmental-penalty"]),
    ("a smaller environmental fine", penalty(fine=Decimal("1999999.99")), ["cn/environmental-supervision"]),
    ("an environmental warning", penalty(fine=None, penalty_kind="warning"), []),
    ("medicines without authorisation", penalty("cn-medicines", violation_type="unauthorised-medicines"),
     ["cn/unauthorised-medicines"]),
    ("another penalty of the medicines regulator", penalty("cn-medicines"), []),
    ("the right words of the wrong authority", penalty("cn-samr", violation_type="unauthorised-medicines"), []),
    ("an expired licence", licence(valid_to=date(2026, 3, 31)), ["cn/ride-hailing-expired"]),
    ("another kind of licence", licence(valid_to=date(2026, 3, 31), category="food"), []),
    ("a revoked licence", licence(valid_to=date(2026, 3, 31), action="revoked"), []),
    ("arrears", arrears(), ["cn/tax-arrears-notice"]),
    ("contested arrears", arrears(contested=True), []),
    ("arrears of nothing", arrears("0.00"), []),
    ("the best rating", rating(2025), ["cn/tax-grade-a"]),
    ("the second rating", rating(2025, "B"), []),
    ("the best rating of another system", rating(2025, rating_system="customs"), []),
    ("a definitive place on the Mexican list", listing(), ["mx/69-b-definitive", "mx/69-b-invoices"]),
    ("a presumed place on the Mexican list", listing("presumed"), []),
    ("a complaint", complaint(), []),
    ("a registration", said("cn-samr", "registration", "g1", decided_on=DAY, status="revoked"), []),
    ("a declaration never made", said("cn-tax", "declaration", "d1", decided_on=DAY, filed_on=None), []),
]  # fmt: skip


@pytest.mark.parametrize(("record", "entries"), [row[1:] for row in ISSUED], ids=[row[0] for row in ISSUED])
def test_a_record_leads_to_exactly_these_measures(told: Told, record: Record, entries: list[str]) -> None:
    assert told.on(DAY, record) == [(entry, "issued", "ground-final") for entry in sort_as_issued(told, entries)]
    assert told.in_place() == entries


def sort_as_issued(told: Told, entries: list[str]) -> list[str]:
    issued = [event.measure.entry for event in told.events]
    return sorted(entries, key=lambda entry: issued.index(entry) if entry in issued else -1)


@pytest.mark.parametrize("finality", ["preliminary", "under_appeal"])
@pytest.mark.parametrize("agency", ["cn-environment", "cn-samr", "cn-medicines"])
@pytest.mark.parametrize("violation", ["fraudulent-registration", "unauthorised-medicines"])
def test_a_penalty_that_is_not_final_restricts_nothing(told: Told, agency: str, violation: str, finality: str) -> None:
    assert told.on(DAY, penalty(agency, violation_type=violation, finality=finality)) == []


def test_a_penalty_that_becomes_final_restricts_from_its_own_date(told: Told) -> None:
    medicines = {"violation_type": "unauthorised-medicines"}
    told.on(DAY, penalty("cn-medicines", finality="preliminary", **medicines))
    told.on(DAY + ONE_DAY, penalty("cn-medicines", revision=2, decided_on=date(2026, 3, 20), **medicines))
    assert (first(told).effective_from, first(told).effective_to) == (date(2026, 3, 20), date(2029, 3, 19))


def test_a_penalty_that_goes_to_appeal_ends_what_rested_on_it(told: Told) -> None:
    told.on(DAY, penalty())
    events = told.on(DAY + ONE_DAY, penalty(revision=2, finality="under_appeal"))
    assert {event[1:] for event in events} == {("lifted", "ground-ended")}
    assert told.in_place() == []


def test_a_term_ends_on_its_last_day_and_expires_on_the_next(told: Told) -> None:
    told.on(DAY, penalty(fine=None))
    last = first(told).effective_to
    assert last == date(2027, 2, 9)
    assert told.decision.next_due_on == last + ONE_DAY
    assert told.on(last) == []
    assert told.on(last + ONE_DAY) == [("cn/environmental-supervision", "expired", "term-over")]
    assert told.events[-1].business_on == last + ONE_DAY
    assert told.decision.next_due_on is None


def test_a_decision_known_only_after_its_term_is_issued_and_expired_at_once(told: Told) -> None:
    events = told.on(date(2028, 1, 1), penalty(fine=None))
    assert [event[1] for event in events] == ["issued", "expired"]
    assert [event.number for event in told.events] == [1, 2]
    assert told.on(date(2028, 1, 2)) == []


def test_the_decisions_own_end_shortens_the_term(told: Told) -> None:
    told.on(DAY, penalty(fine=None, effective_to=date(2026, 8, 31)))
    assert first(told).effective_to == date(2026, 8, 31)


def test_the_decisions_own_end_never_lengthens_the_term(told: Told) -> None:
    told.on(DAY, penalty(fine=None, effective_to=date(2040, 8, 31)))
    assert first(told).effective_to == date(2027, 2, 9)


def test_a_decision_that_ended_before_it_counted_restricts_nothing(told: Told) -> None:
    told.on(DAY, penalty(fine=None, effective_to=date(2026, 1, 31)))
    assert told.in_place() == []


def test_the_decisions_own_end_also_ends_a_measure_without_term(told: Told) -> None:
    told.on(DAY, listing(effective_to=date(2026, 4, 30)))
    told.on(date(2026, 5, 1))
    assert told.in_place() == []


def test_a_licence_restricts_only_after_its_last_day_and_not_after_renewal(told: Told) -> None:
    assert told.on(date(2026, 5, 31), licence()) == []
    assert told.decision.next_due_on == date(2026, 6, 1)
    assert told.on(date(2026, 6, 1)) == [("cn/ride-hailing-expired", "issued", "ground-final")]
    renewed = licence(revision=2, action="renewed", decided_on=date(2026, 6, 10), valid_to=date(2028, 5, 31))
    assert [event[1] for event in told.on(date(2026, 6, 12), renewed)] == ["lifted"]
    assert told.in_place() == []
    assert told.on(date(2028, 6, 1)) == [("cn/ride-hailing-expired", "issued", "ground-final")]


def test_a_renewed_licence_lifts_with_the_date_of_the_renewal(told: Told) -> None:
    told.on(date(2026, 6, 1), licence())
    told.on(date(2026, 6, 12), licence(revision=2, decided_on=date(2026, 6, 10), valid_to=date(2028, 5, 31)))
    assert told.events[-1].business_on == date(2026, 6, 10)


def test_a_new_licence_ends_what_followed_from_the_old_one(told: Told) -> None:
    told.on(date(2026, 6, 1), licence())
    told.on(date(2026, 6, 12), licence("l2", decided_on=date(2026, 6, 10), valid_to=date(2028, 5, 31)))
    assert told.in_place() == []


def test_a_licence_without_an_end_never_expires(told: Told) -> None:
    assert told.on(DAY, licence(valid_to=None)) == []


@pytest.mark.parametrize("kind", ["company", "individual"])
def test_a_debtor_is_listed_on_the_day_after_grace_and_three_reminders(told: Told, kind: str) -> None:
    records = [judgment(subject_kind=kind), *(reminder(number, subject_kind=kind) for number in (1, 2, 3))]
    assert told.on(date(2026, 3, 31), *records) == []
    assert told.on(DAY) == [("cn/debtor-able-to-pay", "issued", "ground-final")]
    assert first(told).effective_from == DAY
    assert [why for why in first(told).ground.why if "reminder" in why] == [
        "reminder 1 served on 2026-02-15",
        "reminder 2 served on 2026-03-15",
        "reminder 3 served on 2026-01-15",
    ]


NOT_LISTED: list[tuple[str, tuple[Record, ...]]] = [
    ("two reminders", (judgment(), *REMINDERS[:2])),
    ("the second reminder twice", (judgment(), *REMINDERS[:2], reminder(2, record_key="again"))),
    ("a reminder not served", (judgment(), *REMINDERS[:2], reminder(3, served_on=None))),
    ("a reminder without proof", (judgment(), *REMINDERS[:2], reminder(3, proof_of_service=None))),
    ("a reminder of another case", (judgment(), *REMINDERS[:2], reminder(3, case_reference="case-2"))),
    ("a reminder withdrawn", (judgment(), *REMINDERS, withdrawal(REMINDERS[2], date(2026, 1, 15)))),
    ("a reminder of an incompetent agency", (judgment(), *REMINDERS[:2], reminder(3, agency="cn-tax"))),
    ("a debtor unable to pay", (judgment(able_to_pay=False), *REMINDERS)),
    ("an ability never examined", (judgment(able_to_pay=None), *REMINDERS)),
    ("no ground stated", (judgment(ground_number=None), *REMINDERS)),
    ("no grace period stated", (judgment(grace_until=None), *REMINDERS)),
    ("a judgment under appeal", (judgment(finality="under_appeal"), *REMINDERS)),
    ("a judgment performed", (judgment(performed_on=date(2026, 3, 1)), *REMINDERS)),
]


@pytest.mark.parametrize("records", [row[1] for row in NOT_LISTED], ids=[row[0] for row in NOT_LISTED])
def test_a_debtor_is_not_listed_with(told: Told, records: tuple[Record, ...]) -> None:
    assert told.on(date(2026, 6, 1), *records) == []


def test_a_debtor_is_listed_only_after_the_last_reminder_was_served(told: Told) -> None:
    late = reminder(3, decided_on=date(2026, 3, 1), served_on=date(2026, 4, 20))
    told.on(date(2026, 5, 1), judgment(), *REMINDERS[:2], late)
    assert first(told).effective_from >= date(2026, 4, 20)


def test_a_later_grace_period_takes_the_debtor_off_until_it_ends(told: Told) -> None:
    told.on(DAY, judgment(), *REMINDERS)
    assert [event[1] for event in told.on(DAY, judgment(revision=2, grace_until=date(2026, 4, 30)))] == ["lifted"]
    assert [event[1] for event in told.on(date(2026, 5, 1))] == ["issued"]
    assert [event.number for event in told.events] == [1, 2, 3]


def test_performance_takes_the_debtor_off(told: Told) -> None:
    told.on(DAY, judgment(), *REMINDERS)
    paid = judgment(revision=2, performed_on=date(2026, 5, 20))
    assert told.on(date(2026, 5, 22), paid) == [("cn/debtor-able-to-pay", "lifted", "performed")]


def test_performance_counts_from_the_day_of_performance(told: Told) -> None:
    told.on(DAY, judgment(), *REMINDERS)
    told.on(date(2026, 5, 22), judgment(revision=2, performed_on=date(2026, 5, 20)))
    assert told.events[-1].business_on == date(2026, 5, 20)


def test_paid_arrears_end_the_notice(told: Told) -> None:
    told.on(DAY, arrears())
    paid = arrears("0.00", revision=2, decided_on=date(2026, 4, 10))
    assert told.on(date(2026, 4, 12), paid) == [("cn/tax-arrears-notice", "lifted", "performed")]
    assert told.events[-1].business_on == date(2026, 4, 10)


def test_contested_arrears_end_the_notice(told: Told) -> None:
    told.on(DAY, arrears())
    assert told.on(DAY, arrears(revision=2, contested=True)) == [("cn/tax-arrears-notice", "lifted", "ground-ended")]


def test_a_correction_of_the_amount_amends_what_is_in_place(told: Told) -> None:
    told.on(DAY, arrears())
    events = told.on(DAY, arrears("900.00", revision=2))
    assert events == [("cn/tax-arrears-notice", "amended", "ground-amended")]
    assert told.on(DAY, arrears("900.00", revision=2)) == []


def test_a_correction_of_the_date_amends_the_term(told: Told) -> None:
    told.on(DAY, penalty(fine=None))
    events = told.on(DAY, penalty(fine=None, revision=2, decided_on=date(2026, 3, 10)))
    assert events == [("cn/environmental-supervision", "amended", "term-changed")]
    assert first(told).effective_to == date(2027, 3, 9)


@pytest.mark.parametrize("grade", ["A", "B"])
def test_the_rating_of_a_later_year_replaces_a_reward(told: Told, grade: str) -> None:
    told.on(DAY, rating(2024))
    events = told.on(DAY, rating(2025, grade))
    assert ("cn/tax-grade-a", "lifted", "replaced-by-later") in events
    assert told.in_place() == (["cn/tax-grade-a"] if grade == "A" else [])


def test_the_rating_of_an_earlier_year_replaces_nothing(told: Told) -> None:
    told.on(DAY, rating(2025))
    told.on(DAY, rating(2024), rating(2023, "D"))
    assert [state.measure.ground.record_key for state in told.standing.values() if state.in_place] == ["rating-2025"]


def test_the_rating_of_another_system_replaces_nothing(told: Told) -> None:
    told.on(DAY, rating(2024))
    assert told.on(DAY, rating(2025, "B", rating_system="customs")) == []


def test_a_rating_that_is_corrected_was_not_replaced(told: Told) -> None:
    told.on(DAY, rating(2025))
    assert told.on(DAY, rating(2025, "B", revision=2)) == [("cn/tax-grade-a", "lifted", "ground-ended")]


WASTE = {"agency": "qinghe-housing", "violation_type": "mixed-household-waste", "jurisdiction": "cn-qinghe"}


@pytest.mark.parametrize(
    ("change", "entries"),
    [
        ({"decided_on": date(2026, 1, 14)}, []),
        ({"decided_on": date(2026, 1, 15)}, ["cn-qinghe/waste-sorting-awards"]),
        ({"decided_on": date(2030, 1, 14)}, ["cn-qinghe/waste-sorting-awards"]),
        ({"decided_on": date(2030, 1, 15)}, []),
        ({"decided_on": date(2026, 2, 1), "jurisdiction": "cn"}, []),
        ({"decided_on": date(2026, 2, 1), "agency": "cn-samr"}, []),
    ],
)
def test_a_city_pilot_applies_within_its_days_its_place_and_its_authority(
    told: Told, change: dict[str, Any], entries: list[str]
) -> None:
    told.on(date(2030, 1, 20), penalty(**WASTE | change))
    assert sorted({event.measure.entry for event in told.events}) == entries


def test_national_entries_apply_in_the_city_too(told: Told) -> None:
    told.on(DAY, penalty(jurisdiction="cn-qinghe"))
    assert told.in_place() == ["cn/environmental-supervision", "cn/major-environmental-penalty"]


def test_nothing_follows_before_the_rulebook_is_published(told: Told) -> None:
    assert told.on(date(2026, 1, 4), penalty(decided_on=date(2025, 12, 1))) == []
    assert len(told.on(date(2026, 1, 5))) == 2


def both(event: str, reason: str) -> list[tuple[str, str, str]]:
    """What a listing leads to in Mexico: no public contracts, and the notice about its invoices."""
    return [("mx/69-b-definitive", event, reason), ("mx/69-b-invoices", event, reason)]


def test_a_ruling_annuls_a_listing_and_a_new_one_issues_it_again(told: Told) -> None:
    assert sorted(told.on(DAY, listing())) == both("issued", "ground-final")
    ruling = listing("favourable-ruling", revision=2, decided_on=date(2026, 5, 5))
    assert sorted(told.on(date(2026, 5, 7), ruling)) == both("annulled", "favourable-ruling")
    again = listing(revision=3, decided_on=date(2026, 7, 1))
    assert sorted(told.on(date(2026, 7, 2), again)) == both("issued", "ground-final")
    contracts = [event for event in told.events if event.measure.entry == "mx/69-b-definitive"]
    assert [event.number for event in contracts] == [1, 2, 3]
    assert len({event.measure.id for event in contracts}) == 1
    assert [event.business_on for event in contracts] == [date(2026, 2, 1), date(2026, 5, 5), date(2026, 7, 1)]


def test_a_rebutted_presumption_lifts_a_listing(told: Told) -> None:
    told.on(DAY, listing())
    assert sorted(told.on(DAY, listing("rebutted", revision=2))) == both("lifted", "rebutted")


def test_a_withdrawn_record_lifts_with_its_own_date(told: Told) -> None:
    told.on(DAY, penalty())
    events = told.on(date(2026, 5, 4), withdrawal(penalty(), date(2026, 5, 1)))
    assert [event[1:] for event in events] == [("lifted", "ground-withdrawn")] * 2
    assert {event.business_on for event in told.events[2:]} == {date(2026, 5, 1)}
    assert told.in_place() == []


def test_a_lift_is_never_dated_before_the_issue_or_after_the_day(told: Told) -> None:
    told.on(DAY, penalty(fine=None))
    told.on(DAY, withdrawal(penalty(), date(2025, 1, 1)))
    assert told.events[-1].business_on == date(2026, 2, 10)
    told.on(DAY, penalty(fine=None, revision=3), withdrawal(penalty(revision=3), date(2030, 1, 1)))
    assert all(event.business_on <= DAY for event in told.events)


def test_a_ground_that_moved_to_another_entity_takes_its_measure_away(told: Told) -> None:
    told.on(DAY, penalty(fine=None))
    told.records = ()
    assert told.on(DAY) == [("cn/environmental-supervision", "lifted", "ground-moved")]


def test_a_rulebook_that_no_longer_has_the_entry_ends_its_measures(told: Told) -> None:
    told.on(DAY, listing())
    told.catalogue = type(told.catalogue)((), told.catalogue.agencies, told.catalogue.recipients)
    assert sorted(told.on(DAY)) == both("lifted", "rulebook-changed")


def test_an_unresolved_conflict_holds_new_restrictions_back_but_no_reward() -> None:
    told = Told(catalogue(), conflict=True)
    assert told.on(DAY, penalty(fine=None), rating(2025)) == [("cn/tax-grade-a", "issued", "ground-final")]
    assert [violation.law for violation in told.decision.held_back] == [11]
    told.conflict = False
    assert told.on(DAY) == [("cn/environmental-supervision", "issued", "ground-final")]
    told.conflict = True
    assert told.on(DAY) == []
    assert len(told.in_place()) == 2


def test_what_is_known_of_a_person_is_no_ground_that_companies_have(told: Told) -> None:
    assert told.on(DAY, penalty(subject_kind="individual")) == []
    assert told.on(DAY, penalty(key="p2"), penalty(key="p3", subject_kind="public_body")) == []
    assert {violation.law for violation in told.decision.held_back} == {5}


def test_a_measure_ends_when_its_subject_turns_out_to_be_a_person(told: Told) -> None:
    told.on(DAY, penalty())
    assert told.in_place() != []
    told.on(DAY, complaint(subject_kind="individual"))
    assert told.in_place() == []


def test_what_a_complaint_calls_its_subject_moves_no_measure(told: Told) -> None:
    told.on(DAY, penalty())
    assert told.on(DAY, complaint(subject_kind="public_body")) == []
