"""Each value with who said it, since when and in which record; which one is displayed, and who disagrees."""

from datetime import date
from typing import Any

from sharehub.core.assignment import Assignment, assignments
from sharehub.core.identifier import Identifier
from sharehub.core.record import Record
from sharehub.core.statement import Statement, disagreements, displayed, statements
from tests.unit.core.arrived import arrived, instant
from tests.unit.core.said import arrears, penalty, said, withdrawal

ON = date(2026, 6, 15)
USCC, ORGCODE = Identifier("CN-USCC", "91110108661572276L"), Identifier("CN-ORGCODE", "661572276")


def registered(name: str = "Blue River Mills", **stated: Any) -> Record:
    defaults = {"occurred_on": date(2020, 1, 1), "status": "active", "names": (name,), "identifiers": (USCC,)}
    return said("cn-samr", "registration", "g1", **{"name": name, **defaults, **stated})


def of(prop: str, *records: Record, on: date = ON) -> list[Statement]:
    return [one for one in statements(arrived(*records), on) if one.prop == prop]


def test_a_statement_says_who_since_when_in_which_record_and_what_the_source_wrote() -> None:
    address = "1 Mill Lane"
    [one] = of("address", registered(address=address, originals={"subject.address": "1  mill lane"}))
    assert (one.value, one.original, one.agency, str(one.reference)) == (
        address,
        "1  mill lane",
        "cn-samr",
        "RECORD:cn-samr/g1",
    )
    assert (one.since, one.until, one.received_at, one.current) == (date(2020, 1, 1), None, instant(0), True)


def test_every_field_of_a_registration_and_the_subject_of_any_record_is_stated() -> None:
    mill = registered(region="Qinghe", representative="W*", names=("Blue River Mills", "Old Mill"))
    found = {(one.prop, one.value) for one in statements(arrived(mill, penalty(names=("BRM",))), ON)}
    assert found == {
        ("name", "Blue River Mills"),
        ("other_name", "Old Mill"),
        ("name", "BRM"),
        ("kind", "company"),
        ("status", "active"),
        ("region", "Qinghe"),
        ("representative", "W*"),
    }


def test_a_repeated_value_is_one_statement_since_it_was_first_said() -> None:
    later = registered(revision=2, occurred_on=date(2025, 3, 1), capital="5")
    [name] = of("name", registered(), later)
    assert (name.since, name.received_at, name.record.revision) == (date(2020, 1, 1), instant(0), 2)
    assert of("name", registered(), later, on=date(2021, 1, 1))[0].record.revision == 1
    [capital] = of("capital", registered(), later)
    assert (capital.since, capital.received_at) == (date(2025, 3, 1), instant(1))


def test_a_changed_value_stays_as_a_former_one() -> None:
    renamed = registered("New Mill", revision=2, occurred_on=date(2025, 3, 1))
    new, old = of("name", registered(), renamed)
    assert (new.value, new.current, new.since) == ("New Mill", True, date(2025, 3, 1))
    assert (old.value, old.current, old.until) == ("Blue River Mills", False, date(2025, 2, 28))
    assert (old.ending, old.ended_by) == ("superseded", 2)


def test_a_corrected_value_never_counted_and_a_withdrawn_one_no_longer_does() -> None:
    _, wrong = of("name", registered(), registered("Right", revision=2))
    assert (wrong.ending, wrong.ended_by, wrong.until) == ("corrected", 2, None)
    [gone] = of("name", registered(), withdrawal(registered()))
    assert (gone.until, gone.ending, gone.ended_by) == (date(2026, 4, 30), "withdrawn", 2)
    assert displayed([gone]) == {}


def test_nothing_is_stated_before_it_counts() -> None:
    assert statements(arrived(registered()), date(2019, 12, 31)) == ()


def test_a_value_that_paused_is_stated_twice() -> None:
    first = registered(effective_to=date(2021, 12, 31))
    now, then = of("name", first, registered(revision=2, occurred_on=date(2023, 1, 1)))
    assert [(one.since, one.until) for one in (then, now)] == [
        (date(2020, 1, 1), date(2021, 12, 31)),
        (date(2023, 1, 1), None),
    ]


def shown(*records: Record, prop: str = "name") -> object:
    return displayed(statements(arrived(*records), ON))[prop].value


def test_a_registration_is_displayed_before_a_later_record_of_another_kind() -> None:
    assert shown(registered(), penalty(names=("BRM",))) == "Blue River Mills"


def test_the_later_business_date_is_displayed_not_the_later_arrival() -> None:
    new, old = penalty(names=("New",), decided_on=date(2026, 3, 1)), arrears(names=("Old",))
    assert shown(new, old) == shown(old, new) == "New"


def test_the_most_protected_kind_is_displayed() -> None:
    body = penalty(subject_kind="public_body", decided_on=date(2019, 1, 1))
    assert shown(registered(), body, prop="kind") == "public_body"


def test_agencies_that_differ_are_shown_with_both_sides() -> None:
    mill = registered(address="1 Mill Lane")
    [found] = disagreements(statements(arrived(mill, arrears(names=(), address="2 Mill Lane")), ON))
    assert (found.prop, found.displayed.value, found.displayed.agency) == ("address", "1 Mill Lane", "cn-samr")
    assert [(one.value, one.agency) for one in found.others] == [("2 Mill Lane", "cn-tax")]


def test_width_case_and_spaces_are_no_disagreement() -> None:
    assert not disagreements(statements(arrived(registered("ＡＢ  Mill"), penalty(names=("ab mill",))), ON))


def test_a_former_name_or_an_ended_statement_is_no_disagreement() -> None:
    mill = registered(names=("Blue River Mills", "Old Mill"))
    assert not disagreements(statements(arrived(mill, penalty(names=("Old Mill",))), ON))
    other = penalty(names=("Other",))
    assert disagreements(statements(arrived(mill, other), ON))
    assert not disagreements(statements(arrived(mill, other, withdrawal(other)), ON))


def spans_of(*records: Record, on: date = ON) -> list[tuple[str, date, date | None, str]]:
    found: tuple[Assignment, ...] = assignments(arrived(*records), on)
    return [(str(one.identifier), one.since, one.until, one.record.agency) for one in found]


def test_an_identifier_is_assigned_for_an_interval_by_a_source() -> None:
    number = Identifier("CN-REGNO", "51")
    first = registered(identifiers=(number,))
    second = registered(revision=2, occurred_on=date(2022, 1, 1))
    assert spans_of(first, second) == [
        (str(ORGCODE), date(2022, 1, 1), None, "cn-samr"),
        ("CN-REGNO:51", date(2020, 1, 1), date(2021, 12, 31), "cn-samr"),
        (str(USCC), date(2022, 1, 1), None, "cn-samr"),
    ]
    assert spans_of(first, withdrawal(first))[0][2] == date(2026, 4, 30)
    assert spans_of(first, on=date(2019, 1, 1)) == []


def test_an_implied_identifier_names_what_implies_it() -> None:
    found = {one.identifier: one.implied_by for one in assignments(arrived(registered()), ON)}
    assert found == {USCC: None, ORGCODE: USCC}


def test_a_record_without_identifiers_stands_for_itself() -> None:
    assert spans_of(penalty())[0][0] == "RECORD:cn-environment/p1"
