"""Conditions compare exactly; the entry that counts is the one the law of the day and place named."""

from datetime import date
from decimal import Decimal

import pytest

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency
from sharehub.core.condition import Condition, Operand, Operator
from sharehub.core.entry import Entry, Requirement
from sharehub.core.months import add_months
from sharehub.core.process import PROCESS_KINDS
from sharehub.core.record import Scalar
from sharehub.core.rulebook import Rulebook
from tests.unit.core.said import catalogue, judgment, penalty, reminder


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 10), 36, date(2029, 3, 10)),
        (date(2026, 3, 10), 0, date(2026, 3, 10)),
        (date(2100, 1, 31), 1, date(2100, 2, 28)),
    ],
)
def test_months_are_added_as_the_calendar_has_them(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@pytest.mark.parametrize(
    ("operator", "operand", "value", "holds"),
    [
        ("at_least", "2000000.00", Decimal("2000000.00"), True),
        ("at_least", "2000000.00", Decimal("1999999.99"), False),
        ("at_least", "2000000", Decimal("2000000.00"), True),
        ("at_most", "0.00", Decimal("0"), True),
        ("at_most", "0.00", Decimal("0.01"), False),
        ("more_than", "0.00", Decimal("0.01"), True),
        ("more_than", "0.00", Decimal("0.00"), False),
        ("more_than", "0.1", Decimal("0.1000000000000000055"), True),
        ("at_least", 3, 3, True),
        ("at_least", 3, 2, False),
        ("at_least", date(2026, 1, 1), date(2026, 1, 1), True),
        ("at_least", date(2026, 1, 1), "2025-12-31", False),
        ("more_than", date(2026, 1, 1), "2026-01-02", True),
        ("at_most", date(2026, 1, 1), "no date", False),
        ("at_least", "5", "five", False),
        ("at_least", "5", True, False),
        ("at_least", "0", None, False),
        ("is", "final", "final", True),
        ("is", "final", "Final", False),
        ("is", 1, 1, True),
        ("is", "1", 1, True),
        ("is", True, True, True),
        ("is", True, "True", False),
        ("is", True, 1, False),
        ("is", False, None, False),
        ("is_not", "warning", "fine", True),
        ("is_not", "warning", "warning", False),
        ("is_not", "warning", None, False),
        ("is_not", True, False, True),
        ("one_of", ("granted", "renewed"), "renewed", True),
        ("one_of", ("granted", "renewed"), "revoked", False),
        ("one_of", "granted", "granted", False),
        ("present", True, date(2026, 1, 1), True),
        ("present", True, None, False),
        ("present", True, "", False),
        ("present", False, None, True),
        ("present", False, "", True),
        ("present", False, "x", False),
        ("present", True, False, True),
        ("present", True, 0, True),
    ],
)
def test_a_condition_holds_exactly(operator: Operator, operand: Operand, value: Scalar, holds: bool) -> None:
    assert Condition("stated", operator, operand).holds(penalty(stated=value)) is holds


@pytest.mark.parametrize("value", ["NaN", "sNaN", "-nan"])
def test_what_is_no_number_passes_no_test_of_size(value: str) -> None:
    assert not Condition("stated", "at_least", "1.00").holds(penalty(stated=value))


def test_a_condition_reads_the_fields_that_all_records_share() -> None:
    assert Condition("decided_on", "at_least", date(2026, 2, 10)).holds(penalty())
    assert Condition("jurisdiction", "is", "cn").holds(penalty())
    assert not Condition("subject_kind", "present", True).holds(penalty())


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition("fine", "at_least", "2000000.00"), "fine is at least 2000000.00 (5000000.00)"),
        (Condition("finality", "is", "final"), "finality is final"),
        (Condition("penalty_kind", "one_of", ("fine", "closure")), "penalty kind is one of fine, closure (fine)"),
        (Condition("document_number", "present", True), "document number is stated (No. 12)"),
        (Condition("confiscation", "present", False), "confiscation is not stated (None)"),
    ],
)
def test_a_condition_says_in_words_what_it_found(condition: Condition, words: str) -> None:
    assert condition.words(penalty()) == words


def test_a_requirement_counts_distinct_records_of_the_same_case() -> None:
    need = Requirement(record_kind="reminder", count=3, distinct="number")
    three = [reminder(number) for number in (1, 2, 3)]
    assert need.met_by(judgment(), three) == tuple(three)
    assert need.met_by(judgment(), [*three[:2], reminder(2, record_key="again")]) == ()
    assert need.met_by(judgment(case_reference="case-2"), three) == ()
    assert need.met_by(judgment(case_reference=None), [reminder(n, case_reference=None) for n in (1, 2, 3)]) == ()


def book(jurisdiction: str, version: str, published: date, *entries: Entry, parent: str | None = None) -> Rulebook:
    return Rulebook(
        jurisdiction=jurisdiction,
        version=version,
        title=version,
        published_on=published,
        parent=parent,
        entries=entries,
    )


