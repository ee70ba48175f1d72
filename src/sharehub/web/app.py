"""The application: routers put together over what they serve."""

from collections.abc import Callable
from typing import Protocol

from fastapi import FastAPI

from sharehub.web.acks import Acknowledgements, acks_router
from sharehub.web.health import health_router
from sharehub.web.intake import Intake, intake_router
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


def create_app(
    served: Served,
    intake: Intake | None,
    answers: Acknowledgements | None,
    tokens: Tokens,
    limits: Bounds,
    version: str,
) -> FastAPI:
    """The HTTP interface of a hub; without an intake and recipients' answers where it has no database."""
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
    app.include_router(acks_router(answers, served.drafting.registry.latest("acknowledgement"), tokens, limits))
    app.include_router(intake_router(intake, tokens, limits.intake_per_minute))
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
