"""Due process through the real log and database: stays, disputes, exceptions and repair, with their own dates."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sharehub.entities import entity_of
from tests.integration.installation import Running
from tests.integration.publishing import World, by_hand, fresh_world
from tests.integration.saying import Company, Message, Speaker, subject

pytestmark = pytest.mark.integration


@pytest.fixture
def world(stack: Running, tmp_path: Path) -> Any:
    """A hub that starts on the first of May 2026."""
    with fresh_world(stack, tmp_path, log=False, decide_on=date(2026, 5, 1)) as found:
        yield found


def events(world: World) -> list[tuple[str, str, date, str]]:
    """Every event of every measure: ground, event, day in law, reason, in the order of issue."""
    query = """
        SELECT body -> 'measure' -> 'ground' ->> 'record_key', event, business_on, reason
        FROM events JOIN outbox USING (event_id) ORDER BY seq
    """
    return list(world.rows(query))


def about(record_key: str, agency: str) -> dict[str, str]:
    """Which record an act of due process concerns."""
    return {"concerns_agency": agency, "concerns_key": record_key}


def acts(bureau: Speaker, company: Company) -> list[Message]:
    """A year of due process about one penalty."""
    who, concerns = subject(company.uscc, name="Blue River Mills"), about("p", bureau.agency)
    return [
        bureau.says("penalty", "p", who),
        bureau.says("appeal", "ap", who, lodged_on=date(2026, 5, 4), **concerns),
        bureau.says("stay", "st", who, effective_from=date(2026, 5, 10), effective_to=date(2026, 6, 9), **concerns),
        bureau.says("appeal", "ap", who, revision=2, status="dismissed", outcome_on=date(2026, 6, 20), **concerns),
        bureau.says(
            "exception", "ex", who, effective_from=date(2026, 7, 1), effective_to=date(2026, 7, 15), **concerns
        ),
        bureau.says("repair-decision", "rd", who, decided_on=date(2026, 9, 1), **concerns),
    ]


LIFE = [
    ("p", "issued", date(2026, 3, 2), "ground-final"),
    ("p", "disputed", date(2026, 5, 4), "objection-or-appeal"),
    ("p", "suspended", date(2026, 5, 10), "stayed"),
    ("p", "resumed", date(2026, 6, 10), "stay-over"),
    ("p", "dispute-closed", date(2026, 6, 20), "answered"),
    ("p", "excepted", date(2026, 7, 1), "temporary-exception"),
    ("p", "lifted", date(2026, 9, 1), "repaired"),
]


@pytest.mark.parametrize("order", ["as they came", "all at once, the other way round"])
def test_a_year_of_due_process_has_one_story(world: World, order: str) -> None:
    """Told in order or backwards, by a clock that ticks or that stood still for months."""
    bureau, company = Speaker(world.agency("environment")), Company(7)
    said = acts(bureau, company)
    with by_hand(world) as worker:
        if order == "as they came":
            for one in said:
                worker.take(one)
            for day in (4, 10, 31):
                world.hub.timers(date(2026, 5, day))
        else:
            worker.take(*reversed(said))
    world.hub.timers(date(2026, 12, 31))
    assert events(world) == LIFE
    assert world.hub.timers(date(2026, 12, 31)) == 0


def test_marks_and_exceptions_are_shown_and_told(world: World) -> None:
    bureau, company = Speaker(world.agency("environment")), Company(7)
    with by_hand(world) as worker:
        worker.take(*acts(bureau, company)[:5])
    world.hub.timers(date(2026, 7, 3))

    def shown(on: date) -> dict[str, Any]:
        found = entity_of(world.hub, company.uscc, on=on)
        assert found is not None
        [measure] = [one for one in found["measures"] if one["ground"]["record_key"] == "p"]
        return {name: measure[name] for name in ("in_force", "status", "disputed", "excepted_until")}

    plain = {"in_force": True, "status": "standing", "disputed": False, "excepted_until": None}
    assert shown(date(2026, 5, 1)) == plain
    assert shown(date(2026, 5, 5)) == {**plain, "disputed": True}
    assert shown(date(2026, 5, 11)) == {**plain, "disputed": True, "status": "suspended", "in_force": False}
    assert shown(date(2026, 7, 2)) == {**plain, "in_force": False, "excepted_until": "2026-07-15"}
    assert shown(date(2026, 7, 16)) == plain


def test_a_week_without_timers_is_made_up_in_business_order(world: World) -> None:
    """What was due on Monday is issued before what was due on Tuesday, whoever it concerns."""
    bureau = Speaker(world.agency("environment"))
    with by_hand(world) as worker:
        for number, day in ((1, 9), (2, 7), (3, 8)):
            company = Company(number)
            worker.take(bureau.says("licence", f"l{number}", subject(company.uscc), valid_to=date(2026, 8, day)))
    assert world.hub.timers(date(2026, 8, 20)) == 3
    assert [(event[0], event[2].day) for event in events(world)] == [("l2", 8), ("l3", 9), ("l1", 10)]
    assert world.hub.timers(date(2026, 8, 20)) == 0


def test_a_revision_that_comes_late_speaks_for_its_days(world: World) -> None:
    """The first text of a decision arrives after the second: the days before the second one are its own."""
    bureau, company = Speaker(world.agency("environment")), Company(7)
    who = subject(company.uscc)
    second = bureau.says("penalty", "p", who, revision=2, decided_on=date(2026, 4, 20), finality="under_appeal")
    with by_hand(world) as worker:
        worker.take(second)
        assert events(world) == []
        worker.take(bureau.says("penalty", "p", who))
    assert events(world) == [
        ("p", "issued", date(2026, 3, 2), "ground-final"),
        ("p", "lifted", date(2026, 4, 20), "ground-ended"),
    ]