def entry(name: str, **changes: object) -> Entry:
    model = catalogue().rulebooks[0].entries[0]
    fields = {field: getattr(model, field) for field in Entry.__dataclass_fields__}
    return Entry(**(fields | {"id": name, "effective_from": date(2020, 1, 1), "effective_to": None} | changes))  # type: ignore[arg-type]


def chosen(books: tuple[Rulebook, ...], place: str, ground_on: date, on: date) -> list[tuple[str, str]]:
    found = Catalogue(books)
    names = {name for name, _ in found.ever(place, "penalty", AUTHORITY)}
    counting = [found.entry_on(name, place, "penalty", ground_on, on, on) for name in names]
    return sorted((one[0].version, one[1].id) for one in counting if one)


DAY = date(2026, 6, 1)
AUTHORITY = catalogue().rulebooks[0].entries[0].ground.authority
NATION = book("cn", "nation", date(2020, 1, 1), entry("a"), entry("b"))
PROVINCE = book("cn-p", "province", date(2020, 1, 1), entry("b"), parent="cn")
CITY = book("cn-p-c", "city", date(2020, 1, 1), entry("pilot", pilot=True), parent="cn-p")


def test_the_most_specific_jurisdiction_prevails_and_its_parents_add() -> None:
    books = (NATION, PROVINCE, CITY)
    assert chosen(books, "cn-p-c", DAY, DAY) == [("city", "pilot"), ("nation", "a"), ("province", "b")]
    assert chosen(books, "cn-p", DAY, DAY) == [("nation", "a"), ("province", "b")]
    assert chosen(books, "cn", DAY, DAY) == [("nation", "a"), ("nation", "b")]
    assert chosen(books, "mx", DAY, DAY) == []


def test_only_entries_for_that_kind_of_ground_are_chosen() -> None:
    assert Catalogue((NATION,)).ever("cn", "rating", AUTHORITY) == ()
    assert Catalogue((NATION,)).entry_on("cn/a", "cn", "rating", DAY, DAY, DAY) is None


def test_the_newest_text_of_an_entry_is_found_by_its_name() -> None:
    older, newer = entry("a", title="older"), entry("a", title="newer")
    found = Catalogue((book("cn", "2", DAY, newer), book("cn", "1", date(2026, 1, 5), older)))
    assert found.entry("cn/a") == newer
    assert found.entry("cn/none") is None


def test_an_entry_counts_from_its_first_to_its_last_day() -> None:
    books = (book("cn", "1", date(2020, 1, 1), entry("a", effective_from=DAY, effective_to=date(2026, 6, 30))),)
    assert chosen(books, "cn", date(2026, 5, 31), DAY) == []
    assert chosen(books, "cn", DAY, DAY) == [("1", "a")]
    assert chosen(books, "cn", date(2026, 6, 30), DAY) == [("1", "a")]
    assert chosen(books, "cn", date(2026, 7, 1), date(2026, 8, 1)) == []


def test_an_entry_of_the_city_that_is_over_gives_way_to_its_parents() -> None:
    over = book("cn-p", "1", date(2020, 1, 1), entry("b", effective_to=date(2026, 1, 31)), parent="cn")
    assert chosen((NATION, over), "cn-p", date(2026, 1, 31), DAY) == [("1", "b"), ("nation", "a")]
    assert chosen((NATION, over), "cn-p", date(2026, 2, 1), DAY) == [("nation", "a"), ("nation", "b")]


def test_the_newest_version_that_is_published_by_the_day_counts() -> None:
    first, second = book("cn", "1", date(2026, 1, 5), entry("a")), book("cn", "2", DAY, entry("a"))
    for books in ((first, second), (second, first)):
        assert chosen(books, "cn", DAY, date(2026, 1, 4)) == []
        assert chosen(books, "cn", DAY, date(2026, 1, 5)) == [("1", "a")]
        assert chosen(books, "cn", DAY, date(2026, 5, 31)) == [("1", "a")]
        assert chosen(books, "cn", DAY, DAY) == [("2", "a")]


def test_parents_that_name_each_other_do_not_go_round_for_ever() -> None:
    books = (book("x", "1", DAY, parent="y"), book("y", "1", DAY, parent="x"))
    assert Catalogue(books).lineage("x") == ("x", "y")


def test_an_agency_covers_its_own_place_and_those_below() -> None:
    found = Catalogue((NATION, PROVINCE, CITY))
    province = Agency("p", "", "", "cn-p", ())
    assert [found.covers(province, place) for place in ("cn", "cn-p", "cn-p-c", "mx")] == [False, True, True, False]


def test_the_kinds_that_entries_can_decide_on() -> None:
    found = catalogue().ground_kinds() - PROCESS_KINDS
    assert found == {"penalty", "licence", "judgment", "reminder", "arrears", "rating", "listing", "commendation"}
