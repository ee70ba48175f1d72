"""The end of a replay while the live view moves on: one process that follows it, batch by batch."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from sharehub.flow.activation import pass_days
from sharehub.flow.consolidate import Consolidation
from sharehub.hub import Hub
from sharehub.replay.plan import Plan
from sharehub.replay.shadow import shadow_hub
from sharehub.replay.worker import claimed
from sharehub.stream.replayed import Replayed
from sharehub.topics import Place

_RECORDS_MAX = 5_000


class Tail:
    """A rebuilt view that can be brought further; where it is stands in its positions."""

    def __init__(self, consolidation: Consolidation, source: Replayed) -> None:
        self._consolidation, self._source = consolidation, source

    def to(self, ends: Mapping[Place, int], on: date) -> None:
        """Take what lies before these offsets, and let the calendar run to that day."""
        self._source.extend(ends)
        while len(polled := self._source.poll(_RECORDS_MAX)):
            self._consolidation.process(polled)
        one = self._consolidation
        pass_days(one.view, one.rules, one.codec, on)

    def left(self, ends: Mapping[Place, int]) -> int:
        """How many offsets lie between where it is and these ends."""
        return sum(max(0, end - self._consolidation.claims[place].next_offset) for place, end in ends.items())


@contextmanager
def tail(hub: Hub, plan: Plan, places: Mapping[Place, int]) -> Iterator[Tail]:
    """The tail of a rebuilt view on these partitions; other workers of it are fenced."""
    with shadow_hub(hub.settings, plan) as shadow, shadow.session() as connection:
        consolidation = claimed(shadow, plan, connection, sorted(places))
        starts = {place: claim.next_offset for place, claim in consolidation.claims.items()}
        with Replayed(hub.addresses.bootstrap_servers, starts, starts) as source:
            yield Tail(consolidation, source)
