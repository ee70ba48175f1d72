"""A story is played as the hub would live it: same events as day by day, same admission as by column."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub.core.acceptance import rejection_of
from sharehub.core.measure import SanctionEvent
from sharehub.core.playing import play
from sharehub.core.record import Record
from sharehub.core.scenario import Expectation, Saying, Scenario
from tests.property.test_admission import Case, cases
from tests.property.worlds import told
from tests.unit.core.said import Told, catalogue
from tests.unit.messages import admission, message, stated

CATALOGUE = catalogue()
FIRST = date(2026, 3, 2)
DAYS = 500


def story(arriving: list[tuple[int, Record]]) -> Scenario:
    sayings = tuple(
        Saying(
            place=str(place),
            on=FIRST + timedelta(day),
            subject="the company",
            record=record,
            value=stated(record),
        )
        for place, (day, record) in enumerate(arriving)
    )
    end = Expectation(place="end", on=FIRST + timedelta(DAYS), subject="the company", kind="nothing")
    return Scenario(title="t", place="p", sayings=sayings, expectations=(end,))


@settings(max_examples=20)
@given(told(), st.data())
def test_a_story_in_jumps_gives_the_events_of_deciding_every_day(records: list[Record], data: st.DataObject) -> None:
    arriving = [(data.draw(st.integers(0, 90)), record) for record in records]
    scenario = story(arriving)
    played = play(scenario, CATALOGUE)
    refused = {int(place) for place in played.rejections}
    daily: list[tuple[date, SanctionEvent]] = []
    living = Told(CATALOGUE)
    for day in range(DAYS + 1):
        new = [record for place, (on, record) in enumerate(arriving) if on == day and place not in refused]
        before = len(living.events)
        if new or living.records:
            living.on(FIRST + timedelta(day), *new)
        daily += [(FIRST + timedelta(day), event) for event in living.events[before:]]
    mine = [(one.on, one.event.measure.entry, one.event.event, one.event.business_on) for one in played.events]
    theirs = [(on, event.measure.entry, event.event, event.business_on) for on, event in daily]
    assert sorted(mine) == sorted(theirs)


@settings(max_examples=settings().max_examples // 2)
@given(cases())
def test_a_story_admits_what_the_hub_admits_and_gives_its_code(case: Case) -> None:
    record, identifiers = case.record, case.identifiers
    refused = rejection_of(record, stated(record, identifiers), CATALOGUE)
    found = admission(message(record, *identifiers))[1].rejected
    codes = [code for code in found["code"].to_list() if code not in ("no-record-key", "bad-revision")]
    if found.height == len(codes):
        assert codes == ([refused.code] if refused else [])
