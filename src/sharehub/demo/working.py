"""Who consolidates and relays while the day is played: the demo itself, or the services that run already."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from sharehub.errors import UnreachableError
from sharehub.feeds import Feeds
from sharehub.hub import Hub

Work = Callable[[Hub, int], Mapping[str, int]]
"""Told how many records were published; returns once they are in the view and all that follows was sent."""

_SERVICES_S: Final = 180
_LOOK_EVERY_S: Final = 0.5


def by_itself(hub: Hub, _published: int) -> Mapping[str, int]:
    """One worker and the relay, here."""
    totals = hub.consolidate(until_caught_up=True)
    Feeds(hub).relay(until_caught_up=True)
    return {
        "records": totals.records,
        "duplicates": totals.duplicates,
        "rejected": totals.rejected,
        "events": totals.events,
    }


def by_services(hub: Hub, published: int) -> Mapping[str, int]:
    """Wait for the services that run elsewhere.

    Raises:
        UnreachableError: they were not done in time.
    """
    deadline = time.monotonic() + _SERVICES_S
    while not (_taken_in(figures := hub.status(), published) and _sent(hub)):
        if time.monotonic() > deadline:
            raise UnreachableError(
                f"the services have not taken in and sent everything within {_SERVICES_S} s",
                hint="look at the logs of the consolidator and the relay",
            )
        time.sleep(_LOOK_EVERY_S)
    return {
        "records": figures["records"],
        "duplicates": figures["duplicates"],
        "rejected": figures["rejections"],
        "events": figures["events"],
    }


def _taken_in(figures: Mapping[str, int], published: int) -> bool:
    done = figures["records"] + figures["duplicates"] + figures["rejections"]
    return done == published and not figures["outbox_waiting"]


def _sent(hub: Hub) -> bool:
    """Whether every feed on Kafka has come as far as its numbers: they are given before the message leaves."""
    return all(len(hub.pull(one["recipient"])) == one["position"] for one in Feeds(hub).recipients())
