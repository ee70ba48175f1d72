"""`/reconcile`: the W3C Reconciliation API 0.2, so that a spreadsheet is checked from OpenRefine.

OpenRefine sends no token. So an official opens a session with a token, user and reason, and gives OpenRefine the
address of that session, which ends by itself and is kept in memory as a hash.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Protocol
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.responses import Response

from sharehub.core.reader import Reader
from sharehub.core.reconcile import Query, query, types
from sharehub.web.asking import SECURED, Callers, Desk, Stated, problems
from sharehub.web.body import bounded_body, described, json_body
from sharehub.web.problems import AsciiJson, ProblemError
from sharehub.web.tokens import Tokens

SESSION_S = 8 * 3600
_SESSIONS_MAX = 1_000
_QUERIES_MAX = 1_000
_CANDIDATES = 5
_CANDIDATES_MAX = 50
_FORM = "application/x-www-form-urlencoded"

Value = str | int | float | bool | dict[str, Any]


class Property(BaseModel):
    """What another column of the row says."""

    pid: str
    v: Value | list[Value]


class QueryBody(BaseModel):
    """One query of a batch."""

    model_config = ConfigDict(extra="forbid")

    query: str = ""
    type: str | list[str] = ""
    limit: float = Field(_CANDIDATES, ge=1, le=_CANDIDATES_MAX)
    properties: list[Property] = []
    type_strict: str = ""

    def read(self, given_id: str) -> Query:
        """The query as the hub understands it."""
        kinds = [self.type] if isinstance(self.type, str) else self.type
        stated = {one.pid: _text(one.v) for one in self.properties}
        return query(given_id, self.query, kinds, stated, int(self.limit))


def _text(value: Value | list[Value]) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return str(first) if isinstance(first, str | int) and not isinstance(first, bool) else ""


class ExtendProperty(BaseModel):
    """A column to fetch."""

    id: str
    settings: dict[str, Any] | None = None


class ExtendBody(BaseModel):
    """Columns to fetch for ids."""

    ids: list[str]
    properties: list[ExtendProperty]


class SessionAnswer(BaseModel):
    """A session is open."""

    url: str = Field(description="What OpenRefine takes as the address of the service.")
    expires_at: datetime


class Reconciling(Protocol):
    """What reconciles; `sharehub.reconciliation` is one."""

    def results(self, reader: Reader, queries: Sequence[Query]) -> dict[str, Any]: ...
    def extended(self, reader: Reader, ids: Sequence[str], wanted: Sequence[str]) -> dict[str, Any]: ...


_QUERIES = TypeAdapter(dict[str, QueryBody])
_EXTEND = TypeAdapter(ExtendBody)


class Sessions:
    """Who reconciles by which address, until when; the oldest goes where there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._readers: dict[bytes, tuple[Reader, float]] = {}

    def open(self, reader: Reader) -> str:
        """A new address for this reader."""
        key = secrets.token_urlsafe(32)
        while len(self._readers) >= _SESSIONS_MAX:
            self._readers.pop(next(iter(self._readers)))
        self._readers[_hash(key)] = (reader, self._clock() + SESSION_S)
        return key

    def reader(self, key: str) -> Reader:
        """Who opened the session.

        Raises:
            ProblemError: there is none, or it is over.
        """
        reader, until = self._readers.get(_hash(key), (None, 0.0))
        if reader is None or until <= self._clock():
            raise ProblemError("not-authenticated", "the session is over; open another: POST /api/v1/reconciliations")
        return reader


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()


