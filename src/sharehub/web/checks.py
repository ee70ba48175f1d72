"""`POST /api/v1/checks`: up to 10,000 entities in one call. `POST /api/v1/look-ups`: one entity, not by address."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from sharehub.core.check import Ask, MissingCode, Word
from sharehub.core.reader import Note, Reader, Subject
from sharehub.web.asking import SECURED, Asked, Asking, AsOfAnswer, Callers, Line, Part, Stated, problems
from sharehub.web.body import described, json_body
from sharehub.web.entities import EntityAnswer, HowAnswer, ReadsAnswer, TimelineAnswer
from sharehub.web.problems import AsciiJson, ProblemError
from sharehub.web.tokens import Tokens

_BODY = ("bad-body", "too-slow", "too-large", "unsupported-type")
_CHECKS_MAX = 10_000


class CheckLine(BaseModel):
    """One entity asked about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Line = Field(description="Yours: the answer has it too.")
    identifier: Line | None = Field(None, description="SCHEME:VALUE, for example CN-USCC:91350100M000100Y43.")
    name: Line | None = Field(None, description="A second factor: the entity must be known by this name.")


class CheckBody(Stated):
    """Entities asked about, by whom, for whom, and why."""

    checks: list[CheckLine] = Field(description="10,000 at most.", json_schema_extra={"maxItems": _CHECKS_MAX})
    on: date | None = Field(None, description="The day in law; null: today.")


class MissingAnswer(BaseModel):
    """What is needed for an answer."""

    code: MissingCode
    words: str


class MeasureAnswer(BaseModel):
    """A measure in force on the day."""

    measure_id: str
    measure: str = Field(description="Id of the rulebook's entry.")
    title: str
    kind: Literal["restriction", "management", "informative", "reward"]
    target_service: str
    binding: bool
    legal_basis: list[str]
    authority: str
    effective_from: date
    effective_to: date | None
    exit: str = Field(description="How it ends otherwise than by its term.")
    appeal_state: Literal["none", "open", "stayed"]
    remedies: list[str]


class OneAnswer(BaseModel):
    """What is answered about one entity."""

    id: str
    answer: Word
    words: str
    known: bool = Field(description="False: the hub has no record by this number.")
    entity_id: str | None
    missing: list[MissingAnswer]
    measures: list[MeasureAnswer]
    on: date
    as_of: AsOfAnswer


class ChecksAnswer(BaseModel):
    """All answers, in the order of the questions, from one snapshot."""

    on: date
    as_of: AsOfAnswer
    answers: list[OneAnswer]


class LookUpBody(Stated):
    """One entity, and which part of what the hub knows of it."""

    identifier: Line = Field(description="SCHEME:VALUE, or RECORD:AGENCY/KEY.")
    part: Part = Field("entity", description="As the paths below /entities; reads: who read the record.")
    on: date | None = Field(None, description="The day in law; null: today.")
    known_at: datetime | None = Field(None, description="As the hub knew it at this instant, with its zone.")


def checks_router(asked: Asked | None, tokens: Tokens, bytes_max: int) -> APIRouter:
    """The routes over what answers; None where the hub has no database here."""
    router = APIRouter(prefix="/api/v1", tags=["entities"])
    callers, asking = Callers(tokens), Asking(asked)

    async def reader_first(request: Request) -> None:
        callers.sight(request)  # before the body is read

    @router.post(
        "/checks",
        dependencies=[Depends(reader_first)],
        responses={200: {"model": ChecksAnswer}, **problems(*_BODY)},
        openapi_extra={**SECURED, **described(CheckBody)},
    )
    async def checks(
        request: Request, stated: Annotated[CheckBody, Depends(json_body(CheckBody, bytes_max))]
    ) -> Response:
        """Ask about many entities: each is answered yes, no, or not-enough with what is missing.

        A recipient is answered about the measures of its agreement. An agency is answered about all measures on
        companies, organisations and public bodies, and about those on individuals that follow from its own decisions.
        """
        if len(stated.checks) > _CHECKS_MAX:
            raise ProblemError("too-large", f"a call may ask about {_CHECKS_MAX}, this asks about {len(stated.checks)}")
        reader = stated.reader(callers.sight(request))
        asks = [Ask(one.id, [one.identifier] if one.identifier else [], one.name or "") for one in stated.checks]
        return AsciiJson(await asking.ask(lambda to: to.check(reader, asks, stated.on)))

    @router.post(
        "/look-ups",
        dependencies=[Depends(reader_first)],
        responses={
            200: {"model": EntityAnswer | TimelineAnswer | HowAnswer | ReadsAnswer},
            **problems("bad-identifier", "unknown-entity", *_BODY),
        },
        openapi_extra={**SECURED, **described(LookUpBody)},
    )
    async def look_ups(request: Request, stated: Annotated[LookUpBody, Depends(json_body(LookUpBody))]) -> Response:
        """Look one entity up, be it an individual: the number stands in no address, and a reason is stated."""
        reader = stated.reader(callers.sight(request))
        subject = await asking.ask(lambda to: to.subject(stated.identifier), "bad-identifier")
        return AsciiJson(await asking.ask(lambda to: _told(to, reader, subject, stated)))

    return router


def _told(asked: Asked, reader: Reader, subject: Subject, stated: LookUpBody) -> dict[str, Any]:
    asked.lawful(reader, subject)
    at = asked.noted([Note(reader, stated.part, [subject.key])])
    if stated.part == "reads":
        return {"as_of": at.shown(), "reads": asked.reads(subject)}
    found = asked.view(subject, stated.part, stated.on, stated.known_at)
    if found is None:
        raise ProblemError("unknown-entity", "nobody was known by this identifier")
    return {**found, "as_of": at.shown()}
