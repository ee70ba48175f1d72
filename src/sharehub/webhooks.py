"""Webhooks over one hub: a recipient, or the operator for it, says where it wants to be told of new events."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection

from sharehub.core.feed import cursor_of, position_of
from sharehub.core.target import url_fault
from sharehub.core.webhook import Answer, NoWebhookError, Registered, Webhook, replayed, rotated
from sharehub.errors import RefusedError, UsageError
from sharehub.hub import Hub
from sharehub.store import webhooks as store
from sharehub.store.feeds import bounds
from sharehub.webhook_sender import Sender
from sharehub.wire.webhooks import ping_message

_PER_RECIPIENT_MAX = 10
_TRIES_MAX = 5


class Webhooks:
    """What can be done with webhooks; with a `recipient`, with its own only."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._sender = Sender(hub)

    def add(self, recipient: str, url: str, after: str | None = None) -> Registered:
        """A new webhook, from the end of the feed or after a cursor.

        Raises:
            UsageError: the recipient, the address or the cursor cannot be used, or it has too many webhooks.
        """
        if recipient not in self._hub.in_force().recipients:
            raise UsageError(f"there is no recipient {recipient!r}", hint="sharehub feed list")
        if fault := url_fault(url, self._sender.allowed):
            raise UsageError(f"the address {fault}", hint="name an https:// address that everybody can reach")
        with self._hub.session() as connection, connection.transaction():
            last = bounds(connection, recipient).last
            position = last if after is None else min(_position(after), last)
            made = Webhook(uuid4(), recipient, url, position, datetime.now(UTC), self._sender.secrets.key_id)
            if not store.add(connection, made, _PER_RECIPIENT_MAX):
                raise UsageError(f"{recipient} has {_PER_RECIPIENT_MAX} webhooks", hint="remove one first")
        return Registered(made, self._sender.secrets.text(made.webhook_id, 1))

    def all(self, recipient: str | None = None) -> list[Webhook]:
        """All webhooks, the oldest first."""
        with self._hub.session() as connection:
            return store.webhooks(connection, recipient)

    def one(self, webhook_id: UUID, recipient: str | None = None) -> Webhook:
        """One webhook.

        Raises:
            NoWebhookError: there is none.
        """
        with self._hub.session() as connection:
            return _found(connection, webhook_id, recipient)

    def remove(self, webhook_id: UUID, recipient: str | None = None) -> Webhook:
        """Take a webhook out for good. Raises as `one`."""
        with self._hub.session() as connection:
            gone = _found(connection, webhook_id, recipient)
            store.remove(connection, webhook_id, datetime.now(UTC))
        return gone

    def attempts(self, webhook_id: UUID, attempts_max: int, recipient: str | None = None) -> list[dict[str, Any]]:
        """What was tried in the last 90 days, the newest first. Raises as `one`."""
        with self._hub.session() as connection:
            _found(connection, webhook_id, recipient)
            return store.attempts(connection, webhook_id, attempts_max)

    def ping(self, webhook_id: UUID, recipient: str | None = None) -> Answer:
        """Send a message that tells of nothing, once and now, and say what came of it. Raises as `one`."""
        with self._hub.session() as connection:
            found = _found(connection, webhook_id, recipient)
            message = ping_message(found.recipient, cursor_of(found.position), uuid4(), datetime.now(UTC))
            return self._sender.attempt(connection, found, message, None)

    def replay(
        self, webhook_id: UUID, after: str | None = None, until: str | None = None, recipient: str | None = None
    ) -> Webhook:
        """In service again, from where it stood; what it took between the cursors leaves again before that.

        Raises:
            NoWebhookError: there is none.
            UsageError: this is no cursor.
        """
        first, last = (None if one is None else _position(one) for one in (after, until))
        return self._changed(webhook_id, recipient, lambda one: replayed(one, first, last))

    def rotate(self, webhook_id: UUID, recipient: str | None = None) -> Registered:
        """A new secret; for a day the ones before it sign too. Raises as `one`."""
        made = self._changed(webhook_id, recipient, lambda one: rotated(one, datetime.now(UTC)))
        return Registered(made, self._sender.secrets.text(webhook_id, made.secrets[-1].number))

    def _changed(self, webhook_id: UUID, recipient: str | None, change: Callable[[Webhook], Webhook]) -> Webhook:
        with self._hub.session() as connection:
            for _ in range(_TRIES_MAX):
                found = _found(connection, webhook_id, recipient)
                if kept := store.change(connection, found, change(found)):
                    return kept
        raise RefusedError("the sender is busy with this webhook", hint="try again in a moment")


def _found(connection: Connection[Any], webhook_id: UUID, recipient: str | None) -> Webhook:
    found = store.webhook(connection, webhook_id)
    if found is None or recipient not in (None, found.recipient):
        raise NoWebhookError(f"there is no webhook {webhook_id}", hint="sharehub webhook list")
    return found


def _position(cursor: str) -> int:
    try:
        return position_of(cursor)
    except ValueError as error:
        raise UsageError(str(error), hint="take the cursor of an event") from error
