"""The application: routers put together over what they serve."""

from collections.abc import Callable
from typing import Protocol

from fastapi import FastAPI

from sharehub.web.health import health_router
from sharehub.web.intake import Intake, intake_router
from sharehub.web.pages import Published, pages_router
from sharehub.web.pages_feed import Feeds, feed_pages_router
from sharehub.web.pages_objecting import Agencies, objecting_router
from sharehub.web.pages_session import Sessions
from sharehub.web.problems import Problem, answer_problems
from sharehub.web.records import Gateway, Limits, records_router
from sharehub.web.tokens import Tokens


class Served(Gateway, Protocol):
    """What the application serves, and why it cannot, where it cannot."""

    def fault(self) -> str: ...


class Bounds(Limits, Protocol):
    """How much one call, one address and all of them together may bring."""

    @property
    def intake_per_minute(self) -> int: ...
    @property
    def lookups_per_minute(self) -> int: ...


class Public(Published, Agencies, Protocol):
    """What pages show to anybody."""


def create_app(  # noqa: PLR0913 - one service each
    served: Served,
    intake: Intake | None,
    public: Public | None,
    feeds: Feeds | None,
    tokens: Tokens,
    sessions: Sessions,
    limits: Bounds,
    version: str,
) -> FastAPI:
    """The HTTP interface of a hub; where it has no database there is no intake, nothing on pages, and no feed."""
    app = FastAPI(
        title="sharehub",
        version=version,
        description="What agencies say, and what follows from it.",
        docs_url=None,  # the pages would load scripts from elsewhere
        redoc_url=None,
    )
    answer_problems(app)
    app.include_router(health_router(served.fault))
    app.include_router(records_router(served, tokens, limits))
    app.include_router(intake_router(intake, tokens, limits.intake_per_minute))
    app.include_router(pages_router(public, limits.lookups_per_minute))
    app.include_router(objecting_router(public, intake, limits.intake_per_minute))
    app.include_router(feed_pages_router(feeds, sessions, limits.intake_per_minute))
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Put the schema of problems into the OpenAPI document, where every route refers to it."""
    made: Callable[[], dict[str, object]] = app.openapi

    def openapi() -> dict[str, object]:
        document = made()
        components = document.setdefault("components", {})
        assert isinstance(components, dict)  # noqa: S101 - OpenAPI has it so
        components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        return document

    app.openapi = openapi  # type: ignore[method-assign]