def reconcile_router(
    reconciling: Reconciling | None, tokens: Tokens, bytes_max: int, columns: Mapping[str, str]
) -> APIRouter:
    """The routes over what reconciles; `columns` are what it can fetch."""
    router = APIRouter(tags=["reconcile"])
    callers, sessions, desk = Callers(tokens), Sessions(), Desk(reconciling)

    async def reader_first(request: Request) -> None:
        callers.sight(request)  # before the body is read

    async def told(reader: Reader, parameters: Mapping[str, str], *, by_address: bool) -> Response:
        if text := parameters.get("queries"):
            queries = [one.read(name) for name, one in _parsed(_QUERIES, text).items()]
            if len(queries) > _QUERIES_MAX:
                raise ProblemError("too-large", f"a batch may have {_QUERIES_MAX} queries, this has {len(queries)}")
            if by_address and any(one.of_person for one in queries):
                raise ProblemError("person-in-address", "send the queries with POST")
            return AsciiJson(await desk.ask(lambda to: to.results(reader, queries)))
        stated = _parsed(_EXTEND, parameters["extend"])
        wanted = [one.id for one in stated.properties]
        return AsciiJson(await desk.ask(lambda to: to.extended(reader, stated.ids, wanted)))

    async def by_address(request: Request, reader: Callable[[], Reader]) -> Response:
        parameters = dict(request.query_params)
        if "queries" in parameters or "extend" in parameters:
            return await told(reader(), parameters, by_address=True)
        return AsciiJson(_manifest(str(request.base_url).rstrip("/"), request.url.path))

    async def by_form(request: Request, reader: Reader) -> Response:
        media = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if media != _FORM:
            raise ProblemError("unsupported-type", f"the content type is {media or 'not stated'}, not {_FORM}")
        raw = await bounded_body(request, bytes_max)
        parameters = {name: values[0] for name, values in parse_qs(raw.decode("utf-8", "replace")).items()}
        if "queries" not in parameters and "extend" not in parameters:
            raise ProblemError("bad-body", "the form has neither queries nor extend")
        return await told(reader, parameters, by_address=False)

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
        return SessionAnswer(url=f"{str(request.base_url).rstrip('/')}/reconcile/{key}", expires_at=expires_at)

    @router.get("/reconcile", responses=_documented(), openapi_extra=_by_address(secured=True))
    async def manifest(request: Request) -> dict[str, Any]:
        """The service's manifest; with `queries` or `extend`, and a token, the answer."""
        return await by_address(request, lambda: callers.reader(request))  # type: ignore[return-value]

    @router.post("/reconcile", responses=_documented(), openapi_extra={**SECURED, **_form()})
    async def reconcile(request: Request) -> dict[str, Any]:
        """A batch of `queries`, or `extend`: the answers of checks for what was matched."""
        return await by_form(request, callers.reader(request))  # type: ignore[return-value]

    @router.get("/reconcile/properties", responses=_documented())
    async def properties() -> dict[str, Any]:
        """The columns that can be fetched."""
        return {"properties": [{"id": name, "name": title} for name, title in columns.items()]}

    session = Annotated[str, Path(description="Key of the session.")]

    @router.get("/reconcile/{key}", responses=_documented(), openapi_extra=_by_address(secured=False))
    async def manifest_of_session(request: Request, key: session) -> dict[str, Any]:
        """The manifest, or an answer, in a session."""
        reader = sessions.reader(key)
        return await by_address(request, lambda: reader)  # type: ignore[return-value]

    @router.post("/reconcile/{key}", responses=_documented(), openapi_extra=_form())
    async def reconcile_in_session(request: Request, key: session) -> dict[str, Any]:
        """A batch of `queries`, or `extend`, in a session."""
        return await by_form(request, sessions.reader(key))  # type: ignore[return-value]

    return router


def _parsed(adapter: "TypeAdapter[Any]", text: str) -> Any:
    try:
        return adapter.validate_python(json.loads(text))
    except ValidationError as error:
        told = [f"{'.'.join(map(str, one['loc'])) or 'batch'}: {one['msg']}" for one in error.errors()]
        raise ProblemError("bad-body", "; ".join(told[:5])) from None
    except (ValueError, RecursionError) as error:
        raise ProblemError("bad-body", "this is no JSON") from error


def _manifest(base: str, path: str) -> dict[str, Any]:
    return {
        "versions": ["0.2"],
        "name": "sharehub: entities by identifier, names as proposals",
        "identifierSpace": f"{base}/api/v1/entities/",
        "schemaSpace": f"{base}/openapi.json",
        "defaultTypes": types(),
        "extend": {"propose_properties": {"service_url": base, "service_path": "/reconcile/properties"}},
        "serviceVersion": path and "1",
    }


def _documented() -> dict[int | str, dict[str, Any]]:
    return problems("bad-body", "too-slow", "too-large", "unsupported-type", "person-in-address")


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
    }
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}
