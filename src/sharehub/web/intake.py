"""`POST /api/v1/objections`, `/representations`, `/repairs`, `/complaints`, `/outcomes`: intake by parties, no token.

An agency with its token reads what waits for it (`GET /api/v1/matters`) and answers complaints. Texts are never logged,
and no number, name or identifier is part of an address.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal, Protocol, TypeVar

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from sharehub.core import intake as words
from sharehub.core.intake import LINE_MAX, TEXT_MAX
from sharehub.errors import RefusedError, UnreachableError, UsageError
from sharehub.web.access import bearer, holder
from sharehub.web.body import described, json_body
from sharehub.web.problems import ProblemError, documented
from sharehub.web.rate import Rate
from sharehub.web.tokens import Tokens

_WAITING_MAX = 500
_RETRY = {"Retry-After": "5"}
_PROBLEMS = ("bad-body", "too-slow", "too-large", "unsupported-type", "not-taken", "too-many", "internal-error")
_AWAY = ("intake-unclear", "not-ready")

Line = Annotated[str, Field(min_length=1, max_length=LINE_MAX)]
Text = Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Concerned(_Stated):
    party: Line = Field(description="Whose record: SCHEME:VALUE, or the name where the record has no certain one.")
    agency: Line = Field(description="The agency of the record.")
    record_key: Line = Field(description="Key of the record at that agency.")


class ObjectionBody(_Concerned):
    """The party says that a field of a record is wrong."""

    field: str = Field("", max_length=LINE_MAX, description="Field that is wrong; empty: the record as a whole.")
    claim: Text = Field(description="What is wrong.")
    proposed: Text | None = Field(None, description="What is right.")
    statement: Text | None = Field(None, description="The party's own statement, shown with the record.")


class RepresentationBody(_Concerned):
    """The party's own statement on a record."""

    said: Text


class RepairBody(_Concerned):
    """The party asks that a record be repaired."""

    commitment: Text | None = Field(None, description="What the party promises in public.")


class ComplaintBody(_Stated):
    """By anyone, about an entity or an office."""

    about: Text = Field(description="Entity or office complained about, in words.")
    kind: words.OfficeKind = Field("company", description="What it is in law.")
    matter: Line = Field(description="One of the matters of complaints.toml; it decides who examines it.")
    said: Text = Field(description="What happened.")
    jurisdiction: Line
    identifier: Line | None = Field(None, description="SCHEME:VALUE of what is complained about, where it is known.")
    author: Text | None = Field(None, description="Who complains; sealed for the competent agency. Null: nobody.")


class AnswerBody(_Stated):
    """What the competent agency answers."""

    record_key: Line = Field(description="Key of the complaint.")
    status: words.Status
    by: Line = Field(description="Who answers.")
    outcome: Text | None = Field(None, description="What the author is told.")
    record: Line | None = Field(None, description="AGENCY/KEY of the record that came of it.")


class NumberBody(_Stated):
    """A question for an outcome."""

    reference_number: Line


class TakenAnswer(BaseModel):
    """It is on the log; the number is told this once."""

    reference_number: str
    record_key: str
    agency: str = Field(description="Who must answer.")
    words: str
    lodged_on: date


class AnsweredAnswer(BaseModel):
    """The answer is on the log."""

    record_key: str
    revision: int
    status: str


class OutcomeAnswer(BaseModel):
    """Where a matter stands."""

    kind: Literal["objection", "representation", "repair-application", "complaint"]
    record_key: str
    lodged_on: date | None
    agency: str
    agency_title: str
    concerns: str | None = Field(description="The record, AGENCY/KEY.")
    status: str
    outcome: str | None = Field(description="What was answered, and why.")
    answered_on: date | None


class WaitingAnswer(OutcomeAnswer):
    """What an agency must answer, with the words that it needs; the author is still sealed."""

    model_config = ConfigDict(extra="allow")


class Intake(Protocol):
    """What takes matters in; `sharehub.intake` is one."""

    def object(self, stated: words.Objection) -> words.Taken: ...
    def represent(self, stated: words.Representation) -> words.Taken: ...
    def repair(self, stated: words.Repair) -> words.Taken: ...
    def complain(self, stated: words.Complaint) -> words.Taken: ...
    def answer(self, stated: words.Answer, agency: str | None = None) -> dict[str, Any]: ...
    def outcome(self, number: str) -> dict[str, Any]: ...
    def waiting(self, agency: str, matters_max: int, *, all_of_them: bool = False) -> list[dict[str, Any]]: ...


_Told = TypeVar("_Told")


