"""The laws through the doors that records, clocks, merges and speakers open; whatever is said, they hold."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sharehub.core.activation import Proposal, refusal, text_digest
from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Facts, decide, fold
from sharehub.core.entity import KINDS
from sharehub.core.entry import MeasureKind
from sharehub.core.identifier import Identifier
from sharehub.core.judgement import Judgement, standing_judgements
from sharehub.core.measure import Measure
from sharehub.core.months import add_months
from sharehub.core.process import BY_THE_DECIDER, PROCESS_KINDS, dated
from sharehub.core.record import Record
from sharehub.core.safeguard import GROUND_KINDS, shielded
from sharehub.core.standing import MeasureState
from tests.property.worlds import TODAY, batches, told
from tests.property.years import DAYS, FIRST, LAST, processes, with_process, years
from tests.unit.core.said import ENTITY, Told, arrears, judgment, penalty, rating, reminder, said

CATALOGUE = with_process()
ENTRIES = {f"{book.jurisdiction}/{entry.id}": entry for book in CATALOGUE.rulebooks for entry in book.entries}
AUTHORITY = {name: agency.authority for name, agency in CATALOGUE.agencies.items()}


def at_once(records: list[Record], on: date = LAST, **known: Any) -> Told:
    hub = Told(CATALOGUE, **known)
    hub.on(on, *records)
    return hub


def in_place(hub: Told) -> dict[object, MeasureState]:
    return {key: state for key, state in hub.standing.items() if state.in_place}


def newest(records: list[Record], agency: str, key: str, on: date) -> Record | None:
    """The revision that speaks for a record that day, written down once more."""
    known = [one for one in records if (one.agency, one.record_key) == (agency, key) and (dated(one) or FIRST) <= on]
    return max(known, key=lambda one: one.revision, default=None)


def told_of(records: list[Record], measure: Measure, on: date) -> list[Record]:
    """What due process says of the measure's ground that day."""
    keys = {(one.agency, one.record_key) for one in records if one.kind in PROCESS_KINDS}
    now = [found for key in sorted(keys) if (found := newest(records, *key, on))]
    about = (measure.ground.agency, measure.ground.record_key)
    return [one for one in now if (one.value("concerns_agency"), one.value("concerns_key")) == about]


# Laws 3 and 8: what is in place has a ground that speaks, is final, competent, and was not ended.


@given(years(), DAYS)
def test_whatever_is_in_place_rests_on_a_final_decision_that_nothing_has_ended(records: list[Record], on: date) -> None:
    for state in in_place(at_once(records, on)).values():
        measure, entry = state.measure, ENTRIES[state.measure.entry]
        ground = newest(records, measure.ground.agency, measure.ground.record_key, on)
        assert ground is not None
        assert ground.kind in GROUND_KINDS
        assert ground.value("finality") in (None, "final")
        assert ground.value("contested") is not True
        assert AUTHORITY[ground.agency] == entry.ground.authority
        assert ground.kind in CATALOGUE.agencies[ground.agency].record_kinds
        assert measure.effective_from <= on <= (measure.effective_to or on)
        assert (ground.value("performed_on") or date.max) > on  # type: ignore[operator]
        for act in told_of(records, measure, on):
            assert act.kind != "delisting"
            assert (act.kind, act.value("status")) != ("appeal", "upheld")
            assert not (act.kind == "repair-decision" and act.value("outcome") == "granted" and entry.repairable)
            assert not (act.kind == "performance" and act.value("extent") == "full" and entry.ends_when_performed)


@given(years(), DAYS)
def test_only_a_stay_suspends_and_only_what_is_open_disputes(records: list[Record], on: date) -> None:
    for state in in_place(at_once(records, on)).values():
        acts = told_of(records, state.measure, on)
        stays = [one for one in acts if one.kind == "stay" and (one.effective_to or on) >= on]
        assert (state.status == "suspended") is bool(stays)
        answered = {one.value("objection_key") for one in acts if one.kind == "objection-outcome"}
        objections = [one for one in acts if one.kind == "objection" and one.record_key not in answered]
        appeals = [one for one in acts if one.kind == "appeal" and one.value("status") in ("lodged", "admitted")]
        assert state.disputed is bool(objections or appeals)


@given(years())
def test_no_exception_lasts_longer_than_a_month(records: list[Record]) -> None:
    for event in at_once(records).events:
        if event.event == "excepted":
            assert event.until is not None
            assert event.until <= add_months(event.business_on, 1)


