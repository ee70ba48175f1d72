"""Who asks about entities, for whom and why; and how a question that cannot be answered is told."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from sharehub.core.check import Ask
from sharehub.core.intake import LINE_MAX
from sharehub.core.reader import AsOf, Note, Reader, Sight, Subject
from sharehub.errors import RefusedError, UnreachableError, UsageError
from sharehub.web.access import calling
from sharehub.web.problems import ProblemError, documented
from sharehub.web.tokens import Tokens

SECURED: dict[str, Any] = {"security": [{"HTTPBearer": []}]}
_SESSIONS_MAX = 8
"""Questions at the database at once; the others wait."""
_RETRY = {"Retry-After": "5"}
_Told = TypeVar("_Told")
_Service = TypeVar("_Service")

Part = Literal["entity", "timeline", "how", "reads"]
Line = Annotated[str, Field(min_length=1, max_length=LINE_MAX, pattern=r"^[^\x00]*$")]


class Stated(BaseModel):
    """What every question states in its body."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    user: Line = Field(description="The official who asks, by name.")
    reason: Line = Field(description="Why: the case reference, or in words.")
    on_behalf_of: Line | None = Field(None, description="For which body; null: for the holder of the token.")

    def reader(self, sight: Sight) -> Reader:
        """Who asks."""
        return Reader(sight, self.user, self.on_behalf_of or "", self.reason)


class AsOfAnswer(BaseModel):
    """What the hub had processed when it answered: all up to here is in the answer."""

    at: datetime = Field(description="Instant of the snapshot.")
    event: int = Field(description="Position in events.sanction of the last event that was given one.")
    messages: int = Field(description="Messages of all record topics that were processed.")


class Asked(Protocol):
    """What answers questions about entities; `sharehub.checks` is one."""

    def check(self, reader: Reader, asks: Sequence[Ask], on: date | None = None) -> dict[str, Any]: ...
    def subject(self, text: str) -> Subject: ...
    def lawful(self, reader: Reader, subject: Subject) -> None: ...
    def noted(self, notes: Iterable[Note]) -> AsOf: ...
    def view(
        self, subject: Subject, part: str, on: date | None = None, known_at: datetime | None = None
    ) -> dict[str, Any] | None: ...
    def reads(self, subject: Subject) -> list[dict[str, Any]]: ...


class Callers:
    """Tells who calls: the holder of the token, and what the headers say of the official, the body and the reason."""

    def __init__(self, tokens: Tokens) -> None:
        self._calling = calling(tokens)

    def sight(self, request: Request) -> Sight:
        """The holder of the token.

        Raises:
            ProblemError: there is none in force.
        """
        return Sight(*self._calling(request))

    def reader(self, request: Request) -> Reader:
        """The holder of the token, with `Sharehub-User`, `Sharehub-On-Behalf-Of` and `Sharehub-Reason`. As `sight`."""
        stated = (_header(request.headers, name) for name in HEADERS)
        return Reader(self.sight(request), *stated)


HEADERS = ("sharehub-user", "sharehub-on-behalf-of", "sharehub-reason")


def _header(headers: Mapping[str, str], name: str) -> str:
    """A header in UTF-8, which HTTP hands over as Latin-1."""
    return headers.get(name, "").encode("latin-1").decode("utf-8", "replace")[:LINE_MAX]


class Asking(Generic[_Service]):
    """Asks a service off the event loop, so many at a time, and tells what goes wrong as a problem."""

    def __init__(self, service: _Service | None) -> None:
        self._service = service
        self._limiter = CapacityLimiter(_SESSIONS_MAX)

    async def ask(self, call: Callable[[_Service], _Told], fault: str = "bad-question") -> _Told:
        """What the call answers; `fault` is the kind of problem where the question itself is wrong."""
        service = self._service
        if service is None:
            raise ProblemError("not-ready", "this server has no database, which answers need")
        try:
            return await run_sync(lambda: call(service), limiter=self._limiter)
        except UsageError as error:
            raise ProblemError(fault, "; ".join(filter(None, (str(error), error.hint)))) from error
        except OverflowError as error:
            raise ProblemError("bad-question", "the instant lies outside the calendar") from error
        except RefusedError as error:
            raise ProblemError("not-for-you", str(error)) from error
        except UnreachableError as error:
            raise ProblemError("view-away", "the database does not answer", headers=_RETRY) from error


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The problems that a question can meet, for OpenAPI."""
    every = (
        "bad-question",
        "bad-request",
        "not-authenticated",
        "not-for-you",
        "internal-error",
        "view-away",
        "not-ready",
    )
    return documented(*codes, *every)
