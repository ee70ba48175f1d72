"""Follow a recipient's feed from any Python system, over HTTP or straight from Kafka, and answer every event.

    from sharehub import Subscriber

    with Subscriber("cn-procurement", url="https://hub.example", token=token) as feed:
        for event in feed:
            …
            event.applied()

Part of the base installation. An event comes again until it was done: what is done about it must bear that.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Protocol, Self
from urllib.parse import quote
from uuid import UUID

from sharehub.bootstrap import home, kafka_address
from sharehub.core.acknowledgement import Acknowledgement, Status
from sharehub.core.feed import TooOldError, is_next, position_of
from sharehub.errors import UsageError
from sharehub.pull.entry import SANCTION, Event, Notice
from sharehub.pull.http import HttpWay
from sharehub.pull.kafka import KafkaWay
from sharehub.pull.place import GivenPlace, PlaceFile
from sharehub.pull.trust import Keys, check, keys_in, keys_of, pinned
from sharehub.settings import Settings
from sharehub.wire.registry import load_registry

__all__ = ["Event", "Notice", "Subscriber", "TooOldError"]

log = logging.getLogger(__name__)  # the program's own: it says where its log goes

_WAIT_S: Final = 20.0
_ANSWERS_MAX: Final = 100


class _Way(Protocol):
    def page(self, after: str, wait_s: float) -> list[dict[str, Any]]: ...
    def answer(self, answers: Sequence[Acknowledgement]) -> None: ...
    def close(self) -> None: ...


class _Place(Protocol):
    def load(self) -> str: ...
    def save(self, cursor: str) -> None: ...


class Subscriber:
    """Iterates over the events of one feed, in order, each until it was done. Not for several threads at once.

    An event is done when the loop asks for the next one, or when it was applied or refused. Answers are sent together,
    and the place is kept once they are on the log: at the latest when the hub is asked for more, and at the end.
    """

    def __init__(  # noqa: PLR0913 - the options of a client
        self,
        recipient: str,
        *,
        url: str = "",
        token: str = "",
        kafka: str = "",
        place: str | Path | None = None,
        after: str | None = None,
        keys: str | Path | Mapping[str, Any] | None = None,
        by: str = "",
        until_caught_up: bool = False,
        on_notice: Callable[[Notice], None] | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Follow the feed through the hub at `url`, else from Kafka at `kafka`, else where the settings say.

        `place`: file with the place in the feed, default in the data folder; `after`: the cursor instead, which the
        caller keeps. `keys`: the hub's public keys as a JWK Set; over HTTP they are asked for once and kept, and from
        Kafka nothing is checked without. `by`: who answers. `until_caught_up`: end where nothing newer is there.

        Raises:
            UsageError: the URL, the token, the place or the keys cannot be used.
            UnreachableError: no address of Kafka is set, and the embedded stack is not running.
        """
        stated = settings or Settings.read(None, None, {})
        folder = home(stated) / "subscriber"
        name = quote(recipient, safe="")
        self._recipient = recipient
        self._by = by or f"the system of {recipient}"
        self._wait_s = 0.0 if until_caught_up else _WAIT_S
        self._until_caught_up = until_caught_up
        self._on_notice = on_notice or _note
        self._place: _Place = (
            PlaceFile(Path(place or folder / f"{name}.json"), recipient) if after is None else GivenPlace(after)
        )
        self._cursor = self._kept = self._place.load()
        self._position = _position(self._cursor)
        self._answers: list[Acknowledgement] = []
        self._open: Event | None = None
        self._way: _Way
        if url:
            way = HttpWay(url, token, recipient)
            self._keys = _keys(keys) or pinned(folder / f"{name}.keys.json", way.keys)
            self._way = way
        else:
            self._keys = _keys(keys)
            self._way = KafkaWay(kafka or kafka_address(stated), load_registry(), recipient)

    def __iter__(self) -> Iterator[Event]:
        """The events from the place on; notices are told to `on_notice` in their order.

        Raises:
            UnreachableError: the hub does not answer; going on later loses nothing.
            TooOldError: the feed no longer keeps what comes next.
            RefusedError: an entry is not signed by the hub's key; or the token is not accepted.
        """
        try:
            while (page := self._way.page(self._cursor, self._wait_s)) or not self._until_caught_up:
                for entry in page:
                    yield from self._taken(entry)
                self._settle()
        finally:
            self._settle()

    def flush(self) -> None:
        """Send the answers that were given so far, and keep the place."""
        self._settle()

    def close(self) -> None:
        """Send the answers that were given, keep the place, and let go of the connections."""
        try:
            self._settle()
        finally:
            self._way.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _taken(self, entry: Mapping[str, Any]) -> Iterator[Event]:
        """The entry, where it is the next one and an event; the caller has done it when it asks for more."""
        position = int(entry["data"]["feed_position"])
        if not is_next(self._recipient, position, self._position):
            return
        if self._keys:
            check(entry, self._keys)
        if entry["type"].startswith(SANCTION):
            self._open = Event(entry, self._answer)
            yield self._open
        else:
            self._on_notice(Notice(entry))
        self._done(str(entry["cursor"]))

    def _done(self, cursor: str) -> None:
        self._open = None
        self._cursor, self._position = cursor, _position(cursor)
        if len(self._answers) >= _ANSWERS_MAX:
            self._settle()

    def _answer(
        self, event_id: UUID, status: Status, reason: str | None, applied_on: date | None, note: str | None
    ) -> None:
        self._answers.append(
            Acknowledgement(
                event_id=event_id,
                recipient=self._recipient,
                status=status,
                acknowledged_at=datetime.now(UTC),
                acknowledged_by=self._by,
                reason=reason,
                applied_on=applied_on,
                note=note,
            )
        )

    def _settle(self) -> None:
        """Answers first, then the place: no event is passed over whose answer may be lost."""
        if self._open is not None and any(one.decided and one.event_id == self._open.id for one in self._answers):
            self._done(self._open.cursor)
        self._way.answer(self._answers)
        self._answers = []
        if self._cursor != self._kept:
            self._place.save(self._cursor)
            self._kept = self._cursor


def _position(cursor: str) -> int:
    try:
        return position_of(cursor)
    except ValueError as error:
        raise UsageError(str(error), hint="take the cursor of the last event that you kept") from error


def _keys(given: str | Path | Mapping[str, Any] | None) -> Keys:
    if given is None:
        return ()
    return keys_in(Path(given)) if isinstance(given, str | Path) else keys_of(given, "keys")


def _note(notice: Notice) -> None:
    log.info("notice %s at position %d: %s", notice.id, notice.position, notice.event)