@example(date(2026, 4, 2), judgment(), date(2026, 3, 31))
@given(
    st.dates(date(2026, 4, 2), date(2027, 6, 1)),
    st.sampled_from([judgment(), penalty()]),
    st.dates(date(2026, 2, 15), date(2026, 9, 1)),
)
def test_the_end_that_a_decision_states_ends_what_follows_from_it(on: date, ground: Record, last: date) -> None:
    records = [replace(ground, effective_to=last), *(reminder(number) for number in (1, 2, 3))]
    assert on <= last or not in_place(at_once(records, on))


PERFORMED = Catalogue(
    tuple(
        replace(book, entries=tuple(replace(entry, ends_when_performed=True) for entry in book.entries))
        for book in CATALOGUE.rulebooks
    ),
    CATALOGUE.agencies,
    CATALOGUE.recipients,
)
ENDINGS: dict[str, dict[str, Any]] = {
    "delisting": {"reason": "performed"},
    "performance": {"extent": "full"},
    "repair-decision": {"outcome": "granted"},
    "appeal": {"status": "upheld"},
}


@given(st.sampled_from(sorted(ENDINGS)), DAYS, DAYS, st.sampled_from([penalty(), arrears(), rating(2025)]))
def test_what_ends_a_decision_ends_every_measure_on_that_day(kind: str, day: date, on: date, ground: Record) -> None:
    about = {"concerns_agency": ground.agency, "concerns_key": ground.record_key}
    act = said(ground.agency, kind, "act", decided_on=day, **ENDINGS[kind], **about)
    hub = Told(PERFORMED)
    hub.on(on, ground, act)
    without = Told(PERFORMED)
    without.on(on, ground)
    assert hub.in_place() == ([] if day <= on else without.in_place())


@given(st.sampled_from(["lodged", "admitted", "dismissed", "withdrawn"]), DAYS, DAYS)
def test_an_appeal_suspends_nothing_even_where_it_says_so(status: str, day: date, on: date) -> None:
    about = {"concerns_agency": "cn-environment", "concerns_key": "p1"}
    dates = {"lodged_on": day, "outcome_on": day}
    appeal = said("cn-court", "appeal", "a1", status=status, suspensive=True, **dates, **about)
    assert not [event for event in at_once([penalty(), appeal], on).events if event.event == "suspended"]


@given(st.sampled_from([penalty(), arrears(), judgment(), rating(2025)]), DAYS)
def test_no_agency_decides_outside_its_kinds_or_its_place(ground: Record, on: date) -> None:
    beside = [reminder(number) for number in (1, 2, 3)]
    agency = CATALOGUE.agencies[ground.agency]
    others = tuple(kind for kind in agency.record_kinds if kind != ground.kind)
    for limited in (replace(agency, record_kinds=others), replace(agency, jurisdiction="cn-qinghe")):
        catalogue = Catalogue(CATALOGUE.rulebooks, {**CATALOGUE.agencies, agency.id: limited}, CATALOGUE.recipients)
        hub = Told(catalogue)
        assert hub.on(on, ground, *beside) == []


# Laws 3 and 9: strangers change nothing, in whatever words.


def strangers(about: Record, kind: str) -> list[str]:
    """Agencies that have no say in the record: of another place, or of another authority where only the decider has."""
    return [
        name
        for name, agency in CATALOGUE.agencies.items()
        if not CATALOGUE.covers(agency, about.jurisdiction)
        or (kind in BY_THE_DECIDER and agency.authority != AUTHORITY[about.agency])
    ]


def strange(draw: st.DrawFn, act: Record, about: Record) -> Record:
    name = draw(st.sampled_from(strangers(about, act.kind)))
    place = draw(st.sampled_from([CATALOGUE.agencies[name].jurisdiction, about.jurisdiction]))
    return replace(act, agency=name, record_key=f"strange-{act.record_key}", jurisdiction=place)


@given(st.data())
def test_what_strangers_say_of_a_decision_changes_nothing(data: st.DataObject) -> None:
    records = data.draw(years())
    grounds = [one for one in records if one.kind in GROUND_KINDS]
    said_by_strangers = []
    for about in data.draw(st.lists(st.sampled_from(grounds), min_size=1, max_size=4)):
        act = data.draw(processes(about, len(said_by_strangers)))
        said_by_strangers.append(strange(data.draw, act, about))
    assert at_once([*records, *said_by_strangers]).events == at_once(records).events


