"""All pages for people, put together over what they show."""

from typing import NamedTuple, Protocol

from fastapi import FastAPI

from sharehub.web.acks import Acknowledgements
from sharehub.web.intake import Intake
from sharehub.web.pages import Published, pages_router
from sharehub.web.pages_feed import Answers, Feeds, feed_pages_router
from sharehub.web.pages_objecting import Agencies, objecting_router
from sharehub.web.pages_session import Sessions


class Public(Published, Agencies, Protocol):
    """What anybody may see, and who publishes."""


class Answered(Acknowledgements, Answers, Protocol):
    """What takes recipients' answers, and says which are still waited for."""


class Behind(NamedTuple):
    """What the pages show; None where this server has no database, and the pages say so."""

    public: Public | None = None
    intake: Intake | None = None
    feeds: Feeds | None = None
    answers: Answered | None = None


class Bounds(Protocol):
    """How often one address may ask in a minute."""

    @property
    def intake_per_minute(self) -> int: ...
    @property
    def lookups_per_minute(self) -> int: ...


def add_site(app: FastAPI, behind: Behind, sessions: Sessions, limits: Bounds) -> None:
    """Serve the pages beside the interface for programs."""
    app.include_router(pages_router(behind.public, limits.lookups_per_minute))
    app.include_router(objecting_router(behind.public, behind.intake, limits.intake_per_minute))
    app.include_router(feed_pages_router(behind.feeds, behind.answers, sessions, limits.intake_per_minute))
