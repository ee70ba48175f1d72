"""Whether the process lives, and whether it can do its work."""

from collections.abc import Callable

from fastapi import APIRouter
from pydantic import BaseModel

from sharehub.web.problems import ProblemError, documented


class Health(BaseModel):
    """All is well."""

    status: str = "ok"


def health_router(fault: Callable[[], str]) -> APIRouter:
    """The routes over a function that says why there is no service, or nothing."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz() -> Health:
        """The process answers."""
        return Health()

    @router.get("/readyz", responses=documented("not-ready"))
    def readyz() -> Health:
        """Records can be taken: the log answers, and `init` was run."""
        if found := fault():
            raise ProblemError("not-ready", found, headers={"Retry-After": "5"})
        return Health()

    return router
