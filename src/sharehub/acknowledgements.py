"""Acknowledgements over one hub: answers put on the log for recipients, and what is still waited for.

Nothing here writes the shared view: answers are records on `acks.<recipient>`, which the consolidator takes in.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import structlog

from sharehub.core.acknowledgement import Acknowledgement, Receipt, fault
from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Recipient
from sharehub.core.record import Rejection
from sharehub.errors import UsageError
from sharehub.flow.acknowledging import unanswerable
from sharehub.flow.reminding import answer_due, overdue_before
from sharehub.hub import Hub, open_hub
from sharehub.ports.answers import AnsweredEvent, EventInFeed
from sharehub.pull.answering import Answers
from sharehub.settings import Settings
from sharehub.store import acknowledgements as store
from sharehub.store import pending
from sharehub.wire.acknowledgements import AcknowledgementCodec

log = structlog.get_logger()


class Acknowledgements:
    """Takes recipients' answers, and says what is still waited for."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._codec = AcknowledgementCodec(hub.registry)
        self._answers = Answers(hub.addresses.bootstrap_servers, self._codec, "api")
        self._turn = threading.Lock()

    def take(self, recipient: str, stated: Sequence[Any]) -> list[Receipt]:
        """Put the recipient's answers, as JSON has them, on the log; a receipt for each, in their order.

        Raises:
            UnreachableError: some may not be on the log; sending all of them again is safe.
        """
        now = datetime.now(UTC)
        judged = self._judged(recipient, [self._codec.stated(recipient, one, now) for one in stated], now)
        right = [one for one in judged if isinstance(one, Acknowledgement)]
        with self._turn:
            landed = iter(self._answers.send(recipient, right))
        log.info("answers_sent", recipient=recipient, sent=len(right), rejected=len(judged) - len(right))
        return [
            Receipt(_event_id(said), fault=one)
            if isinstance(one, Rejection)
            else Receipt(str(one.event_id), *next(landed))
            for said, one in zip(stated, judged, strict=True)
        ]

    def _judged(
        self, recipient: str, read: Sequence[Acknowledgement | Rejection], now: datetime
    ) -> list[Acknowledgement | Rejection]:
        """The verdict on each answer, as the consolidator will give it."""
        judged = [one if isinstance(one, Rejection) else fault(one, recipient, now) or one for one in read]
        asked = [AnsweredEvent(recipient, one.event_id) for one in judged if isinstance(one, Acknowledgement)]
        with self._hub.snapshot() as connection:
            sent = store.Acknowledgements(connection).sent(asked) if asked else {}
        return [one if isinstance(one, Rejection) else _placed(one, sent) for one in judged]

    def waiting(self, recipient: str, *, overdue: bool = False, limit: int) -> list[dict[str, Any]]:
        """Events that wait for the recipient's answer, the oldest first, each with the last day for it.

        Raises:
            UsageError: there is no such recipient.
        """
        rules, today = self._hub.in_force(), self._hub.today()
        known = _recipient(rules, recipient)
        before = overdue_before(known, today, rules) if overdue else None
        with self._hub.snapshot() as connection:
            rows = pending.waiting(connection, recipient, before, limit)
        for row in rows:
            row["due_on"], row["sure"] = answer_due(known, row["published_at"].date(), rules)
            row["overdue"] = row["due_on"] < today
        return rows

    def refused(self, recipient: str, limit: int) -> list[dict[str, Any]]:
        """Events that the recipient refuses, the newest first, with its reason. Raises as `waiting`."""
        _recipient(self._hub.in_force(), recipient)
        with self._hub.snapshot() as connection:
            return pending.refused(connection, recipient, limit)

    def figures(self) -> list[dict[str, Any]]:
        """Of each recipient: events sent, applied, refused, waiting, of these received and overdue; median time."""
        rules, today = self._hub.in_force(), self._hub.today()
        before = {name: overdue_before(one, today, rules) for name, one in sorted(rules.recipients.items())}
        with self._hub.snapshot() as connection:
            return pending.figures(connection, before)

    def close(self) -> None:
        """Let go of the connection to Kafka."""
        self._answers.close()


def _recipient(rules: Catalogue, name: str) -> Recipient:
    if name not in rules.recipients:
        raise UsageError(f"there is no recipient {name!r}", hint="sharehub feed list")
    return rules.recipients[name]


def _placed(said: Acknowledgement, sent: Mapping[AnsweredEvent, EventInFeed]) -> Acknowledgement | Rejection:
    event = sent[AnsweredEvent(said.recipient, said.event_id)]
    return said if event.answerable else unanswerable(said, event)


def _event_id(stated: Any) -> str | None:
    found = stated.get("event_id") if isinstance(stated, dict) else None
    return found if isinstance(found, str) else None


@contextmanager
def open_acknowledgements(settings: Settings) -> Iterator[Acknowledgements]:
    """The acknowledgements for these settings. Raises as `open_hub`."""
    with open_hub(settings) as hub:
        made = Acknowledgements(hub)
        try:
            yield made
        finally:
            made.close()
