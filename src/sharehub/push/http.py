"""Calls a gateway over HTTP with the standard library: repeated until it is answered, which is safe."""

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

from sharehub.core.publication import Receipt
from sharehub.core.record import Rejection
from sharehub.errors import RefusedError, SharehubError, UnreachableError, UsageError
from sharehub.flow.publish import Draft
from sharehub.wire.plain import to_json

_ATTEMPTS_MAX: Final = 6
_FIRST_WAIT_S: Final = 0.5
_WAIT_MAX_S: Final = 30.0
_TIMEOUT_S: Final = 90
_TAKEN = (200, 207, 422)
_AGAIN = frozenset((0, 408, 429, 500, 502, 503, 504))


class Answered(NamedTuple):
    """What one attempt gave: status 0 where no answer came, and how long the gateway asks to wait."""

    status: int
    body: Mapping[str, Any]
    reason: str = ""
    wait_s: float = 0.0


class HttpChannel:
    """Publishes for one agency through the gateway at a URL."""

    def __init__(self, agency: str, url: str, token: str, wait: Callable[[float], None] = time.sleep) -> None:
        """Take the address; nothing is called yet.

        Raises:
            UsageError: the URL is none of http or https, or the token none that a header can hold.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise UsageError(f"{url!r} is no address of a gateway", hint="for example https://hub.example")
        if not token.isascii() or not token.isprintable() or not token:
            raise UsageError("the token is empty or damaged", hint="sharehub token new AGENCY, at the hub")
        self._url = f"{url.rstrip('/')}/api/v1/records/{quote(agency, safe='')}"
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        self._wait = wait
        self._opener = urllib.request.build_opener(_NoRedirect)

    def publish(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """One call, repeated under the same key until it is answered; one receipt per draft, in their order.

        Raises:
            UnreachableError: no answer after several attempts; what arrived is recognised when it is sent again.
            RefusedError: the token is not accepted, or is another agency's.
            UsageError: the gateway cannot take this call.
        """
        body = json.dumps([{"kind": one.kind, **to_json(one.value)} for one in drafts]).encode()
        headers = {**self._headers, "Idempotency-Key": str(uuid4())}
        last = Answered(0, {})
        for attempt in range(_ATTEMPTS_MAX):
            if attempt:
                self._wait(_pause_s(attempt, last.wait_s))
            last = self._called(body, headers)
            if last.status in _TAKEN and "records" in last.body:
                return [_receipt(one) for one in last.body["records"]]
            if last.status not in _AGAIN:
                raise _refused(self._url, last)
        told = "send the same records again: what arrived is recognised"
        raise UnreachableError(f"{self._url} took no call in {_ATTEMPTS_MAX} attempts: {last.reason}", hint=told)

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _called(self, body: bytes, headers: Mapping[str, str]) -> Answered:
        request = urllib.request.Request(self._url, body, dict(headers), method="POST")  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as response:
                return Answered(response.status, _read(response.read()))
        except urllib.error.HTTPError as error:
            with error:
                found = _read(error.read())
            wait = error.headers.get("Retry-After", "")
            reason = f"{error.code} {found.get('detail', error.reason)}"
            return Answered(error.code, found, reason, float(wait) if wait.isdecimal() else 0.0)
        except (OSError, HTTPException) as error:
            return Answered(0, {}, str(error) or type(error).__name__)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address it was given for, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """No other request is made."""


def _pause_s(attempt: int, asked_s: float) -> float:
    """Twice as long each time, with jitter, so that many senders do not come back at once."""
    pause = max(asked_s, _FIRST_WAIT_S * 2.0 ** (attempt - 1))
    return min(_WAIT_MAX_S, pause * random.uniform(1.0, 1.5))  # noqa: S311 - no secret depends on it


def _refused(url: str, last: Answered) -> SharehubError:
    hint = "ask the hub's operator for a token of this agency" if last.status in (401, 403) else ""
    kind = RefusedError if hint else UsageError
    return kind(f"{url}: {last.reason or f'an answer that is no gateway’s, {last.status}'}", hint=hint)


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}  # a proxy's own page
    return found if isinstance(found, dict) else {}


def _receipt(said: Mapping[str, Any]) -> Receipt:
    return Receipt(
        said["status"],
        said["record_key"],
        said["revision"],
        UUID(said["record_id"]) if said["record_id"] else None,
        said["topic"],
        said["partition"],
        said["offset"],
        tuple(Rejection(one["code"], one["field"], "", one["reason"]) for one in said["faults"]),
    )
