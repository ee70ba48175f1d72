"""Dead letters as operators handle them: looked at, sent again, discarded; everything they do is a message on the log.

A letter is closed when the consolidator has admitted what was sent again. What fails again is the same letter.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

from sharehub.core.dead_letter import Mark, first_failure, marking, without_marks
from sharehub.core.remedy import remedy_of
from sharehub.hub import Hub
from sharehub.store import letters as store
from sharehub.store.letters import Letter, Wanted
from sharehub.stream.admin import existing_topics
from sharehub.stream.publisher import Outgoing, Publisher, place_of
from sharehub.topics import CASEWORK, Place
from sharehub.wire.partial import Part, decoded

Progress = Callable[[int, int], None]

_PAGE: Final = 1_000
_LOOK_EVERY_S: Final = 0.2


@dataclass
class Done:
    """What became of the letters of one command: sent, and by what was read back closed or discarded, failed again,
    or not read by a consolidator yet; `left_out` with the reason. `last` is where an interrupted command goes on.
    """

    sent: int = 0
    settled: int = 0
    failed: int = 0
    unread: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    last: UUID | None = None
    interrupted: bool = False

    def leave_out(self, why: str) -> None:
        """Count one that was not sent."""
        self.left_out[why] = self.left_out.get(why, 0) + 1


@dataclass(frozen=True, kw_only=True)
class Order:
    """Which letters, beyond which one; who wants it and why; how long to wait until a consolidator has read it."""

    wanted: Wanted
    by: str
    why: str
    after: UUID | None = None
    wait_s: float = 10.0
    progress: Progress = lambda _done, _total: None


class DeadLetters:
    """What operators do about rejected messages, over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def counts(self) -> dict[str, dict[str, int]]:
        """Per agency or recipient: all letters there ever were, and of these those that wait, are closed, discarded."""
        with self._hub.snapshot() as connection:
            return store.counts(connection)

    def groups(self, wanted: Wanted) -> list[dict[str, Any]]:
        """Letters by agency, code, field and state, the largest group first, each with what to do."""
        with self._hub.snapshot() as connection:
            found = store.groups(connection, wanted)
        return [{**one, "do": remedy_of(one["code"]).do, "retry_helps": remedy_of(one["code"]).retry} for one in found]

    def letters(self, wanted: Wanted, after: UUID | None = None) -> Iterator[list[Letter]]:
        """All letters that are meant, page by page, from one state of the view."""
        with self._hub.snapshot() as connection:
            yield from store.every_letter(connection, wanted, after, _PAGE)

    def first(self, wanted: Wanted, letters_max: int) -> list[Letter]:
        """The first of the letters that are meant."""
        with self._hub.snapshot() as connection:
            return store.letters(connection, wanted, None, letters_max)

    def decoded(self, letter: Letter) -> Part:
        """The record in a letter, as far as it can be read."""
        return decoded(self._hub.registry, letter.payload)

    def shown(self, letter_id: UUID) -> dict[str, Any] | None:
        """One letter: how it failed and stands, what its bytes say, its life, what to do; None: there is none."""
        with self._hub.snapshot() as connection:
            found = store.letters(connection, Wanted(ids=[letter_id]), None, 1)
            steps = store.life(connection, letter_id)
        if not found:
            return None
        letter, part, remedy = found[0], self.decoded(found[0]), remedy_of(found[0].code)
        return {
            "rejection_id": letter.failed.letter_id,
            **{name: getattr(letter, name) for name in ("agency", "state", "attempts", "code", "field", "reason")},
            "first_failure": {k: v for k, v in asdict(letter.failed).items() if k != "letter_id"},
            "means": remedy.means,
            "do": remedy.do,
            "retry_helps": remedy.retry,
            "kind": part.schema,
            "record": part.value,
            "undecodable": part.wrong,
            "key": readable(letter.key),
            "payload": (letter.payload or b"").hex(),
            "headers": {name: readable(value) for name, value in letter.headers},
            "steps": steps,
        }

    def retry(self, order: Order) -> Done:
        """Send these letters to the topics and partitions that they came from, in their own bytes, and read back."""
        partitions = self._partitions(order.wanted)

        def again(letter: Letter) -> tuple[str, Outgoing] | str:
            failed = letter.failed
            if letter.payload is None:
                return "an empty message cannot be sent again: discard it"
            if failed.topic not in partitions:
                return f"there is no topic {failed.topic}: sharehub init makes it"
            marks = marking(Mark(failed.letter_id, "retry", order.by, order.why))
            headers = [*marks, *first_failure(failed, letter.attempts), *without_marks(letter.headers)]
            partition = failed.partition if failed.partition < partitions[failed.topic] else None
            return failed.topic, Outgoing(letter.key, letter.payload, headers, partition)

        return self._send(order, again, "closed")

    def discard(self, order: Order) -> Done:
        """Mark these letters as discarded, on the log of the desk, and read back; nothing is deleted."""

        def marked(letter: Letter) -> tuple[str, Outgoing] | str:
            letter_id = letter.failed.letter_id
            headers = marking(Mark(letter_id, "discard", order.by, order.why))
            return CASEWORK, Outgoing(f"RECORD:hub/dead-letter/{letter_id}".encode(), None, headers)

        return self._send(order, marked, "discarded")

    def _send(self, order: Order, message: Callable[[Letter], tuple[str, Outgoing] | str], settled: str) -> Done:
        done, before, landed = Done(), dict[UUID, int](), dict[Place, int]()
        total = sum(one["letters"] for one in self.groups(order.wanted))
        with Publisher(self._hub.addresses.bootstrap_servers, "sharehub-dead-letters") as publisher:
            for page in self.letters(order.wanted, order.after):
                outgoing: defaultdict[str, list[Outgoing]] = defaultdict(list)
                for letter in page:
                    made = message(letter)
                    if isinstance(made, str):
                        done.leave_out(made)
                    else:
                        before[letter.failed.letter_id] = letter.attempts
                        outgoing[made[0]].append(made[1])
                for topic, messages in outgoing.items():
                    for one in publisher.deliver(topic, messages):
                        place = Place(topic, one.partition)
                        landed[place] = max(landed.get(place, 0), one.offset + 1)
                done.sent, done.last = len(before), page[-1].failed.letter_id
                order.progress(done.sent, total)
                if self._hub.stopping.is_set() and done.sent + sum(done.left_out.values()) < total:
                    done.interrupted = True
                    break
        if not done.interrupted:
            self._wait(landed, order.wait_s)
        self._read_back(done, before, settled)
        return done

    def _partitions(self, wanted: Wanted) -> dict[str, int]:
        """How many partitions the topics have from which these letters came, of those that are still there."""
        servers = self._hub.addresses.bootstrap_servers
        with self._hub.snapshot() as connection:
            names = store.topics(connection, wanted)
        return {name: place_of(servers, name).partitions for name in names & set(existing_topics(servers))}

    def _wait(self, landed: dict[Place, int], wait_s: float) -> None:
        """Return when a consolidator has read what was sent, time is up, or the command is told to end."""
        deadline = time.monotonic() + wait_s
        while not self._hub.has_processed(landed) and time.monotonic() < deadline:
            if self._hub.stopping.wait(_LOOK_EVERY_S):
                return

    def _read_back(self, done: Done, before: dict[UUID, int], settled: str) -> None:
        every = list(before)
        for part in (every[begin : begin + _PAGE] for begin in range(0, len(every), _PAGE)):
            with self._hub.snapshot() as connection:
                states = store.states(connection, part)
            for letter_id in part:
                state, attempts = states[letter_id]
                if state == settled:
                    done.settled += 1
                elif attempts > before[letter_id]:
                    done.failed += 1
                else:
                    done.unread += 1


def readable(value: bytes | None) -> str | None:
    """Bytes as the text that they are, else in hexadecimal."""
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return f"0x{value.hex()}" if value else ""
