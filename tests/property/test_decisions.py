"""Deciding is a function of the facts: order, batches, repetition and the pace of the clock change nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.decision import decide, due, fold
from sharehub.core.measure import Measure, SanctionEvent, UnlawfulError
from sharehub.core.record import Record
from sharehub.core.spells import lines, speaking
from sharehub.core.standing import Standing
from tests.property.worlds import TODAY, batches, days, never_grounds, told, withdrawn
from tests.unit.core.said import Told, catalogue, facts_of

CATALOGUE = catalogue()


def in_force(standing: Standing) -> dict[object, Measure]:
    return {key: state.measure for key, state in standing.items() if state.in_place}


def at_once(records: list[Record], on: date = TODAY) -> Told:
    hub = Told(CATALOGUE)
    hub.on(on, *records)
    return hub


@given(st.data())
def test_any_order_and_any_batches_give_the_same_standing(data: st.DataObject) -> None:
    records = data.draw(told())
    hub = Told(CATALOGUE)
    for batch in data.draw(batches(records)):
        hub.on(TODAY, *batch)
    assert in_force(hub.standing) == in_force(at_once(records).standing)


@given(st.data())
def test_what_agencies_call_the_subject_counts_in_any_order(data: st.DataObject) -> None:
    kinds = st.sampled_from(["company", "organisation", "public_body", "individual"])
    records = [replace(record, subject_kind=data.draw(kinds)) for record in data.draw(told())]
    hub = Told(CATALOGUE)
    for record in data.draw(st.permutations(records)):
        hub.on(TODAY, record)
    assert in_force(hub.standing) == in_force(at_once(records).standing)


@given(told(), st.data())
def test_deciding_again_emits_nothing(records: list[Record], data: st.DataObject) -> None:
    hub = at_once(records)
    assert hub.on(TODAY) == []
    if records:
        assert hub.on(TODAY, *data.draw(st.lists(st.sampled_from(records)))) == []


@given(st.data())
def test_evolve_accepts_what_decide_emits_and_numbers_leave_no_gap(data: st.DataObject) -> None:
    hub = Told(CATALOGUE)
    on = TODAY
    for batch in data.draw(batches(data.draw(told()))):
        on += timedelta(days=data.draw(st.integers(0, 200)))
        hub.on(on, *batch)  # fold raises where an event cannot follow
    line: dict[object, list[SanctionEvent]] = {}
    for event in hub.events:
        line.setdefault(event.measure.id, []).append(event)
    for events in line.values():
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert events[0].event == "issued"
        assert all(event.business_on <= on for event in events)
    assert len({event.id for event in hub.events}) == len(hub.events)


@given(told(), st.sampled_from(["lifted", "expired", "annulled", "amended", "suspended", "resumed"]))
def test_nothing_ends_or_changes_before_it_is_issued(records: list[Record], kind: str) -> None:
    for event in at_once(records).events:
        if event.number == 1:
            with pytest.raises(UnlawfulError):
                fold({}, [replace(event, event=kind)])  # type: ignore[arg-type]


@given(told())
def test_everything_in_force_has_ground_basis_end_remedies_and_a_reason(records: list[Record]) -> None:
    grounds = {(record.agency, record.record_key) for record in records}
    for measure in in_force(at_once(records).standing).values():
        assert (measure.ground.agency, measure.ground.record_key) in grounds
        assert measure.legal_basis
        assert measure.authority
        assert measure.effective_to or measure.exit
        assert measure.remedies
        assert measure.relatedness
        assert measure.recipients
        assert measure.effective_from <= TODAY
        assert measure.effective_to is None or measure.effective_to >= TODAY


@given(told(), st.lists(never_grounds(), min_size=1, max_size=4))
def test_what_is_no_ground_changes_nothing_whatever_else_is_known(records: list[Record], never: list[Record]) -> None:
    for day in (TODAY, TODAY + timedelta(days=400)):
        with_them = due(facts_of(*records, *never), CATALOGUE, day)
        assert with_them == due(facts_of(*records), CATALOGUE, day)
    assert not any(one.ground.record_key.startswith("never") for one in at_once([*records, *never]).standing.values()
                   for one in [one.measure])  # fmt: skip


@given(st.data())
def test_a_measure_never_outlives_its_ground(data: st.DataObject) -> None:
    records = data.draw(told())
    hub = Told(CATALOGUE)
    for batch in data.draw(batches(records)):
        hub.on(TODAY, *batch)
    hub.on(TODAY, *withdrawn(records))
    assert hub.in_place() == []
    assert due(facts_of(*hub.records), CATALOGUE, TODAY) == ()


@given(told())
def test_no_measure_outlives_the_end_that_its_decision_states(records: list[Record]) -> None:
    said = lines(records, lambda record: record.counts_from or TODAY)
    for measure in in_force(at_once(records).standing).values():
        ground = speaking(said[measure.ground.agency, measure.ground.record_key], TODAY)
        assert ground is not None
        assert ground.effective_to is None or ground.effective_to >= TODAY


@given(told(), st.integers(1, 120))
def test_a_clock_that_ticks_and_a_clock_that_jumps_agree(records: list[Record], length: int) -> None:
    last = TODAY + timedelta(days=length)
    ticking, jumping = Told(CATALOGUE), Told(CATALOGUE)
    for day in days(TODAY, last):
        ticking.on(day, *(records if day == TODAY else ()))
    jumping.on(last, *records)
    assert in_force(ticking.standing) == in_force(jumping.standing)

    def dated(hub: Told) -> set[tuple[object, str, date]]:
        kinds = ("issued", "expired")
        return {(one.measure.id, one.event, one.business_on) for one in hub.events if one.event in kinds}

    assert dated(ticking) == dated(jumping)


@given(told(), st.integers(1, 900))
def test_time_alone_changes_nothing_before_the_next_due_day(records: list[Record], length: int) -> None:
    hub = at_once(records)
    hub_until = hub.decision.next_due_on
    later = TODAY + timedelta(days=length)
    again = decide(facts_of(*records), hub.standing, CATALOGUE, later)
    if hub_until is None or later < hub_until:
        assert again.events == ()
    else:
        assert decide(facts_of(*records), hub.standing, CATALOGUE, hub_until).events != () or hub.decision.held_back


@given(told())
def test_a_conflict_of_identifiers_restricts_nothing_new(records: list[Record]) -> None:
    hub = Told(CATALOGUE, conflict=True)
    hub.on(TODAY, *records)
    assert all(state.measure.kind == "reward" for state in hub.standing.values())