def intake_router(intake: Intake | None, tokens: Tokens, per_minute: int) -> APIRouter:
    """The routes over an intake; None where the hub has no database here."""
    router = APIRouter(prefix="/api/v1", tags=["intake"])
    open_to_all = [Depends(Rate(per_minute).allow)]
    agencies = [Depends(bearer)]
    taken = _documented("no-such-record")
    calls = holder(tokens)

    @router.post(
        "/objections",
        status_code=201,
        dependencies=open_to_all,
        responses=taken,
        openapi_extra=described(ObjectionBody),
    )
    async def objections(
        stated: Annotated[ObjectionBody, Depends(json_body(ObjectionBody))],
    ) -> TakenAnswer:
        """Object to a record, or to one field of it. The record is marked until its agency has answered."""
        return await _taken(intake, lambda to: to.object(words.Objection(**stated.model_dump())), "no-such-record")

    @router.post(
        "/representations",
        status_code=201,
        dependencies=open_to_all,
        responses=taken,
        openapi_extra=described(RepresentationBody),
    )
    async def representations(
        stated: Annotated[RepresentationBody, Depends(json_body(RepresentationBody))],
    ) -> TakenAnswer:
        """Attach the party's own statement to a record."""
        said = words.Representation(**stated.model_dump())
        return await _taken(intake, lambda to: to.represent(said), "no-such-record")

    @router.post(
        "/repairs", status_code=201, dependencies=open_to_all, responses=taken, openapi_extra=described(RepairBody)
    )
    async def repairs(stated: Annotated[RepairBody, Depends(json_body(RepairBody))]) -> TakenAnswer:
        """Ask that a record be repaired."""
        return await _taken(intake, lambda to: to.repair(words.Repair(**stated.model_dump())), "no-such-record")

    @router.post(
        "/complaints",
        status_code=201,
        dependencies=open_to_all,
        responses=_documented("anonymous-only"),
        openapi_extra=described(ComplaintBody),
    )
    async def complaints(
        stated: Annotated[ComplaintBody, Depends(json_body(ComplaintBody))],
    ) -> TakenAnswer:
        """Complain about an entity or an office. No measure can follow from it; what the agency decides is its own."""
        return await _taken(intake, lambda to: to.complain(words.Complaint(**stated.model_dump())), "not-taken")

    @router.post(
        "/outcomes",
        dependencies=open_to_all,
        responses=_documented("unknown-number"),
        openapi_extra=described(NumberBody),
    )
    async def outcomes(stated: Annotated[NumberBody, Depends(json_body(NumberBody))]) -> OutcomeAnswer:
        """What became of a matter, by its reference number."""
        found = await _asked(intake, lambda to: to.outcome(stated.reference_number), "unknown-number")
        return OutcomeAnswer(**found)

    @router.get("/matters", dependencies=agencies, responses=_documented("not-authenticated", "other-agency"))
    async def routed(agency: Annotated[str, Depends(calls)]) -> list[WaitingAnswer]:
        """Complaints, objections and repairs that wait for the agency of the token, the newest first."""
        found = await _asked(intake, lambda to: to.waiting(agency, _WAITING_MAX), "not-taken")
        return [WaitingAnswer(**one) for one in found]

    @router.post(
        "/complaints/answers",
        dependencies=agencies,
        responses=_documented("not-authenticated", "other-agency", "unknown-number"),
        openapi_extra=described(AnswerBody),
    )
    async def answers(
        agency: Annotated[str, Depends(calls)],
        stated: Annotated[AnswerBody, Depends(json_body(AnswerBody))],
    ) -> AnsweredAnswer:
        """Answer a complaint that was routed to the agency of the token."""
        fields = stated.model_dump()
        said = words.Answer(number=fields.pop("record_key"), **fields)
        return AnsweredAnswer(**await _asked(intake, lambda to: to.answer(said, agency), "unknown-number"))

    return router


async def _taken(intake: Intake | None, call: Callable[[Intake], words.Taken], missing: str) -> TakenAnswer:
    return TakenAnswer(**asdict(await _asked(intake, call, missing)))


async def _asked(intake: Intake | None, call: Callable[[Intake], _Told], missing: str) -> _Told:
    """What the intake says, off the event loop; its errors as problems. `missing` is what it does not know."""
    if intake is None:
        raise ProblemError("not-ready", "this server has no database, which intake needs")
    try:
        return await run_in_threadpool(call, intake)
    except words.NotKnownError as error:
        raise ProblemError(missing, str(error)) from error
    except UsageError as error:
        raise ProblemError("not-taken", "; ".join(filter(None, (str(error), error.hint)))) from error
    except RefusedError as error:
        raise ProblemError("anonymous-only", str(error)) from error
    except UnreachableError as error:
        raise ProblemError("intake-unclear", str(error), headers=_RETRY) from error


def _documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    return documented(*codes, *_PROBLEMS, *_AWAY)
