"""Who calls: the agency of the bearer token (RFC 6750). A token is never logged and never quoted."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Path, Request
from fastapi.security import HTTPBearer

from sharehub.web.problems import ProblemError
from sharehub.web.tokens import Tokens

bearer = HTTPBearer(auto_error=False, description="A token of `sharehub token new AGENCY`.")
AgencyPath = Annotated[str, Path(description="The agency that publishes.", examples=["cn-tax"])]


def speaking(tokens: Tokens) -> Callable[[Request, str], str]:
    """The dependency that lets an agency speak for itself only, before its body is read."""

    def speaks(request: Request, agency: AgencyPath) -> str:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        holder = tokens.agency_of(text.strip()) if scheme.casefold() == "bearer" else None
        if holder is None:
            told = "the request has no bearer token, or none that is in force"
            raise ProblemError("not-authenticated", told, headers={"WWW-Authenticate": "Bearer"})
        if holder != agency:
            raise ProblemError("other-agency", f"this token is for {holder}")
        return agency

    return speaks