LIFTS = {"delisting": {"reason": "performed"}, "repair-decision": {"outcome": "granted"}}


@given(st.sampled_from(sorted(LIFTS)), st.sampled_from(["stay", "opt-out", "appeal", "delisting"]), st.booleans())
def test_a_later_revision_lifts_nothing_that_its_speaker_may_not(lift: str, first: str, own: bool) -> None:
    """A record of a kind that its speaker may say, about its own decision or not, becomes one that it may not."""
    about = {"concerns_agency": "cn-environment", "concerns_key": "p1"}
    before = {"concerns_agency": "cn-medicines", "concerns_key": "mine"} if own else about
    acts = [
        said("cn-medicines", first, "a1", decided_on=date(2026, 3, 1), effective_to=date(2026, 3, 2), **before),
        said("cn-medicines", lift, "a1", revision=2, decided_on=date(2026, 4, 1), **LIFTS[lift], **about),
    ]
    alone = in_place(at_once([penalty()], TODAY))
    assert alone
    assert in_place(at_once([penalty(), *acts], TODAY)).keys() == alone.keys()


def test_a_dispute_is_closed_only_by_the_authority_that_decided() -> None:
    about = {"concerns_agency": "cn-environment", "concerns_key": "p1"}
    objection = said("hub", "objection", "o1", lodged_on=TODAY, claim="wrong", **about)
    answer = {"objection_key": "o1", "answered_on": TODAY, **about}
    others = at_once([penalty(), objection, said("cn-tax", "objection-outcome", "x", **answer)], TODAY)
    assert {state.disputed for state in in_place(others).values()} == {True}
    own = at_once([penalty(), objection, said("cn-environment", "objection-outcome", "x", **answer)], TODAY)
    assert {state.disputed for state in in_place(own).values()} == {False}


# Laws 3 and 4: a revision that says something else, of another kind or place, leaves nothing behind.


@given(told(), st.sampled_from(["complaint", "declaration", "registration"]), st.data())
def test_a_ground_corrected_to_a_record_that_decides_nothing_carries_nothing(
    records: list[Record], kind: str, data: st.DataObject
) -> None:
    every = {name: replace(one, record_kinds=(*one.record_kinds, kind)) for name, one in CATALOGUE.agencies.items()}
    hub = Told(Catalogue(CATALOGUE.rulebooks, every, CATALOGUE.recipients))
    for batch in data.draw(batches(records)):
        hub.on(TODAY, *batch)
    last = {(one.agency, one.record_key): one.revision for one in sorted(records, key=lambda one: one.revision)}
    found = {(one.agency, one.record_key): one for one in records}
    corrected = [replace(found[key], kind=kind, revision=number + 1) for key, number in last.items()]
    for batch in data.draw(batches(corrected)):
        hub.on(TODAY, *batch)
    hub.on(add_months(TODAY, 12))
    assert hub.in_place() == []


@given(told(), st.sampled_from(["mx", "jp", "cn-qinghe", "", "xx"]))
def test_a_ground_of_another_place_meets_the_rules_of_that_place_only(records: list[Record], place: str) -> None:
    moved = [replace(one, jurisdiction=place) for one in records]
    for state in at_once(moved, TODAY).standing.values():
        assert state.measure.jurisdiction in CATALOGUE.lineage(place)
        assert CATALOGUE.covers(CATALOGUE.agencies[state.measure.ground.agency], place)


UNCHECKED = Catalogue(
    tuple(
        replace(
            book,
            entries=tuple(
                replace(entry, entity_kinds=KINDS, ground=replace(entry.ground, record_kind=kind, where=()))
                for entry in book.entries[:2]
            ),
        )
        for book in CATALOGUE.rulebooks
        for kind in ("penalty", "complaint", "objection", "listing")
        if book.jurisdiction == "cn"
    ),
    {
        name: replace(agency, record_kinds=("penalty", "complaint", "objection", "listing"))
        for name, agency in CATALOGUE.agencies.items()
    },
    CATALOGUE.recipients,
)
"""Entries that no check has seen: any kind, any state, anybody."""

UNFINAL = {"penalty": "finality", "listing": "status", "complaint": "about", "objection": "claim"}


