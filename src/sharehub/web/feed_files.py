"""`/api/v1/feeds/{recipient}/index.json` and the files of each version, for the recipient alone; and the hub's keys.

Files never change, so they may be kept for ever by the recipient and by no cache that others share.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi import Path as PathPart
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from sharehub.feedfiles.manifest import DELTAS, INDEX, MANIFEST, SNAPSHOTS, VERSION, Manifest
from sharehub.web.access import bearer, receiving
from sharehub.web.problems import ProblemError, documented
from sharehub.web.tokens import Tokens
from sharehub.wire.signing import Jwk

_JSON = "application/json"
_TYPES = {
    "json": _JSON,
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "avro": "application/avro",
}
_FOR_EVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"
_PROBLEMS = documented("bad-request", "not-authenticated", "other-recipient", "unknown-file", "internal-error")
_NOT_CHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "What If-None-Match names is still so."}}
_NAMES = "|".join(name.replace(".", r"\.") for name in (MANIFEST, *SNAPSHOTS, *DELTAS))

Version = Annotated[str, PathPart(pattern=f"^{VERSION}$", examples=["000000000042-20261126T060000Z"])]
Name = Annotated[str, PathPart(pattern=f"^({_NAMES})$", examples=["snapshot.csv"])]


class Key(BaseModel):
    """A public key (RFC 7517, RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class Keys(BaseModel):
    """The keys by which the hub's signatures are checked; the first one signs now."""

    keys: list[Key] = Field(min_length=1)


def feed_files_router(folder: Path, keys: Callable[[], Sequence[Jwk]], tokens: Tokens) -> APIRouter:
    """The routes over the folder of all lists and the hub's public keys."""
    router = APIRouter(tags=["files"])
    mine = [Depends(bearer)]

    @router.get("/.well-known/jwks.json", responses=documented("internal-error"))
    def public_keys() -> Keys:
        """The public keys of the hub. Compare them once with what its operator gave you by another way."""
        return Keys(keys=[Key.model_validate(key) for key in keys()])

    @router.get(
        f"/api/v1/feeds/{{recipient}}/{INDEX}",
        dependencies=mine,
        response_class=Response,
        responses={**_PROBLEMS, **_NOT_CHANGED, 200: {"content": {_JSON: {"schema": {"type": "object"}}}}},
    )
    def index(request: Request, recipient: Annotated[str, Depends(receiving(tokens))]) -> Response:
        """Which versions there are, with size, hash and signature of every file, and until when they may be used."""
        return _small(request, folder / recipient / INDEX, _ASK_AGAIN)

    @router.get(
        "/api/v1/feeds/{recipient}/{version}/{name}",
        dependencies=mine,
        response_class=Response,
        responses={**_PROBLEMS, **_NOT_CHANGED, 200: {"content": _CONTENTS}},
    )
    def file(
        request: Request, recipient: Annotated[str, Depends(receiving(tokens))], version: Version, name: Name
    ) -> Response:
        """One file of one version: the whole list, or what changed since the version before."""
        path = folder / recipient / version / name
        if name == MANIFEST:
            return _small(request, path, _FOR_EVER)
        stated = _stated(path.parent / MANIFEST, name)
        headers = {"ETag": f'"{stated}"', "Cache-Control": _FOR_EVER}
        if _same(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, headers=headers, media_type=_TYPES[name.rpartition(".")[2]])

    return router


_CONTENTS = {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in _TYPES.values()}


def _small(request: Request, path: Path, caching: str) -> Response:
    """A file of JSON with the hash of its bytes as its tag."""
    content = _read(path)
    headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "Cache-Control": caching}
    if _same(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=_JSON)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        what = "no version of this list was made yet" if path.name == INDEX else "this version is not kept"
        raise ProblemError("unknown-file", what) from error


def _stated(manifest: Path, name: str) -> str:
    """The hash of a file, as its version states it."""
    found = Manifest.model_validate_json(_read(manifest))
    return found.files[name].sha256


def _same(request: Request, tag: str) -> bool:
    """True where the caller has just this (RFC 9110 §13.1.2)."""
    stated = request.headers.get("if-none-match", "")
    return stated.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in stated.split(","))
