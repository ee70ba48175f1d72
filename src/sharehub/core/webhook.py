"""A recipient's webhook: where it stands in its feed, and what follows from an answer (Standard Webhooks 1.0.0).

Events leave one after the other: the next is not sent before the one before it was taken. An event that nobody takes
for as long as `RETRIES_S` lasts puts the webhook out of service; nothing is skipped.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sharehub.errors import UsageError

RETRIES_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Pauses before the second and every later attempt, as the standard proposes them: three days and a half in all."""
OVERLAP: Final = timedelta(hours=24)
"""How long a secret is still used beside the one that takes its place."""
_JITTER_SHARE: Final = 0.2
_GONE: Final = 410
_THROTTLED: Final = frozenset((429, 502, 504))
_THROTTLED_S: Final = 60
_WAIT_MAX_S: Final = 86_400


class Answer(NamedTuple):
    """What one attempt gave: status 0 where no answer came, and how many seconds the receiver asks to wait."""

    status: int
    wait_s: float = 0.0
    reason: str = ""

    @property
    def taken(self) -> bool:
        """True where the receiver has the event."""
        return 200 <= self.status < 300


class Range(NamedTuple):
    """Events that are sent again: those after `position`, to `until` inclusive."""

    position: int
    until: int


class Secret(NamedTuple):
    """One of a webhook's secrets by its number; the newest has no end."""

    number: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """`position` is that of the last event taken, `failures` the attempts in vain for the one after it.

    `disabled` says why nothing is sent; empty where it is in service. `key_id` names the key from which its secrets
    follow. `revision` grows with every change.
    """

    webhook_id: UUID
    recipient: str
    url: str
    position: int
    created_at: datetime
    key_id: str
    failures: int = 0
    not_before: datetime | None = None
    replay: Range | None = None
    disabled: str = ""
    revision: int = 0
    secrets: tuple[Secret, ...] = (Secret(1, None),)

    @property
    def after(self) -> int:
        """The position after which the next event to send lies."""
        return self.replay.position if self.replay else self.position

    @property
    def until(self) -> int | None:
        """The last position to send before the feed goes on; None where it is going on."""
        return self.replay.until if self.replay else None


class Registered(NamedTuple):
    """A webhook and the secret by which its receiver checks what arrives."""

    webhook: Webhook
    secret: str


class NoWebhookError(UsageError):
    """There is no such webhook, or it is another recipient's: nobody is told which."""


def settled(webhook: Webhook, position: int, answer: Answer, now: datetime, jitter: float) -> Webhook:
    """The webhook after an attempt with the event at `position`; `jitter` lies between 0 and 1."""
    if answer.taken:
        return _moved(replace(webhook, failures=0, not_before=None), position)
    if answer.status == _GONE:
        return replace(webhook, disabled="the receiver answered that it is gone (410)", not_before=None)
    if webhook.failures >= len(RETRIES_S):
        told = f"an event was not taken in {webhook.failures + 1} attempts: {answer.reason}"
        return replace(webhook, disabled=told, not_before=None)
    wait_s = RETRIES_S[webhook.failures] * (1 + _JITTER_SHARE * jitter)
    if answer.status in _THROTTLED:
        wait_s = max(wait_s, _THROTTLED_S)
    wait_s = max(wait_s, min(answer.wait_s, _WAIT_MAX_S))
    return replace(webhook, failures=webhook.failures + 1, not_before=now + timedelta(seconds=wait_s))


def _moved(webhook: Webhook, position: int) -> Webhook:
    if webhook.replay is None:
        return replace(webhook, position=position)
    return replace(webhook, replay=Range(position, webhook.replay.until) if position < webhook.replay.until else None)


def nothing_to_send(webhook: Webhook) -> Webhook:
    """The webhook after its feed had no event for it: a range sent again is over."""
    return replace(webhook, replay=None)


def replayed(webhook: Webhook, after: int | None, until: int | None) -> Webhook:
    """In service again, from where it stood; before that, what was taken after `after` is sent again, to `until`."""
    last = webhook.position if until is None else min(until, webhook.position)
    again = Range(after, last) if after is not None and after < last else None
    return replace(webhook, replay=again, disabled="", failures=0, not_before=None)


def rotated(webhook: Webhook, now: datetime) -> Webhook:
    """With a new secret; those before it are used beside it for `OVERLAP`, or until their own end."""
    newest = webhook.secrets[-1]
    kept = [*valid(webhook, now)[:-1], Secret(newest.number, now + OVERLAP)]
    return replace(webhook, secrets=(*kept, Secret(newest.number + 1, None)))


def valid(webhook: Webhook, now: datetime) -> tuple[Secret, ...]:
    """The secrets that sign now, the newest last."""
    return tuple(one for one in webhook.secrets if one.until is None or one.until > now)
