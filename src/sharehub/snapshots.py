"""Snapshots over one hub: the next version of each recipient's list, made of what the feed itself carried."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog

from sharehub.bootstrap import feeds_folder, signing_key_file
from sharehub.core.agreement import in_force
from sharehub.core.listed import difference, fold
from sharehub.errors import BrokenStateError, RefusedError, SharehubError, UnreachableError, UsageError
from sharehub.feedfiles.manifest import Manifest
from sharehub.feedfiles.shelf import Shelf, newest_in
from sharehub.hub import Hub
from sharehub.store.feeds import bounds, last_given, let_go, page
from sharehub.wire.cloudevents import plain
from sharehub.wire.rows import decode
from sharehub.wire.signing import SigningKey

log = structlog.get_logger()

_PAGE = 5_000
_LOOK_AGAIN_S = 60


class Snapshots:
    """The versions of all recipients' lists."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._settings = hub.settings.feeds

    @cached_property
    def _key(self) -> SigningKey:
        return SigningKey.kept(signing_key_file(self._hub.settings))

    def newest(self, recipient: str) -> Manifest | None:
        """The newest version of the recipient's list; None where there is none."""
        return newest_in(self._folder(recipient))

    def recipients(self) -> list[str]:
        """Those whose agreement is in force today."""
        today = self._hub.today()
        return [name for name, one in sorted(self._hub.in_force().recipients.items()) if in_force(one, today)]

    def publish(self, recipient: str, now: datetime) -> Manifest:
        """Make the next version: the one before, and what the feed carried since; also where that is nothing.

        Raises:
            UsageError: there is no such recipient.
            RefusedError: its agreement has ended; the last version expires by itself.
            BrokenStateError: the feed and the folder do not fit together.
        """
        self._require_agreement(recipient)
        shelf = self._shelf(recipient)
        valid_for = timedelta(hours=self._settings.expires_after_hours)
        with shelf.held_alone():
            before = newest_in(shelf.path)
            position = before.feed_position if before else 0
            held = shelf.rows(before) if before else {}
            events = list(self._since(recipient, position))
            later = fold(held, events)
            reached = int(events[-1]["feed_position"]) if events else position
            made = shelf.add(later, list(difference(held, later, events)), reached, now, valid_for)
        log.info("list_published", recipient=recipient, version=made.version, measures=made.measures)
        return made

    def publish_due(self, now: datetime) -> list[Manifest]:
        """The next version of every list whose newest one is old enough, then what is no longer kept let go.

        A list that cannot be made keeps no other from being made; it is tried again at the next look.
        """
        made = []
        for recipient in self.recipients():
            try:
                newest = self.newest(recipient)
                if newest is None or newest.made_at <= now - timedelta(hours=self._settings.publish_every_hours):
                    made.append(self.publish(recipient, now))
                    self.let_go(recipient, now)
            except (SharehubError, OSError) as error:
                log.error("list_not_published", recipient=recipient, reason=str(error))
        return made

    def let_go(self, recipient: str, now: datetime) -> tuple[int, int]:
        """Forget entries of the feed and versions that are older than the retention; returns how many of each.

        Kept are: what no version covers, the newest version and the feed's last entry.
        """
        kept_from = now - timedelta(days=self._settings.retention_days)
        shelf = self._shelf(recipient)
        with shelf.held_alone():
            newest = newest_in(shelf.path)
            if newest is None:
                return 0, 0
            gone = shelf.keep(lambda one: one.made_at >= kept_from)
            with self._hub.session() as connection:
                return let_go(connection, recipient, newest.feed_position, kept_from), gone

    def publish_until_stopped(self) -> None:
        """Look every minute for lists that are due; a dependency that is away is waited for."""
        while not self._hub.stopping.is_set():
            try:
                self.publish_due(datetime.now(UTC))
            except UnreachableError as error:
                log.warning("lists_not_looked_at", reason=str(error))
            self._hub.stopping.wait(_LOOK_AGAIN_S)

    def _shelf(self, recipient: str) -> Shelf:
        schema = self._hub.registry.latest("listed-measure")
        return Shelf(self._folder(recipient), recipient, schema, self._key)

    def _folder(self, recipient: str) -> Path:
        return feeds_folder(self._hub.settings) / recipient

    def _require_agreement(self, recipient: str) -> None:
        agreement = self._hub.in_force().recipients.get(recipient)
        if agreement is None:
            raise UsageError(f"there is no feed {recipient!r}", hint="sharehub feed list")
        if not in_force(agreement, self._hub.today()):
            raise RefusedError(f"the agreement with {recipient!r} has ended: nothing more is sent")

    def _since(self, recipient: str, position: int) -> Iterator[Mapping[str, Any]]:
        """What the feed carried after the position, without a gap.

        Raises:
            BrokenStateError: there is a gap, or the feed ends before the position.
        """
        with self._hub.snapshot() as connection:
            last = bounds(connection, recipient).last
            if last < position:
                raise BrokenStateError(
                    f"the feed {recipient!r} ends at {last}, but a version of its list has {position}: the database "
                    "is older than the folder of the lists, or another hub's",
                    hint="restore the newer database, or move the folder away",
                )
            if not last and last_given(connection, recipient):
                raise BrokenStateError(f"nothing of the feed {recipient!r} is written down yet", hint="sharehub relay")
            while entries := page(connection, recipient, position, _PAGE):
                for entry in entries:
                    if entry.feed_position != position + 1:
                        raise BrokenStateError(
                            f"the feed {recipient!r} has no entry {position + 1} any more, and no version covers it",
                            hint="restore the folder of the lists from a backup",
                        )
                    position = entry.feed_position
                    yield plain(decode(self._hub.registry, entry.payload)[1])
