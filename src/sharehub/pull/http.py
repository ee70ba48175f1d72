"""A feed over HTTP, waiting for what comes, and its answers."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from sharehub.calling import Caller
from sharehub.core.acknowledgement import Acknowledgement
from sharehub.core.feed import TooOldError
from sharehub.errors import SharehubError
from sharehub.wire.plain import to_json

_EVENTS_MAX: Final = 500
_WAIT_MAX_S: Final = 30
_GONE: Final = 410
_KEYS = "/.well-known/jwks.json"


class HttpWay:
    """One recipient's feed and its answers over HTTP."""

    def __init__(self, url: str, token: str, recipient: str) -> None:
        self._caller = Caller(url, token, "recipient")
        self._recipient = recipient
        self._path = f"/api/v1/feeds/{quote(recipient, safe='')}"

    def page(self, after: str, wait_s: float) -> list[dict[str, Any]]:
        """The CloudEvents that follow; empty: nothing newer came for so long.

        Raises:
            TooOldError: what follows the cursor is no longer kept.
            UnreachableError: no answer after several attempts.
            RefusedError: the token is not accepted, or is another recipient's.
        """
        asked = {"after": after, "limit": _EVENTS_MAX, "timeout": int(min(wait_s, _WAIT_MAX_S))}
        path = f"{self._path}/events?{urlencode(asked)}"
        found = self._caller.call(path)
        if found.status == _GONE:
            raise TooOldError(self._recipient, str(found.body.get("restart", "")))
        if found.status != 200 or not isinstance(found.body, list):
            raise self._caller.refused(path, found)
        return found.body

    def answer(self, answers: Sequence[Acknowledgement]) -> None:
        """Send the answers, all of which the hub takes.

        Raises:
            SharehubError: it does not; the message says why. Otherwise as `page`.
        """
        path = f"{self._path}/acks"
        found = self._caller.call(path, [to_json(_stated(one)) for one in answers]) if answers else None
        if found is None or found.status == 200:
            return
        if not isinstance(found.body, dict) or "acknowledgements" not in found.body:
            raise self._caller.refused(path, found)
        wrong = next(one for one in found.body["acknowledgements"] if one["status"] == "rejected")
        raise SharehubError(f"{path}: the answer to {wrong['event_id']} was not taken: {wrong['faults'][0]['reason']}")

    def keys(self) -> Any:
        """The public keys with which the hub says that it signs (RFC 7517)."""
        found = self._caller.call(_KEYS)
        if found.status != 200:
            raise self._caller.refused(_KEYS, found)
        return found.body

    def close(self) -> None:
        """Nothing is held open between calls."""


def _stated(one: Acknowledgement) -> dict[str, Any]:
    fields = ("event_id", "status", "reason", "acknowledged_at", "acknowledged_by", "applied_on", "note")
    return {name: value for name in fields if (value := getattr(one, name)) is not None}
