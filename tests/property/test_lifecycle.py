"""The life of a measure over a year: order, batches and the pace of the clock change no event and no business date."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.record import Record
from tests.property.worlds import batches
from tests.property.years import FIRST, LAST, arriving, with_process, years
from tests.unit.core.said import Told

CATALOGUE = with_process()
BEFORE = FIRST - timedelta(days=1)

Dated = tuple[object, int, str, date, str, date | None, bool]


def events(hub: Told) -> list[Dated]:
    told = [
        (one.measure.id, one.number, one.event, one.business_on, one.reason, one.until, one.disputed)
        for one in hub.events
    ]
    return sorted(told, key=str)


def jumped(records: list[Record], last: date = LAST) -> Told:
    hub = Told(CATALOGUE)
    hub.on(last, *records)
    return hub


def loaded(records: list[list[Record]]) -> Told:
    hub = Told(CATALOGUE)
    for batch in records:
        hub.on(BEFORE, *batch)
    return hub


def tick(hub: Told, last: date) -> None:
    """Let the clock go from one due day to the next."""
    while (due_on := hub.decision.next_due_on) is not None and due_on <= last:
        hub.on(due_on)


@given(st.data())
def test_the_year_again_in_any_order_by_any_clock_gives_the_same_events(data: st.DataObject) -> None:
    records = data.draw(years())
    ticking = loaded(data.draw(batches(records)))
    tick(ticking, LAST)
    ticking.on(LAST)
    assert events(ticking) == events(jumped(records))
    strolling = loaded(data.draw(batches(records)))
    for days in data.draw(st.lists(st.integers(1, 364), max_size=6).map(sorted)):
        strolling.on(BEFORE + timedelta(days=days))
    strolling.on(LAST)
    assert events(strolling) == events(jumped(records))


@given(st.data())
def test_a_year_lived_day_by_day_gives_the_same_events_as_the_year_looked_back_on(data: st.DataObject) -> None:
    records = data.draw(years())
    hub = Told(CATALOGUE)
    for day, said in arriving(records):
        tick(hub, day - timedelta(days=1))
        hub.on(day, *data.draw(st.permutations(said)))
    tick(hub, LAST)
    hub.on(LAST)
    assert events(hub) == events(jumped(records))


@given(st.data())
def test_records_that_come_late_in_any_order_leave_the_same_standing(data: st.DataObject) -> None:
    records = data.draw(years())
    hub = Told(CATALOGUE)
    on = BEFORE
    for batch in data.draw(batches(records)):
        on = min(LAST, on + timedelta(days=data.draw(st.integers(0, 200))))
        hub.on(on, *batch)
    hub.on(LAST)
    once = jumped(records)

    def in_place(told: Told) -> set[tuple[object, str, bool]]:
        states = [state for state in told.standing.values() if state.in_place]
        assert all(state.measure == once.standing[state.measure.id].measure for state in states)
        return {(state.measure.id, state.status, state.disputed) for state in states}

    assert in_place(hub) == in_place(once)
    assert hub.on(LAST) == []


@given(years(), st.integers(0, 364))
def test_the_past_of_a_year_does_not_change_with_its_future(records: list[Record], length: int) -> None:
    cut = FIRST + timedelta(days=length)
    assert events(jumped(records, cut)) == [one for one in events(jumped(records)) if one[3] <= cut]


@given(years())
def test_only_a_stay_suspends_and_what_is_open_is_marked(records: list[Record]) -> None:
    found = {one[2] for one in events(jumped(records))}
    kinds = {record.kind for record in records}
    assert "suspended" not in found or "stay" in kinds
    assert "disputed" not in found or kinds & {"appeal", "objection"}
    assert "excepted" not in found or "exception" in kinds
    assert "annulled" not in found or kinds & {"appeal", "listing", "withdrawal"}
