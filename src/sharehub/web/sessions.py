"""Sessions of those whose tool sends no token: an address that ends by itself, kept in memory as a hash."""

import hashlib
import secrets
import time
from collections.abc import Callable

from sharehub.core.reader import Reader
from sharehub.web.problems import ProblemError

SESSION_S = 8 * 3600
_SESSIONS_MAX = 1_000


class Sessions:
    """Who reconciles by which address, until when; the oldest goes where there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._readers: dict[bytes, tuple[Reader, float]] = {}

    def open(self, reader: Reader) -> str:
        """A new address for this reader."""
        key = secrets.token_urlsafe(32)
        while len(self._readers) >= _SESSIONS_MAX:
            self._readers.pop(next(iter(self._readers)))
        self._readers[_hash(key)] = (reader, self._clock() + SESSION_S)
        return key

    def reader(self, key: str) -> Reader:
        """Who opened the session.

        Raises:
            ProblemError: there is none, or it is over.
        """
        reader, until = self._readers.get(_hash(key), (None, 0.0))
        if reader is None or until <= self._clock():
            raise ProblemError("not-authenticated", "the session is over; open another: POST /api/v1/reconciliations")
        return reader


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()
