"""Every error of the HTTP interface, as `application/problem+json` (RFC 9457); each type has a page of its own."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

import orjson
import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its status, its title, and what to do about it."""

    status: int
    title: str
    advice: str


KINDS: Mapping[str, Kind] = {
    "bad-body": Kind(400, "The body cannot be read", "Send JSON or Avro as docs/publish.md shows. Nothing was used."),
    "bad-cursor": Kind(
        422, "This is no cursor of this feed", "Take the `cursor` of the last event that you kept, or leave it out."
    ),
    "bad-queries": Kind(
        422, "The queries cannot be read", "Send them as the Reconciliation API 0.2 has them. Nothing was told."
    ),
    "bad-question": Kind(422, "The question cannot be answered", "The detail says what is wrong with it."),
    "bad-request": Kind(400, "The request cannot be read", "The detail names the parameter. Nothing was used."),
    "bad-identifier": Kind(422, "This is no identifier", "Write SCHEME:VALUE; the detail says what is wrong with it."),
    "person-in-address": Kind(
        400,
        "An individual's record is not read by address",
        "Send POST /api/v1/look-ups or POST /api/v1/checks, with user and reason: logs keep addresses.",
    ),
    "not-authenticated": Kind(
        401, "No valid token", "Send `Authorization: Bearer TOKEN`. The hub's operator makes one for your agency."
    ),
    "other-agency": Kind(403, "The token is for another agency", "An agency publishes for itself only."),
    "not-for-you": Kind(403, "The purpose of this token does not cover it", "The detail says what it may do instead."),
    "other-recipient": Kind(403, "The token is for somebody else", "A recipient reads and answers its own feed only."),
    "not-found": Kind(404, "There is nothing here", "/openapi.json lists every path."),
    "unknown-file": Kind(404, "No such file", "index.json lists the versions that are kept. Go on from the newest."),
    "unknown-agency": Kind(404, "No such agency", "The hub's operator registers agencies."),
    "no-such-record": Kind(
        404,
        "No such record about this party",
        "Take agency and key from the notice, and the identifier as it states it.",
    ),
    "unknown-entity": Kind(404, "Nobody is known by this identifier", "Look for a slip, or ask as of a later instant."),
    "unknown-number": Kind(404, "No such reference number", "Look for a slip. A new one is known within a minute."),
    "unknown-webhook": Kind(404, "No such webhook", "GET /api/v1/webhooks lists those of your token."),
    "method-not-allowed": Kind(405, "This path does not take this method", "/openapi.json lists every path."),
    "too-slow": Kind(408, "The body did not come in time", "Send it again, in smaller calls if the line is slow."),
    "too-old": Kind(
        410,
        "The feed no longer keeps what follows this cursor",
        "Take the newest snapshot, where `snapshot` names one, and go on from its cursor; else from `restart`.",
    ),
    "too-large": Kind(413, "Too much for one call", "Send fewer records in one call."),
    "anonymous-only": Kind(
        409, "The author cannot be sealed", "This agency has no sealing key. Leave the author out. Nothing was sent."
    ),
    "unsupported-type": Kind(
        415, "The content type is not known", "Send application/json, application/vnd.confluent.avro or avro/binary."
    ),
    "webhook-refused": Kind(422, "The webhook cannot be used so", "The detail says why. Nothing was changed."),
    "not-taken": Kind(422, "It cannot be taken in", "The detail says what is missing. Nothing was sent."),
    "all-rejected": Kind(
        422, "Nothing was taken", "The answer says of each what is wrong. Correct it and send it again."
    ),
    "other-body": Kind(
        422, "The idempotency key was used with another body", "Take a new key for a new call. Nothing was sent."
    ),
    "too-many": Kind(429, "Too many calls from one address", "Wait as Retry-After says. Nothing was sent."),
    "internal-error": Kind(
        500, "The hub has made a mistake", "Tell its operator the time of the call. Sending the same again is safe."
    ),
    "feeds-away": Kind(503, "Feeds cannot be read now", "Wait as Retry-After says and ask the same again."),
    "busy": Kind(503, "Too many calls at once", "Wait as Retry-After says and send the same again. Nothing was sent."),
    "log-away": Kind(
        503, "The log cannot be reached", "Wait as Retry-After says and send the same again. Nothing was sent."
    ),
    "delivery-unclear": Kind(
        503,
        "Some of the records may be on the log",
        "Send the same again: what arrived is recognised, and nothing is published twice.",
    ),
    "intake-unclear": Kind(
        503,
        "It may not have been taken in",
        "Wait as Retry-After says and send it again: you get a new number, and that is the one that counts for you.",
    ),
    "cross-site": Kind(403, "The form was sent from another site", "Open the page here and send the form from it."),
    "view-away": Kind(
        503, "The shared view cannot be reached", "Wait as Retry-After says and ask again. Nothing was told."
    ),
    "not-ready": Kind(503, "The hub cannot take records now", "The detail says what is missing."),
}


