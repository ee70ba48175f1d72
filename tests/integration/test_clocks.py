"""An objection that nobody answers is overdue on the command line; the answer stops its clock."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import RunningStack
from tests.integration.publishing import World, fresh_world
from tests.integration.saying import Company, Message, Speaker, subject
from tests.integration.saying import payload as bytes_of

pytestmark = pytest.mark.integration

MILL = "CN-REGNO:31"
CLOCKS = """
[[clock]]
id = "objection-answered"
jurisdiction = "cn"
title = "The agency answers an objection"
starts = { record_kind = "objection", dated_by = "lodged_on" }
stops = [
  { relation = "answers", record_kind = "objection-outcome", key_field = "objection_key", dated_by = "answered_on" },
]
working_days = 5
responsible = "concerned"
legal_basis = [{ instrument = "A law of the test", article = "Art. 9", rank = "law" }]
effective_from = 2020-01-01
"""
CALENDAR = '[cn]\ncountry = "CN"\nyears = [2026, 2026]\nnote = "from the library"\n'


@pytest.fixture
def clocked(stack: RunningStack, tmp_path: Path) -> Iterator[World]:
    """A hub that counts five working days for the answer to an objection."""
    with fresh_world(stack, tmp_path) as made:
        folder = made.config.parent / "rulebooks"
        answering = '"objection-outcome", "licence", "penalty"'
        agencies = (folder / "agencies.toml").read_text().replace('"licence", "penalty"', answering)
        (folder / "agencies.toml").write_text(agencies, encoding="utf-8")
        (folder / "clocks.toml").write_text(CLOCKS, encoding="utf-8")
        (folder / "calendars.toml").write_text(CALENDAR, encoding="utf-8")
        yield made


def objection(world: World, key: str, lodged_on: date) -> Message:
    fields = {"concerns_agency": world.agency("environment"), "concerns_key": "p/1", "lodged_on": lodged_on}
    value = bytes_of("objection", "hub", key, subject(MILL), **fields)
    return Message("casework.hub", MILL.encode(), value)


def test_an_unanswered_objection_is_overdue_by_working_days_until_it_is_answered(clocked: World) -> None:
    """And its clock follows the entity where that turns out to be another one."""
    bureau, register = Speaker(clocked.agency("environment")), Speaker(clocked.agency("register"))
    clocked.say([bureau.says("penalty", "p/1", subject(MILL))])
    clocked.say([objection(clocked, "o/1", date(2026, 5, 12)), objection(clocked, "o/2", date(2026, 5, 28))])
    clocked.consolidate()

    rows = clocked.told("casework", "clocks")
    assert [(row["started_by"], row["due_on"], row["working_days_late"]) for row in rows] == [
        ("hub/o/1", "2026-05-19", 9),  # on Monday, 1 June; 19 May is a Tuesday
        ("hub/o/2", "2026-06-04", 0),
    ]
    assert {(row["responsible"], row["record"]) for row in rows} == {(bureau.agency, f"{bureau.agency}/p/1")}
    late = clocked.told("casework", "clocks", "--overdue", "--agency", bureau.agency)
    assert [row["started_by"] for row in late] == ["hub/o/1"]
    assert clocked.hub.status()["clocks_overdue"] == 1

    clocked.say([register.says("registration", "g/1", subject(Company(31).uscc, MILL), name="Mill")])
    clocked.consolidate()
    (before,), (now,) = {row["entity_id"] for row in rows}, clocked.rows("SELECT entity_id::text FROM entities")[0]
    assert before != now
    assert clocked.rows("SELECT DISTINCT entity_id::text, started_key FROM running_clocks ORDER BY 2") == [
        (now, "o/1"),
        (now, "o/2"),
    ]

    concerns = {"concerns_agency": bureau.agency, "concerns_key": "p/1", "objection_key": "o/1"}
    clocked.say([bureau.says("objection-outcome", "a/1", subject(MILL), **concerns)])
    clocked.consolidate()
    assert [row["started_by"] for row in clocked.told("casework", "clocks")] == ["hub/o/2"]
    assert clocked.hub.status()["clocks_overdue"] == 0
