"""Calls a hub over HTTP with the standard library: repeated until it answers, so only what may be repeated."""

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from sharehub.errors import RefusedError, SharehubError, UnreachableError, UsageError

_ATTEMPTS_MAX: Final = 6
_FIRST_WAIT_S: Final = 0.5
_WAIT_MAX_S: Final = 30.0
_TIMEOUT_S: Final = 90
_AGAIN = frozenset((0, 408, 429, 500, 502, 503, 504))


class Answered(NamedTuple):
    """What one attempt gave: status 0 where no answer came, the JSON, and how long the hub asks to wait."""

    status: int
    body: Any
    reason: str = ""
    wait_s: float = 0.0


class Caller:
    """Calls one hub with one token."""

    def __init__(self, url: str, token: str, whose: str, wait: Callable[[float], None] = time.sleep) -> None:
        """Take the address; nothing is called yet. `whose`: what kind of party has tokens, for hints.

        Raises:
            UsageError: the URL is none of http or https, or the token none that a header can hold.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise UsageError(f"{url!r} is no address of a hub", hint="for example https://hub.example")
        if not token.isascii() or not token.isprintable() or not token:
            raise UsageError("the token is empty or damaged", hint=f"sharehub token new {whose.upper()}, at the hub")
        self._url = url.rstrip("/")
        self._whose = whose
        self._headers = {"Authorization": f"Bearer {token}"}
        self._wait = wait
        self._opener = urllib.request.build_opener(_NoRedirect)

    def call(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answered:
        """The hub's answer to a GET or, with a body, to a POST of its JSON.

        Raises:
            UnreachableError: no answer after several attempts.
        """
        url, last = self._url + path, Answered(0, {})
        for attempt in range(_ATTEMPTS_MAX):
            if attempt:
                self._wait(_pause_s(attempt, last.wait_s))
            last = self._called(url, body, headers or {})
            if last.status not in _AGAIN:
                return last
        told = "try again later: what arrived is recognised, and nothing is done twice"
        raise UnreachableError(f"{url} took no call in {_ATTEMPTS_MAX} attempts: {last.reason}", hint=told)

    def refused(self, path: str, last: Answered) -> SharehubError:
        """The error that an answer is which is not one of those that were hoped for."""
        hint = f"ask the hub's operator for a token of this {self._whose}" if last.status in (401, 403) else ""
        kind = RefusedError if hint else UsageError
        return kind(f"{self._url}{path}: {last.reason or f'an answer that is no hub’s, {last.status}'}", hint=hint)

    def _called(self, url: str, body: Any, headers: Mapping[str, str]) -> Answered:
        data = None if body is None else json.dumps(body).encode()
        typed = {} if data is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(url, data, {**self._headers, **typed, **headers})  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as response:
                return Answered(response.status, _read(response.read()))
        except urllib.error.HTTPError as error:
            with error:
                found = _read(error.read())
            wait = error.headers.get("Retry-After", "")
            reason = f"{error.code} {found.get('detail', error.reason) if isinstance(found, dict) else error.reason}"
            return Answered(error.code, found, reason, float(wait) if wait.isdecimal() else 0.0)
        except (OSError, HTTPException) as error:
            return Answered(0, {}, str(error) or type(error).__name__)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address it was given for, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """No other request is made."""


def _pause_s(attempt: int, asked_s: float) -> float:
    """Twice as long each time, with jitter, so that many callers do not come back at once."""
    pause = max(asked_s, _FIRST_WAIT_S * 2.0 ** (attempt - 1))
    return min(_WAIT_MAX_S, pause * random.uniform(1.0, 1.5))  # noqa: S311 - no secret depends on it


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {}  # a proxy's own page
