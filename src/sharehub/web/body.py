"""Reads a request's body within bounds of size and time."""

import asyncio

from fastapi import Request

from sharehub.web.problems import ProblemError

_READ_S = 60


async def bounded_body(request: Request, bytes_max: int) -> bytes:
    """The body, refused as soon as it is known to be too large.

    Raises:
        ProblemError: too-large or too-slow.
    """
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > bytes_max:
        raise _too_large(bytes_max)
    try:
        async with asyncio.timeout(_READ_S):
            return await _read(request, bytes_max)
    except TimeoutError as error:
        raise ProblemError("too-slow", f"the body did not come within {_READ_S} seconds") from error


async def _read(request: Request, bytes_max: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > bytes_max:
            raise _too_large(bytes_max)
        parts.append(part)
    return b"".join(parts)


def _too_large(bytes_max: int) -> ProblemError:
    return ProblemError("too-large", f"a body may have {bytes_max} bytes", headers={"Connection": "close"})
