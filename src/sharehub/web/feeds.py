"""`/api/v1/feeds`: what a token may read, and a recipient's events in their order, as pages or as a stream.

Both have one cursor, which is also that of Kafka, files and webhooks.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from sharehub.core.feed import ForeignCursorError, TooOldError, position_of
from sharehub.errors import UnreachableError
from sharehub.web.access import bearer, calling, receiving
from sharehub.web.problems import ProblemError, documented
from sharehub.web.tail import Entry, Feeds, Tails
from sharehub.web.tokens import Holder, Tokens

BATCH = "application/cloudevents-batch+json"
READING = ("bad-request", "bad-cursor", "not-authenticated", "other-recipient", "too-old", "internal-error")
AWAY = ("feeds-away", "not-ready")
_RETRY = {"Retry-After": "5"}
_EVENT = {
    "type": "object",
    "description": "A CloudEvent 1.0.",
    "properties": {
        **{name: {"type": "string"} for name in ("id", "source", "type", "subject", "datacontenttype", "jws")},
        "specversion": {"type": "string", "const": "1.0"},
        "time": {"type": "string", "format": "date-time"},
        "cursor": {"type": "string", "description": "The place after it."},
        "data": {"type": "object", "description": "The fields of its schema."},
    },
    "required": ["specversion", "id", "source", "type", "cursor", "data"],
}
_BATCH_ANSWER: dict[str, Any] = {
    "description": "Events in the feed's order.",
    "headers": {"Link": {"description": 'The page that follows, `rel="next"`.', "schema": {"type": "string"}}},
    "content": {BATCH: {"schema": {"type": "array", "items": _EVENT}}},
}
_EVENTS_MAX = 1_000
_WAIT_S_MAX = 60

_Found = TypeVar("_Found")
After = Annotated[str, Query(max_length=200, description="Cursor of the last event kept; empty: from the beginning.")]


class FeedAnswer(BaseModel):
    """A feed that the token may read."""

    recipient: str
    title: str
    purpose: str
    events: str = Field(description="Path of its events.")
    stream: str = Field(description="Path of the stream of its events.")
    cursor: str = Field(description="The place after its newest event.")
    first_cursor: str = Field(description="The oldest place from which it can be read.")
    position: int = Field(description="Position of its newest event; 0: there was none.")
    first_position: int = Field(description="Position of the oldest event that is kept; 0: there is none.")
    snapshot: str | None = Field(description="Newest version of its files, where there is one.")
    schema_ids: list[int] = Field(description="Schemas of what comes with it.")
    key_id: str = Field(description="The key that signs its events now.")


class Catalogue(Feeds, Protocol):
    """Feeds, and what is told of them."""

    def catalogue(self, recipient: str) -> Mapping[str, Any] | None: ...


class Snapshot(Protocol):
    """A version of a feed's files, and the cursor from which events follow it."""

    @property
    def version(self) -> str: ...
    @property
    def cursor(self) -> str: ...


Newest = Callable[[str], Snapshot | None]
"""The newest files of a recipient's feed."""


def feeds_router(feeds: Catalogue | None, tails: Tails | None, newest: Newest, tokens: Tokens) -> APIRouter:
    """The routes over feeds; without them where the hub has no database here."""
    router = APIRouter(tags=["feeds"])
    receives, calls = receiving(tokens), calling(tokens)

    @router.get(
        "/api/v1/feeds",
        dependencies=[Depends(bearer)],
        responses=documented("not-authenticated", "internal-error", *AWAY),
    )
    async def catalogue(holder: Annotated[Holder, Depends(calls)]) -> list[FeedAnswer]:
        """The feeds that the token may read: a recipient's own; an agency has none."""
        with problems(newest):
            told = await run_in_threadpool(present(feeds).catalogue, holder.id) if holder.role == "recipient" else None
        return [_told(told, newest)] if told else []

    @router.get(
        "/api/v1/feeds/{recipient}/events",
        dependencies=[Depends(bearer)],
        response_class=Response,
        responses={200: _BATCH_ANSWER, **documented(*READING, *AWAY)},
    )
    async def events(
        recipient: Annotated[str, Depends(receives)],
        after: After = "",
        limit: Annotated[int, Query(ge=1, le=_EVENTS_MAX, description="How many events at most.")] = 100,
        timeout: Annotated[int, Query(ge=0, le=_WAIT_S_MAX, description="Seconds to wait where there is none.")] = 0,
    ) -> Response:
        """The events that follow the cursor, in order; an empty list where nothing came in time."""
        until = time.monotonic() + timeout
        with problems(newest):
            position = place(after)
            found = await present(tails).read(recipient, position, limit)
            while not found and (left_s := until - time.monotonic()) > 0 and not present(tails).ending:
                async with present(tails).following(recipient) as tail:
                    found = await present(tails).next(recipient, tail, position, limit, left_s)
        return _page(recipient, found, {"after": after, "limit": limit, "timeout": timeout})

    return router


def _told(told: Mapping[str, Any], newest: Newest) -> FeedAnswer:
    path = f"/api/v1/feeds/{quote(told['recipient'], safe='')}"
    snapshot = newest(told["recipient"])
    version = snapshot.version if snapshot else None
    return FeedAnswer(**told, events=f"{path}/events", stream=f"{path}/stream", snapshot=version)


def _page(recipient: str, found: Sequence[Entry], asked: Mapping[str, str | int]) -> Response:
    after = found[-1].cursor if found else asked["after"]
    link = f"/api/v1/feeds/{quote(recipient, safe='')}/events?{urlencode({**asked, 'after': after})}"
    body = "[" + ",".join(one.text for one in found) + "]"
    return Response(body, media_type=BATCH, headers={"Link": f'<{link}>; rel="next"', "Cache-Control": "no-store"})


def place(cursor: str) -> int:
    """The position of a cursor.

    Raises:
        ProblemError: it is none.
    """
    try:
        return position_of(cursor)
    except ValueError as error:
        raise ProblemError("bad-cursor", str(error)) from error


def present(found: _Found | None) -> _Found:
    """What is served here.

    Raises:
        ProblemError: this server has no database.
    """
    if found is None:
        raise ProblemError("not-ready", "this server has no database, which feeds need")
    return found


@contextmanager
def problems(newest: Newest) -> Iterator[None]:
    """What goes wrong with a feed, as problems."""
    try:
        yield
    except ForeignCursorError as error:
        raise ProblemError("bad-cursor", str(error)) from error
    except TooOldError as error:
        found = newest(error.recipient)
        snapshot = {"version": found.version, "cursor": found.cursor} if found else None
        raise ProblemError("too-old", str(error), {"restart": error.restart, "snapshot": snapshot}) from error
    except UnreachableError as error:
        raise ProblemError("feeds-away", str(error), headers=_RETRY) from error
