"""Posts to addresses that recipients chose: no redirect, no proxy, within a bound of time, to checked addresses only.

A name is resolved once per attempt, each of its addresses is checked, and the connection goes to one of them: where
the name leads a moment later changes nothing. TLS is checked against the name. Home of httpcore.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore

from sharehub.core.target import Network, address_fault, named, url_fault
from sharehub.core.webhook import Answer

_PATIENCE_S: Final = 20.0
"""For one attempt as a whole, the standard's 15 to 30 seconds."""
_ADDRESSES_MAX: Final = 8


class RefusedTargetError(Exception):
    """The address is none that the hub calls."""


def post(url: str, headers: Mapping[str, str], body: bytes, allowed: tuple[Network, ...]) -> Answer:
    """One attempt, and what came of it; nothing is raised."""
    fault = url_fault(url, allowed)
    if fault:
        return Answer(0, reason=f"the address {fault}")
    until = time.monotonic() + _PATIENCE_S
    backend = _Checked(allowed, until, protected=urlsplit(url).scheme == "https")
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), _PATIENCE_S)
    try:
        with (
            httpcore.ConnectionPool(_tls(), network_backend=backend) as pool,
            pool.stream("POST", url, headers=[*headers.items()], content=body, extensions={"timeout": timeout}) as said,
        ):
            return Answer(said.status, _asked_s(said.headers), f"it answered {said.status}")
    except RefusedTargetError as error:
        return Answer(0, reason=str(error))
    except httpcore.TimeoutException:
        return Answer(0, reason=f"no answer came within {_PATIENCE_S:.0f} seconds")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        return Answer(0, reason=f"no answer came: {str(error) or type(error).__name__}")


@cache
def _tls() -> ssl.SSLContext:
    """The machine's own certificates: an administration's authority may be among them."""
    return ssl.create_default_context()


def _asked_s(headers: Iterable[tuple[bytes, bytes]]) -> float:
    """The seconds that `Retry-After` asks for, stated as such or as an instant; 0 where it asks for none."""
    stated = next((value.decode("latin-1") for name, value in headers if name.lower() == b"retry-after"), "").strip()
    if stated.isdecimal():
        return float(stated)
    try:
        return max(0.0, parsedate_to_datetime(stated).timestamp() - time.time())
    except ValueError:
        return 0.0


class _Checked(httpcore.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, allowed: tuple[Network, ...], until: float, *, protected: bool) -> None:
        self._allowed = allowed
        self._until = until
        self._protected = protected
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """A connection to the first address of the host that takes one, all of them being checked before."""
        addresses = _resolved(host, port)[:_ADDRESSES_MAX]
        for address in addresses:
            self._check(address)
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(address, port, timeout=_left(self._until))
                return _Bounded(stream, self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def _check(self, address: str) -> None:
        if fault := address_fault(address, self._allowed):
            raise RefusedTargetError(f"the address {fault}")
        if not self._protected and not named(address, self._allowed):
            raise RefusedTargetError(f"the address leads to {address} without protection: https:// only")


def _resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class _Bounded(httpcore.NetworkStream):
    """A stream that ends with its attempt, however slowly the other side speaks."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the stream beneath."""
        return self._stream.read(max_bytes, _left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the stream beneath."""
        self._stream.write(buffer, _left(self._until))

    def close(self) -> None:
        """As the stream beneath."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As the stream beneath, within the same bound."""
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, _left(self._until)), self._until)

    def get_extra_info(self, info: str) -> Any:
        """As the stream beneath."""
        return self._stream.get_extra_info(info)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
