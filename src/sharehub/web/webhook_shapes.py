"""What is said of webhooks over HTTP, and how it is made from what is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from sharehub.core.feed import cursor_of
from sharehub.core.webhook import Registered, Webhook

Cursor = Annotated[str, Field(min_length=1, max_length=200)]


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WebhookBody(_Stated):
    """A new webhook."""

    url: str = Field(min_length=1, max_length=2_000, description="An https:// address that everybody can reach.")
    after: Cursor | None = Field(None, description="Tell of what follows this cursor; null: of what comes from now on.")


class ReplayBody(_Stated):
    """What is to be sent again: of what was taken, what follows `after`, to `until`; without `after`, nothing."""

    after: Cursor | None = None
    until: Cursor | None = None


class WebhookAnswer(BaseModel):
    """A webhook, and where it stands."""

    webhook_id: UUID
    recipient: str
    url: str
    created_at: datetime
    cursor: str = Field(description="The place after the last event that was taken.")
    failures: int = Field(description="Attempts in vain for the event after it.")
    not_before: datetime | None = Field(description="When it is tried again.")
    disabled: str = Field(description="Why nothing is sent; empty: it is in service. A replay brings it back.")
    secrets_until: list[datetime] = Field(description="Until when former secrets sign too.")


class SecretAnswer(WebhookAnswer):
    """A webhook with its newest secret, shown this once."""

    secret: str


class PingAnswer(BaseModel):
    """What came of one attempt."""

    taken: bool
    status: int = Field(description="Status that the receiver answered; 0: no answer came.")
    reason: str


class AttemptAnswer(PingAnswer):
    """One attempt of the log."""

    attempted_at: datetime
    message_id: str
    cursor: str | None = Field(description="The place after the event; null: it was a test.")
    seconds: float


def shown(one: Webhook) -> WebhookAnswer:
    """A webhook without its secrets."""
    return WebhookAnswer(**_fields(one))


def with_secret(made: Registered) -> SecretAnswer:
    """A webhook with its newest secret."""
    return SecretAnswer(**_fields(made.webhook), secret=made.secret)


def _fields(one: Webhook) -> dict[str, Any]:
    same = ("webhook_id", "recipient", "url", "created_at", "failures", "not_before", "disabled")
    ends = [secret.until for secret in one.secrets if secret.until is not None]
    return {name: getattr(one, name) for name in same} | {"cursor": cursor_of(one.position), "secrets_until": ends}


def attempt(row: Mapping[str, Any]) -> AttemptAnswer:
    """One attempt of the log."""
    position = row["feed_position"]
    return AttemptAnswer(**row, cursor=None if position is None else cursor_of(position))
