"""One webhook's turn: what waits for it leaves in the feed's order, until an attempt is in vain or nothing is left."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from sharehub.core.webhook import Answer, Webhook, nothing_to_send


class Waiting(NamedTuple):
    """An event that a webhook has not taken yet."""

    feed_position: int
    message_id: str
    body: bytes


class Deliveries(Protocol):
    """What a turn needs of the world."""

    def waiting(self, webhook: Webhook) -> Sequence[Waiting]:
        """The next events for the webhook, in order, some at a time."""
        ...

    def attempt(self, webhook: Webhook, message: Waiting) -> tuple[Webhook, Answer]:
        """Send one, write down what came of it; the webhook as it follows, not yet kept."""
        ...

    def keep(self, before: Webhook, after: Webhook) -> Webhook | None:
        """The webhook as it is kept now; None where somebody else has changed it meanwhile."""
        ...


def turn(webhook: Webhook, deliveries: Deliveries, stopping: Callable[[], bool]) -> int:
    """Deliver what there is; returns how many events were taken.

    Where somebody changes the webhook meanwhile (a replay, another secret), the turn ends: the next one follows the
    change, and may send an event again.
    """
    taken = 0
    kept: Webhook | None = webhook
    while kept is not None and not stopping():
        found = deliveries.waiting(kept)
        if not found:
            if kept.replay is None:
                break
            kept = deliveries.keep(kept, nothing_to_send(kept))
            continue
        for message in found:
            after, answer = deliveries.attempt(kept, message)
            taken += answer.taken
            kept = deliveries.keep(kept, after)
            if kept is None or not answer.taken or stopping():
                return taken
    return taken
