"""Pages of one recipient: its feed, the newest event first, and signing in and out with its token.

No token and no session is ever part of an address. Each look at a feed is logged with who looked.
"""

from typing import Annotated, Any, Protocol

import structlog
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from sharehub.core.competence import Recipient
from sharehub.core.feed import cursor_of
from sharehub.web.pages import present
from sharehub.web.pages_frame import HEADERS, Form, PageRoute, page
from sharehub.web.pages_session import Sessions
from sharehub.web.rate import Rate

log = structlog.get_logger()

_EVENTS_MAX = 25
_WAITING_MAX = 100
_SIGN_IN = "/sign-in"


class Kept(Protocol):
    """From where to where a feed is kept."""

    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...


class Feeds(Protocol):
    """The feeds of all recipients; `sharehub.feeds` has them."""

    def agreement(self, recipient: str) -> Recipient: ...
    def bounds(self, recipient: str) -> Kept: ...
    def events(self, recipient: str, after: str, entries_max: int) -> list[dict[str, Any]]: ...


class Answers(Protocol):
    """What waits for a recipient's answer."""

    def waiting(self, recipient: str, *, limit: int) -> list[dict[str, Any]]: ...


def feed_pages_router(feeds: Feeds | None, answers: Answers | None, sessions: Sessions, per_minute: int) -> APIRouter:
    """The routes over the feeds, for who is signed in; without `answers` nothing is said of what waits for one."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)
    limited = [Depends(Rate(per_minute).allow)]
    pages = _Pages(feeds, answers, sessions)
    router.get("/feeds")(pages.own)
    router.get("/feeds/{recipient}")(pages.feed)
    router.get(_SIGN_IN)(pages.asked_in)
    router.post(_SIGN_IN, dependencies=limited)(pages.sign_in)
    router.post("/sign-out")(pages.sign_out)
    return router


class _Pages:
    def __init__(self, feeds: Feeds | None, answers: Answers | None, sessions: Sessions) -> None:
        self._feeds = feeds
        self._answers = answers
        self._sessions = sessions

    def own(self, request: Request) -> Response:
        """The feed of who is signed in."""
        recipient = self._sessions.recipient(request)
        return _to(f"/feeds/{recipient}" if recipient else _SIGN_IN)

    def feed(
        self, request: Request, recipient: str, before: Annotated[int | None, Query(ge=1, lt=2**62)] = None
    ) -> Response:
        """One page of a feed, the newest event first; whoever else is signed in learns nothing about it."""
        if self._sessions.recipient(request) != recipient:
            return page("sign-in.html", 401, here="feeds", wrong="", other=True)
        feeds = present(self._feeds)
        kept = feeds.bounds(recipient)
        end = min(kept.last, (before or kept.last + 1) - 1)
        begin = max(end - _EVENTS_MAX, kept.first - 1, 0)
        events = feeds.events(recipient, cursor_of(begin), end - begin) if end > begin else []
        waiting = self._answers.waiting(recipient, limit=_WAITING_MAX) if self._answers else None
        log.info("feed_read", recipient=recipient, after=begin, events=len(events))
        return page(
            "feed.html",
            here="feeds",
            recipient=feeds.agreement(recipient),
            kept=kept,
            events=events[::-1],
            older=begin + 1 if begin >= kept.first > 0 else None,
            newest=end >= kept.last,
            waiting=waiting,
            more=waiting is not None and len(waiting) == _WAITING_MAX,
        )

    def asked_in(self) -> Response:
        """The form for a token."""
        return page("sign-in.html", here="feeds", wrong="", other=False)

    def sign_in(self, request: Request, said: Form) -> Response:
        """To the feed of the token, with a session; or the form again."""
        answer = _to("/feeds")
        if self._sessions.begin(request, answer, said.get("token", "")) is None:
            return page("sign-in.html", 401, here="feeds", wrong="token", other=False)
        return answer

    def sign_out(self) -> Response:
        """To the form for a token, without a session."""
        answer = _to(_SIGN_IN)
        self._sessions.end(answer)
        return answer


def _to(path: str) -> Response:
    return RedirectResponse(path, 303, headers=dict(HEADERS))
