"""Where the files of a list are: in a folder, or at a hub's address."""

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from sharehub.errors import RefusedError, UnreachableError, UsageError
from sharehub.wire.signing import Jwk

KEYS_PATH = "/.well-known/jwks.json"
"""Where a hub's public keys are, below its address."""
_TIMEOUT_S = 90


class Files(Protocol):
    """Files of one recipient, by their path below its index."""

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            RefusedError: it is not there.
            UnreachableError: nobody answers.
        """
        ...


class Folder:
    """Files in a folder."""

    def __init__(self, path: Path) -> None:
        """Take the folder.

        Raises:
            UsageError: there is none.
        """
        if not path.is_dir():
            raise UsageError(f"{path}: there is no such folder")
        self._path = path

    def read(self, path: str) -> bytes:
        """The bytes of a file of the folder."""
        try:
            return (self._path / path).read_bytes()
        except OSError as error:
            raise RefusedError(f"{path} is missing: {error.strerror}") from error


class Site:
    """Files at the address of a feed, read with the recipient's token."""

    def __init__(self, url: str, token: str) -> None:
        """Take the address: `…/api/v1/feeds/RECIPIENT`, with or without `/index.json`."""
        self._url = url.removesuffix("index.json").rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def read(self, path: str) -> bytes:
        """The bytes that the hub answers."""
        return _got(f"{self._url}/{path}", self._headers)


def is_url(text: str) -> bool:
    """True for an address, false for a path."""
    return urlsplit(text).scheme in ("http", "https")


def files_at(place: str, token: str = "") -> Files:
    """The files of a folder or of an address.

    Raises:
        UsageError: there is no such folder.
    """
    return Site(place, token) if is_url(place) else Folder(Path(place))


def keys_at(place: str) -> list[Jwk]:
    """The hub's public keys, from a file or an address of a JWKS (RFC 7517).

    Raises:
        UsageError: it is none.
        UnreachableError: nobody answers.
    """
    try:
        found: Any = json.loads(_got(place, {}) if is_url(place) else Path(place).read_bytes())
        keys = [dict(key) for key in found["keys"]]
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{place}: this is no set of keys", hint=f"the hub's are at {KEYS_PATH}") from error
    return list(keys)


def object_of(data: bytes, path: str) -> dict[str, Any]:
    """The JSON object that a file is.

    Raises:
        RefusedError: it is none.
    """
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RefusedError(f"{path} is damaged: it is no JSON object")
    return found


def _got(url: str, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http and https only, see is_url
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            raise RefusedError(f"{url}: the token is not accepted", hint="it must be this recipient's own") from error
        if error.code in (404, 410):
            raise RefusedError(f"{url} is missing") from error
        raise UnreachableError(f"{url}: HTTP status {error.code}") from error
    except (OSError, HTTPException) as error:
        raise UnreachableError(f"{url}: {getattr(error, 'reason', error)}") from error
