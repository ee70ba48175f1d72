"""The look at everything: each part apart, so that one that is away hides nothing of the others."""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from sharehub import origins
from sharehub.bootstrap import Endpoints, endpoints, home, rulebooks_folder
from sharehub.core.catalogue import Catalogue
from sharehub.doctor.seen import Home, Limits, Seen
from sharehub.errors import SharehubError, UnreachableError
from sharehub.feeds import RELAY_ID
from sharehub.hub import Hub, open_hub
from sharehub.settings import Settings
from sharehub.status import work_of
from sharehub.store.engine import opened
from sharehub.store.health import ahead_s, database_found
from sharehub.stream.health import append_ahead_s, kafka_found
from sharehub.topics import PROBE, Topic, topics
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebooks import load_catalogue

T = TypeVar("T")


def look(settings: Settings, schemas: Path | None = None) -> Seen:
    """Everything as it is now; takes a second where all answer, up to ten for each part that does not."""
    seen = _machine(settings, schemas)
    try:
        addresses = endpoints(settings)
    except SharehubError as error:
        return replace(seen, stack_fault=str(error))
    seen = _kafka(replace(seen, servers=addresses.bootstrap_servers))
    return _database(seen, settings, addresses)


def _machine(settings: Settings, schemas: Path | None) -> Seen:
    chosen = settings.doctor
    registered, schemas_fault = _tried(lambda: len(load_registry(schemas).all()))
    _, rules_fault = _tried(lambda: load_catalogue(rulebooks_folder(settings)))
    now = datetime.now(UTC)
    return Seen(
        now=now,
        today=settings.consolidator.decide_on or now.date(),
        limits=Limits(chosen.disk_free_bytes_min, chosen.clock_skew_seconds_max, chosen.waiting_seconds_max),
        stated=[f"{one.name}: {one.origin}" for one in origins.in_force(settings) if one.origin != origins.DEFAULT],
        unknown=origins.unknown_names(),
        home=_home(home(settings)),
        crc32c=_installed("crc32c"),
        schemas=registered or 0,
        schemas_fault=schemas_fault,
        rules_fault=rules_fault,
    )


def _tried(read: Callable[[], T]) -> tuple[T | None, str]:
    """What was read, and why it was not."""
    try:
        return read(), ""
    except SharehubError as error:
        return None, str(error)


def _home(folder: Path) -> Home:
    """The data folder; what is not there yet can be made where the folder above can be written."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    usage = shutil.disk_usage(there)
    return Home(folder, there.is_dir() and os.access(there, os.W_OK), usage.free, usage.total)


def _installed(package: str) -> bool:
    with suppress(ImportError):
        import_module(package)
        return True
    return False


def _kafka(seen: Seen) -> Seen:
    try:
        seen = replace(seen, kafka=kafka_found(seen.servers, RELAY_ID, seen.late_before))
    except UnreachableError as error:
        return replace(seen, kafka_fault=str(error))
    if seen.kafka is None or PROBE not in seen.kafka.topics:
        return seen  # a topic that is missing is told of where topics are
    try:
        return replace(seen, kafka_ahead_s=append_ahead_s(seen.servers))
    except UnreachableError as error:
        return replace(seen, probe_fault=str(error))


def _database(seen: Seen, settings: Settings, addresses: Endpoints) -> Seen:
    try:
        with opened(addresses.database_url) as engine:
            seen = _tables(seen, engine)
            if seen.schemas_fault or seen.rules_fault:
                return seen  # there is no hub without them
            with open_hub(settings) as hub:
                return _work(seen, hub)
    except UnreachableError as error:
        return replace(seen, database_fault=str(error))


def _tables(seen: Seen, engine: Engine) -> Seen:
    return replace(seen, database=database_found(engine), database_ahead_s=ahead_s(engine))


def _work(seen: Seen, hub: Hub) -> Seen:
    """The work, where the tables can be read; the topics that there must be, by the rules in force or of the files."""
    if seen.database is None or not seen.database.migrated:
        return replace(seen, wanted=_wanted(load_catalogue(rulebooks_folder(hub.settings))))
    return grown(replace(seen, wanted=_wanted(hub.in_force()), work=work_of(hub, seen.kafka)))


def grown(seen: Seen) -> Seen:
    """The ends of the log asked for once more where a position lies behind one: it was read later, and work goes on."""
    if seen.kafka is None or seen.work is None:
        return seen
    ends = seen.kafka.end
    if all(held.next_offset <= ends.get(place, 0) for place, held in seen.work.holdings.items()):
        return seen
    try:
        again = kafka_found(seen.servers, RELAY_ID, seen.late_before)
    except UnreachableError as error:
        return replace(seen, kafka=None, kafka_fault=str(error))
    return replace(seen, kafka=replace(seen.kafka, end=again.end))


def _wanted(rules: Catalogue) -> Sequence[Topic]:
    return topics(sorted(rules.agencies), sorted(rules.recipients))
