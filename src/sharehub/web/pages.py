"""Pages for anybody: the look-up, one entity's story, and the rules in words.

Whoever asks types the number into a form that is posted, so that no address holds a person's; companies and public
bodies have an address of their own (`/entities/{scheme}/{value}`).
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from sharehub.core.asking import Asked, askable, asked
from sharehub.core.identifier import SCHEMES, Identifier
from sharehub.web.pages_frame import HEADERS, STATIC, Form, PageRoute, page
from sharehub.web.problems import ProblemError
from sharehub.web.rate import Rate

_FOR_EVER = "public, max-age=31536000, immutable"
_INSTANT_MAX = 40

Entity = dict[str, Any]
_Told = TypeVar("_Told")
Service = TypeVar("Service")


class Published(Protocol):
    """What anybody may see; `sharehub.lookup` is one."""

    def entity(
        self, identifier: Identifier, on: date | None = None, known_at: datetime | None = None
    ) -> Entity | None: ...
    def rules(self) -> list[dict[str, Any]]: ...


def pages_router(published: Published | None, per_minute: int) -> APIRouter:
    """The routes; without a hub they say so."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)
    limited = [Depends(Rate(per_minute).allow)]
    pages = _Pages(published)
    router.get("/")(pages.start)
    router.post("/", dependencies=limited)(pages.look_up)
    router.get("/entities/{scheme}/{value:path}", dependencies=limited)(pages.story)
    router.get("/rules")(pages.rules)
    router.get("/rules/{jurisdiction}")(pages.rulebook)
    router.get("/static/{name}")(_static)
    return router


class _Pages:
    def __init__(self, published: Published | None) -> None:
        self._published = published

    def start(self) -> Response:
        """The form of the look-up."""
        return _asking(Asked(None), "", 200)

    def look_up(self, said: Form) -> Response:
        """The answer; a number that is not enough to identify anybody comes back with what is missing."""
        text = said.get("value", "")
        found = asked(said.get("scheme", ""), text)
        if found.identifier is None:
            return _asking(found, text, 422)
        return _story(found.identifier, present(self._published).entity(found.identifier), 200)

    def story(
        self, scheme: str, value: str, on: str = "", known_at: Annotated[str, Query(max_length=_INSTANT_MAX)] = ""
    ) -> Response:
        """One company or public body, on a day in law and as known at an instant."""
        found = asked(scheme, value) if askable(scheme) else Asked(None)
        if found.identifier is None:
            raise ProblemError("not-found", "no company and no public body has such an address")
        law, knew = _read(date.fromisoformat, "the day", on), _read(datetime.fromisoformat, "the instant", known_at)
        return _story(found.identifier, present(self._published).entity(found.identifier, law, knew), 404)

    def rules(self) -> Response:
        """How decisions are made."""
        return page("rules.html", here="rules", books=present(self._published).rules())

    def rulebook(self, jurisdiction: str) -> Response:
        """The rules of one jurisdiction, in words."""
        books = {one["jurisdiction"]: one for one in present(self._published).rules()}
        if jurisdiction not in books:
            raise ProblemError("not-found", "there is no rulebook of this name")
        return page("rulebook.html", here="rules", book=books[jurisdiction])


def _static(name: str) -> Response:
    """Style and icon, kept for ever: another content has another name."""
    if name not in STATIC:
        raise ProblemError("not-found", "there is no such file")
    content, media_type = STATIC[name]
    return Response(content, media_type=media_type, headers={**HEADERS, "Cache-Control": _FOR_EVER})


def present(service: Service | None) -> Service:
    """The service.

    Raises:
        ProblemError: there is none here.
    """
    if service is None:
        raise ProblemError("view-away", "this server runs without the hub's database", headers={"Retry-After": "60"})
    return service


def _asking(found: Asked, text: str, status: int) -> Response:
    kinds = {name: one for name, one in SCHEMES.items() if askable(name)}
    persons = found.scheme in SCHEMES and SCHEMES[found.scheme].persons
    return page("lookup.html", status, here="lookup", found=found, text=text, kinds=kinds, persons=persons)


def _story(identifier: Identifier, entity: Entity | None, missing: int) -> Response:
    kind = SCHEMES[identifier.scheme].title
    status = 200 if entity else missing
    return page("entity.html", status, here="lookup", entity=entity, identifier=identifier, kind=kind)


def _read(reads: Callable[[str], _Told], what: str, text: str) -> _Told | None:
    try:
        return reads(text) if text else None
    except ValueError as error:
        raise ProblemError("bad-request", f"{what} cannot be read: write it as in 2026-03-02") from error
