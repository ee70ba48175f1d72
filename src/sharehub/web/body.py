"""Reads a request's body within bounds of size and time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from sharehub.web.problems import ProblemError

_READ_S = 60
_FAULTS_MAX = 5
_BYTES_MAX = 65_536
"""Of a body that one person writes."""
_Body = TypeVar("_Body", bound=BaseModel)


def json_body(model: type[_Body], bytes_max: int = _BYTES_MAX) -> Callable[[Request], Awaitable[_Body]]:
    """The dependency that reads a body within bounds; what is wrong is told without repeating what was sent."""

    async def read(request: Request) -> _Body:
        media = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if media != "application/json":
            raise ProblemError("unsupported-type", f"the content type is {media or 'not stated'}")
        raw = await bounded_body(request, bytes_max)
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            told = [f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in error.errors()]
            raise ProblemError("bad-body", "; ".join(told[:_FAULTS_MAX])) from None

    return read


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The body as OpenAPI has it, whole: references would lead to nowhere in the document."""
    schema = model.model_json_schema()
    whole = _inlined(schema, schema.pop("$defs", {}))
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": whole}}}}


def _inlined(part: Any, defined: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        if "$ref" in part:
            return _inlined(defined[part["$ref"].rpartition("/")[2]], defined)
        return {name: _inlined(one, defined) for name, one in part.items()}
    return [_inlined(one, defined) for one in part] if isinstance(part, list) else part


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
