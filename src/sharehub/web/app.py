"""The application: routers put together over what they serve."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from fastapi import FastAPI

from sharehub.web.asyncapi import Described, asyncapi_router
from sharehub.web.feeds import Catalogue, Newest, feeds_router
from sharehub.web.health import health_router
from sharehub.web.intake import Intake, intake_router
from sharehub.web.problems import Problem, answer_problems
from sharehub.web.records import Gateway, Limits, records_router
from sharehub.web.stream import stream_router
from sharehub.web.tail import Tails
from sharehub.web.tokens import Tokens
from sharehub.web.webhooks import Webhooks, webhooks_router


class Served(Gateway, Protocol):
    """What the application serves, and why it cannot, where it cannot."""

    def fault(self) -> str: ...


class Bounds(Limits, Protocol):
    """How much one call, one address and all of them together may bring."""

    @property
    def intake_per_minute(self) -> int: ...
    @property
    def stream_seconds_max(self) -> int: ...


class Feeding(NamedTuple):
    """Feeds with their ends as they grow, files and webhooks; None where there is no database."""

    feeds: Catalogue | None = None
    tails: Tails | None = None
    newest: Newest = lambda _: None
    webhooks: Webhooks | None = None

    async def end(self) -> None:
        """Let those go that wait for events."""
        if self.tails is not None:
            await self.tails.end()


def create_app(
    served: Served,
    intake: Intake | None,
    feeding: Feeding,
    topics: Described,
    tokens: Tokens,
    limits: Bounds,
    version: str,
) -> FastAPI:
    """The HTTP interface of a hub; without intake and feeds where it has no database."""
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
    app.include_router(feeds_router(feeding.feeds, feeding.tails, feeding.newest, tokens))
    app.include_router(stream_router(feeding.tails, feeding.newest, tokens, limits.stream_seconds_max))
    app.include_router(webhooks_router(feeding.webhooks, tokens))
    app.include_router(asyncapi_router(topics, version))
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
