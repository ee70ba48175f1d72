"""The checks in their order: each area has findings, or is well."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sharehub.doctor import machine, parts, work
from sharehub.doctor.kinds import Finding
from sharehub.doctor.seen import Seen


def _always(_: Seen) -> bool:
    return True


def _kafka(seen: Seen) -> bool:
    return seen.kafka is not None


def _topics(seen: Seen) -> bool:
    return _kafka(seen) and bool(seen.wanted)


def _addressed(seen: Seen) -> bool:
    return not seen.stack_fault


def _database(seen: Seen) -> bool:
    return seen.database is not None


def _either(seen: Seen) -> bool:
    return _kafka(seen) or _database(seen)


def _both(seen: Seen) -> bool:
    return _kafka(seen) and seen.work is not None


def _said(words: str) -> Callable[[Seen], str]:
    return lambda _: words


class Check(NamedTuple):
    """An area: where it can be judged, how, and what is told of it where nothing is wrong."""

    area: str
    applies: Callable[[Seen], bool]
    findings: Callable[[Seen], Iterable[Finding]]
    well: Callable[[Seen], str]


CHECKS = (
    Check("configuration", _always, machine.configuration, machine.configured),
    Check("home", _always, machine.home, machine.roomy),
    Check("packages", _always, machine.packages, _said("crc32c is installed")),
    Check("schemas", _always, machine.schemas, lambda seen: f"{seen.schemas} schemas are as released"),
    Check("rules", _always, machine.rules, _said("the rules of the files break no law")),
    Check("kafka", _always, parts.kafka, parts.kafka_well),
    Check("database", _addressed, parts.database, parts.database_well),
    Check("clocks", _either, parts.clocks, parts.clocks_well),
    Check("topics", _topics, parts.topics, parts.topics_well),
    Check("migrations", _database, parts.migrations, parts.migrations_well),
    Check("positions", _both, work.positions, _said("the log is the one whose positions are stored")),
    Check("consolidator", _both, work.consolidator, work.consolidator_well),
    Check("relay", _both, work.relay, work.relay_well),
    Check("timers", _both, work.timers, work.timers_well),
    Check("dead letters", _both, work.dead_letters, _said("none")),
    Check("acknowledgements", _both, work.acknowledgements, _said("none is overdue")),
    Check("due process", _both, work.due_process, _said("no clock is overdue")),
)

_UNREACHED = ("stack-down", "kafka-away", "database-away")


def judged(seen: Seen) -> Iterator[Finding]:
    """What is wrong in each area that could be looked at, or that all is well."""
    for check in CHECKS:
        if check.applies(seen):
            yield from [*check.findings(seen)] or [Finding(check.area, check.area, "ok", check.well(seen))]


def exit_code(findings: Iterable[Finding]) -> int:
    """0 without a failure, be there warnings; 3 where Kafka or PostgreSQL was not reached; else 1."""
    failed = {one.code for one in findings if one.level == "fail"}
    return 3 if failed.intersection(_UNREACHED) else int(bool(failed))
