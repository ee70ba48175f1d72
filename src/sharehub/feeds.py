"""Feeds over one hub: what leaves, by the one relay, and what a recipient can read again."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from sharehub.bootstrap import signing_key_file
from sharehub.core.agreement import in_force
from sharehub.core.competence import Recipient
from sharehub.core.feed import ForeignCursorError, TooOldError, cursor_of, position_of
from sharehub.errors import UsageError
from sharehub.flow.relay import relay
from sharehub.flow.rules import Rules
from sharehub.hub import Hub
from sharehub.ports.leaving import FeedEntry
from sharehub.store.feeds import Bounds, bounds, last_given, page
from sharehub.store.outbox import elected
from sharehub.stream.admin import ensure_topics
from sharehub.stream.transactional import TransactionalSender
from sharehub.telemetry.metrics import turning
from sharehub.topics import recipient_topics
from sharehub.wire.cloudevents import cloud_event, feed_headers
from sharehub.wire.registry import Registry
from sharehub.wire.rows import decode, encode
from sharehub.wire.signing import Jwk, SigningKey, canonical, public_keys

RELAY_ID = "sharehub-relay"
_SCHEMAS = ("sanction-event", "agreement-event", "reminder-notice")


class Feeds:
    """The feeds of all recipients."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def relay(self, *, until_caught_up: bool) -> int:
        """Send what is in the outbox, until stopped or caught up; returns entries sent.

        Raises:
            RefusedError: another relay is running.
        """
        hub = self._hub
        key = SigningKey.kept(signing_key_file(hub.settings))
        with (
            hub.session("relay") as connection,
            elected(connection, _Leaving(hub, key, hub.rules(connection))) as outbox,
            TransactionalSender(hub.addresses.bootstrap_servers, RELAY_ID) as sender,
        ):
            return relay(
                outbox,
                sender,
                until_caught_up=until_caught_up,
                stopping=turning("relay", hub.stopping),
            )

    def recipients(self) -> list[dict[str, Any]]:
        """All feeds with the position of their last event."""
        known = self._hub.in_force().recipients.values()
        with self._hub.snapshot() as connection:
            last = {one.id: bounds(connection, one.id).last for one in known}
        return [{"recipient": one.id, "title": one.title, "position": last[one.id]} for one in known]

    def agreement(self, recipient: str) -> Recipient:
        """What was agreed with this recipient.

        Raises:
            UsageError: there is none.
        """
        known = self._hub.in_force().recipients
        if recipient not in known:
            raise UsageError(f"there is no feed {recipient!r}", hint="sharehub feed list")
        return known[recipient]

    def bounds(self, recipient: str) -> Bounds:
        """From where to where the feed is kept."""
        with self._hub.snapshot() as connection:
            return bounds(connection, recipient)

    def catalogue(self, recipient: str) -> dict[str, Any] | None:
        """What is told of one feed: title, purpose, positions, schemas and signing key; None where there is none."""
        agreed = self._hub.in_force().recipients.get(recipient)
        if agreed is None:
            return None
        kept = self.bounds(recipient)
        return {
            "recipient": recipient,
            "title": agreed.title,
            "purpose": agreed.purpose,
            "position": kept.last,
            "first_position": kept.first,
            "cursor": cursor_of(kept.last),
            "first_cursor": cursor_of(max(kept.first - 1, 0)),
            "schema_ids": [self._hub.registry.latest(name).id for name in _SCHEMAS],
            "key_id": self.public_keys()[0]["kid"],
        }

    def public_keys(self) -> list[Jwk]:
        """The public keys by which signatures are checked, the present one first."""
        return public_keys(signing_key_file(self._hub.settings))

    def ends(self, recipients: Sequence[str]) -> dict[str, int]:
        """The position of the last event of each of these feeds."""
        with self._hub.snapshot() as connection:
            return {one: bounds(connection, one).last for one in recipients}

    def events(self, recipient: str, after: str, entries_max: int) -> list[dict[str, Any]]:
        """The CloudEvents that follow the cursor, in order; none: the feed has nothing newer.

        Raises:
            ForeignCursorError: this is no cursor, or it lies beyond the feed: it is another feed's, or another hub's.
            TooOldError: what follows the cursor is no longer kept.
        """
        position = _position(after)
        with self._hub.snapshot() as connection:
            kept = bounds(connection, recipient)
            entries = page(connection, recipient, position, entries_max)
            beyond = position > kept.last and position > last_given(connection, recipient)
        if beyond:
            told = f"{after!r} lies beyond the feed {recipient!r}: it is another feed's cursor, or another hub's"
            raise ForeignCursorError(told, hint="take the cursor of the last line you kept")
        if position + 1 < kept.first:
            raise TooOldError(recipient, cursor_of(kept.first - 1))
        return [cloud_event_of(self._hub.registry, recipient, entry) for entry in entries]


def cloud_event_of(registry: Registry, feed: str, entry: FeedEntry) -> dict[str, Any]:
    """An entry as the CloudEvent that every way out carries."""
    _, value = decode(registry, entry.payload)
    return cloud_event(feed, value, entry.jws)


def _position(cursor: str) -> int:
    try:
        return position_of(cursor)
    except ValueError as error:
        raise ForeignCursorError(str(error), hint="take the cursor of the last line you kept") from error


class _Leaving:
    """How values leave: encoded, signed, and as the agreement of the day allows."""

    def __init__(self, hub: Hub, key: SigningKey, rules: Rules) -> None:
        self._hub = hub
        self._key = key
        self._rules = rules
        self._with_topics: set[str] = set()

    def encode(self, schema: str, value: Mapping[str, Any]) -> bytes:
        """The Confluent-framed bytes."""
        return encode(self._hub.registry.latest(schema), value)

    def sign(self, value: Mapping[str, Any]) -> str:
        """The detached signature of its canonical JSON."""
        return self._key.sign(canonical(value))

    def headers(self, feed: str, value: Mapping[str, Any], jws: str) -> tuple[tuple[str, bytes], ...]:
        """The headers on Kafka."""
        return feed_headers(feed, value, jws)

    def agreement(self, recipient: str) -> Recipient:
        """What was agreed; with whom nothing is agreed any more sees the least."""
        return self._recipients().get(recipient) or Recipient(recipient, recipient, "", "", fields=())

    def agreed(self) -> Sequence[str]:
        """Those to whom events go today; who is new among them gets its topics."""
        today = self._hub.today()
        agreed = [name for name, one in self._recipients().items() if in_force(one, today)]
        self._make_topics(self._recipients().keys() - self._with_topics)
        return agreed

    def _make_topics(self, recipients: Set[str]) -> None:
        if recipients:
            wanted = [topic for name in sorted(recipients) for topic in recipient_topics(name)]
            replicas = self._hub.settings.kafka.replication_factor
            ensure_topics(self._hub.addresses.bootstrap_servers, wanted, partitions=1, replication_factor=replicas)
            self._with_topics |= recipients

    def _recipients(self) -> Mapping[str, Recipient]:
        rules = self._rules.current()
        return rules.on(rules.day(self._hub.today())).recipients
