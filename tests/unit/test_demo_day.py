"""The demo's page of expectations follows from the files, the connectors, the rulebooks and the pure core alone."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from sharehub.connect.checking import Report, check_folder
from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Facts, decide, fold
from sharehub.core.identifier import Identifier, derived, read
from sharehub.core.linking import clusters, identifier_key
from sharehub.core.measure import SanctionEvent
from sharehub.core.record import Record
from sharehub.core.standing import Standing
from sharehub.demo import day
from sharehub.demo.cast import CAST, OFFICE, PERSON, WORDS, companies
from sharehub.demo.country import company
from sharehub.demo.play import ROLES
from sharehub.demo.played import Played, Ran
from sharehub.demo.proof import PRIVATE, differences
from sharehub.demo.registry import EARLY_CODE
from sharehub.shipped import shipped
from sharehub.wire.facts import record_of
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebooks import load_catalogue


class Told(NamedTuple):
    """One record of the day with the identifiers it states."""

    record: Record
    identifiers: tuple[Identifier, ...]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """Each delivery of the day, mapped by its connector."""
    folder = tmp_path_factory.mktemp("connectors")
    return {each.sheet().connector: mapped(each, folder) for each in day.DELIVERIES}


def mapped(delivery: day.Delivery, folder: Path) -> Report:
    sheet = delivery.sheet()
    own = folder / sheet.connector
    shutil.copytree(shipped("connectors") / sheet.connector, own)
    toml = own / "connector.toml"
    written = sheet.write(own)
    text = toml.read_text(encoding="utf-8").partition("[sample]")[0]
    toml.write_text(f'{text}\n[sample]\nfile = "{written.name}"\n', encoding="utf-8")
    return check_folder(own, load_registry())


def test_in_the_afternoon_the_quarry_has_paid_and_nothing_else_has_changed(
    reports: dict[str, Report], tmp_path: Path
) -> None:
    def owed(report: Report) -> dict[tuple[str, str], Any]:
        return {(one["subject"]["names"][0], one["tax_kind"]): one["balance"] for one in report.records}

    before, after = owed(reports["cn-tax-arrears"]), owed(mapped(day.AFTERNOON, tmp_path))
    changed = {key: balance for key, balance in after.items() if before[key] != balance}
    assert before.keys() == after.keys()
    assert {name for name, _ in changed} == {CAST["arrears"].name}
    assert set(changed.values()) == {0} and len(changed) == day.AFTERNOON.published


def told(reports: dict[str, Report]) -> Iterator[Told]:
    for report in reports.values():
        kind = report.connector.mapping.connector.record
        for value in report.records:
            stated = tuple(Identifier(one["scheme"], one["value"]) for one in value["subject"]["identifiers"])
            yield Told(record_of(kind, value, day.DAY), stated)


def entities(reports: dict[str, Report]) -> tuple[dict[UUID, Facts], dict[UUID, str]]:
    everything = list(told(reports))
    closures = [[one for own in each.identifiers for one in (own, *derived(own))] for each in everything]
    canonical = clusters([identifier_key(one) for one in closure] for closure in closures)
    records: dict[UUID, list[Record]] = defaultdict(list)
    names: dict[UUID, str] = {}
    for each, closure in zip(everything, closures, strict=True):
        entity = canonical[identifier_key(closure[0])]
        records[entity].append(each.record)
        for identifier in closure:
            if identifier.scheme in ("CN-USCC", "CN-PERSON", "CN-OFFICE"):
                names[entity] = str(identifier)
    return {
        entity: Facts(entity_id=entity, kind=said[0].subject_kind, records=tuple(said))
        for entity, said in records.items()
    }, names


@cache
def catalogue() -> Catalogue:
    return load_catalogue(shipped("rulebooks"))


def decided(facts: Facts, standing: Standing, on: date) -> tuple[SanctionEvent, ...]:
    return decide(facts, standing, catalogue(), on).events


def test_the_same_day_every_time(tmp_path: Path) -> None:
    for each in day.DELIVERIES:
        first, again = each.sheet().write(tmp_path / "a"), each.sheet().write(tmp_path / "b")
        assert first.read_bytes() == again.read_bytes()


def test_codes_are_valid_and_nobodys() -> None:
    everyone = companies()
    assert len(everyone) == len({one.uscc for one in everyone}) == len({one.name for one in everyone}) == 300
    for one in everyone:
        assert read("CN-USCC", one.uscc).status == "ok"
        assert one.uscc[2:4] == "99"
    assert read("CN-USCC", EARLY_CODE.uscc).status == "warn"
    assert company("白石市一家商行", "白石市", "") == company("白石市一家商行", "白石市", "")


def test_every_role_is_told_in_words() -> None:
    assert WORDS.keys() == CAST.keys()
    affected = {who for who, _ in day.IN_FORCE | day.BEGUN_LATER}
    assert {role for role, who in CAST.items() if who.identifier not in affected} == set(day.UNTOUCHED)


def test_counts_of_every_delivery(reports: dict[str, Report]) -> None:
    for each in day.DELIVERIES:
        report = reports[each.sheet().connector]
        assert len(each.sheet().rows) == each.read == each.published + each.duplicates + each.rejected
        assert (len(report.records), len(report.rejected)) == (each.published, each.rejected), report.problems
    assert sum(each.published for each in day.DELIVERIES) == day.PUBLISHED


def test_measures_follow_from_the_records(reports: dict[str, Report]) -> None:
    facts, names = entities(reports)
    assert len(facts) == day.ENTITIES
    standings = {entity: fold({}, decided(facts[entity], {}, day.DAY)) for entity in facts}
    assert pairs(standings, names) == day.IN_FORCE
    assert sum(state.in_place for one in standings.values() for state in one.values()) == day.MEASURES_IN_FORCE
    later = {entity: fold(standings[entity], decided(facts[entity], standings[entity], day.LATER)) for entity in facts}
    assert pairs(later, names) == (day.IN_FORCE | day.BEGUN_LATER) - day.ENDED_LATER


def test_events_and_feeds_follow_from_the_records(reports: dict[str, Report]) -> None:
    facts, _ = entities(reports)
    kinds: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    on_later_day = 0
    for entity in facts:
        now = decided(facts[entity], {}, day.DAY)
        then = decided(facts[entity], fold({}, now), day.LATER)
        on_later_day += len(then)
        for event in (*now, *then):
            kinds[event.event] += 1
            sent.update(event.measure.recipients)
    assert dict(kinds) == day.EVENTS
    assert on_later_day == day.EVENTS_LATER
    assert {name: sent[name] for name in day.FEEDS} == day.FEEDS
    assert catalogue().recipients.keys() == day.FEEDS.keys()


def test_what_is_private_stays_at_its_agency(reports: dict[str, Report]) -> None:
    handed_over = "".join(str(each.sheet().rows) for each in day.DELIVERIES)
    published = "".join(str(report.records) for report in reports.values())
    for word in PRIVATE:
        assert word in handed_over
        assert word not in published


def test_the_complaint_and_the_person_are_there(reports: dict[str, Report]) -> None:
    stated = {str(one) for each in told(reports) for one in each.identifiers}
    assert {PERSON, OFFICE} <= stated


def test_samples_come_from_the_day(tmp_path: Path) -> None:
    for each in day.DELIVERIES:
        sheet = each.sheet()
        if sheet.connector in ("cn-registry", "cn-tax-rating"):
            continue
        written = sheet.sample().write(tmp_path / sheet.connector)
        committed = shipped("connectors") / sheet.connector / written.name
        assert cells(written) == cells(committed), f"{committed} is out of date"


def cells(path: Path) -> object:
    if path.suffix == ".xlsx":
        return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return path.read_bytes()


def pairs(standings: dict[UUID, Standing], names: dict[UUID, str]) -> set[day.Pair]:
    return {
        (names[entity], state.measure.entry)
        for entity, standing in standings.items()
        for state in standing.values()
        if state.in_place
    }


def as_played(reports: dict[str, Report]) -> Played:
    """The day as the pure core plays it, in the shape in which the demo's proof reads it."""
    facts, names = entities(reports)
    on_day: dict[str, list[dict[str, Any]]] = {name: [] for name in day.FEEDS}
    later: dict[str, list[dict[str, Any]]] = {name: [] for name in day.FEEDS}
    views: dict[str, dict[str, Any]] = {names[entity]: {"measures": []} for entity in facts}
    for entity, known in facts.items():
        now = decided(known, {}, day.DAY)
        standing = fold({}, now)
        for feeds, events in ((on_day, now), (later, decided(known, standing, day.LATER))):
            for event in events:
                for recipient in event.measure.recipients:
                    feeds[recipient].append(as_sent(event, names[entity]))
        views[names[entity]]["measures"] = [
            {"measure": state.measure.entry, "in_force": state.in_place} for state in standing.values()
        ]
    runs = [Ran(each.agency, each.sheet().connector, *counted(each)) for each in day.DELIVERIES]
    return Played(
        first=tuple(runs),
        second=tuple(replace(ran, published=0, duplicates=ran.read - ran.rejected) for ran in runs),
        consolidated={"records": day.PUBLISHED, "duplicates": 0, "rejected": 0, "events": 0},
        status={"entities": len(facts), "measures_in_force": day.MEASURES_IN_FORCE},
        views={role: views[identifier] for role, identifier in ROLES.items()},
        titles={},
        agencies={},
        feeds_on_day={name: numbered(on_day[name]) for name in day.FEEDS},
        feeds={name: numbered([*on_day[name], *later[name]]) for name in day.FEEDS},
        later=day.EVENTS_LATER,
        seconds=0,
    )


