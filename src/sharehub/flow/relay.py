"""The one relay: numbers what must leave and produces it, each event once for a read-committed reader.

Positions are given in PostgreSQL, in one order, without gaps; the last produced position travels inside the
Kafka transaction. After any doubt the sender is made anew and the position is read back: nothing is sent twice.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import structlog

from sharehub.collector import seldom_collected
from sharehub.errors import BrokenStateError
from sharehub.ports.leaving import Outgoing
from sharehub.telemetry import metrics
from sharehub.telemetry.traces import tell_sent

log = structlog.get_logger()

_MESSAGES_MAX = 2_000
_WAIT_S = 0.2
_STATES_S = 1.0
"""The entities that events change are told once in this time: nobody decides by them, and events go first."""
_STATES_MAX = 500
"""So many at once: the next events wait for them."""

_NO_STATES: tuple[Sequence[Outgoing], Mapping[str, object]] = ((), {})


class Outbox(Protocol):
    """What must leave, in the store."""

    def wait(self, wait_s: float) -> None:
        """Return when there may be something new, or after the time."""
        ...

    def last_position(self) -> int:
        """The last position that was given."""
        ...

    def after(self, position: int, entries_max: int) -> Sequence[Outgoing]:
        """Entries beyond the position, in order; what has no position is given one."""
        ...

    def unpublished_entities(self, entities_max: int) -> tuple[Sequence[Outgoing], Mapping[str, object]]:
        """Entities changed since they were last published, and the token that marks them published."""
        ...

    def entities_published(self, token: Mapping[str, object]) -> None:
        """Mark them, where they have not changed again."""
        ...


class Sender(Protocol):
    """A transactional producer; `position` is what its predecessors committed."""

    def position(self) -> int:
        """The last position that was committed together with its messages."""
        ...

    def send(self, entries: Sequence[Outgoing], position: int) -> None:
        """All entries and the position, or nothing."""
        ...


@seldom_collected()
def relay(outbox: Outbox, sender: Sender, *, until_caught_up: bool, stopping: Callable[[], bool]) -> int:
    """Send what there is, in order, and go on until told to stop; returns how many entries were sent.

    Raises:
        BrokenStateError: more was sent than this database knows of.
    """
    position = sender.position()
    if position > outbox.last_position():
        raise BrokenStateError(
            f"outbox position {position} was sent, but the database has given only {outbox.last_position()}: "
            "it is older than the log, or another hub's",
            hint="restore the newer database, or use an empty log for it",
        )
    with ThreadPoolExecutor(1, "sending") as pool:
        return _sent(
            outbox, _Sending(outbox, sender, pool), position, until_caught_up=until_caught_up, stopping=stopping
        )


def _sent(
    outbox: Outbox, sending: "_Sending", position: int, *, until_caught_up: bool, stopping: Callable[[], bool]
) -> int:
    """Prepare what comes next while what came before is under way."""
    told_at = -_STATES_S
    while not stopping():
        entries = outbox.after(position, _MESSAGES_MAX)
        if entries:
            position = entries[-1].position
            sending.begin(entries, *_NO_STATES, position)
        idle = not entries and not sending.done()
        states, token = _NO_STATES
        if (until_caught_up and not entries) or time.monotonic() - told_at > _STATES_S:
            states, token = outbox.unpublished_entities(_STATES_MAX)
            if len(states) < _STATES_MAX:
                told_at = time.monotonic()
        if states:
            sending.begin((), states, token, position)
        elif idle and until_caught_up:
            break
        elif idle:
            outbox.wait(_WAIT_S)
    sending.done()
    return sending.sent


class _Sending:
    """One transaction at a time, under way in a thread of its own; the outbox belongs to the caller's thread."""

    def __init__(self, outbox: Outbox, sender: Sender, pool: ThreadPoolExecutor) -> None:
        self._outbox = outbox
        self._sender = sender
        self._pool = pool
        self._under_way: tuple[Future[None], Callable[[], None]] | None = None
        self.sent = 0

    def begin(
        self, entries: Sequence[Outgoing], states: Sequence[Outgoing], token: Mapping[str, object], position: int
    ) -> None:
        """Send all of this and the position, once what is under way has arrived."""
        self.done()

        def arrived() -> None:
            if states:
                self._outbox.entities_published(token)
            self.sent += len(entries)
            metrics.relayed.inc(len(entries))
            tell_sent(entries)
            log.info("relayed", entries=len(entries), entities=len(states), position=position)

        self._under_way = self._pool.submit(self._sender.send, [*entries, *states], position), arrived

    def done(self) -> bool:
        """Wait for what is under way; False: nothing was.

        Raises:
            UnreachableError: its outcome is unknown.
        """
        if self._under_way is None:
            return False
        (future, arrived), self._under_way = self._under_way, None
        future.result()
        arrived()
        return True