class Problem(BaseModel):
    """What went wrong; `type` is the path of the page that explains it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Path of the page that explains this kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What is wrong with this request.")


@dataclass(eq=False)
class ProblemError(Exception):
    """Ends a request with a problem; `more` are further members, `headers` go with it."""

    code: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


router = APIRouter()
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


@router.get("/problems/{code}", response_class=HTMLResponse, responses={404: {"content": {"text/html": {}}}})
def explained(code: str) -> HTMLResponse:
    """What a kind of problem means, and what to do."""
    kind = KINDS.get(code)
    if kind is None:
        known = ", ".join(KINDS)
        return _page(404, "No such problem", f"There is no problem of this name. There are: {known}.")
    return _page(200, kind.title, f"{kind.advice} (HTTP status {kind.status})")


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """What a route declares so that OpenAPI lists its problems."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        titles = [found[kind.status]["description"]] if kind.status in found else []
        schema = {"$ref": "#/components/schemas/Problem"}
        found[kind.status] = {
            "description": "; ".join([*titles, kind.title]),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
    return found


def answer_problems(app: FastAPI) -> None:
    """Turn everything that goes wrong into a problem."""
    app.include_router(router)
    app.add_exception_handler(ProblemError, _answered)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)


class AsciiJson(Response):
    """JSON in ASCII: a text that no encoding has, sent by somebody, can be quoted and does no harm."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The content as bytes: mostly there is nothing to escape, and a large answer is written ten times as fast."""
        with suppress(orjson.JSONEncodeError):
            told = orjson.dumps(content)
            if told.isascii():
                return told
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class _ProblemJson(AsciiJson):
    media_type = MEDIA_TYPE


def _answered(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
    kind = KINDS[error.code]
    body = {"type": f"/problems/{error.code}", "title": kind.title, "status": kind.status, "detail": error.detail}
    return _ProblemJson({**body, **error.more}, kind.status, dict(error.headers))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "bad-request")
    headers = {"Allow": _methods(request)} if error.status_code == 405 else error.headers or {}
    return _answered(request, ProblemError(code, str(error.detail), headers=headers))


def _methods(request: Request) -> str:
    """All methods of the path: a route tells only its own (RFC 9110, 15.5.6)."""

    def takes(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(filter(takes, _METHODS))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    found = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return _answered(request, ProblemError("bad-request", "; ".join(found)))


def _failed(request: Request, error: Exception) -> Response:
    route = request.scope.get("route")  # an address may name somebody
    log.error("request_failed", path=getattr(route, "path", "unknown"), exc_info=error)
    return _answered(request, ProblemError("internal-error", "the operator's log has the reason"))


def _page(status: int, title: str, text: str) -> HTMLResponse:
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
    return HTMLResponse(f"{head}<h1>{escape(title)}</h1><p>{escape(text)}</p></html>", status)
