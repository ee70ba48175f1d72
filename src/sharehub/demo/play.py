"""Plays the invented day through the real parts: files, connectors, hub, feeds; then the day a month later.

It does what an operator's commands do, in the same order and through the same code.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from sharehub import bootstrap, embedded
from sharehub.connect.mapping import find_connector
from sharehub.connect.prospect import Request
from sharehub.connect.runner import Runner, Surroundings
from sharehub.demo.cast import CAST, OFFICE, PERSON
from sharehub.demo.day import AFTERNOON, DAY, DELIVERIES, LATER, Delivery
from sharehub.demo.home import fresh_home
from sharehub.demo.played import Event, Played, Ran
from sharehub.demo.working import Work, by_itself
from sharehub.entities import entity_of
from sharehub.errors import RefusedError
from sharehub.feeds import Feeds
from sharehub.hub import Hub, open_hub
from sharehub.settings import Settings
from sharehub.shipped import shipped
from sharehub.wire.registry import load_registry

Say = Callable[[str], None]
ROLES: Final = {role: who.identifier for role, who in CAST.items()} | {"person": PERSON, "office": OFFICE}
_TABLES: Final = ("entities", "measures_in_force", "grounds", "events")


def demo_settings(settings: Settings) -> Settings:
    """The settings of the demo: its own folder, the shipped connectors and rulebooks, the invented day as today."""
    return settings.model_copy(
        update={
            "home": bootstrap.home(settings) / "demo",
            "connectors": shipped("connectors"),
            "rulebooks": shipped("rulebooks"),
            "consolidator": settings.consolidator.model_copy(update={"decide_on": DAY}),
        }
    )


@contextmanager
def fresh_hub(settings: Settings, progress: embedded.Progress) -> Iterator[Hub]:
    """A hub without any record, over a stack that lives as long as the block.

    Raises:
        RefusedError: the demo's folder is in use, or a configured Kafka or PostgreSQL already holds records.
    """
    fresh_home(settings.home)
    kafka, postgres = not settings.kafka.bootstrap_servers, not settings.database.url
    started = embedded.owned(settings.home, kafka=kafka, postgres=postgres, on_progress=progress)
    with started if kafka or postgres else nullcontext(), open_hub(settings) as hub:
        hub.init()
        if hub.status()["entities"]:
            raise RefusedError(
                "the configured hub holds records; the demo would mix invented ones with them",
                hint="run the demo without kafka.bootstrap_servers and database.url",
            )
        yield hub


def play(hub: Hub, say: Say, work: Work = by_itself) -> Played:
    """The whole day and the one a month later; everything that can be told about them."""
    begun = time.monotonic()
    files = [(each, _handed_over(each, hub.settings.home)) for each in DELIVERIES]
    say(f"{DAY}: {len(files)} files of {len({each.agency for each in DELIVERIES})} agencies lie in the inbox")
    first = tuple(_ran(hub, each, file) for each, file in files)
    say("the same files again")
    second = tuple(_ran(hub, each, file) for each, file in files)
    published = sum(ran.published for ran in (*first, *second))
    consolidated = work(hub, published)
    say("consolidated and relayed; the recipients read their feeds")
    status, on_day = hub.status(), _feeds(hub)
    views = {role: entity_of(hub, identifier, on=DAY) for role, identifier in ROLES.items()}
    say(f"timers for {LATER}")
    later = hub.timers(LATER)
    work(hub, published)
    return Played(
        first=first,
        second=second,
        consolidated=consolidated,
        status={name: status[name] for name in _TABLES},
        views=views,
        titles={one["recipient"]: one["title"] for one in Feeds(hub).recipients()},
        agencies={one.id: one.title for one in hub.in_force().agencies.values()},
        feeds_on_day=on_day,
        feeds=_feeds(hub),
        later=later,
        seconds=round(time.monotonic() - begun, 1),
    )


def afternoon(hub: Hub, say: Say) -> Ran:
    """One more delivery: a taxpayer owes nothing any more, its measures are lifted, and the recipient is told."""
    ran = _ran(hub, AFTERNOON, _handed_over(AFTERNOON, hub.settings.home))
    hub.consolidate(until_caught_up=True)
    Feeds(hub).relay(until_caught_up=True)
    say(f"{DAY}, in the afternoon: {ran.published} records of {AFTERNOON.agency}; what was owed is paid")
    return ran


def _handed_over(delivery: Delivery, home: Path) -> Path:
    sheet = delivery.sheet()
    return sheet.write(home / "inbox" / sheet.connector)


def _ran(hub: Hub, delivery: Delivery, file: Path) -> Ran:
    connector = find_connector(file.parent.name, *bootstrap.connectors_folders(hub.settings))
    around = Surroundings(bootstrap.kafka_address(hub.settings), bootstrap.home(hub.settings), load_registry())
    outcome, prospect = Runner(connector, around, lambda _step, _done, _total: None).run(Request(files=(file,)))
    rejected = prospect.gathered.rejected
    return Ran(
        agency=delivery.agency,
        connector=outcome.connector,
        read=outcome.read,
        published=outcome.published,
        duplicates=outcome.unchanged + outcome.skipped,
        rejected=outcome.rejected,
        problems=tuple(dict.fromkeys(f"{wrong.place}: {wrong.reason}" for one in rejected for wrong in one.rejections)),
    )


def _feeds(hub: Hub) -> dict[str, tuple[Event, ...]]:
    names = sorted(one["recipient"] for one in Feeds(hub).recipients())
    return {name: tuple(event["data"] for event in hub.pull(name)) for name in names}
