"""Who calls: the agency of the bearer token (RFC 6750). A token is never logged and never quoted."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Path, Request
from fastapi.security import HTTPBearer

from sharehub.web.problems import ProblemError
from sharehub.web.tokens import Tokens

bearer = HTTPBearer(auto_error=False, description="A token of `sharehub token new AGENCY`.")
AgencyPath = Annotated[str, Path(description="The agency that publishes.", examples=["cn-tax"])]


def holder(tokens: Tokens) -> Callable[[Request], str]:
    """The dependency that tells which agency calls, before its body is read."""

    def calls(request: Request) -> str:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        agency = tokens.agency_of(text.strip()) if scheme.casefold() == "bearer" else None
        if agency is None:
            told = "the request has no bearer token, or none that is in force"
            raise ProblemError("not-authenticated", told, headers={"WWW-Authenticate": "Bearer"})
        return agency

    return calls


def speaking(tokens: Tokens) -> Callable[[Request, str], str]:
    """The dependency that lets an agency speak for itself only, before its body is read."""
    calls = holder(tokens)

    def speaks(request: Request, agency: AgencyPath) -> str:
        if (found := calls(request)) != agency:
            raise ProblemError("other-agency", f"this token is for {found}")
        return agency

    return speaks
