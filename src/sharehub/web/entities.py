"""`GET /api/v1/entities/{scheme}/{value}`, `…/timeline`, `…/how`, `…/reads`: the shared view, for agencies.

Answers about companies, organisations and public bodies are kept rendered as long as the view has not changed, which
is asked of it with every call; those about individuals never are, and are not given by address at all.
"""

import hashlib
import json
from collections import OrderedDict
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from sharehub.core.linking import Key
from sharehub.core.reader import INDIVIDUAL, AsOf, Note, Reader, Subject
from sharehub.web.asking import HEADERS, SECURED, Asked, Asking, AsOfAnswer, Callers, Part, problems
from sharehub.web.ledger import Ledger
from sharehub.web.problems import ProblemError
from sharehub.web.tokens import Tokens

_KEPT_MAX = 4_096
_KEPT_BYTES_MAX = 65_536
"""Rendered answers in memory, and how large one may be; most have some 10 kB."""

Scheme = Annotated[str, Path(description="Identifier scheme.", examples=["CN-USCC"])]
Value = Annotated[str, Path(description="Its value; of RECORD: AGENCY/KEY.", examples=["91350100M000100Y43"])]
On = Annotated[date | None, Query(description="The day in law; default: today.")]
KnownAt = Annotated[datetime | None, Query(description="As the hub knew it at this instant, with its zone.")]


class _AtAnInstant(BaseModel):
    model_config = ConfigDict(extra="allow")

    entity_id: str
    kind: str
    on: date
    known_at: datetime | None
    complete: bool | None = Field(description="True: final, whatever arrives later.")
    as_of: AsOfAnswer


class EntityAnswer(_AtAnInstant):
    """Who said what, which measures stand, and the story: as `sharehub entity show --json`."""

    identifiers: list[dict[str, Any]]
    names: list[str]
    statements: list[dict[str, Any]]
    disagreements: list[dict[str, Any]]
    measures: list[dict[str, Any]]
    records: list[dict[str, Any]]
    timeline: list[dict[str, Any]]


class TimelineAnswer(_AtAnInstant):
    """What happened, up to the day, in business order."""

    timeline: list[dict[str, Any]]


class HowAnswer(_AtAnInstant):
    """The steps by which the entity came to be one."""

    how: dict[str, Any]


class ReadAnswer(BaseModel):
    """Somebody read the record."""

    read_at: datetime
    act: str
    reader: str = Field(description="Title of the administration.")
    holder: str
    role: str
    on_behalf_of: str
    reason: str


class ReadsAnswer(BaseModel):
    """Who read the record, the newest first, a thousand at most."""

    as_of: AsOfAnswer
    reads: list[ReadAnswer]


class _Kept(NamedTuple):
    """A rendered answer, about whom, and the view's version for which it holds."""

    key: Key
    version: tuple[int, ...]
    body: bytes
    etag: str


