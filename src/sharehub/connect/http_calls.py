"""Calls of an agency's HTTP interface: tried again while it is away, never away from its own host with a secret."""

import random
import re
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sharehub.errors import UnreachableError, UsageError

_TRIES_MAX = 5
_TIMEOUT_S = 30
_PAUSE_MAX_S = 60.0
_BODY_BYTES_MAX = 2**28
_AWAY = frozenset((408, 425, 429, 500, 502, 503, 504))
_NEXT_LINK = re.compile(r"<([^>]*)>[^,]*;\s*rel=\"?next\"?", re.IGNORECASE)


class Answer(NamedTuple):
    """A body, and where the `Link` header says the next one is (RFC 8288)."""

    content: bytes
    next_link: str


class Caller:
    """Calls URLs of one origin with the same headers."""

    def __init__(
        self, name: str, url: str, headers: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Bind to the origin of a URL; `name` is what messages call it, for the URL may hold a secret.

        Raises:
            UsageError: it is no address of an HTTP interface.
        """
        self._name = name
        self._origin = _origin(url)
        if self._origin[0] not in ("http", "https"):
            raise UsageError("source.url is no http or https address")
        self._headers = {"Accept": "application/json", **headers}
        self._opener = build_opener(_SameOrigin(self._origin))
        self._sleep = sleep

    def __call__(self, url: str) -> Answer:
        """The answer of one page.

        Raises:
            UsageError: the interface refuses, or leads to another host.
            UnreachableError: it does not answer, after some tries.
        """
        _require_origin(url, self._origin)
        why = ""
        for attempt in range(1, _TRIES_MAX + 1):
            try:
                return self._call(url)
            except HTTPError as error:
                if error.code not in _AWAY:
                    raise UsageError(f"{self._name}: answers {error.code} {error.reason}") from error
                wait, why = _asked_wait(error), f"answers {error.code}"
            except (URLError, OSError) as error:
                wait, why = 0.0, str(getattr(error, "reason", error))
            if attempt < _TRIES_MAX:
                pause = max(wait, 0.5 * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 -- a pause is no secret
                self._sleep(min(pause, _PAUSE_MAX_S))
        raise UnreachableError(f"{self._name}: {why}, {_TRIES_MAX} times", hint="run again later")

    def _call(self, url: str) -> Answer:
        request = Request(url, headers=self._headers)  # noqa: S310 -- the scheme is checked above
        with self._opener.open(request, timeout=_TIMEOUT_S) as response:
            content = response.read(_BODY_BYTES_MAX + 1)
            if len(content) > _BODY_BYTES_MAX:
                raise UsageError(f"{self._name}: one page is larger than {_BODY_BYTES_MAX:,} bytes")
            links = ", ".join(response.headers.get_all("Link") or ())
        found = _NEXT_LINK.search(links)
        return Answer(content, found[1] if found else "")


class _SameOrigin(HTTPRedirectHandler):
    """The library would carry the headers, and with them the secrets, wherever it is sent."""

    def __init__(self, origin: tuple[str, str]) -> None:
        self._origin = origin

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        _require_origin(newurl, self._origin)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2]


def _require_origin(url: str, origin: tuple[str, str]) -> None:
    if _origin(url) != origin:
        _refuse(url, origin)


def _refuse(url: str, origin: tuple[str, str]) -> NoReturn:
    told = f"{'://'.join(origin)} leads to {'://'.join(_origin(url))}; what is sent to one host is not sent to another"
    raise UsageError(told, hint="if that is right, state that address as source.url")


def _asked_wait(error: HTTPError) -> float:
    stated = error.headers.get("Retry-After", "")
    return float(stated) if stated.isdecimal() else 0.0
