"""What the shipped rulebooks do that their scenario tables cannot show: witnesses, recipients, publication, bases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sharehub.core.catalogue import Catalogue
from sharehub.core.condition import Condition
from sharehub.core.measure import Measure
from sharehub.core.record import Record
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import ESSENTIAL_SERVICES, violations
from tests.unit.core.said import Told, catalogue, judgment, penalty, reminder, said

DAY = date(2026, 4, 1)
REMINDERS = tuple(reminder(number) for number in (1, 2, 3))


@pytest.fixture
def told() -> Told:
    return Told(catalogue())


def standing(told: Told) -> list[Measure]:
    return [state.measure for state in told.standing.values() if state.in_place]


def debarment(agency: str, key: str, since: date, status: str = "debarred", **stated: Any) -> Record:
    """A place on a development bank's list until the end of February 2029."""
    defaults: dict[str, Any] = {
        "jurisdiction": "mdb",
        "list_name": "list",
        "status": status,
        "effective_from": since,
        "effective_to": date(2029, 2, 28),
    }
    return said(agency, "listing", key, **defaults | stated)


OWN = debarment("mdb-wb", "w1", date(2026, 3, 1))
RECOGNISED = debarment("mdb-iadb", "i1", date(2026, 3, 20), "cross-debarred-wbg")


@pytest.mark.parametrize("records", [(OWN, RECOGNISED), (RECOGNISED, OWN)])
def test_one_debarment_on_two_lists_is_one_ground_with_a_witness(told: Told, records: tuple[Record, ...]) -> None:
    told.on(DAY, *records)
    (measure,) = standing(told)
    assert (measure.ground.agency, [one.agency for one in measure.witnesses]) == ("mdb-wb", ["mdb-iadb"])
    assert len(measure.recipients) == 5


def test_a_debarment_without_an_end_is_its_own_ground(told: Told) -> None:
    told.on(DAY, debarment("mdb-wb", "w1", DAY, effective_to=None))
    told.on(DAY, debarment("mdb-iadb", "i1", DAY, effective_to=None))
    assert [measure.witnesses for measure in standing(told)] == [(), ()]


def test_a_bank_that_opts_out_is_told_nothing_more(told: Told) -> None:
    told.on(DAY, OWN)
    about = {"concerns_agency": "mdb-wb", "concerns_key": "w1", "recipient": "mdb-recognition-iadb", "reason": "law"}
    told.on(DAY, said("mdb-iadb", "opt-out", "o1", jurisdiction="mdb", decided_on=DAY, **about))
    (measure,) = standing(told)
    assert "mdb-recognition-iadb" not in measure.recipients
    assert len(measure.recipients) == 4


def test_a_serious_decision_is_public_for_three_years_at_most(told: Told) -> None:
    told.on(DAY, penalty("cn-approval", violation_type="licence-by-fraud"))
    assert [measure.published_until for measure in standing(told)] == [date(2029, 2, 9)]


def test_a_person_who_is_a_debtor_is_never_published(told: Told) -> None:
    person = {"subject_kind": "individual"}
    told.on(DAY, judgment(**person), *(reminder(number, **person) for number in (1, 2, 3)))
    assert [(measure.publication, measure.published_until) for measure in standing(told)] == [("none", None)]


def test_consumption_limits_are_excepted_for_some_days_and_then_stand(told: Told) -> None:
    told.on(DAY, judgment(), *REMINDERS)
    days = {"effective_from": date(2026, 6, 3), "effective_to": date(2026, 6, 20)}
    about = {"concerns_agency": "cn-court", "concerns_key": "j1", "reason": "illness", "approved_by": "president"}
    told.on(date(2026, 6, 3), said("cn-court", "exception", "x1", **days, **about))
    assert (told.events[-1].event, told.events[-1].until) == ("excepted", date(2026, 6, 20))
    assert told.in_place() == ["cn/debtor-able-to-pay"]


@pytest.mark.parametrize(("stated", "last"), [(None, 24), (24, 24), (36, 36), (48, 48), (60, 60), (72, 60)])
def test_violence_makes_the_listing_as_long_as_the_court_says_but_five_years(
    told: Told, stated: int | None, last: int
) -> None:
    told.on(DAY, judgment(ground_number=2, aggravated=True, term_months=stated), *REMINDERS)
    assert [measure.effective_to for measure in standing(told)] == [date(2026 + last // 12, 3, 14)]


@pytest.mark.parametrize("book", catalogue().rulebooks, ids=lambda book: f"{book.jurisdiction}-{book.version}")
def test_no_shipped_rulebook_breaks_a_law_or_touches_an_essential_service(book: Any) -> None:
    assert violations(book, catalogue()) == ()
    assert not {entry.target_service for entry in book.entries} & ESSENTIAL_SERVICES


def test_the_national_catalogue_is_whole() -> None:
    entries = {entry.id for book in catalogue().rulebooks if book.jurisdiction == "cn" for entry in book.entries}
    assert len(entries) >= 15


def test_a_class_of_publication_that_an_entry_names_exists() -> None:
    for book in catalogue().rulebooks:
        for entry in book.entries:
            assert entry.publication_class is None or catalogue().publication_class(book, entry), entry.id


FINED = date(2027, 11, 8)
REVISED = date(2028, 1, 10)
AWARDS = "cn-qinghe/waste-sorting-awards"


def fined() -> Record:
    waste = {"violation_type": "mixed-household-waste", "jurisdiction": "cn-qinghe", "decided_on": FINED}
    return penalty("qinghe-housing", fine=Decimal("500.00"), **waste)


def from_a_thousand(book: Rulebook) -> Rulebook:
    """The revised pilot, where it only counts fines from 1,000 yuan."""
    if (book.jurisdiction, book.version) != ("cn-qinghe", "2028-1"):
        return book
    (entry,) = book.entries
    where = (*entry.ground.where, Condition("fine", "at_least", "1000.00"))
    return replace(book, entries=(replace(entry, ground=replace(entry.ground, where=where)),))


def test_a_new_text_that_no_longer_knows_a_ground_ends_its_measures_on_the_day_of_the_text() -> None:
    revised = tuple(map(from_a_thousand, catalogue().rulebooks))
    told = Told(Catalogue(revised, catalogue().agencies, catalogue().recipients))
    assert told.on(FINED, fined()) == [(AWARDS, "issued", "ground-final")]
    assert told.decision.next_due_on == REVISED
    assert told.on(REVISED) == [(AWARDS, "lifted", "rulebook-changed")]
    assert told.events[-1].business_on == REVISED


def test_a_new_text_that_ends_with_performance_ends_what_was_performed_before_on_the_day_of_the_text(
    told: Told,
) -> None:
    about = {"concerns_agency": "qinghe-housing", "concerns_key": "p1", "performed": "correction", "extent": "full"}
    day = {"decided_on": date(2027, 12, 6), "performed_on": date(2027, 12, 5)}
    told.on(FINED, fined())
    assert (
        told.on(
            date(2027, 12, 6), said("qinghe-housing", "performance", "f1", jurisdiction="cn-qinghe", **about, **day)
        )
        == []
    )
    assert told.on(REVISED) == [(AWARDS, "lifted", "performed")]
    assert told.events[-1].business_on == REVISED
