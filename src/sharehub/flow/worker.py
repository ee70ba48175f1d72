"""One consolidator worker: poll, apply, go on; positions live in PostgreSQL."""

import gc
from collections.abc import Callable, Sequence

import structlog

from sharehub.errors import FencedError
from sharehub.flow.acknowledging import Acknowledging
from sharehub.flow.consolidate import Consolidation, Totals
from sharehub.ports import Claim, Log, Place, Polled
from sharehub.telemetry import metrics
from sharehub.topics import answering

log = structlog.get_logger()

Claimer = Callable[[Sequence[Place]], Sequence[Claim]]
_WAIT_S = 1.0
_FENCED_MAX = 5


def remembering(consolidation: Consolidation, claimer: Claimer) -> Claimer:
    """The claimer, with every claim remembered by the consolidation."""

    def claim(places: Sequence[Place]) -> Sequence[Claim]:
        claims = claimer(places)
        consolidation.claims.update({claim.place: claim for claim in claims})
        log.info("partitions_claimed", partitions=len(claims))
        return claims

    return claim


def work(
    consolidation: Consolidation,
    acknowledging: Acknowledging,
    subscription: Log,
    records_max: int,
    *,
    until_caught_up: bool,
    stopping: Callable[[], bool],
) -> Totals:
    """Apply batches until told to stop or, with `until_caught_up`, until what there was has been applied.

    Raises:
        FencedError: the group keeps giving us partitions that another worker has claimed.
    """
    _spare_the_collector()
    fenced = 0
    while not stopping():
        polled = _ours(consolidation, subscription, subscription.poll(records_max, _WAIT_S))
        if not len(polled):
            if until_caught_up and subscription.caught_up():
                break
            continue
        try:
            _apply(consolidation, acknowledging, polled)
            fenced = 0
        except FencedError as error:
            fenced += 1
            if fenced > _FENCED_MAX:
                raise
            log.warning("fenced", reason=str(error))
            subscription.claim_again(polled.messages)
        else:
            subscription.hint([consolidation.claims[place] for place in polled.messages])
    return consolidation.totals


def _apply(consolidation: Consolidation, acknowledging: Acknowledging, polled: Polled) -> None:
    """Records first, then answers, each with its positions in a transaction of its own."""
    with metrics.batch_seconds.time():
        _applied(consolidation, acknowledging, polled)


def _applied(consolidation: Consolidation, acknowledging: Acknowledging, polled: Polled) -> None:
    answers = {place: found for place, found in polled.messages.items() if answering(place.topic)}
    records = {place: found for place, found in polled.messages.items() if place not in answers}
    if records:
        consolidation.process(Polled(records))
    if answers:
        consolidation.totals.add_answers(acknowledging.process(Polled(answers)))


def _spare_the_collector() -> None:
    """Remembered identifiers are millions of objects that never form cycles: a quarter of the time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _ours(consolidation: Consolidation, subscription: Log, polled: Polled) -> Polled:
    """What a rebalance has taken away is neither processed nor remembered."""
    for place in subscription.revoked():
        consolidation.claims.pop(place, None)
    return Polled({place: found for place, found in polled.messages.items() if place in consolidation.claims})
