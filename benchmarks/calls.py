"""A caller of HTTP that costs little itself: raw requests over kept connections."""

import asyncio
import http.client
import time
from typing import NamedTuple


class Rate(NamedTuple):
    """Calls of a series: how many a second, and how long half and all but one in a hundred of them took at most."""

    per_second: float
    p50_ms: float
    p99_ms: float


class Caller:
    """Calls one server with one token."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token

    def post(self, path: str, body: bytes) -> bytes:
        """The body of the answer to one call.

        Raises:
            RuntimeError: it was not answered.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {content[:200]!r}")
        return content

    async def series(self, paths: list[str], seconds: float, connections: int) -> Rate:
        """Call the paths in turn for so long, or each once for 0 seconds."""
        waiting = iter(paths)
        took: list[float] = []
        begun = time.perf_counter()

        def following() -> bytes | None:
            nonlocal waiting
            path = next(waiting, None)
            if path is None and seconds:
                waiting = iter(paths)
                path = next(waiting)
            over = seconds and time.perf_counter() - begun > seconds
            return None if path is None or over else self._request(path)

        async def calls() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            while request := following():
                sent = time.perf_counter()
                writer.write(request)
                await _answered(reader)
                took.append(time.perf_counter() - sent)
            writer.close()

        await asyncio.gather(*(calls() for _ in range(connections)))
        wall = time.perf_counter() - begun
        ordered = sorted(took)
        return Rate(
            len(took) / wall,
            1000 * ordered[len(ordered) // 2],
            1000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        )

    def _request(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {self._token}\r\n\r\n".encode()


async def _answered(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))
