"""Who is signed in on the pages: a signed cookie that names a token, good for as long as the token is in force.

The cookie holds no token: who steals the key file of the signature still needs one that is in force.
"""

import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from fastapi import Request
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import Response

from sharehub.web.tokens import Tokens

COOKIE = "sharehub-session"
_HOURS_MAX_S = 8 * 3600


class Sessions:
    """Sessions of recipients, over the tokens in force and a key in a file that is made when it is first needed."""

    def __init__(self, tokens: Tokens, key_file: Path) -> None:
        self._tokens = tokens
        self._key_file = key_file
        self._kept: URLSafeTimedSerializer | None = None

    def recipient(self, request: Request) -> str | None:
        """The recipient that is signed in; None after eight hours, and as soon as its token is revoked."""
        cookie = request.cookies.get(COOKIE)
        if cookie is None:
            return None
        try:
            token_id = self._signer.loads(cookie, max_age=_HOURS_MAX_S)
        except BadData:
            return None
        kept = (one for one in self._tokens.all() if one.token_id == token_id and one.role == "recipient")
        return next((one.agency for one in kept), None)

    def begin(self, request: Request, answer: Response, token: str) -> str | None:
        """The recipient of a token, signed in with this answer; None where the token is none of a recipient."""
        found = self._tokens.named(token)
        if found is None or found.role != "recipient":
            return None
        answer.set_cookie(
            COOKIE,
            self._signer.dumps(found.token_id),
            max_age=_HOURS_MAX_S,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return found.agency

    def end(self, answer: Response) -> None:
        """Sign out with this answer."""
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")

    @property
    def _signer(self) -> URLSafeTimedSerializer:
        if self._kept is None:
            self._kept = URLSafeTimedSerializer(_key(self._key_file), salt="session")
        return self._kept


def _key(path: Path) -> bytes:
    """The key of the file, made once; of two processes that make it at the same time, one takes the other's."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent) as draft, suppress(FileExistsError):
            draft.write(secrets.token_hex(32))
            draft.flush()
            path.hardlink_to(draft.name)
    return path.read_bytes()
