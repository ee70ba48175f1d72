"""`/reconcile`: the W3C Reconciliation API 0.2, so that a spreadsheet is checked from OpenRefine.

OpenRefine sends no token. So an official opens a session with a token, user and reason, and gives OpenRefine the
address of that session.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Protocol
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import Response

from sharehub.core.reader import Reader
from sharehub.core.reconcile import COLUMNS, Query, person_stated, types
from sharehub.web.asking import SECURED, Asking, Callers, Stated, problems
from sharehub.web.body import bounded_body, described, json_body
from sharehub.web.problems import AsciiJson, ProblemError
from sharehub.web.reconcile_bodies import extension_of, queries_of
from sharehub.web.sessions import SESSION_S, Sessions
from sharehub.web.tokens import Tokens

_QUERIES_MAX = 1_000
_FORM = "application/x-www-form-urlencoded"


class SessionAnswer(BaseModel):
    """A session is open."""

    url: str = Field(description="What OpenRefine takes as the address of the service.")
    expires_at: datetime


class Reconciling(Protocol):
    """What reconciles; `sharehub.reconciliation` is one."""

    def results(self, reader: Reader, queries: Sequence[Query]) -> dict[str, Any]: ...
    def extended(self, reader: Reader, ids: Sequence[str], wanted: Sequence[str]) -> dict[str, Any]: ...


class _Answers:
    """Answers a batch, be it in a form or in an address."""

    def __init__(self, reconciling: Reconciling | None, bytes_max: int) -> None:
        self._asking = Asking(reconciling)
        self._bytes_max = bytes_max

    async def by_address(self, request: Request, reader: Callable[[], Reader]) -> Response:
        """The manifest, or an answer where the address has a batch; then it names no individual."""
        parameters = dict(request.query_params)
        if parameters.keys() & {"queries", "extend"}:
            return await self._told(reader(), parameters, by_address=True)
        return AsciiJson(_manifest(_base(request)))

    async def by_form(self, request: Request, reader: Reader) -> Response:
        """The answer to the batch in the body."""
        media = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if media != _FORM:
            raise ProblemError("unsupported-type", f"the content type is {media or 'not stated'}, not {_FORM}")
        raw = await bounded_body(request, self._bytes_max)
        parameters = {name: values[0] for name, values in parse_qs(raw.decode("utf-8", "replace")).items()}
        if not parameters.keys() & {"queries", "extend"}:
            raise ProblemError("bad-queries", "the form has neither queries nor extend")
        return await self._told(reader, parameters, by_address=False)

    async def _told(self, reader: Reader, parameters: Mapping[str, str], *, by_address: bool) -> Response:
        if text := parameters.get("queries"):
            queries = queries_of(text)
            if len(queries) > _QUERIES_MAX:
                raise ProblemError("too-large", f"a batch may have {_QUERIES_MAX} queries, this has {len(queries)}")
            if by_address and any(one.of_person for one in queries):
                raise ProblemError("person-in-address", "send the queries with POST")
            return AsciiJson(await self._asking.ask(lambda to: to.results(reader, queries)))
        ids, wanted = extension_of(parameters.get("extend", ""))
        if by_address and any(map(person_stated, ids)):
            raise ProblemError("person-in-address", "send the ids with POST")
        return AsciiJson(await self._asking.ask(lambda to: to.extended(reader, ids, wanted)))


class _SessionKey(StringConvertor):
    """Any part of a path but the one that is a place of its own, so that only its own methods are named there."""

    regex = "(?!properties$)[^/]+"


register_url_convertor("session", _SessionKey())


def reconcile_router(reconciling: Reconciling | None, tokens: Tokens, bytes_max: int) -> APIRouter:
    """The routes over what reconciles; None where the hub has no database here."""
    router = APIRouter(tags=["reconcile"])
    callers, sessions, answers = Callers(tokens), Sessions(), _Answers(reconciling, bytes_max)

    async def reader_first(request: Request) -> None:
        callers.sight(request)  # before the body is read

    @router.post(
        "/api/v1/reconciliations",
        status_code=201,
        dependencies=[Depends(reader_first)],
        responses=_documented(),
        openapi_extra={**SECURED, **described(Stated)},
    )
    async def open_session(request: Request, stated: Annotated[Stated, Depends(json_body(Stated))]) -> SessionAnswer:
        """Open a session for OpenRefine, for eight hours; all that is asked in it is written down under this reason."""
        key = sessions.open(stated.reader(callers.sight(request)))
        expires_at = datetime.now(UTC) + timedelta(seconds=SESSION_S)
        return SessionAnswer(url=f"{_base(request)}/reconcile/{key}", expires_at=expires_at)

    @router.get("/reconcile", responses=_documented(), openapi_extra=_by_address(secured=True))
    async def manifest(request: Request) -> dict[str, Any]:
        """The service's manifest; with `queries` or `extend`, and a token, the answer."""
        return await answers.by_address(request, lambda: callers.reader(request))  # type: ignore[return-value]

    @router.post("/reconcile", responses=_documented(), openapi_extra={**SECURED, **_form()})
    async def reconcile(request: Request) -> dict[str, Any]:
        """A batch of `queries`, or `extend`: the answers of checks for what was matched."""
        return await answers.by_form(request, callers.reader(request))  # type: ignore[return-value]

    @router.get("/reconcile/properties", responses=_documented())
    async def properties() -> dict[str, Any]:
        """The columns that can be fetched."""
        return {"properties": [{"id": name, "name": title} for name, title in COLUMNS.items()]}

    session = Annotated[str, Path(description="Key of the session.")]

    @router.get("/reconcile/{key:session}", responses=_documented(), openapi_extra=_by_address(secured=False))
    async def manifest_of_session(request: Request, key: session) -> dict[str, Any]:
        """The manifest, or an answer, in a session."""
        reader = sessions.reader(key)
        return await answers.by_address(request, lambda: reader)  # type: ignore[return-value]

    @router.post("/reconcile/{key:session}", responses=_documented(), openapi_extra=_form())
    async def reconcile_in_session(request: Request, key: session) -> dict[str, Any]:
        """A batch of `queries`, or `extend`, in a session."""
        return await answers.by_form(request, sessions.reader(key))  # type: ignore[return-value]

    return router


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _manifest(base: str) -> dict[str, Any]:
    return {
        "versions": ["0.2"],
        "name": "sharehub: entities by identifier, names as proposals",
        "identifierSpace": f"{base}/api/v1/entities/",
        "schemaSpace": f"{base}/openapi.json",
        "defaultTypes": types(),
        "extend": {"propose_properties": {"service_url": base, "service_path": "/reconcile/properties"}},
    }


def _documented() -> dict[int | str, dict[str, Any]]:
    return problems("bad-body", "bad-queries", "too-slow", "too-large", "unsupported-type", "person-in-address")


def _by_address(*, secured: bool) -> dict[str, Any]:
    named = ("queries", "extend")
    parameters = [{"name": one, "in": "query", "required": False, "schema": {"type": "string"}} for one in named]
    return {"parameters": parameters, **({"security": [{}, *SECURED["security"]]} if secured else {})}


def _form() -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            "queries": {"type": "string", "description": "A batch of queries, as JSON."},
            "extend": {"type": "string", "description": "Columns to fetch, as JSON."},
        },
        "anyOf": [{"required": ["queries"]}, {"required": ["extend"]}],
    }
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}