class _Shelf:
    """The rendered answers that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, _Kept] = OrderedDict()

    def take(self, place: object) -> _Kept | None:
        found = self._kept.get(place)
        if found:
            self._kept.move_to_end(place)
        return found

    def put(self, place: object, answer: _Kept) -> None:
        self._kept[place] = answer
        self._kept.move_to_end(place)
        if len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)


class _Look(NamedTuple):
    """One look-up by address."""

    text: str
    part: Part
    on: date | None = None
    known_at: datetime | None = None


class _Looking:
    """Looks entities up by address, for agencies."""

    def __init__(self, asking: Asking[Asked]) -> None:
        self._asking = asking
        self._ledger = Ledger(asking)
        self._shelf = _Shelf()

    async def answer(self, reader: Reader, look: _Look, seen: str) -> Response:
        """The answer, or 304 where `seen` (If-None-Match) names it; the call stands in the log by then."""
        kept = self._shelf.take(look)
        at = None
        if kept and reader.sight.role == "agency":
            at = await self._ledger.write(Note(reader, look.part, [kept.key]))
            if kept.version == at.version:
                return _response(kept, seen)
        subject = await self._subject(reader, look.text)
        at = at or await self._ledger.write(Note(reader, look.part, [subject.key]))
        return _response(await self._rendered(subject, look, at), seen)

    async def _subject(self, reader: Reader, text: str) -> Subject:
        subject = await self._asking.ask(lambda to: to.subject(text), "bad-identifier")
        if subject.in_person:
            raise _in_person()
        await self._asking.ask(lambda to: to.lawful(reader, subject))
        return subject

    async def _rendered(self, subject: Subject, look: _Look, at: AsOf) -> _Kept:
        if look.part == "reads":
            found: dict[str, Any] | None = {"reads": await self._asking.ask(lambda to: to.reads(subject))}
        else:
            found = await self._asking.ask(lambda to: to.view(subject, look.part, look.on, look.known_at))
        if found is None:
            raise ProblemError("unknown-entity", "nobody was known by this identifier")
        if found.get("kind") == INDIVIDUAL:
            raise _in_person()
        told = json.dumps(found, separators=(",", ":"))
        etag = f'W/"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
        body = f'{told[:-1]},"as_of":{json.dumps(at.shown(), separators=(",", ":"))}}}'.encode("ascii")
        made = _Kept(subject.key, at.version, body, etag)
        if look.known_at is None and look.part != "reads" and len(body) <= _KEPT_BYTES_MAX:
            self._shelf.put(look, made)
        return made


def _in_person() -> ProblemError:
    return ProblemError("person-in-address", "this is an individual's; send POST /api/v1/look-ups instead")


def _response(kept: _Kept, seen: str) -> Response:
    """ETags are weak: the same content may be told as of a later position."""
    headers = {"ETag": kept.etag, "Cache-Control": "private, no-cache"}
    tags = {one.strip() for one in seen.split(",")}
    if "*" in tags or kept.etag in tags or kept.etag.removeprefix("W/") in tags:
        return Response(status_code=304, headers=headers)
    return Response(kept.body, 200, headers, "application/json")


def entities_router(asked: Asked | None, tokens: Tokens) -> APIRouter:
    """The routes over what answers; None where the hub has no database here."""
    router = APIRouter(prefix="/api/v1/entities", tags=["entities"])
    callers, looking = Callers(tokens), _Looking(Asking(asked))

    async def look(request: Request, wanted: _Look) -> Response:
        reader = callers.reader(request)
        return await looking.answer(reader, wanted, request.headers.get("if-none-match", ""))

    @router.get("/{scheme}/{value:path}/timeline", **_told(TimelineAnswer))
    async def timeline(
        request: Request, scheme: Scheme, value: Value, on: On = None, known_at: KnownAt = None
    ) -> Response:
        """What happened to the entity, up to the day."""
        return await look(request, _Look(f"{scheme}:{value}", "timeline", on, known_at))

    @router.get("/{scheme}/{value:path}/how", **_told(HowAnswer))
    async def how(request: Request, scheme: Scheme, value: Value, on: On = None, known_at: KnownAt = None) -> Response:
        """How the entity came to be one."""
        return await look(request, _Look(f"{scheme}:{value}", "how", on, known_at))

    @router.get("/{scheme}/{value:path}/reads", **_told(ReadsAnswer))
    async def reads(request: Request, scheme: Scheme, value: Value) -> Response:
        """Who read the record of the entity, for whom and why."""
        return await look(request, _Look(f"{scheme}:{value}", "reads"))

    @router.get("/{scheme}/{value:path}", **_told(EntityAnswer))
    async def entity(
        request: Request, scheme: Scheme, value: Value, on: On = None, known_at: KnownAt = None
    ) -> Response:
        """The entity as all agencies together describe it, with the measures on it."""
        return await look(request, _Look(f"{scheme}:{value}", "entity", on, known_at))

    return router


def _told(model: type[BaseModel]) -> dict[str, Any]:
    """What each of the routes declares."""
    unchanged = {"description": "It is as If-None-Match names it"}
    stated = [{"name": name, "in": "header", "schema": {"type": "string"}, "required": False} for name in HEADERS]
    return {
        "responses": {
            200: {"model": model},
            304: unchanged,
            **problems("bad-identifier", "person-in-address", "unknown-entity"),
        },
        "openapi_extra": {**SECURED, "parameters": stated},
    }
