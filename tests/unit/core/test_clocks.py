"""Clocks of due process on the shipped rules: when they are due, what stops them, and who is late.

In 2026 China's offices are closed from 1 to 5 May and from 1 to 7 October, and make up for it on Saturday 9 May,
Sunday 20 September and Saturday 10 October.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sharehub.core.calendar import Calendar
from sharehub.core.catalogue import Catalogue
from sharehub.core.clock import Clock, calendar_of
from sharehub.core.clockwork import clocks
from sharehub.core.record import Record
from sharehub.core.rulebook import Rulebook
from tests.unit.core.said import catalogue, judgment, penalty, said, withdrawal

BUREAU = "qinghe-housing"
LATER = date(2026, 12, 1)
FINE = penalty(BUREAU, key="p1", jurisdiction="cn-qinghe", received_on=date(2026, 3, 2))
COURT = judgment("j1", received_on=date(2026, 3, 2))


def about(record: Record, **stated: Any) -> dict[str, Any]:
    place = {"concerns_agency": record.agency, "concerns_key": record.record_key, "jurisdiction": record.jurisdiction}
    return place | stated


def objection(record: Record, lodged_on: date, key: str = "objection/1", **stated: Any) -> Record:
    return said("hub", "objection", key, **about(record, lodged_on=lodged_on, received_on=lodged_on, **stated))


def outcome(record: Record, on: date, agency: str = BUREAU, **stated: Any) -> Record:
    fields = {"objection_key": "objection/1", "outcome": "rejected", "answered_on": on, "received_on": on}
    return said(agency, "objection-outcome", "a1", **about(record, **fields | stated))


def one(*records: Record, known: Catalogue | None = None) -> Clock:
    [clock] = clocks(records, known or catalogue())
    return clock


def late(clock: Clock, on: date) -> int:
    places = catalogue().lineage(clock.jurisdiction)
    return clock.days_late(on, calendar_of(places, catalogue().calendars))


def test_an_objection_is_due_in_working_days_over_a_long_holiday() -> None:
    clock = one(FINE, objection(FINE, date(2026, 9, 28)))
    assert (clock.rule, clock.responsible, clock.concerns) == ("cn-qinghe/objection-answered", BUREAU, (BUREAU, "p1"))
    assert (clock.started_on, clock.due_on, clock.sure) == (date(2026, 9, 28), date(2026, 10, 10), True)
    assert [clock.standing(date(2026, 10, day)) for day in (10, 11)] == ["running", "overdue"]
    assert [late(clock, date(2026, 10, day)) for day in (9, 10, 11, 12, 14)] == [0, 0, 0, 1, 3]


@pytest.mark.parametrize(
    ("answered_on", "standing", "days"),
    [(date(2026, 10, 10), "stopped in time", 0), (date(2026, 10, 13), "stopped late", 2)],
)
def test_an_answer_stops_the_clock_on_its_day(answered_on: date, standing: str, days: int) -> None:
    clock = one(FINE, objection(FINE, date(2026, 9, 28)), outcome(FINE, answered_on))
    assert clock.stopped_on == answered_on
    assert (clock.standing(LATER), late(clock, LATER)) == (standing, days)
    assert clock.standing(date(2026, 10, 9)) == "running"


def test_an_answer_that_came_before_its_stated_day_was_there_when_it_came() -> None:
    clock = one(FINE, objection(FINE, date(2026, 9, 28)), outcome(FINE, LATER, received_on=date(2026, 10, 8)))
    assert clock.stopped_on == date(2026, 10, 8)


@pytest.mark.parametrize(
    "answer",
    [
        outcome(FINE, date(2026, 9, 29), objection_key="objection/2"),
        outcome(FINE, date(2026, 9, 29), concerns_key="p2"),
        outcome(FINE, date(2026, 9, 29), agency="cn-tax"),
        outcome(FINE, date(2026, 9, 29), agency="cn-nobody"),
    ],
    ids=["another objection", "another record", "another authority", "nobody registered"],
)
def test_what_does_not_answer_it_stops_nothing(answer: Record) -> None:
    assert one(FINE, objection(FINE, date(2026, 9, 28)), answer).stopped_on is None


def test_an_objection_to_what_was_withdrawn_needs_no_answer() -> None:
    clock = one(FINE, objection(FINE, date(2026, 9, 28)), withdrawal(FINE, date(2026, 9, 30)))
    assert clock.stopped_on == date(2026, 9, 30)


def test_a_court_reviews_in_days_and_a_day_off_is_not_the_last() -> None:
    clock = one(COURT, objection(COURT, date(2026, 4, 17)))
    assert (clock.rule, clock.responsible) == ("cn/debtor-objection-reviewed", "cn-court")
    assert clock.due_on == date(2026, 5, 6)  # 15 days end on 2 May, a day off


def test_what_the_court_found_wrong_is_carried_out_in_three_working_days() -> None:
    asked, found = objection(COURT, date(2026, 4, 20)), outcome(COURT, date(2026, 4, 30), "cn-court", outcome="upheld")
    running = {clock.rule: clock for clock in clocks((COURT, asked, found), catalogue())}
    assert running["cn/debtor-objection-reviewed"].stopped_on == date(2026, 4, 30)
    assert running["cn/debtor-objection-carried-out"].due_on == date(2026, 5, 8)
    done = said("cn-court", "delisting", "d1", **about(COURT, received_on=date(2026, 5, 7), reason="listed_in_error"))
    stopped = {clock.rule: clock.stopped_on for clock in clocks((COURT, asked, found, done), catalogue())}
    assert stopped["cn/debtor-objection-carried-out"] == date(2026, 5, 7)


def test_a_debtor_who_has_performed_is_deleted_in_three_working_days() -> None:
    fields = {"extent": "full", "performed_on": date(2026, 4, 28), "received_on": date(2026, 5, 6)}
    paid = said("cn-court", "performance", "e1", **about(COURT, **fields))
    clock = one(COURT, paid)
    assert (clock.rule, clock.due_on) == ("cn/debtor-deleted", date(2026, 5, 6))
    assert clocks((COURT, replace(paid, detail={**paid.detail, "extent": "partial"})), catalogue()) == ()
    revised = replace(COURT, revision=2, received_on=date(2026, 5, 6))
    assert one(COURT, paid, revised).stopped_on == date(2026, 5, 6)


def test_an_application_for_repair_is_decided_in_ten_working_days() -> None:
    fine = penalty("cn-environment", received_on=date(2026, 3, 2))
    asked = said("hub", "repair-application", "r/1", **about(fine, lodged_on=date(2026, 4, 24)))
    clock = one(fine, asked)
    assert (clock.rule, clock.due_on, clock.responsible) == ("cn/repair-decided", date(2026, 5, 12), "cn-environment")
    fields = {"outcome": "granted", "application_key": None, "decided_on": date(2026, 5, 8)}
    assert one(fine, asked, said("cn-environment", "repair-decision", "x", **about(fine, **fields))).stopped_on == date(
        2026, 5, 8
    )
    earlier = fields | {"decided_on": date(2026, 4, 1)}
    refused = said("cn-environment", "repair-decision", "x", **about(fine, **earlier))
    assert one(fine, asked, refused).stopped_on is None, "a decision on an earlier application"


def court_of_appeal(*statuses: tuple[str, date | None], fine: Record) -> list[Record]:
    """An appeal and its later revisions, as the agency that may say so publishes them."""
    return [
        said(
            "cn-court",
            "appeal",
            "ap1",
            revision=number,
            received_on=date(2026, 7, 1),
            **about(fine, status=status, remedy="reconsideration", lodged_on=date(2026, 4, 1), outcome_on=on),
        )
        for number, (status, on) in enumerate(statuses, 1)
    ]


def test_a_reconsideration_runs_until_its_own_record_says_how_it_ended() -> None:
    fine = penalty("cn-environment", received_on=date(2026, 3, 2))
    lodged = court_of_appeal(("lodged", None), ("admitted", None), fine=fine)
    clock = one(fine, *lodged)
    assert (clock.rule, clock.responsible, clock.stopped_on) == ("cn/reconsideration-decided", "cn-court", None)
    assert clock.due_on == date(2026, 6, 1)  # 60 days end on Sunday 31 May
    ended = court_of_appeal(("lodged", None), ("dismissed", date(2026, 5, 20)), fine=fine)
    assert one(fine, *ended).standing(LATER) == "stopped in time"


def test_an_annulled_penalty_is_withdrawn_in_three_working_days() -> None:
    fine = penalty("cn-environment", received_on=date(2026, 3, 2))
    upheld = court_of_appeal(("lodged", None), ("upheld", date(2026, 5, 8)), fine=fine)
    found = {clock.rule: clock for clock in clocks((fine, *upheld), catalogue())}
    clock = found["cn/annulled-penalty-withdrawn"]
    assert (clock.due_on, clock.responsible, clock.stopped_on) == (date(2026, 5, 12), "cn-environment", None)
    taken_back = replace(withdrawal(fine, date(2026, 5, 8)), received_on=date(2026, 5, 14))
    found = {clock.rule: clock for clock in clocks((fine, *upheld, taken_back), catalogue())}
    assert late(found["cn/annulled-penalty-withdrawn"], LATER) == 2, "its receipt counts, not the day that it states"


def test_a_start_that_was_a_mistake_starts_nothing() -> None:
    fine = penalty("cn-environment", received_on=date(2026, 3, 2))
    first, second = court_of_appeal(("lodged", None), ("lodged", None), fine=fine)
    litigation = replace(second, detail={**second.detail, "remedy": "litigation"})
    assert clocks((fine, first, litigation), catalogue()) == ()
    assert clocks((fine, first, withdrawal(first)), catalogue()) == ()


def test_a_decision_that_was_a_mistake_stops_nothing() -> None:
    fine = penalty("cn-environment", received_on=date(2026, 3, 2))
    appeal = court_of_appeal(("dismissed", date(2026, 5, 20)), ("admitted", None), fine=fine)
    assert one(fine, *appeal).stopped_on is None


def test_a_decision_that_comes_after_what_was_done_is_no_answer_to_it() -> None:
    late_word = replace(COURT, received_on=date(2026, 5, 12))
    fields = {"extent": "full", "performed_on": date(2026, 4, 28), "received_on": date(2026, 5, 6)}
    assert one(late_word, said("cn-court", "performance", "e1", **about(COURT, **fields))).stopped_on is None


def test_a_court_is_appealed_against_within_its_own_term() -> None:
    [clock] = clocks((COURT, *court_of_appeal(("lodged", None), fine=COURT)), catalogue())
    assert (clock.rule, clock.due_on) == ("cn/debtor-reconsideration-decided", date(2026, 4, 16))


def test_an_answer_dated_before_the_objection_stops_it_at_once() -> None:
    clock = one(FINE, objection(FINE, date(2026, 9, 28)), outcome(FINE, date(2026, 9, 1)))
    assert clock.stopped_on == date(2026, 9, 28)


def test_who_is_not_competent_starts_nothing() -> None:
    fields = {"extent": "full", "performed_on": date(2026, 4, 28), "received_on": date(2026, 5, 6)}
    for agency in ("cn-petitions", "cn-nobody", "hub"):
        assert clocks((COURT, said(agency, "performance", "e1", **about(COURT, **fields))), catalogue()) == (), agency


def test_a_province_counts_instead_of_the_nation_and_only_there() -> None:
    book = Rulebook(jurisdiction="cn-henan", version="1", title="", published_on=date(2026, 1, 1), parent="cn")
    known = replace(catalogue(), rulebooks=(*catalogue().rulebooks, book))
    fine = penalty("cn-environment", received_on=date(2026, 3, 2), jurisdiction="cn-henan")
    asked = said("hub", "repair-application", "r/1", **about(fine, lodged_on=date(2026, 9, 30)))
    assert [(one.rule, one.due_on) for one in clocks((fine, asked), known)] == [
        ("cn-henan/repair-decided", date(2026, 10, 8))
    ]
    rules = [(one.rule, one.responsible) for one in clocks((fine, objection(fine, date(2026, 9, 28))), known)]
    assert rules == [("cn-henan/objection-answered", "cn-environment"), ("cn-henan/objection-closed", "hub")]
    by_agency = outcome(fine, date(2026, 9, 30), "cn-environment")
    stopped = [one.stopped_on for one in clocks((fine, objection(fine, date(2026, 9, 28)), by_agency), known)]
    assert stopped == [date(2026, 9, 30)] * 2


def test_a_rule_counts_for_what_starts_within_its_dates() -> None:
    assert clocks((FINE, objection(FINE, date(2026, 1, 11))), catalogue()) == ()
    assert len(clocks((FINE, objection(FINE, date(2026, 1, 12))), catalogue())) == 1


def test_a_last_day_beyond_the_calendar_is_told_as_a_guess() -> None:
    clock = one(FINE, objection(FINE, date(2026, 12, 28)))
    assert (clock.due_on, clock.sure) == (date(2027, 1, 4), False)
    assert late(clock, date(2027, 1, 6)) == 2


def test_a_place_without_a_calendar_knows_weekends_only() -> None:
    assert calendar_of(("fr", "eu"), {}) == Calendar(jurisdiction="fr")
    clock = one(FINE, objection(FINE, date(2026, 9, 28)), known=replace(catalogue(), calendars={}))
    assert (clock.due_on, clock.sure) == (date(2026, 10, 5), False)