@given(
    st.sampled_from(sorted(UNFINAL)),
    st.sampled_from(["preliminary", "under_appeal", "presumed"]),
    st.sampled_from(sorted(AUTHORITY)),
    DAYS,
)
def test_what_is_not_final_is_no_ground_whatever_its_entry_says(kind: str, state: str, agency: str, on: date) -> None:
    record = said(agency, kind, "k", decided_on=FIRST, **{UNFINAL[kind]: state})
    for book in UNCHECKED.rulebooks:
        hub = Told(Catalogue((book,), UNCHECKED.agencies, UNCHECKED.recipients))
        assert hub.on(on, record) == []


@given(st.sampled_from(sorted(AUTHORITY)), DAYS, st.sampled_from(["final", None]))
def test_no_unlawful_entry_reaches_a_person_even_unchecked(agency: str, on: date, state: str | None) -> None:
    record = said(agency, "penalty", "k", decided_on=FIRST, subject_kind="individual", finality=state)
    for book in UNCHECKED.rulebooks:
        hub = Told(Catalogue((book,), UNCHECKED.agencies, UNCHECKED.recipients))
        assert hub.on(on, record) == []
        assert {one.law for one in hub.decision.held_back} <= {5}


# Law 2: the entry was published, and in force on the ground's day.


@given(st.data())
def test_no_measure_without_a_published_entry_in_force_on_the_grounds_day(data: st.DataObject) -> None:
    [book] = [one for one in CATALOGUE.rulebooks if one.jurisdiction == "cn"]
    dates = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    early, ends = st.just(date(2025, 1, 1)), st.one_of(st.none(), dates)
    versions = []
    for number in range(data.draw(st.integers(1, 3))):
        entries = [
            replace(entry, effective_from=data.draw(st.one_of(early, dates)), effective_to=data.draw(ends))
            for entry in book.entries
            if entry.id == "environmental-supervision"
        ]
        transition = data.draw(st.sampled_from(["apply", "keep", "milder"]))
        versions.append(
            replace(
                book, version=str(number), published_on=data.draw(dates), entries=tuple(entries), transition=transition
            )
        )
    decided = data.draw(dates)
    catalogue = Catalogue(tuple(versions), CATALOGUE.agencies, CATALOGUE.recipients)
    by_version = {one.version: one for one in versions}
    for on in data.draw(st.lists(dates, min_size=1, max_size=4).map(sorted)):
        for event in decide(facts(penalty(decided_on=decided)), {}, catalogue, on).events:
            measure = event.measure
            text = by_version[measure.rulebook_version]
            assert text.published_on <= on
            [entry] = text.entries
            assert entry.effective_from <= decided <= (entry.effective_to or decided)


def facts(*records: Record, kind: str = "company", **known: Any) -> Facts:
    return Facts(entity_id=ENTITY, kind=kind, records=records, **known)


# Law 5: individuals.


@st.composite
def debts(draw: st.DrawFn) -> list[Record]:
    """Judgments of some cases with some reminders, about people and companies in every capacity."""
    records: list[Record] = []
    kind = draw(st.sampled_from(["individual", "individual", "company"]))
    for number in range(draw(st.integers(1, 2))):
        case = f"case-{number}"
        key, spring = f"j{number}", st.dates(date(2026, 1, 1), date(2026, 5, 31))
        for revision in range(1, draw(st.integers(2, 3))):
            records.append(
                judgment(
                    key,
                    revision=revision,
                    case_reference=case,
                    decided_on=draw(spring),
                    subject_kind=draw(st.sampled_from([kind, kind, kind, "individual"])),
                    capacity=draw(
                        st.sampled_from([None, None, "debtor", "debtor", "legal_representative", "responsible_person"])
                    ),
                    minor=draw(st.sampled_from([None, None, False, False, True])),
                    able_to_pay=draw(st.sampled_from([True, True, True, False, None])),
                    finality=draw(st.sampled_from(["final", "final", "final", "preliminary"])),
                    grace_until=draw(st.one_of(spring, st.none(), spring)),
                )
            )
        for place in range(draw(st.sampled_from([3, 3, 3, 2, 4]))):
            served = draw(st.sampled_from([*[draw(spring)] * 5, None]))
            count = draw(st.sampled_from([place + 1, place + 1, place + 1, 1]))
            records.append(
                reminder(
                    count,
                    record_key=f"r{number}-{place}",
                    case_reference=case,
                    served_on=served,
                    decided_on=draw(spring),
                    subject_kind=kind,
                )
            )
    others = [
        [],
        [penalty(subject_kind="company")],
        [rating(2025, subject_kind=kind)],
        [arrears(subject_kind="individual")],
    ]
    return [*records, *draw(st.sampled_from(others))]


