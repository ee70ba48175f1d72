"""`POST /api/v1/feeds/{recipient}/acks`: what a recipient did about the events of its feed; an answer for each."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from sharehub.core.acknowledgement import Receipt
from sharehub.errors import SharehubError, UnreachableError
from sharehub.web.access import bearer, receiving
from sharehub.web.body import bounded_body
from sharehub.web.problems import AsciiJson, ProblemError, documented
from sharehub.web.records import Fault, Limits
from sharehub.web.tokens import Tokens
from sharehub.wire.plain import object_schema
from sharehub.wire.registry import Schema

_RETRY = {"Retry-After": "5"}
_PROBLEMS = documented(
    *("bad-body", "bad-request", "not-authenticated", "other-recipient", "too-slow", "too-large", "unsupported-type"),
    *("all-rejected", "internal-error", "delivery-unclear", "not-ready"),
)
_LEFT_OUT = frozenset(("recipient", "acknowledged_at"))


class AcknowledgementAnswer(BaseModel):
    """What became of one acknowledgement."""

    index: int = Field(description="Its place in the call, from 0.")
    event_id: str | None
    status: Literal["accepted", "rejected"]
    partition: int | None = None
    offset: int | None = None
    faults: list[Fault] = []


class AcknowledgementsAnswer(BaseModel):
    """What became of all acknowledgements of the call, in their order."""

    recipient: str
    accepted: int
    rejected: int
    acknowledgements: list[AcknowledgementAnswer]


class Acknowledgements(Protocol):
    """What takes answers; `sharehub.acknowledgements` is one."""

    def take(self, recipient: str, stated: Sequence[Any]) -> list[Receipt]: ...


def acks_router(taking: Acknowledgements | None, schema: Schema, tokens: Tokens, limits: Limits) -> APIRouter:
    """The route over what takes answers; None where the hub has no database here."""
    router = APIRouter(prefix="/api/v1/feeds", tags=["feeds"])

    @router.post(
        "/{recipient}/acks",
        dependencies=[Depends(bearer)],
        response_model=AcknowledgementsAnswer,
        responses={
            207: {"model": AcknowledgementsAnswer, "description": "Some were rejected, the others were taken"},
            **_PROBLEMS,
        },
        openapi_extra={"requestBody": _described(schema)},
    )
    async def acknowledge(request: Request, recipient: Annotated[str, Depends(receiving(tokens))]) -> Response:
        """Acknowledge one event or many: received, applied, or refused with a reason. Again is safe."""
        if taking is None:
            raise ProblemError("not-ready", "this server has no database, which acknowledgements need")
        body = await bounded_body(request, limits.body_bytes_max)
        stated = _stated(request, body, limits.batch_records_max)
        return await run_in_threadpool(_taken, taking, recipient, stated)

    return router


def _stated(request: Request, body: bytes, answers_max: int) -> list[Any]:
    media = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if media != "application/json":
        raise ProblemError("unsupported-type", f"the content type is {media or 'not stated'}")
    try:
        stated = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProblemError("bad-body", f"the body is no JSON: {error}") from error
    if not isinstance(stated, dict | list):
        raise ProblemError("bad-body", "the body must be one acknowledgement, or a list of them")
    found = stated if isinstance(stated, list) else [stated]
    if len(found) > answers_max:
        raise ProblemError("too-large", f"a call may bring {answers_max} acknowledgements, this has {len(found)}")
    return found


def _taken(taking: Acknowledgements, recipient: str, stated: list[Any]) -> Response:
    try:
        receipts = taking.take(recipient, stated)
    except UnreachableError as error:
        raise ProblemError("delivery-unclear", str(error), headers=_RETRY) from error
    except SharehubError as error:
        raise ProblemError("not-ready", str(error), headers=_RETRY) from error
    rejected = sum(one.fault is not None for one in receipts)
    answer = {
        "recipient": recipient,
        "accepted": len(receipts) - rejected,
        "rejected": rejected,
        "acknowledgements": [_shown(place, one) for place, one in enumerate(receipts)],
    }
    if receipts and rejected == len(receipts):
        raise ProblemError("all-rejected", f"all {rejected} acknowledgements were rejected", answer)
    return AsciiJson(answer, 207 if rejected else 200)


def _shown(index: int, one: Receipt) -> dict[str, Any]:
    wrong = [{"code": one.fault.code, "field": one.fault.field, "reason": one.fault.reason}] if one.fault else []
    status = "rejected" if wrong else "accepted"
    placed = {"partition": one.partition, "offset": one.offset}
    return {"index": index, "event_id": one.event_id, "status": status, **placed, "faults": wrong}


def _described(schema: Schema) -> dict[str, Any]:
    """The body as OpenAPI has it."""
    one = object_schema(schema, _LEFT_OUT)
    return {
        "required": True,
        "content": {"application/json": {"schema": {"anyOf": [one, {"type": "array", "items": one}]}}},
    }
