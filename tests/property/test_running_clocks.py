"""Clocks follow from records alone: no order, no repetition and no day on which nobody looked changes one."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.clock import calendar_of
from sharehub.core.clockwork import clocks
from sharehub.core.record import Record
from tests.property.years import years
from tests.unit.core.said import catalogue, judgment, penalty, said, withdrawal

FIRST = date(2026, 3, 2)
DAYS = st.dates(FIRST, date(2026, 8, 31))
AFTER = date(2027, 6, 1)
CONCERNED = (
    penalty("qinghe-housing", key="p1", jurisdiction="cn-qinghe", received_on=FIRST),
    penalty("cn-environment", key="p2", received_on=FIRST),
    judgment("j1", received_on=FIRST),
)
ABOUT = st.sampled_from(CONCERNED)
PLACES = st.sampled_from(["1", "2"])
KINDS = (
    "objection",
    "objection-outcome",
    "repair-application",
    "repair-decision",
    "performance",
    "delisting",
    "appeal",
)


@st.composite
def acts(draw: st.DrawFn) -> Record:
    """One act of due process, said on the day on which it happens, by whoever it may be."""
    about, day, place = draw(ABOUT), draw(DAYS), draw(PLACES)
    kind = draw(st.sampled_from(KINDS))
    fields = {
        "objection": {"lodged_on": day},
        "objection-outcome": {
            "objection_key": f"objection-{draw(PLACES)}-{about.record_key}",
            "outcome": draw(st.sampled_from(["upheld", "rejected"])),
            "answered_on": day,
        },
        "repair-application": {"lodged_on": day},
        "repair-decision": {
            "application_key": draw(st.sampled_from([None, f"repair-application-1-{about.record_key}"]))
        },
        "performance": {"extent": draw(st.sampled_from(["full", "partial"])), "performed_on": day},
        "delisting": {"reason": "performed"},
        "appeal": {"remedy": "reconsideration", "status": "lodged", "lodged_on": day, "outcome_on": None},
    }[kind]
    desk = kind in ("objection", "repair-application")
    speaker = "hub" if desk else "cn-court" if kind == "appeal" else draw(st.sampled_from([about.agency, "cn-tax"]))
    concerns = {"concerns_agency": about.agency, "concerns_key": about.record_key, "jurisdiction": about.jurisdiction}
    return said(speaker, kind, f"{kind}-{place}-{about.record_key}", received_on=day, **concerns, **fields)


@st.composite
def told(draw: st.DrawFn) -> list[Record]:
    """What is concerned, acts about it, and what was taken back of all these, each received on its own day."""
    found = {(one.agency, one.record_key): one for one in draw(st.lists(acts(), max_size=8))}
    back = draw(st.lists(st.sampled_from([*CONCERNED, *found.values()]), max_size=2, unique_by=id))
    ends = [(one, max(draw(DAYS), one.received_on or FIRST)) for one in back]
    return [*CONCERNED, *found.values(), *(replace(withdrawal(one, day), received_on=day) for one, day in ends)]


@given(st.data())
def test_the_order_of_records_and_their_repetition_do_not_matter(data: st.DataObject) -> None:
    records = data.draw(told())
    again = data.draw(st.permutations([*records, *data.draw(st.lists(st.sampled_from(records), max_size=3))]))
    assert clocks(again, catalogue()) == clocks(records, catalogue())


@given(told(), DAYS)
def test_looking_every_day_or_a_week_late_tells_the_same(records: list[Record], day: date) -> None:
    """What is said on its own day: what was known by a day tells of that day what is told of it for ever after."""
    by_then = [record for record in records if (record.received_on or FIRST) <= day]
    taken_back = {(record.agency, record.record_key) for record in records if record.withdrawn}
    then = {(one.rule, one.started_by): one.standing(day) for one in clocks(by_then, catalogue())}
    now = {(one.rule, one.started_by): one for one in clocks(records, catalogue()) if one.started_on <= day}
    for key, clock in now.items():
        assert clock.standing(day) == then[key]
    assert {by for _, by in then.keys() - now.keys()} <= taken_back, "only what was taken back is no clock any more"


@given(told(), st.dates(FIRST, AFTER))
def test_what_stopped_in_time_is_never_late_and_what_is_late_is_overdue(records: list[Record], day: date) -> None:
    for clock in clocks(records, catalogue()):
        calendar = calendar_of(catalogue().lineage(clock.jurisdiction), catalogue().calendars)
        days, standing = clock.days_late(day, calendar), clock.standing(day)
        assert clock.started_on < clock.due_on
        if clock.stopped_on and clock.stopped_on <= clock.due_on:
            assert (standing in ("running", "stopped in time")) and days == 0
        if standing in ("running", "stopped in time"):
            assert days == 0
        if days:
            assert standing in ("overdue", "stopped late")
            assert days == calendar.guessed().working_days_between(clock.due_on, min(day, clock.stopped_on or day))


@given(told(), st.dates(FIRST, AFTER))
def test_lateness_never_shrinks_as_days_go_by(records: list[Record], day: date) -> None:
    for clock in clocks(records, catalogue()):
        calendar = calendar_of(catalogue().lineage(clock.jurisdiction), catalogue().calendars)
        late = [clock.days_late(day + timedelta(days=number), calendar) for number in range(8)]
        assert late == sorted(late)


@given(told())
def test_who_must_act_is_the_agency_of_the_concerned_record_or_who_decides_the_appeal(records: list[Record]) -> None:
    for clock in clocks(records, catalogue()):
        rule = catalogue().clock_rules[clock.rule]
        wanted = {"concerned": clock.concerns[0], "speaker": clock.started_by[0], "hub": "hub"}
        assert clock.responsible == wanted[rule.responsible]
        assert rule.in_force(clock.started_on)


@given(years())
def test_a_whole_year_of_any_records_starts_clocks_by_due_process_only(records: list[Record]) -> None:
    kinds = {(record.agency, record.record_key): record.kind for record in records}
    for clock in clocks(records, catalogue()):
        assert kinds[clock.started_by] in catalogue().clock_starts
