"""`entity show` on the real parts: two clocks, corrections as they came, and instants that are no instants."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from sharehub.entities import entity_of
from sharehub.errors import UsageError
from tests.integration.publishing import World, by_hand
from tests.integration.saying import Company, Message, Speaker, subject

pytestmark = pytest.mark.integration

COMPANY = Company(401)
ON = date(2026, 6, 1)


def now() -> datetime:
    """An instant between two arrivals: append times are whole milliseconds."""
    time.sleep(0.005)
    found = datetime.now(UTC)
    time.sleep(0.005)
    return found


def shown(world: World, on: date = ON, known_at: datetime | None = None) -> dict[str, Any]:
    found = entity_of(world.hub, COMPANY.uscc, on=on, known_at=known_at)
    assert found is not None
    return found


def penalty(world: World, revision: int = 1, **fields: Any) -> Message:
    said = Speaker(world.agency("environment"))
    return said.says("penalty", "p", subject(COMPANY.uscc, name="Blue River Mills"), revision=revision, **fields)


def test_the_past_stays_as_it_was_whatever_arrives_later(emptied: World) -> None:
    tax, register = Speaker(emptied.agency("tax")), Speaker(emptied.agency("register"))
    withdrawn = Speaker(emptied.agency("environment")).says("withdrawal", "p", subject(COMPANY.uscc), revision=3)
    later = [
        penalty(emptied, 2, decided_on=date(2026, 3, 9), document_number="No. 2"),
        tax.says("arrears", "a", subject(COMPANY.taxno, name="Red Mill")),
        register.says("registration", "g", subject(COMPANY.uscc, COMPANY.taxno), name="Green Mill"),
        withdrawn,
    ]
    days = (date(2026, 1, 1), date(2026, 3, 5), date(2026, 5, 15), ON)
    asked: dict[tuple[date, datetime], Any] = {}
    with by_hand(emptied) as worker:
        for message in (penalty(emptied), *later):
            worker.take(message)
            instant = now()
            asked |= {(day, instant): shown(emptied, day, instant) for day in days}
            assert all(found == shown(emptied, *pair) for pair, found in asked.items())
    assert shown(emptied)["names"] == ["Green Mill", "Red Mill"]
    assert [one["ground"]["record_key"] for one in shown(emptied)["measures"] if one["in_force"]] == ["a"]


def test_corrections_are_told_as_they_came(emptied: World) -> None:
    with by_hand(emptied) as worker:
        for message in (penalty(emptied, 3, facts="spilled oil"), penalty(emptied, 2), penalty(emptied, 2)):
            worker.take(message)
    second, third = sorted(shown(emptied)["records"], key=lambda one: one["revision"])
    assert [one["words"] for one in third["changes"]] == ["facts: discharged waste water → spilled oil"]
    assert {one["code"] for one in second["notes"]} == {"late", "unreceived"}
    assert (second["speaks"], third["speaks"]) == (False, True)


def test_an_answer_says_whether_it_is_final(world: World) -> None:
    world.say([penalty(world)])
    world.consolidate()
    asked = now()
    final = shown(world, ON, asked)
    assert final["complete"] is True
    world.say([penalty(world, 2, facts="spilled oil")])
    between = now()
    assert shown(world, ON, between)["complete"] is False
    assert shown(world, ON, asked) == final
    world.consolidate()
    assert shown(world, ON, between)["complete"] is True
    assert shown(world, ON, asked) == final
    assert shown(world)["complete"] is None, "the present is not asked for its end"

    assert world.told("entity", "show", COMPANY.uscc, "--on", str(ON), "--known-at", asked.isoformat()) == final
    in_china = asked.astimezone(timezone(timedelta(hours=8))).isoformat()
    assert world.told("entity", "show", COMPANY.uscc, "--on", str(ON), "--known-at", in_china) == final


@pytest.mark.parametrize(
    ("instant", "reason"),
    [("2026-03-02T09:30:00", "has no zone"), ("2026-03-02", "has no zone"), ("soon", "no instant")],
)
def test_an_instant_without_zone_is_refused(world: World, instant: str, reason: str) -> None:
    code, _, errors = world.ran("entity", "show", COMPANY.uscc, "--known-at", instant)
    assert code == 2
    assert reason in errors


def test_the_future_cannot_be_known(emptied: World) -> None:
    with pytest.raises(UsageError, match="future"):
        entity_of(emptied.hub, COMPANY.uscc, known_at=datetime.now(UTC) + timedelta(hours=1))


def test_what_arrived_later_was_not_known(emptied: World) -> None:
    before = now()
    with by_hand(emptied) as worker:
        worker.take(penalty(emptied))
    assert entity_of(emptied.hub, COMPANY.uscc, known_at=before) is None
    assert entity_of(emptied.hub, COMPANY.uscc, known_at=now()) is not None
