"""Two clocks: the answer for a past pair of day and instant never changes, whatever arrives later."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.assignment import identifiers
from sharehub.core.entity import KINDS
from sharehub.core.identifier import Identifier
from sharehub.core.measure import SanctionEvent
from sharehub.core.record import Received, Record
from sharehub.core.statement import displayed, statements
from sharehub.core.validity import as_of, known, revisions
from sharehub.flow.show import Known, shown_entity
from sharehub.flow.showing import candidates
from sharehub.flow.subjects import identified
from sharehub.wire.rows import encode
from tests.property.worlds import REGISTRATIONS, SINGLE, told
from tests.unit.core.arrived import FIRST_AT, instant
from tests.unit.core.said import ENTITY, Told, catalogue, withdrawal
from tests.unit.messages import CODE, REGISTRY, Message, admission, stated

DAYS = st.dates(date(2025, 8, 1), date(2026, 12, 31))
NAMES = st.lists(st.sampled_from(["Blue Mill", "BLUE  mill", "Old Mill", "清河印染"]), max_size=2, unique=True)
IDENTIFIERS = st.lists(
    st.sampled_from([Identifier(*CODE.split(":")), Identifier("CN-REGNO", "51"), Identifier("MX-RFC", "ZZC070809QX9")]),
    max_size=2,
    unique=True,
)
KIND = st.sampled_from(KINDS[:3])


@dataclass(frozen=True)
class Log:
    """What arrived, in order, and what the hub issued on it."""

    received: tuple[Received, ...]
    events: tuple[tuple[SanctionEvent, datetime], ...]

    def until(self, known_at: datetime) -> "Log":
        """The log as it was when it ended there."""
        events = tuple(pair for pair in self.events if pair[1] <= known_at)
        return Log(known(self.received, known_at), events)

    def answer(self, on: date, known_at: datetime | None) -> dict[str, Any]:
        """What `entity show` answers from this log."""
        ever = identifiers(self.received)
        entity = Known(
            entity_id=ENTITY,
            kind=max((one.record.subject_kind for one in self.received), key=KINDS.index, default="company"),
            identifiers=[str(one) for one in ever],
            records=self.received,
            events=self.events,
        )
        return shown_entity(entity, catalogue(), on, known_at)


@st.composite
def revised(draw: st.DrawFn) -> list[Record]:
    """Records with any revisions: repeated, out of order, without a first one, withdrawn, reinstated."""
    records = []
    for record in draw(st.one_of(told(), st.lists(st.one_of(REGISTRATIONS, SINGLE), max_size=6))):
        changed = replace(
            record,
            revision=draw(st.integers(1, 4)),
            names=tuple(draw(NAMES)),
            identifiers=tuple(draw(IDENTIFIERS)),
            subject_kind=draw(KIND),
            effective_from=draw(st.one_of(st.none(), DAYS)),
            effective_to=draw(st.one_of(st.none(), st.none(), DAYS)),
        )
        records.append(changed)
        records += draw(st.sampled_from([[], [], [withdrawal(changed, on=draw(DAYS))], [_again(changed)]]))
    return draw(st.permutations(records))


def _again(record: Record) -> Record:
    """Another text under the same number, which agencies must not send, but do."""
    return replace(record, names=("Told otherwise",), effective_from=date(2026, 3, 1))


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """The records arriving at rising instants, some together, and the events that the rulebooks let follow."""
    hub, number = Told(catalogue()), 0
    received: list[Received] = []
    events: list[tuple[SanctionEvent, datetime]] = []
    for record in draw(revised()):
        number += draw(st.integers(0, 2))
        received.append(Received(record, instant(number)))
        issued = len(hub.events)
        hub.on(instant(number).date(), record)
        events += [(event, instant(number)) for event in hub.events[issued:]]
    return Log(tuple(received), tuple(events))


INSTANTS = st.integers(-1, 12).map(lambda number: FIRST_AT + timedelta(hours=12 * number))


@given(logs(), DAYS, INSTANTS)
def test_the_answer_for_a_past_pair_never_changes(log: Log, on: date, known_at: datetime) -> None:
    assert log.until(known_at).answer(on, known_at) == log.answer(on, known_at)


@given(logs(), DAYS)
def test_the_present_is_the_newest_past(log: Log, on: date) -> None:
    now = max((one.received_at for one in log.received), default=FIRST_AT)
    assert log.answer(on, None) == log.answer(on, now) | {"known_at": None}


@given(logs(), DAYS, st.data())
def test_the_order_in_which_the_hub_reads_never_matters(log: Log, on: date, data: st.DataObject) -> None:
    shuffled = Log(
        tuple(data.draw(st.permutations(log.received))),
        tuple(data.draw(st.permutations(log.events))),
    )
    known_at = data.draw(st.one_of(st.none(), INSTANTS))
    assert shuffled.answer(on, known_at) == log.answer(on, known_at)


@given(logs())
def test_on_a_day_before_everything_nothing_is_stated(log: Log) -> None:
    answer = log.answer(date(2000, 1, 1), None)
    nothing = ("names", "statements", "disagreements", "measures", "timeline")
    assert not any(answer[name] for name in nothing)
    assert not any(one["assignments"] for one in answer["identifiers"])
    assert not any(one["speaks"] for one in answer["records"])
    assert len(answer["records"]) == sum(map(len, revisions(log.received).values())), "nothing is lost"


@given(logs(), DAYS, INSTANTS)
def test_of_each_record_the_highest_revision_known_that_counts_speaks(log: Log, on: date, known_at: datetime) -> None:
    wanted = []
    for line in revisions(one for one in log.received if one.received_at <= known_at).values():
        counting = [one for one in line if one.counts_from <= on]
        newest = max(counting, key=lambda one: one.record.revision, default=None)
        if newest and not newest.record.withdrawn and (newest.record.effective_to or on) >= on:
            wanted.append(newest)
    assert list(as_of(log.received, on, known_at)) == wanted


@given(logs(), DAYS)
def test_what_is_current_is_what_the_speaking_revisions_state(log: Log, on: date) -> None:
    current = {
        (one.agency, one.record.record_key, one.record.revision, one.prop, str(one.value))
        for one in statements(log.received, on)
        if one.current
    }
    alone = {
        (one.agency, one.record.record_key, one.record.revision, one.prop, str(one.value))
        for said in as_of(log.received, on)
        for one in statements([Received(replace(said.record, effective_to=None), said.received_at)], date.max)
    }
    assert current == alone


@st.composite
def uncorrected(draw: st.DrawFn) -> list[Record]:
    """Records of different keys, each in one revision; some state no date at all."""
    found: dict[tuple[str, str], Record] = {}
    for record in draw(st.lists(st.one_of(REGISTRATIONS, SINGLE), min_size=1, max_size=5)):
        dates = draw(st.sampled_from([{}, dict.fromkeys(("effective_from", "decided_on", "occurred_on"))]))
        named = replace(record, names=tuple(draw(NAMES)), effective_to=None, received_on=date(2025, 1, 1), **dates)
        found[record.agency, record.record_key] = named
    return list(found.values())


@given(uncorrected())
def test_the_displayed_name_is_the_one_that_the_shared_view_stores(records: list[Record]) -> None:
    sent = [
        Message(one.agency, CODE.encode(), encode(REGISTRY.latest(one.kind), stated(one, (CODE,), one.names)))
        for one in records
    ]
    admitted = identified(admission(*sent)[1].admitted)
    [stored] = candidates(admitted.with_columns(entity_key=pl.lit(b"e"), registered=pl.lit(False)))
    received = [Received(record, instant(0)) for record in records]
    shown = displayed(statements(received, date(2027, 1, 1))).get("name")
    assert (shown.value if shown else None) == stored.name
