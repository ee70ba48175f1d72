"""One consolidator worker: poll, apply, go on; positions live in PostgreSQL."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import structlog

from sharehub.collector import seldom_collected
from sharehub.errors import BrokenStateError, FencedError, RefusedError
from sharehub.flow.acknowledging import Acknowledging
from sharehub.flow.consolidate import Consolidation, Totals
from sharehub.flow.flood import FLOOD
from sharehub.ports.batch import Claim, Halt, Log, Polled
from sharehub.telemetry import metrics
from sharehub.topics import Place, answering

log = structlog.get_logger()

_WAIT_S = 1.0
_FENCED_MAX = 5
_LOOK_EVERY_S = 3.0
_FOLLOW_EVERY_S = 10.0


class Claiming(Protocol):
    """Takes partitions over, and keeps which of them are halted."""

    def claim(self, places: Sequence[Place]) -> Sequence[Claim]:
        """Take them over; each with where it goes on, or why it must not."""
        ...

    def halt(self, halts: Iterable[Halt]) -> None:
        """Write down that nothing more of these partitions is processed."""
        ...

    def released(self, places: Iterable[Place]) -> list[Place]:
        """Those of the halted partitions that a person has let go on."""
        ...


def remembering(consolidation: Consolidation, claiming: Claiming) -> Callable[[Sequence[Place]], Sequence[Claim]]:
    """What takes partitions over, with every claim remembered by the consolidation."""

    def claim(places: Sequence[Place]) -> Sequence[Claim]:
        claims = claiming.claim(places)
        consolidation.claims.update({claim.place: claim for claim in claims})
        log.info("partitions_claimed", partitions=len(claims))
        return claims

    return claim


@seldom_collected()
def work(
    consolidation: Consolidation,
    acknowledging: Acknowledging,
    claiming: Claiming,
    subscription: Log,
    records_max: int,
    *,
    until_caught_up: bool,
    stopping: Callable[[], bool],
) -> Totals:
    """Apply batches until told to stop or, with `until_caught_up`, until what there was has been applied.

    A partition that is halted stops nobody else; the worker looks every few seconds whether it may go on. What a new
    agency or recipient says is read without a restart.

    Raises:
        FencedError: the group keeps giving us partitions that another worker has claimed.
        RefusedError, BrokenStateError: all is done that may be, and partitions are halted.
    """
    fenced = 0
    rounds = _Rounds(claiming, subscription, follows=not until_caught_up)
    while not stopping():
        if until_caught_up and subscription.caught_up():
            _all_done(subscription.halted())
            break
        rounds.make()
        polled = _ours(consolidation, subscription, subscription.poll(records_max, _WAIT_S))
        if not len(polled):
            continue
        try:
            with metrics.batch_seconds.time():
                halts = _apply(consolidation, acknowledging, polled)
            _halt(claiming, subscription, halts)
            fenced = 0
        except FencedError as error:
            fenced += 1
            if fenced > _FENCED_MAX:
                raise
            log.warning("fenced", reason=str(error))
            subscription.claim_again(consolidation.claims)
        else:
            subscription.hint([consolidation.claims[place] for place in polled.messages])
    return consolidation.totals


class _Rounds:
    """Between batches, now and then: whether a halted partition may go on, and whether there are new topics."""

    def __init__(self, claiming: Claiming, subscription: Log, *, follows: bool) -> None:
        self._claiming = claiming
        self._subscription = subscription
        self._follows = follows
        self._looked = self._followed = time.monotonic()

    def make(self) -> None:
        """Look at what is due to be looked at."""
        now = time.monotonic()
        if self._subscription.halted() and now - self._looked > _LOOK_EVERY_S:
            self._subscription.claim_again(self._claiming.released(self._subscription.halted()))
            self._looked = time.monotonic()
        if self._follows and now - self._followed > _FOLLOW_EVERY_S:
            self._subscription.follow()
            self._followed = time.monotonic()


def _halt(claiming: Claiming, subscription: Log, halts: Sequence[Halt]) -> None:
    if halts:
        claiming.halt(halts)
        subscription.halt(halts)


def _all_done(halts: Mapping[Place, Halt]) -> None:
    """Raise where partitions are halted: whoever asked for all that there is must know that it was not all."""
    if not halts:
        return
    found = sorted(halts.values())
    reasons = "; ".join(dict.fromkeys(halt.reason for halt in found))
    names = " ".join(dict.fromkeys(halt.place.topic for halt in found))
    kind = RefusedError if all(halt.code == FLOOD for halt in found) else BrokenStateError
    raise kind(
        f"{reasons}; nothing more of {names} is processed, everything else was",
        hint=f"mend what is wrong and start again, or: sharehub topic accept {names}, which shows what is lost first",
    )


def _apply(consolidation: Consolidation, acknowledging: Acknowledging, polled: Polled) -> tuple[Halt, ...]:
    """Records first, then answers, each with its positions in a transaction of its own; returns what must not go on."""
    answers = [place for place in polled.messages if answering(place.topic)]
    records = polled.only(polled.messages.keys() - set(answers))
    halts = consolidation.process(records) if len(records) else ()
    if answers:
        consolidation.totals.add_answers(acknowledging.process(polled.only(answers)))
    return halts


def _ours(consolidation: Consolidation, subscription: Log, polled: Polled) -> Polled:
    """What a rebalance has taken away is neither processed nor remembered."""
    for place in subscription.revoked():
        consolidation.claims.pop(place, None)
    return polled.only(consolidation.claims)
