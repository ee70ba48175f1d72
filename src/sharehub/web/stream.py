"""`/api/v1/feeds/{recipient}/stream`: a connection on which events come by themselves (server-sent events).

The id of each is its cursor: a reader that comes back with `Last-Event-ID` goes on where it was, here or elsewhere.
"""

import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, NamedTuple

import structlog
from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import StreamingResponse

from sharehub.errors import SharehubError
from sharehub.web.access import bearer, receiving
from sharehub.web.feeds import AWAY, READING, After, Newest, place, present, problems
from sharehub.web.problems import ProblemError, documented
from sharehub.web.tail import Entry, Tails
from sharehub.web.tokens import Tokens

log = structlog.get_logger()

_AT_A_TIME = 200
_KEEP_ALIVE_S = 15.0
_AGAIN_MS = 1_000


class _EventStream(StreamingResponse):
    """Events as they come. FastAPI's own answers before the cursor is known to be one, and then cannot say so."""

    media_type = "text/event-stream"


_EVENT = {
    "type": "object",
    "description": "One event of the stream.",
    "required": ["id", "data"],
    "properties": {
        "id": {"type": "string", "description": "The cursor after it."},
        "data": {"type": "string", "contentMediaType": "application/cloudevents+json"},
    },
}
_STREAM = {
    "description": "Events in the feed's order: `data` is a CloudEvent as JSON, `id` its cursor. Comments in between.",
    "content": {_EventStream.media_type: {"schema": _EVENT}},
}
LastEventId = Annotated[str, Header(max_length=200, description="As `after`, and before it: sent by event sources.")]


def stream_router(tails: Tails | None, newest: Newest, tokens: Tokens, seconds_max: int) -> APIRouter:
    """The route over the tails of feeds; a stream ends after so many seconds, and when its token is revoked."""
    router = APIRouter(tags=["feeds"])
    receives = receiving(tokens)

    @router.get(
        "/api/v1/feeds/{recipient}/stream",
        dependencies=[Depends(bearer)],
        response_class=_EventStream,
        responses={200: _STREAM, **documented(*READING, *AWAY)},
    )
    async def stream(
        request: Request,
        recipient: Annotated[str, Depends(receives)],
        after: After = "",
        last_event_id: LastEventId = "",
    ) -> _EventStream:
        """The events that follow the cursor, and those to come."""
        served = present(tails)
        with problems(newest):
            position = place(last_event_id or after)
            first = await served.read(recipient, position, _AT_A_TIME)
        bounds = _Bounds(time.monotonic() + seconds_max, lambda: receives(request, recipient))
        sent = _events(served, recipient, position, first, bounds)
        return _EventStream(sent, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    return router


class _Bounds(NamedTuple):
    """How long a stream lasts: to an instant, and while its token is in force."""

    until: float
    receives: Callable[[], str]

    def left_s(self) -> float:
        """Seconds that are left; 0: the stream is over."""
        try:
            self.receives()
        except ProblemError:
            return 0.0
        return max(0.0, self.until - time.monotonic())


async def _events(
    tails: Tails, recipient: str, position: int, found: list[Entry], bounds: _Bounds
) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=_AGAIN_MS)
    try:
        async with tails.following(recipient) as tail:
            while (left_s := bounds.left_s()) and not tails.ending:
                for one in found:
                    yield format_sse_event(data_str=one.text, id=one.cursor)
                    position = one.position
                found = await tails.next(recipient, tail, position, _AT_A_TIME, min(left_s, _KEEP_ALIVE_S))
                if not found:
                    yield KEEPALIVE_COMMENT
    except SharehubError as error:  # the answer has begun: the reader comes back, and is told then
        log.warning("stream_ended", recipient=recipient, reason=str(error))
