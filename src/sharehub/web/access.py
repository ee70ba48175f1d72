"""Who calls: the agency or recipient of the bearer token (RFC 6750). A token is never logged and never quoted."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Path, Request
from fastapi.security import HTTPBearer

from sharehub.web.problems import ProblemError
from sharehub.web.tokens import Holder, Tokens

bearer = HTTPBearer(auto_error=False, description="A token of `sharehub token new`.")
AgencyPath = Annotated[str, Path(description="The agency that publishes.", examples=["cn-tax"])]
RecipientPath = Annotated[str, Path(description="The recipient whose feed it is.", examples=["cn-procurement"])]


def calling(tokens: Tokens) -> Callable[[Request], Holder]:
    """The dependency that tells who calls, before the body is read."""

    def calls(request: Request) -> Holder:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        found = tokens.holder_of(text.strip()) if scheme.casefold() == "bearer" else None
        if found is None:
            told = "the request has no bearer token, or none that is in force"
            raise ProblemError("not-authenticated", told, headers={"WWW-Authenticate": "Bearer"})
        return found

    return calls


def holder(tokens: Tokens) -> Callable[[Request], str]:
    """The dependency that tells which agency calls, before its body is read."""
    calls = calling(tokens)

    def agency_calls(request: Request) -> str:
        found = calls(request)
        if found.role != "agency":
            raise ProblemError("other-agency", f"this token is for the recipient {found.id}")
        return found.id

    return agency_calls


def speaking(tokens: Tokens) -> Callable[[Request, str], str]:
    """The dependency that lets an agency speak for itself only, before its body is read."""
    calls = holder(tokens)

    def speaks(request: Request, agency: AgencyPath) -> str:
        if (found := calls(request)) != agency:
            raise ProblemError("other-agency", f"this token is for {found}")
        return agency

    return speaks


def receiving(tokens: Tokens) -> Callable[[Request, str], str]:
    """The dependency that lets a recipient read and answer its own feed only."""
    calls = calling(tokens)

    def receives(request: Request, recipient: RecipientPath) -> str:
        found = calls(request)
        if found != Holder(recipient, "recipient"):
            raise ProblemError("other-recipient", f"this token is for the {found.role} {found.id}")
        return recipient

    return receives