def counted(each: day.Delivery) -> tuple[int, int, int, int]:
    return each.read, each.published, each.duplicates, each.rejected


def numbered(events: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple({**event, "feed_position": number} for number, event in enumerate(events, 1))


def as_sent(event: SanctionEvent, identifier: str) -> dict[str, Any]:
    scheme, _, value = identifier.partition(":")
    return {
        "event_id": str(event.id),
        "event": event.event,
        "measure_id": str(event.measure.id),
        "measure": event.measure.entry,
        "identifiers": [{"scheme": scheme, "value": value}],
        "ground": {"agency": event.measure.ground.agency, "record_key": event.measure.ground.record_key},
    }


def test_the_proof_passes_the_day_and_notices_every_kind_of_fault(reports: dict[str, Report]) -> None:
    right = as_played(reports)
    assert differences(right) == ()
    feed = right.feeds["cn-inspection"]
    office = {"scheme": "CN-OFFICE", "value": OFFICE.removeprefix("CN-OFFICE:")}
    faults: dict[str, Played] = {
        "feed cn-inspection": with_feed(right, (*feed[:3], *feed[4:])),
        "office": with_feed(right, (*feed[:-1], {**feed[-1], "identifiers": [office]})),
        "left its agency": with_feed(right, (*feed[:-1], {**feed[-1], "names": [PRIVATE[0]]})),
        "published when run again": replace(right, second=(replace(right.second[0], published=1),)),
        "read, published": replace(right, first=(replace(right.first[0], rejected=0), *right.first[1:])),
        "entities": replace(right, status={**right.status, "entities": 1}),
        "does not stand under": replace(right, feeds_on_day={**right.feeds_on_day, "cn-registration": ()}),
        "shared view of dyer": replace(right, views={**right.views, "dyer": None}),
        "time alone": replace(right, later=0),
    }
    for words, wrong in faults.items():
        assert any(words in found for found in differences(wrong)), words


def with_feed(played: Played, feed: tuple[dict[str, Any], ...]) -> Played:
    return replace(played, feeds={**played.feeds, "cn-inspection": feed})
