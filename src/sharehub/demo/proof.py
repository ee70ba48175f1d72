"""Is everything as it must be? Compares a play of the day with its page (`day`), difference by difference."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sharehub.demo import day
from sharehub.demo.cast import CAST, OFFICE, PERSON
from sharehub.demo.played import Event, Played, Ran, events_by_kind, identifiers_of, in_force

PRIVATE: Final = ("李清越", "9901001988", "王知夏", "赵秋禾", "5550133", "5550188")
"""Names and numbers that stand in the agencies' files and must stay there."""


def differences(played: Played) -> tuple[str, ...]:
    """Everything that is not as it must be, in plain words; empty where all is well."""
    return tuple(found for check in _CHECKS for found in check(played))


def _same(what: str, wanted: object, found: object) -> Iterator[str]:
    if wanted != found:
        yield f"{what}: {found} instead of {wanted}"


def _first_run(played: Played) -> Iterator[str]:
    wanted = {
        each.sheet().connector: (each.read, each.published, each.duplicates, each.rejected) for each in day.DELIVERIES
    }
    found = {ran.connector: (ran.read, ran.published, ran.duplicates, ran.rejected) for ran in played.first}
    for connector, counts in wanted.items():
        yield from _same(f"{connector}: read, published, duplicate, rejected", counts, found.get(connector))


def _second_run(played: Played) -> Iterator[str]:
    ran: Ran
    for ran in played.second:
        yield from _same(f"{ran.connector}: published when run again", 0, ran.published)


def _consolidation(played: Played) -> Iterator[str]:
    yield from _same("records consolidated", day.PUBLISHED, played.consolidated["records"])
    yield from _same("duplicates at the hub", 0, played.consolidated["duplicates"])
    yield from _same("records rejected by the hub", 0, played.consolidated["rejected"])
    yield from _same("entities", day.ENTITIES, played.status["entities"])
    yield from _same("measures in force on the day", day.MEASURES_IN_FORCE, played.status["measures_in_force"])
    yield from _same(
        "measures that recipients hold", day.MEASURES_IN_FORCE, len(in_force(played.feeds_on_day.values()))
    )


def _measures(played: Played) -> Iterator[str]:
    yield from _pairs("on the day", day.IN_FORCE, in_force(played.feeds_on_day.values()))
    afterwards = (day.IN_FORCE | day.BEGUN_LATER) - day.ENDED_LATER
    yield from _pairs(f"on {day.LATER}", afterwards, in_force(played.feeds.values()))
    yield from _same(f"events that time alone brought by {day.LATER}", day.EVENTS_LATER, played.later)


def _pairs(when: str, wanted: Iterable[day.Pair], standing: Mapping[str, day.Pair]) -> Iterator[str]:
    wanted, found = set(wanted), set(standing.values())
    for identifier, entry in sorted(wanted - found):
        yield f"{when}: {identifier} does not stand under {entry}"
    for identifier, entry in sorted(found - wanted):
        yield f"{when}: {identifier} stands under {entry} without cause"


def _views(played: Played) -> Iterator[str]:
    wanted = {role: {entry for who, entry in day.IN_FORCE if who == CAST[role].identifier} for role in CAST}
    wanted |= {"person": {entry for who, entry in day.IN_FORCE if who == PERSON}, "office": set()}
    for role, entries in wanted.items():
        view = played.views.get(role)
        found = None if view is None else {each["measure"] for each in view["measures"] if each["in_force"]}
        yield from _same(f"shared view of {role}: measures in force", entries, found)


def _feeds(played: Played) -> Iterator[str]:
    yield from _same("events per recipient", day.FEEDS, {name: len(feed) for name, feed in played.feeds.items()})
    yield from _same("events by kind", day.EVENTS, events_by_kind(played.feeds.values()))
    for recipient, feed in played.feeds.items():
        yield from _gaps(recipient, feed)


def _gaps(recipient: str, feed: Iterable[Event]) -> Iterator[str]:
    positions = [event["feed_position"] for event in feed]
    yield from _same(f"positions in feed {recipient}", list(range(1, len(positions) + 1)), positions)


def _privacy(played: Played) -> Iterator[str]:
    shown: Any = [dict(played.views), played.feeds]
    text = json.dumps(shown, ensure_ascii=False, default=str)
    for word in PRIVATE:
        if word in text:
            yield f"{word!r} left its agency"


def _office(played: Played) -> Iterator[str]:
    sent = [event for feed in played.feeds.values() for event in feed if OFFICE in identifiers_of(event)]
    yield from _same("events about the office complained of", 0, len(sent))


_CHECKS: Final = (_first_run, _second_run, _consolidation, _measures, _views, _feeds, _privacy, _office)
