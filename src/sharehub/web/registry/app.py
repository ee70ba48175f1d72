"""The registry's routes put together; what is no route is refused as clients expect it."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, HTTPException, Request

from sharehub.web.registry import itself
from sharehub.web.registry.answers import ErrorAnswer, RegistryError, RegistryJson, answer_errors
from sharehub.web.registry.checking import checking_router
from sharehub.web.registry.reading import ids_router, subjects_router
from sharehub.web.registry.shelf import Shelf
from sharehub.wire.registry import Registry

_PREFIXES = ("/registry", "/api/v1/registry")
_READS = ("GET", "HEAD", "OPTIONS")
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


def mount_registry(hub: FastAPI, registry: Registry, topics: Sequence[str]) -> None:
    """Serve the released schemas, and the topics they lie on, beside the rest of the hub."""
    app = _registry_app(Shelf(registry, topics), hub.version)
    for prefix in _PREFIXES:
        hub.mount(prefix, app)


def _registry_app(shelf: Shelf, version: str) -> FastAPI:
    app = FastAPI(
        title="sharehub schema registry",
        version=version,
        docs_url=None,
        redoc_url=None,
        default_response_class=RegistryJson,
        responses={status: {"model": ErrorAnswer} for status in (404, 408, 413, 422)},
    )
    answer_errors(app)
    for router in (ids_router(shelf), subjects_router(shelf), checking_router(shelf), itself.router):
        app.include_router(router)
    app.add_api_route("/{rest:path}", _nowhere, methods=[*_READS, *_WRITES], include_in_schema=False)
    return app


def _nowhere(request: Request) -> Any:
    """Reading finds nothing: clients that ask for `/associations/…` go on without. Writing is refused."""
    if request.method in _READS:
        raise HTTPException(404, "Not Found")
    words = "schemas are released by review, see sharehub schema register; set auto.register.schemas to false"
    raise RegistryError(42205, f"The registry is in READONLY mode: {words}")