@given(debts(), st.dates(date(2026, 2, 1), date(2026, 8, 1)))
def test_a_person_is_listed_only_as_a_reminded_debtor_of_age_who_can_pay(records: list[Record], on: date) -> None:
    person = any(one.subject_kind == "individual" for one in records)
    hub = at_once(records, on)
    for state in in_place(hub).values():
        ground = newest(records, state.measure.ground.agency, state.measure.ground.record_key, on)
        assert ground is not None
        assert ground.value("capacity") in (None, "debtor")
        assert ground.value("minor") is not True
        if not person:
            continue
        assert (ground.kind, ground.value("finality"), ground.value("able_to_pay")) == ("judgment", "final", True)
        judged = [newest(records, one.agency, one.record_key, on) for one in records if one.kind == "judgment"]
        assert not [one for one in judged if one and one.value("minor") is True]
        served = {
            one.value("number")
            for one in records
            if one.kind == "reminder"
            and one.case_reference == ground.case_reference
            and (one.value("served_on") or date.max) <= on  # type: ignore[operator]
        }
        assert len(served) >= 3
        assert ground.value("grace_until") < on  # type: ignore[operator]
    if person:
        assert {(one.measure.publication, one.measure.published_until) for one in hub.events} <= {("none", None)}


@given(st.dates(date(2026, 4, 2), date(2026, 8, 1)), st.dates(date(2026, 4, 2), date(2026, 8, 1)))
def test_who_is_a_minor_in_one_judgment_is_in_all(on: date, found_on: date) -> None:
    person = {"subject_kind": "individual"}
    records = [judgment(**person), *(reminder(number, **person) for number in (1, 2, 3))]
    assert in_place(at_once(records, on))
    other = judgment("j2", case_reference="case-2", decided_on=found_on, minor=True, **person)
    assert bool(in_place(at_once([*records, other], on))) is (on < found_on)


@given(st.sampled_from(KINDS), st.sampled_from(["legal_representative", "responsible_person"]))
def test_neither_minors_nor_representatives_are_ever_the_subject(kind: str, capacity: str) -> None:
    for record in (judgment(subject_kind=kind, minor=True), judgment(subject_kind=kind, capacity=capacity)):
        refused = shielded(record)
        assert refused is not None
        assert refused.law == 5


# Law 11: identifiers in conflict.


@given(st.data())
def test_while_identifiers_conflict_nothing_is_issued_but_rewards(data: st.DataObject) -> None:
    records = data.draw(years())
    hub = Told(CATALOGUE)
    on = FIRST
    for batch in data.draw(batches(records)):
        on = min(LAST, on + timedelta(days=data.draw(st.integers(0, 150))))
        hub.conflict = data.draw(st.booleans())
        before = len(hub.events)
        hub.on(on, *batch)
        issued = [one.measure.kind for one in hub.events[before:] if one.event == "issued"]
        assert not hub.conflict or set(issued) <= {"reward"}
    hub.conflict = False
    hub.on(LAST)
    settled = {key: (state.status, state.measure) for key, state in in_place(hub).items()}
    assert settled == {key: (state.status, state.measure) for key, state in in_place(at_once(records)).items()}


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 200))
def test_what_ended_while_identifiers_conflict_does_not_begin_again(ends: int, again: int, later: int) -> None:
    hub = at_once([judgment(), *(reminder(number) for number in (1, 2, 3))], date(2026, 4, 10))
    day = date(2026, 4, 10) + timedelta(days=ends)
    hub.conflict = True
    grace = day + timedelta(days=again)
    hub.on(grace + timedelta(days=later), judgment(revision=2, decided_on=day, grace_until=grace))
    assert [event.event for event in hub.events] == ["issued", "lifted"]
    assert not later or {one.law for one in hub.decision.held_back} == {11}


