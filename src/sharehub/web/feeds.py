"""`/api/v1/feeds`: what a token may see, and a recipient's events in their order, by poll or as a stream.

Both have one cursor, which is also that of Kafka, files and webhooks.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Protocol
from urllib.parse import quote, urlencode

import structlog
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from sharehub.core.feed import cursor_of, position_of
from sharehub.errors import SharehubError, UnreachableError, UsageError
from sharehub.web.access import bearer, calling, receiving
from sharehub.web.problems import ProblemError, documented
from sharehub.web.tail import Entry, Feeds, Tails
from sharehub.web.tokens import Holder, Tokens

log = structlog.get_logger()

BATCH = "application/cloudevents-batch+json"
_RETRY = {"Retry-After": "5"}
_PAGE = 200
_KEEP_ALIVE_S = 15.0
_WAIT_MAX_S = 60
_AGAIN_MS = 1_000
"""After how long a stream that ended is opened again, with jitter left to the client."""
_PROBLEMS = ("bad-request", "bad-cursor", "not-authenticated", "other-recipient", "unknown-recipient", "too-old")
_AWAY = ("internal-error", "feeds-away")


class FeedAnswer(BaseModel):
    """A feed that the token may read."""

    recipient: str
    title: str
    purpose: str
    events: str = Field(description="Path of its events.")
    stream: str = Field(description="Path of the stream of its events.")
    cursor: str = Field(description="The place after its newest event.")
    first_cursor: str = Field(description="The oldest place from which it can still be read.")
    position: int = Field(description="Position of its newest event; 0: there was none.")
    first_position: int = Field(description="Position of the oldest event that is kept; 0: there is none.")
    version: str | None = Field(description="Newest version of its files, if there is one.")
    schema_ids: list[int] = Field(description="Schemas of what comes with it.")
    key_id: str = Field(description="The key that signs its events now.")


class TooOldError(Protocol):
    """What follows a cursor is no longer kept."""

    restart: str


class Served(Feeds, Protocol):
    """Feeds and what is told of them."""

    def catalogue(self, recipient: str) -> Mapping[str, Any]: ...
