"""The application: routers put together over what they serve."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from fastapi import APIRouter, FastAPI

from sharehub.telemetry.metrics import exposition
from sharehub.web.acks import Acknowledgements, acks_router
from sharehub.web.asking import Asked
from sharehub.web.asyncapi import Described, asyncapi_router
from sharehub.web.checks import checks_router
from sharehub.web.entities import entities_router
from sharehub.web.feed_files import feed_files_router
from sharehub.web.feeds import Catalogue, Newest, feeds_router
from sharehub.web.health import health_router
from sharehub.web.intake import Intake, intake_router
from sharehub.web.metrics import Counting, Exposition, metrics_router
from sharehub.web.problems import Problem, answer_problems
from sharehub.web.reconcile import Reconciling, reconcile_router
from sharehub.web.records import Gateway, Limits, records_router
from sharehub.web.stream import stream_router
from sharehub.web.tail import Tails
from sharehub.web.tokens import Tokens
from sharehub.web.webhooks import Webhooks, webhooks_router
from sharehub.wire.signing import Jwk


class Served(Gateway, Protocol):
    """What the application serves, and why it cannot, where it cannot."""

    def fault(self) -> str: ...


class Bounds(Limits, Protocol):
    """How much one call, one address and all of them together may bring."""

    @property
    def intake_per_minute(self) -> int: ...
    @property
    def stream_seconds_max(self) -> int: ...


class Lists(NamedTuple):
    """The folder of recipients' lists, and the keys by which signatures are checked."""

    folder: Path
    keys: Callable[[], Sequence[Jwk]]


class Services(NamedTuple):
    """What the application serves; what needs the hub's database is None where it is not known."""

    gateway: Served
    topics: Described
    lists: Lists
    intake: Intake | None = None
    acknowledgements: Acknowledgements | None = None
    feeds: Catalogue | None = None
    tails: Tails | None = None
    newest: Newest = lambda _: None
    webhooks: Webhooks | None = None
    asked: Asked | None = None
    reconciling: Reconciling | None = None
    exposition: Exposition = exposition

    async def end(self) -> None:
        """Let those go that wait for events."""
        if self.tails is not None:
            await self.tails.end()


def create_app(served: Services, tokens: Tokens, limits: Bounds, version: str) -> FastAPI:
    """The HTTP interface of a hub."""
    app = FastAPI(
        title="sharehub",
        version=version,
        description="What agencies say, and what follows from it.",
        docs_url=None,  # the pages would load scripts from elsewhere
        redoc_url=None,
    )
    app.add_middleware(Counting)
    answer_problems(app)
    for router in _routers(served, tokens, limits, version):
        app.include_router(router)
    _describe_problems(app)
    return app


def _routers(served: Services, tokens: Tokens, limits: Bounds, version: str) -> Iterator[APIRouter]:
    schema = served.gateway.drafting.registry.latest("acknowledgement")
    yield health_router(served.gateway.fault)
    yield metrics_router(served.exposition)
    yield records_router(served.gateway, tokens, limits)
    yield intake_router(served.intake, tokens, limits.intake_per_minute)
    yield feeds_router(served.feeds, served.tails, served.newest, tokens)
    yield stream_router(served.tails, served.newest, tokens, limits.stream_seconds_max)
    yield feed_files_router(served.lists.folder, served.lists.keys, tokens)
    yield acks_router(served.acknowledgements, schema, tokens, limits)
    yield webhooks_router(served.webhooks, tokens)
    yield checks_router(served.asked, tokens, limits.body_bytes_max)
    yield entities_router(served.asked, tokens)
    yield reconcile_router(served.reconciling, tokens, limits.body_bytes_max)
    yield asyncapi_router(served.topics, version)


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
