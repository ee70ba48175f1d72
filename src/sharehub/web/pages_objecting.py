"""Pages with which a party objects to a record, and asks what became of it."""

from collections.abc import Collection, Mapping
from typing import Protocol

from fastapi import APIRouter, Depends
from starlette.responses import Response

from sharehub.core.intake import Objection
from sharehub.errors import UnreachableError, UsageError
from sharehub.web.intake import Intake
from sharehub.web.pages import present
from sharehub.web.pages_frame import Form, PageRoute, page
from sharehub.web.problems import ProblemError
from sharehub.web.rate import Rate

_NEEDED = ("party", "agency", "record_key", "claim")


class Agencies(Protocol):
    """Who publishes at the hub."""

    def agencies(self) -> dict[str, str]: ...


def objecting_router(agencies: Agencies | None, intake: Intake | None, per_minute: int) -> APIRouter:
    """The routes over what takes matters in."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)
    limited = [Depends(Rate(per_minute).allow)]
    pages = _Pages(agencies, intake)
    router.get("/objecting")(pages.objecting)
    router.post("/objecting", dependencies=limited)(pages.object_to)
    router.get("/outcome")(pages.outcome)
    router.post("/outcome", dependencies=limited)(pages.told)
    return router


class _Pages:
    def __init__(self, agencies: Agencies | None, intake: Intake | None) -> None:
        self._agencies = agencies
        self._intake = intake

    def objecting(self) -> Response:
        """How to object, and the form for it."""
        return self._asking({}, 200)

    def object_to(self, said: Form) -> Response:
        """The number of an objection; or the form again, where it was only filled in or something is missing."""
        if "claim" not in said:
            return self._asking(said, 200)
        if missing := [name for name in _NEEDED if not said.get(name)]:
            return self._asking(said, 422, missing)
        stated = Objection(
            **{name: said[name] for name in _NEEDED},
            proposed=said.get("proposed") or None,
            statement=said.get("statement") or None,
        )
        try:
            taken = present(self._intake).object(stated)
        except UsageError as error:
            return self._asking(said, 422, refused=str(error))
        except UnreachableError as error:
            told = "the log did not answer in time"
            raise ProblemError("intake-unclear", told, headers={"Retry-After": "5"}) from error
        return page("taken.html", 201, here="objecting", taken=taken)

    def outcome(self) -> Response:
        """The form for a reference number."""
        return page("outcome.html", here="objecting", found=None, refused="")

    def told(self, said: Form) -> Response:
        """What became of a matter."""
        try:
            found = present(self._intake).outcome(said.get("number", ""))
        except UsageError as error:
            return page("outcome.html", 404, here="objecting", found=None, refused=str(error))
        return page("outcome.html", here="objecting", found=found, refused="")

    def _asking(
        self, said: Mapping[str, str], status: int, missing: Collection[str] = (), refused: str = ""
    ) -> Response:
        known = present(self._agencies).agencies()
        return page(
            "objecting.html", status, here="objecting", said=said, missing=missing, refused=refused, agencies=known
        )
