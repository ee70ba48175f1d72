"""`POST /api/v1/records/{agency}`: the push gateway. It answers for every record, and one never blocks another."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Protocol

import structlog
from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from sharehub.core.publication import Receipt
from sharehub.errors import SharehubError, UnreachableError
from sharehub.flow.publish import Call, Draft, OtherBodyError
from sharehub.push.channel import BusyError, UnclearError
from sharehub.push.drafts import LEFT_OUT, BadBodyError, Drafting
from sharehub.web.access import bearer, speaking
from sharehub.web.body import bounded_body
from sharehub.web.problems import AsciiJson, ProblemError, documented
from sharehub.web.tokens import Tokens
from sharehub.wire.plain import json_schema

log = structlog.get_logger()

_JSON = "application/json"
_AVRO = ("application/vnd.confluent.avro", "avro/binary", "application/avro")
_CONTAINER = b"Obj\x01"
_RETRY = {"Retry-After": "5"}
_PROBLEMS = documented(
    *("bad-body", "bad-request", "not-authenticated", "other-agency", "unknown-agency", "too-slow", "too-large"),
    *("unsupported-type", "all-rejected", "other-body", "internal-error", "busy", "log-away", "delivery-unclear"),
)


class Fault(BaseModel):
    """One thing that is wrong with a record, in the words of connectors and dead letters."""

    code: str
    field: str = Field(description="Path of the field; empty where it is the record as a whole.")
    reason: str


class RecordAnswer(BaseModel):
    """What became of one record."""

    index: int = Field(description="Its place in the call, from 0.")
    status: Literal["accepted", "duplicate", "rejected"]
    record_key: str | None
    revision: int | None = None
    record_id: str | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    faults: list[Fault] = []


class Answer(BaseModel):
    """What became of all records of the call, in their order."""

    agency: str
    accepted: int
    duplicate: int
    rejected: int
    records: list[RecordAnswer]


class Gateway(Protocol):
    """What takes records; `sharehub.gateway` is one."""

    @property
    def drafting(self) -> Drafting: ...
    def knows(self, agency: str) -> bool: ...
    def publish(self, call: Call, drafts: Sequence[Draft]) -> list[Receipt]: ...


class Limits(Protocol):
    """How much one call, and all of them together, may bring."""

    @property
    def body_bytes_max(self) -> int: ...
    @property
    def batch_records_max(self) -> int: ...
    @property
    def calls_max(self) -> int: ...


CallKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="Name of this call: sent again with the same body, it gets the same answer and sends nothing.",
        pattern=r"^[!-~]{0,200}$",
    ),
]


def records_router(gateway: Gateway, tokens: Tokens, limits: Limits) -> APIRouter:
    """The routes over a gateway."""
    router = APIRouter(prefix="/api/v1/records", tags=["records"])
    under_way = 0

    @router.post(
        "/{agency}",
        dependencies=[Depends(bearer)],
        response_model=Answer,
        responses={207: {"model": Answer, "description": "Some were rejected, the others were taken"}, **_PROBLEMS},
        openapi_extra={"requestBody": _described(gateway.drafting)},
    )
    async def publish(
        request: Request, agency: Annotated[str, Depends(speaking(tokens))], call_key: CallKey = ""
    ) -> Response:
        """Publish one record or many: as JSON with its `kind`, or as Avro.

        A record that is rejected does not hold up the others. A record that the log has already is a duplicate:
        sending anything again is safe.
        """
        nonlocal under_way
        if not gateway.knows(agency):
            raise ProblemError("unknown-agency", f"no agency {agency} is registered at this hub")
        if under_way >= limits.calls_max:
            raise ProblemError("busy", f"{under_way} calls are under way", headers=_RETRY)
        under_way += 1
        try:
            body = await bounded_body(request, limits.body_bytes_max)
            media = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
            call = Call(agency, call_key, hashlib.sha256(media.encode() + b"\n" + body).digest())
            return await run_in_threadpool(_published, gateway, call, media, body, limits.batch_records_max)
        finally:
            under_way -= 1

    return router


def _published(gateway: Gateway, call: Call, media: str, body: bytes, records_max: int) -> Response:
    begun = time.monotonic()
    drafts = _drafts(gateway.drafting, call.agency, media, body)
    if len(drafts) > records_max:
        raise ProblemError("too-large", f"a call may bring {records_max} records, this has {len(drafts)}")
    receipts = _receipts(gateway, call, drafts)
    answer = _answer(call.agency, receipts)
    counts = {name: answer[name] for name in ("accepted", "duplicate", "rejected")}
    log.info("records_pushed", agency=call.agency, **counts, seconds=round(time.monotonic() - begun, 3))
    if receipts and answer["rejected"] == len(receipts):
        raise ProblemError("all-rejected", f"all {len(receipts)} records were rejected", answer)
    return AsciiJson(answer, 207 if answer["rejected"] else 200)


def _drafts(drafting: Drafting, agency: str, media: str, body: bytes) -> list[Draft]:
    read: Callable[[str, bytes], list[Draft]]
    if media == _JSON:
        read = drafting.from_json
    elif media in _AVRO:
        read = drafting.from_container if body.startswith(_CONTAINER) else drafting.from_message
    else:
        raise ProblemError("unsupported-type", f"the content type is {media or 'not stated'}")
    try:
        return read(agency, body)
    except BadBodyError as error:
        raise ProblemError("bad-body", str(error)) from error


def _receipts(gateway: Gateway, call: Call, drafts: Sequence[Draft]) -> list[Receipt]:
    try:
        return gateway.publish(call, drafts)
    except OtherBodyError as error:
        raise ProblemError("other-body", f"the call {call.key} was made before, with another body") from error
    except BusyError as error:
        raise ProblemError("busy", str(error), headers=_RETRY) from error
    except UnclearError as error:
        raise ProblemError("delivery-unclear", str(error), headers=_RETRY) from error
    except UnreachableError as error:
        raise ProblemError("log-away", str(error), headers=_RETRY) from error
    except SharehubError as error:
        raise ProblemError("not-ready", f"{error}", headers=_RETRY) from error


def _answer(agency: str, receipts: Sequence[Receipt]) -> dict[str, Any]:
    statuses = [one.status for one in receipts]
    counts = {status: statuses.count(status) for status in ("accepted", "duplicate", "rejected")}
    return {"agency": agency, **counts, "records": [_shown(place, one) for place, one in enumerate(receipts)]}


def _shown(index: int, one: Receipt) -> dict[str, Any]:
    faults = [{"code": fault.code, "field": fault.field, "reason": fault.reason} for fault in one.faults]
    return {
        "index": index,
        "status": one.status,
        "record_key": one.record_key,
        "revision": one.revision,
        "record_id": str(one.record_id) if one.record_id else None,
        "topic": one.topic,
        "partition": one.partition,
        "offset": one.offset,
        "faults": faults,
    }


def _described(drafting: Drafting) -> Mapping[str, Any]:
    """The body as OpenAPI has it: the kinds of records by their schemas."""
    kinds = [json_schema(schema, LEFT_OUT) for schema in drafting.kinds]
    record = {"oneOf": kinds, "discriminator": {"propertyName": "kind"}}
    binary = {"schema": {"type": "string", "format": "binary"}}
    content = {_JSON: {"schema": {"anyOf": [record, {"type": "array", "items": record}]}}}
    return {"required": True, "content": {**content, **dict.fromkeys(_AVRO, binary)}}