EXCLUDING = Catalogue(
    tuple(
        replace(
            book,
            entries=tuple(
                replace(entry, excluded_by=(MeasureKind.RESTRICTION,)) if entry.kind is MeasureKind.REWARD else entry
                for entry in book.entries
            ),
        )
        for book in CATALOGUE.rulebooks
    ),
    CATALOGUE.agencies,
    CATALOGUE.recipients,
)


@given(years())
def test_a_conflict_takes_nothing_away_and_gives_no_reward_that_was_excluded(records: list[Record]) -> None:
    for catalogue in (CATALOGUE, EXCLUDING):
        hub = Told(catalogue)
        hub.on(LAST, *records)
        hub.conflict = True
        assert hub.on(LAST) == []


def test_a_restriction_in_place_excludes_rewards_while_identifiers_conflict() -> None:
    hub = Told(EXCLUDING)
    hub.on(TODAY, penalty(), rating(2025))
    hub.conflict = True
    assert hub.on(TODAY + timedelta(days=1)) == []
    assert "cn/tax-grade-a" not in hub.in_place()


# Laws 5 and 8: merged and divided, of any kind.


def renamed(records: list[Record], mark: str) -> list[Record]:
    return [replace(one, record_key=f"{mark}{one.record_key}") for one in records]


@given(told(), told(), st.sampled_from(KINDS), st.data())
def test_a_merge_leaves_what_one_entity_would_have_and_a_split_what_each_would(
    left: list[Record], right: list[Record], kind: str, data: st.DataObject
) -> None:
    left, right = renamed(left, "l-"), [replace(one, subject_kind=kind) for one in renamed(right, "r-")]
    one, other = at_once(left, TODAY), at_once(right, TODAY)
    merged = Told(CATALOGUE)
    merged.standing = {**one.standing, **other.standing}
    merged.on(TODAY, *data.draw(st.permutations([*left, *right])))
    together = at_once([*left, *right], TODAY)
    assert measures(merged) == measures(together)
    if kind == "individual":
        assert {state.measure.entry for state in in_place(merged).values()} <= {"cn/debtor-able-to-pay"}
    apart = Told(CATALOGUE)
    apart.standing = merged.standing
    apart.on(TODAY, *left)
    assert measures(apart) == measures(one)


def measures(hub: Told) -> dict[object, Measure]:
    return {key: state.measure for key, state in in_place(hub).items()}


@given(told(), st.sampled_from(KINDS), st.booleans(), st.dates(date(2025, 1, 1), date(2030, 1, 1)))
def test_whatever_the_clock_and_the_kind_only_lawful_measures_are_in_place(
    records: list[Record], kind: str, conflict: bool, on: date
) -> None:
    known = facts(*records, kind=kind, conflict=conflict)
    for state in fold({}, decide(known, {}, CATALOGUE, on).events).values():
        entry = ENTRIES[state.measure.entry]
        assert kind in entry.entity_kinds
        assert not conflict or state.measure.kind == "reward"
        assert state.measure.effective_from <= on
        assert not state.in_place or state.measure.effective_to is None or on <= state.measure.effective_to


# Law 12: no change of the rules without a reason and a person.


@pytest.mark.parametrize("missing", ["reason", "decided_by"])
def test_no_change_of_the_rules_without_a_reason_and_a_person(missing: str) -> None:
    said = Proposal(
        record_key="rulebook/cn/2",
        revision=1,
        content="rulebook",
        place="cn",
        version="2",
        text="x",
        digest=text_digest("x"),
        published_on=TODAY,
        reason="a new law",
        decided_by="Li Wei",
    )
    assert refusal(said, None, in_place=False, superseded=False) is None
    assert refusal(replace(said, **{missing: " "}), None, in_place=False, superseded=False) is not None


# Law 13: one person in several spellings is one person.


@pytest.mark.parametrize(
    "again", ["Li Wei", " Li  Wei ", "LI WEI", "\uff2c\uff49 \uff37\uff45\uff49", "", " ", "\u200b"]
)
def test_nobody_approves_in_another_spelling_what_they_decided(again: str) -> None:
    left, right = Identifier("CN-REGNO", "1"), Identifier("CN-REGNO", "2")
    one = Judgement(
        record_key="p",
        revision=1,
        left=left,
        right=right,
        verdict="same",
        reason="both files were read",
        decided_by="Li Wei",
        approved_by=again,
    )
    assert standing_judgements([one]) == ()
    assert standing_judgements([replace(one, approved_by="Chen Yu")]) != ()
