"""The answer of `entity show`: sentence first, sources beside values, corrections, and nothing of an individual."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from rich.console import Console

from sharehub.cli import entity as people
from sharehub.core.change import change_by
from sharehub.core.decision import due
from sharehub.core.entry import MeasureKind
from sharehub.core.identifier import Identifier
from sharehub.core.measure import EventKind, SanctionEvent
from sharehub.core.record import Record
from sharehub.flow.show import Known, shown_entity
from sharehub.store.messages import entity_state, event_value
from sharehub.store.names import Named
from tests.unit.core.arrived import arrived, instant
from tests.unit.core.said import ENTITY, arrears, catalogue, facts_of, judgment, penalty, said, withdrawal

ON = date(2026, 6, 15)
USCC = Identifier("CN-USCC", "91110108661572276L")
MEASURE = next(one for one in due(facts_of(penalty()), catalogue(), ON) if one.kind is MeasureKind.RESTRICTION)


def event(kind: EventKind, number: int, on: date = ON) -> tuple[SanctionEvent, datetime]:
    """An event of the measure, known on its own day."""
    told = SanctionEvent(event=kind, number=number, business_on=on, reason="ground-final", measure=MEASURE)
    return told, datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


def shown(*records: Record, events: Any = (), kind: str = "company", on: date = ON, **clock: Any) -> dict[str, Any]:
    entity = Known(
        entity_id=ENTITY,
        kind=kind,
        identifiers=sorted({str(one) for record in records for one in record.identifiers}),
        records=arrived(*records),
        events=events,
    )
    return shown_entity(entity, catalogue(), on, **clock)


MILL = said(
    "cn-samr",
    "registration",
    "g1",
    name="Blue River Mills",
    status="active",
    occurred_on=date(2020, 1, 1),
    identifiers=(USCC,),
    address="1 Mill Lane",
    originals={"subject.address": "1, Mill  Lane"},
)


def test_the_answer_is_what_json_has_and_says_for_when_it_is() -> None:
    answer = shown(MILL, penalty(), known_at=instant(1), complete=True)
    assert json.loads(json.dumps(answer)) == answer
    assert (answer["on"], answer["known_at"], answer["complete"]) == ("2026-06-15", "2026-06-02T09:00:00+00:00", True)


def test_a_value_has_its_source_beside_it() -> None:
    [address] = [one for one in shown(MILL)["statements"] if one["property"] == "address"]
    assert address["original"] == "1, Mill  Lane"
    assert (address["said_by"], address["since"], address["record_key"]) == ("Market regulator", "2020-01-01", "g1")
    assert address["displayed"] and address["current"]


def test_an_identifier_has_its_intervals_and_their_source() -> None:
    [one] = shown(MILL, withdrawal(MILL))["identifiers"]
    [assignment] = one["assignments"]
    assert (one["scheme"], one["value"]) == USCC
    assert (assignment["since"], assignment["until"], assignment["agency"]) == ("2020-01-01", "2026-04-30", "cn-samr")
    assert assignment["ended"] == "withdrawn by revision 2"


def test_a_name_is_not_shown_twice_for_its_spaces() -> None:
    assert shown(MILL, penalty(names=("BLUE river  mills",)), arrears(names=("BRM",)))["names"] == [
        "Blue River Mills",
        "BRM",
    ]


@pytest.mark.parametrize(
    ("events", "status", "in_force"),
    [
        (["issued"], "standing", True),
        (["issued", "suspended"], "suspended", False),
        (["issued", "suspended", "amended"], "suspended", False),
        (["issued", "suspended", "resumed"], "standing", True),
        (["issued", "disputed"], "standing", True),
        (["issued", "lifted"], "lifted", False),
    ],
)
def test_a_measure_stands_as_its_events_leave_it(events: list[EventKind], status: str, in_force: bool) -> None:
    told = [event(kind, number) for number, kind in enumerate(events, 1)]
    for order in (told, told[::-1]):
        [measure] = shown(events=order)["measures"]
        assert (measure["status"], measure["in_force"]) == (status, in_force)


def test_an_event_has_two_clocks_too() -> None:
    told = [event("issued", 1, date(2026, 6, 3)), event("lifted", 2, date(2026, 6, 10))]
    on_5, on_12 = date(2026, 6, 5), date(2026, 6, 12)
    early, late = datetime(2026, 6, 4, tzinfo=UTC), datetime(2026, 6, 11, tzinfo=UTC)
    assert shown(events=told, on=on_5)["measures"][0]["in_force"]
    assert not shown(events=told, on=on_12)["measures"][0]["in_force"]
    assert shown(events=told, on=on_12, known_at=early)["measures"][0]["in_force"]
    assert not shown(events=told, on=on_12, known_at=late)["measures"][0]["in_force"]
    assert shown(events=told, on=date(2026, 6, 1))["measures"] == []


def written(answer: dict[str, Any]) -> str:
    out = io.StringIO()
    people.write(Console(file=out, no_color=True, highlight=False, soft_wrap=True), answer)
    return out.getvalue()


def test_people_read_the_answer_first_and_every_side() -> None:
    corrected = replace(MILL, revision=2, detail={**MILL.detail, "status": "ceased"})
    other = penalty(names=("Red Mill",), identifiers=(USCC,))
    text = written(shown(corrected, MILL, other, events=[event("issued", 1)], known_at=instant(20), complete=False))
    assert text.splitlines()[:2] == [
        "Blue River Mills / Red Mill",
        "In law on 2026-06-15, as the hub knew it at 2026-06-21T09:00:00+00:00 (not final: the hub is still processing "
        "what it had received): 1 measure is in force on this company.",
    ]
    for line in (
        "  CN-USCC:91110108661572276L",
        "  * Blue River Mills",
        "      the source says: 1, Mill  Lane",
        "Agencies disagree on name: Market regulator says Blue River Mills; Environment bureau says Red Mill. "
        "Shown is Blue River Mills.",
        "      status: active → ceased",
        "      Revision 1 arrived after revision 2; the highest number counts, not the last arrival.",
        f"  {MEASURE.title} (restriction), from 2026-02-10",
    ):
        assert line in text.splitlines(), line


def test_people_are_not_told_the_same_once_for_each_record() -> None:
    several = [penalty(key=f"p{number}", names=("Mill",), identifiers=(USCC,)) for number in range(4)]
    lines = written(shown(*several)).splitlines()
    assert lines.count("  * Mill") + lines.count("    Mill") == 1
    said_by = [line for line in lines if line.startswith("      Environment bureau")]
    assert len(said_by) == 2 and all(line.endswith(" revision 1, and 3 more records") for line in said_by)


def test_people_are_told_that_nothing_is_said_yet() -> None:
    text = written(shown(MILL, on=date(2019, 1, 1)))
    assert "(no name)" in text and "Nothing is said of it on that day" in text and "no measures are in force" in text


PERSON = judgment(
    subject_kind="individual",
    names=("李清越",),
    address="白石市磨坊路9号",
    identifiers=(Identifier("BR-CPF", "12345678909"),),
    originals={"subject.names": "李 清越"},
    obligation="李清越 returns 280 000",
)
PRIVATE = ("李清越", "李 清越", "磨坊路", "12345678909", "123456789")


def test_nothing_of_an_individual_is_shown() -> None:
    moved = replace(PERSON, revision=2, address="清河市新桥路7号")
    answer = shown(PERSON, moved, kind="individual")
    for text in (json.dumps(answer, ensure_ascii=False), written(answer)):
        assert not [word for word in (*PRIVATE, "新桥路") if word in text]
    assert answer["names"] == ["李**"]
    assert answer["identifiers"][0]["value"] == "*********09"
    [change] = answer["records"][1]["changes"]
    assert (change["before"], change["after"]) == ("白*******", "清*******")


def test_looking_back_unmasks_nothing() -> None:
    """Before the court spoke all took the individual for a company; that answer is masked today."""
    taken = arrears(names=("李清越",), identifiers=PERSON.identifiers)
    answer = shown(taken, PERSON, kind="individual", known_at=instant(0))
    assert answer["kind"] == "company"
    assert not [word for word in PRIVATE if word in json.dumps(answer, ensure_ascii=False)]


def test_the_state_of_an_individual_is_not_published() -> None:
    person = Named(3, "李清越", ("BR-CPF:12345678909",))
    assert entity_state(ENTITY, person, []) == (str(ENTITY), None)
    assert entity_state(ENTITY, Named(0, "Blue River Mills", (str(USCC),)), [])[1] is not None


def test_an_event_about_an_individual_is_masked() -> None:
    told, known_at = event("issued", 1)
    person = Named(3, "李清越", ("BR-CPF:12345678909",))
    value = event_value(told, 1, known_at, person, change_by(None, told))
    assert value["names"] == ["李**"]
    assert value["identifiers"] == [{"scheme": "BR-CPF", "value": "*********09"}]
