"""`/metrics`, and the counting of answers by route pattern: never by address, which may name somebody."""

import time
from collections.abc import Callable

from fastapi import APIRouter, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sharehub.telemetry import metrics

Exposition = Callable[[], bytes]
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def metrics_router(exposition: Exposition) -> APIRouter:
    """The route over what is exposed."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "All metrics"}},
    )
    def told() -> Response:
        """All metrics of this server and of the hub, in Prometheus' text format."""
        return Response(exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})

    return router


class Counting:
    """Counts every answer, with the seconds until it began: an open stream is no slow answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, and look at the beginning of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, answered = time.perf_counter(), False

        async def counted(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                _count(scope, message["status"], time.perf_counter() - begun)
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            if not answered:
                _count(scope, 500, time.perf_counter() - begun)


def _count(scope: Scope, status: int, seconds: float) -> None:
    path = getattr(scope.get("route"), "path", None)
    route = "unmatched" if path is None else scope.get("root_path", "") + path
    method = scope["method"] if scope["method"] in _METHODS else "other"
    metrics.requests.labels(method, route, f"{status // 100}xx").inc()
    metrics.request_seconds.labels(route).observe(seconds)
