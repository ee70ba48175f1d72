"""Whether a schema is released, and whether it could be: calls that bring a schema and change nothing."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from sharehub.web.body import bounded_body
from sharehub.web.registry.answers import RegistryError, text_of, version_of
from sharehub.web.registry.shelf import LATEST, Shelf
from sharehub.wire.avro_schema import InvalidSchemaError, normal, read_schema
from sharehub.wire.compatibility import Breach, breaches
from sharehub.wire.registry import Schema
from sharehub.wire.subjects import LEVEL

_BODY_BYTES_MAX = 262_144
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["schema"],
                    "properties": {"schema": {"type": "string"}, "schemaType": {"enum": ["AVRO"]}},
                }
            }
        },
    }
}
Verbose = Annotated[bool, Query(description="Say why not.")]


def checking_router(shelf: Shelf) -> APIRouter:
    """The routes that look a schema up and compare it."""
    router = APIRouter()

    @router.post("/subjects/{subject}", openapi_extra=_BODY)
    async def looked_up(subject: str, request: Request) -> Any:
        """The version that says what the schema in the body says, however it is written."""
        among, stated = shelf.subject(subject), await _stated(request)
        if (version := among.saying(stated)) is None:
            raise RegistryError(40403, "Schema not found")
        return version_of(among, version)

    @router.post("/compatibility/subjects/{subject}/versions", openapi_extra=_BODY)
    async def with_all(subject: str, request: Request, verbose: Verbose = False) -> Any:
        """Whether the schema could follow the released ones of its name."""
        stated = await _stated(request)
        return _answer(stated, shelf.subject(subject).before(stated), verbose)

    @router.post("/compatibility/subjects/{subject}/versions/{version}", openapi_extra=_BODY)
    async def with_one(subject: str, version: str, request: Request, verbose: Verbose = False) -> Any:
        """The same with one version; `latest` is the last of the schema's own name."""
        stated, one = await _stated(request), shelf.version(subject, version)
        before = shelf.subject(subject).before(stated)
        return _answer(stated, before[-1:] if version in LATEST else [one], verbose)

    return router


async def _stated(request: Request) -> Any:
    """The schema in the body, in normal form.

    Raises:
        RegistryError: 422 where the body is no such request, 42201 where it holds no schema.
    """
    try:
        said = json.loads(await bounded_body(request, _BODY_BYTES_MAX))
    except (ValueError, RecursionError) as error:
        raise RegistryError(422, f"the body is not JSON: {error}") from error
    if not isinstance(said, dict) or not isinstance(said.get("schema"), str):
        raise RegistryError(422, 'the body is an object with a text "schema"')
    if said.get("schemaType") not in (None, "AVRO") or said.get("references"):
        raise RegistryError(42201, "schemas here are Avro, each whole, without references")
    try:
        return read_schema(said["schema"])
    except InvalidSchemaError as error:
        raise RegistryError(42201, f"Invalid schema: {error}") from error


def _answer(stated: Any, before: Sequence[tuple[int, Schema]], verbose: bool) -> Any:
    try:
        found = breaches(stated, [normal(schema.raw) for _, schema in before], LEVEL)
    except InvalidSchemaError as error:
        raise RegistryError(42201, f"Invalid schema: {error}") from error
    messages = {"messages": _messages(found, before)} if verbose else {}
    return {"is_compatible": not found, **messages}


def _messages(found: Sequence[Breach], before: Sequence[tuple[int, Schema]]) -> list[str]:
    """One message for each fault, in the words that Confluent's clients print, and what it was held against."""
    said = [
        f"{{errorType:'{fault.rule}', description:'the {reader} schema cannot read the other at {fault.path}:"
        f" {fault.words}', additionalInfo:'version {before[older][0]}, id {before[older][1].id}'}}"
        for older, reader, fault in found
    ]
    older = [f"{{oldSchema: '{text_of(before[found[0].older][1])}'}}"] if found else []
    return [*said, *older, f"{{compatibility: '{LEVEL}'}}"] if found else []
