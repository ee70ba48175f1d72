"""The one sender of webhooks over one hub: tells every address of what happened in its recipient's feed.

A message says that there is an event and where to fetch it; nothing about a person leaves this way.
"""

import random
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from psycopg import Connection

from sharehub.bootstrap import signing_key_file, webhook_key_file
from sharehub.core.target import networks
from sharehub.core.webhook import Answer, Webhook, settled, valid
from sharehub.feeds import cloud_event_of
from sharehub.flow.webhooks import Waiting, turn
from sharehub.hub import Hub
from sharehub.posting import post
from sharehub.store import webhooks as store
from sharehub.store.feeds import page
from sharehub.telemetry import metrics
from sharehub.telemetry.metrics import turning
from sharehub.wire.signing import SigningKey
from sharehub.wire.webhooks import Message, Secrets, event_message, signed

log = structlog.get_logger()

_AT_ONCE = 8
"""Webhooks that are served at the same time, so that a slow receiver holds up nobody else."""
_EVENTS_AT_A_TIME = 100
_LOOK_EVERY_S = 0.5


class Sender:
    """Sends what waits, each webhook's events one after the other."""

    def __init__(self, hub: Hub) -> None:
        """Read the keys.

        Raises:
            UsageError: a key file holds no key.
        """
        self._hub = hub
        self.allowed = networks(hub.settings.webhooks.allowed_networks)
        self.secrets = Secrets(webhook_key_file(hub.settings))
        self._signing = SigningKey.kept(signing_key_file(hub.settings))

    def send(self, *, until_caught_up: bool) -> int:
        """Until stopped or caught up; returns how many messages were taken.

        Raises:
            RefusedError: another sender is running.
        """
        hub, taken = self._hub, 0
        stopping = turning("webhooks", hub.stopping)
        under_way: dict[UUID, Future[int]] = {}
        with hub.session("webhooks") as connection, store.sending(connection), ThreadPoolExecutor(_AT_ONCE) as threads:
            while not stopping():
                due = store.due(connection, datetime.now(UTC))
                under_way |= {
                    one.webhook_id: threads.submit(self._turn, one) for one in due if one.webhook_id not in under_way
                }
                if until_caught_up and not under_way:
                    break
                if under_way:
                    wait(under_way.values(), _LOOK_EVERY_S, FIRST_COMPLETED)
                else:
                    hub.stopping.wait(_LOOK_EVERY_S)
                done = [one for one, future in under_way.items() if future.done()]
                taken += sum(under_way.pop(one).result() for one in done)
        return taken + sum(future.result() for future in under_way.values())

    def _turn(self, webhook: Webhook) -> int:
        with self._hub.session() as connection:
            return turn(webhook, _Deliveries(self, self._hub, connection), self._hub.stopping.is_set)

    def attempt(self, connection: Connection[Any], webhook: Webhook, message: Message, position: int | None) -> Answer:
        """Send one message once, and write down what came of it."""
        now, begun = datetime.now(UTC), time.monotonic()
        answer = self._posted(webhook, message, now)
        seconds = round(time.monotonic() - begun, 3)
        attempt = store.Attempt(message.message_id, position, now, seconds, answer)
        store.add_attempt(connection, webhook.webhook_id, attempt)
        metrics.webhook_attempts.labels("taken" if answer.taken else "not-taken").inc()
        if not answer.taken:
            log.warning("webhook_not_taken", webhook_id=str(webhook.webhook_id), reason=answer.reason)
        return answer

    def _posted(self, webhook: Webhook, message: Message, now: datetime) -> Answer:
        if webhook.key_id != self.secrets.key_id:
            return Answer(0, reason="not sent: the key file is not the one with which this webhook was made")
        secrets = [self.secrets.text(webhook.webhook_id, one.number) for one in valid(webhook, now)]
        return post(webhook.url, signed(message, secrets, self._signing, now), message.body, self.allowed)


class _Deliveries:
    """What one turn needs, over a connection of its own."""

    def __init__(self, sender: Sender, hub: Hub, connection: Connection[Any]) -> None:
        self._sender = sender
        self._hub = hub
        self._connection = connection

    def waiting(self, webhook: Webhook) -> Sequence[Waiting]:
        """The next events for the webhook."""
        entries = page(self._connection, webhook.recipient, webhook.after, _EVENTS_AT_A_TIME)
        wanted = [one for one in entries if webhook.until is None or one.feed_position <= webhook.until]
        events = [cloud_event_of(self._hub.registry, webhook.recipient, one) for one in wanted]
        return [
            Waiting(entry.feed_position, *event_message(webhook.recipient, event))
            for entry, event in zip(wanted, events, strict=True)
        ]

    def attempt(self, webhook: Webhook, message: Waiting) -> tuple[Webhook, Answer]:
        """Send one, and the webhook as it follows."""
        sent = Message(message.message_id, message.body)
        answer = self._sender.attempt(self._connection, webhook, sent, message.feed_position)
        jitter = random.random()  # noqa: S311 -- a pause is no secret
        return settled(webhook, message.feed_position, answer, datetime.now(UTC), jitter), answer

    def keep(self, before: Webhook, after: Webhook) -> Webhook | None:
        """Keep it, unless somebody else changed it."""
        return store.change(self._connection, before, after)
