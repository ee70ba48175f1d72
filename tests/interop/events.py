"""A world in which every kind of sanction event has happened, sent through the real log, database and relay."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sharehub.core.standing import TRANSITIONS
from tests.integration.installation import Running
from tests.integration.publishing import World, fresh_world, until
from tests.integration.saying import Company, Message, Speaker, subject

KINDS = frozenset(TRANSITIONS)
_BEGUN = date(2026, 5, 1)
_TICKS = (date(2026, 12, 31), date(2030, 1, 1))


@contextmanager
def every_event(stack: Running, folder: Path) -> Iterator[World]:
    """A world whose topics hold events of all kinds; what was decided is relayed."""
    with fresh_world(stack, folder, partitions=1, decide_on=_BEGUN) as world:
        for messages in _years(Speaker(world.agency("environment"))):
            world.say(messages)
            world.consolidate()
        for day in _TICKS:
            world.hub.timers(day)
        world.relay()
        until(lambda: {value["event"] for value in world.values("events.sanction")} >= KINDS)  # commits take a moment
        yield world


def _years(bureau: Speaker) -> Iterator[list[Message]]:
    """Penalties about four companies: a year of due process, a fine set anew, one annulled, one that runs its term."""
    who = subject(Company(1).uscc, name="Blue River Mills")
    concerns = {"concerns_agency": bureau.agency, "concerns_key": "p"}
    yield [
        bureau.says("penalty", "p", who),
        bureau.says("penalty", "amended", subject(Company(2).uscc, name="绿河纸业")),
        bureau.says("penalty", "annulled", subject(Company(3).uscc)),
        bureau.says("penalty", "expired", subject(Company(4).uscc)),
    ]
    yield [
        bureau.says("appeal", "ap", who, lodged_on=date(2026, 5, 4), **concerns),
        bureau.says("stay", "st", who, effective_from=date(2026, 5, 10), effective_to=date(2026, 6, 9), **concerns),
        bureau.says("penalty", "amended", subject(Company(2).uscc), revision=2, document_number="No. 2"),
        bureau.says(
            *("appeal", "won", subject(Company(3).uscc)),
            **{**concerns, "concerns_key": "annulled"},
            status="upheld",
            lodged_on=date(2026, 3, 20),
            outcome_on=date(2026, 4, 20),
        ),
    ]
    yield [
        bureau.says("appeal", "ap", who, revision=2, status="dismissed", outcome_on=date(2026, 6, 20), **concerns),
        bureau.says(
            "exception", "ex", who, effective_from=date(2026, 7, 1), effective_to=date(2026, 7, 15), **concerns
        ),
        bureau.says("repair-decision", "rd", who, decided_on=date(2026, 9, 1), **concerns),
    ]
