"""Who may call: a file with the SHA-256 of every token, never a token.

A token is 256 random bits, so its hash needs no salt and no slow function (RFC 9106 is for what people choose).
"""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from sharehub.errors import UsageError

_PREFIX = "shub_"
_TEXT_MAX = 200


Role = Literal["agency", "recipient"]


class Holder(NamedTuple):
    """For whom a token speaks: an agency that publishes, or a recipient of measures."""

    id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token: `token_id` names it, `agency` is for whom it speaks, a recipient by its `role`."""

    token_id: str
    agency: str
    note: str
    created_at: str
    sha256: str
    role: Role = "agency"


class Tokens:
    """The tokens of one file; a change by another process is seen at the next call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_at: tuple[int, int] | None = None
        self._by_hash: dict[str, Token] = {}

    def issue(self, agency: str, note: str, now: datetime, role: Role = "agency") -> tuple[Token, str]:
        """A new token for an agency or a recipient, and its text, which is nowhere kept."""
        text = _PREFIX + secrets.token_urlsafe(32)
        made = Token(secrets.token_hex(4), agency, note, now.isoformat(timespec="seconds"), _hash(text), role)
        self._change(lambda tokens: [*tokens, made])
        return made, text

    def revoke(self, token_id: str) -> Token:
        """Take a token out of force at once.

        Raises:
            UsageError: there is no such token.
        """
        gone = next((one for one in self.all() if one.token_id == token_id), None)
        if gone is None:
            raise UsageError(f"there is no token {token_id!r}", hint="sharehub token list")
        self._change(lambda tokens: [one for one in tokens if one.token_id != token_id])
        return gone

    def all(self) -> list[Token]:
        """Every token in force, the oldest first."""
        self._refresh()
        return list(self._by_hash.values())

    def named(self, text: str) -> Token | None:
        """What is kept of this token; None for a text that is no token in force."""
        self._refresh()
        return self._by_hash.get(_hash(text)) if len(text) <= _TEXT_MAX else None

    def holder_of(self, text: str) -> Holder | None:
        """For whom this token speaks; None for a text that is no token in force."""
        found = self.named(text)
        return Holder(found.agency, found.role) if found else None

    def agency_of(self, text: str) -> str | None:
        """The agency for which this token speaks; None for any other text."""
        found = self.holder_of(text)
        return found.id if found and found.role == "agency" else None

    def _refresh(self) -> None:
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            self._read_at, self._by_hash = None, {}
            return
        written_at = (stat.st_mtime_ns, stat.st_ino)
        if written_at != self._read_at:
            self._by_hash = {one.sha256: one for one in _load(self.path)}
            self._read_at = written_at

    def _change(self, change: Callable[[list[Token]], list[Token]]) -> None:
        with self._locked():
            tokens = change(_load(self.path) if self.path.is_file() else [])
            draft = self.path.with_suffix(".draft")
            text = json.dumps([asdict(one) for one in tokens], ensure_ascii=False, indent=1)
            with open(draft, "w", encoding="utf-8", opener=_private) as stream:
                stream.write(text + "\n")
            draft.replace(self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _load(path: Path) -> list[Token]:
    try:
        return [Token(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path}: is no file of tokens: {error}", hint="sharehub token new AGENCY") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
