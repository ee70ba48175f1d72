"""Whom a subscriber believes: entries signed by keys that it was given, or that it took the first time and kept."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sharehub.errors import RefusedError, UsageError
from sharehub.wire.signing import canonical, verify

Keys = Sequence[Mapping[str, str]]


def check(event: Mapping[str, Any], keys: Keys) -> None:
    """Nothing, where one of the keys has signed the entry.

    Raises:
        RefusedError: none has, or it was changed on the way.
    """
    told = f"entry {event['id']} of {event['source']}"
    if not event.get("jws"):
        raise RefusedError(f"{told}: is not signed")
    try:
        verify(event["jws"], canonical(event["data"]), keys)
    except RefusedError as error:
        raise RefusedError(f"{told}: {error}", hint=error.hint or "nothing of it was used; tell the hub") from error


def keys_of(said: Any, place: str) -> Keys:
    """The keys of a JWK Set (RFC 7517).

    Raises:
        UsageError: it is none.
    """
    keys = said.get("keys") if isinstance(said, Mapping) else None
    if not keys or not all(isinstance(one, Mapping) and "kid" in one for one in keys):
        raise UsageError(f"{place}: is no set of keys", hint='it looks like {"keys": [{"kid": …}]}')
    return tuple(keys)


def keys_in(path: Path) -> Keys:
    """The keys of a file.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        return keys_of(json.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error


def pinned(path: Path, ask: Callable[[], Any]) -> Keys:
    """The keys of the file; where there is none yet, those that the hub says, and from then on these.

    Raises:
        UsageError: the file, or what the hub says, is no set of keys.
    """
    if not path.is_file():
        said = ask()
        keys_of(said, "the hub")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return keys_in(path)
