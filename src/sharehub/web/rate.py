"""How often one address may call: so many times in a minute, kept in memory within a bound."""

import time
from collections.abc import Callable

from fastapi import Request

from sharehub.web.problems import ProblemError

_MINUTE_S = 60.0
_ADDRESSES_MAX = 10_000


class Rate:
    """Counts calls by address; a minute begins with its first call."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._begun: dict[str, tuple[float, int]] = {}

    def wait_s(self, address: str) -> int:
        """Count one call; how many seconds to wait where it is one too many, else 0."""
        now = self._clock()
        if len(self._begun) >= _ADDRESSES_MAX and address not in self._begun:
            self._begun = {one: held for one, held in self._begun.items() if now - held[0] < _MINUTE_S}
            while len(self._begun) >= _ADDRESSES_MAX:
                self._begun.pop(next(iter(self._begun)))
        begun, calls = self._begun.get(address, (now, 0))
        if now - begun >= _MINUTE_S:
            begun, calls = now, 0
        if calls >= self._per_minute:
            return int(begun + _MINUTE_S - now) + 1
        self._begun[address] = (begun, calls + 1)
        return 0

    def allow(self, request: Request) -> None:
        """The dependency that ends a request which is one too many, before its body is read."""
        address = request.client.host if request.client else ""
        if wait_s := self.wait_s(address):
            told = f"{self._per_minute} calls a minute are taken from one address"
            raise ProblemError("too-many", told, headers={"Retry-After": str(wait_s)})
