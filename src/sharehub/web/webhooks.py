"""`/api/v1/webhooks`: where a recipient wants to be told of new events (Standard Webhooks 1.0.0)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from sharehub.core.webhook import Answer, NoWebhookError, Registered, Webhook
from sharehub.errors import RefusedError, UnreachableError, UsageError
from sharehub.web.access import bearer, calling
from sharehub.web.body import described, json_body
from sharehub.web.feeds import present
from sharehub.web.problems import ProblemError, documented
from sharehub.web.rate import Rate
from sharehub.web.tokens import Tokens
from sharehub.web.webhook_shapes import (
    AttemptAnswer,
    PingAnswer,
    ReplayBody,
    SecretAnswer,
    WebhookAnswer,
    WebhookBody,
    attempt,
    shown,
    with_secret,
)

_RETRY = {"Retry-After": "5"}
_ALWAYS = ("not-authenticated", "other-recipient", "bad-request", "internal-error", "feeds-away", "not-ready")
_BODY = ("bad-body", "too-slow", "too-large", "unsupported-type", "webhook-refused")
_ONE = ("unknown-webhook",)
_PINGS_PER_MINUTE = 10
_LOG_MAX = 1_000

WebhookPath = Annotated[UUID, Path(description="The webhook's id.")]


class Webhooks(Protocol):
    """What keeps webhooks; `sharehub.webhooks` does."""

    def add(self, recipient: str, url: str, after: str | None = None) -> Registered: ...
    def all(self, recipient: str | None = None) -> list[Webhook]: ...
    def one(self, webhook_id: UUID, recipient: str | None = None) -> Webhook: ...
    def remove(self, webhook_id: UUID, recipient: str | None = None) -> Webhook: ...
    def attempts(self, webhook_id: UUID, attempts_max: int, recipient: str | None = None) -> list[dict[str, Any]]: ...
    def ping(self, webhook_id: UUID, recipient: str | None = None) -> Answer: ...
    def replay(
        self, webhook_id: UUID, after: str | None = None, until: str | None = None, recipient: str | None = None
    ) -> Webhook: ...
    def rotate(self, webhook_id: UUID, recipient: str | None = None) -> Registered: ...


def webhooks_router(kept: Webhooks | None, tokens: Tokens) -> APIRouter:
    """The routes over webhooks; without them where the hub has no database here."""
    router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"], dependencies=[Depends(bearer)])
    receives = _recipient(tokens)
    _keeping(router, kept, receives)
    _using(router, kept, receives)
    return router


def _recipient(tokens: Tokens) -> Callable[[Request], str]:
    """The dependency that tells which recipient calls."""
    calls = calling(tokens)

    def receives(request: Request) -> str:
        found = calls(request)
        if found.role != "recipient":
            raise ProblemError("other-recipient", f"this token is for the {found.role} {found.id}")
        return found.id

    return receives


def _keeping(router: APIRouter, kept: Webhooks | None, receives: Callable[[Request], str]) -> None:
    Recipient = Annotated[str, Depends(receives)]

    @router.get("", responses=documented(*_ALWAYS))
    def webhooks(recipient: Recipient) -> list[WebhookAnswer]:
        """The webhooks of the token's recipient, the oldest first."""
        with _problems():
            return [shown(one) for one in present(kept).all(recipient)]

    @router.post("", status_code=201, responses=_with_links(*_ALWAYS, *_BODY), openapi_extra=described(WebhookBody))
    async def add(
        recipient: Recipient, stated: Annotated[WebhookBody, Depends(json_body(WebhookBody))]
    ) -> SecretAnswer:
        """A new webhook. Its secret is shown this once; the hub does not keep it."""
        with _problems():
            return with_secret(await run_in_threadpool(present(kept).add, recipient, stated.url, stated.after))

    @router.get("/{webhook_id}", operation_id="webhook_webhook", responses=documented(*_ALWAYS, *_ONE))
    def webhook(recipient: Recipient, webhook_id: WebhookPath) -> WebhookAnswer:
        """One webhook, and where it stands."""
        with _problems():
            return shown(present(kept).one(webhook_id, recipient))

    @router.delete(
        "/{webhook_id}",
        operation_id="webhook_remove",
        status_code=204,
        response_class=Response,
        responses=documented(*_ALWAYS, *_ONE),
    )
    def remove(recipient: Recipient, webhook_id: WebhookPath) -> Response:
        """Take a webhook out for good."""
        with _problems():
            present(kept).remove(webhook_id, recipient)
        return Response(status_code=204)


def _using(router: APIRouter, kept: Webhooks | None, receives: Callable[[Request], str]) -> None:
    Recipient = Annotated[str, Depends(receives)]
    pings = Rate(_PINGS_PER_MINUTE)

    @router.get("/{webhook_id}/attempts", operation_id="webhook_attempts", responses=documented(*_ALWAYS, *_ONE))
    def attempts(
        recipient: Recipient, webhook_id: WebhookPath, limit: Annotated[int, Query(ge=1, le=_LOG_MAX)] = 100
    ) -> list[AttemptAnswer]:
        """What was tried in the last 90 days, the newest first."""
        with _problems():
            return [attempt(one) for one in present(kept).attempts(webhook_id, limit, recipient)]

    @router.post(
        "/{webhook_id}/test",
        operation_id="webhook_ping",
        dependencies=[Depends(pings.allow)],
        responses=documented(*_ALWAYS, *_ONE, "too-many"),
    )
    def ping(recipient: Recipient, webhook_id: WebhookPath) -> PingAnswer:
        """Send a message that tells of nothing, once and now, and say what came of it."""
        with _problems():
            found = present(kept).ping(webhook_id, recipient)
        return PingAnswer(taken=found.taken, status=found.status, reason=found.reason)

    @router.post(
        "/{webhook_id}/replay",
        operation_id="webhook_replay",
        responses=documented(*_ALWAYS, *_ONE, *_BODY),
        openapi_extra=described(ReplayBody),
    )
    async def replay(
        recipient: Recipient,
        webhook_id: WebhookPath,
        stated: Annotated[ReplayBody, Depends(json_body(ReplayBody))],
    ) -> WebhookAnswer:
        """Send what was taken again, in order, then go on; brings a webhook that was out of service back."""
        with _problems():
            return shown(
                await run_in_threadpool(present(kept).replay, webhook_id, stated.after, stated.until, recipient)
            )

    @router.post("/{webhook_id}/rotate", operation_id="webhook_rotate", responses=documented(*_ALWAYS, *_ONE))
    def rotate(recipient: Recipient, webhook_id: WebhookPath) -> SecretAnswer:
        """A new secret, shown this once; for a day the ones before it sign too."""
        with _problems():
            return with_secret(present(kept).rotate(webhook_id, recipient))


def _with_links(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that makes a webhook: what can be done with it next."""
    found = {"webhook_id": "$response.body#/webhook_id"}
    names = ("webhook", "remove", "attempts", "ping", "rotate", "replay")
    links = {name: {"operationId": f"webhook_{name}", "parameters": found} for name in names}
    return {201: {"links": links}, **documented(*codes)}


@contextmanager
def _problems() -> Iterator[None]:
    """What goes wrong with a webhook, as problems."""
    try:
        yield
    except NoWebhookError as error:
        raise ProblemError("unknown-webhook", str(error)) from error
    except (UsageError, RefusedError) as error:
        raise ProblemError("webhook-refused", "; ".join(filter(None, (str(error), error.hint)))) from error
    except UnreachableError as error:
        raise ProblemError("feeds-away", str(error), headers=_RETRY) from error
