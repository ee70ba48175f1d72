"""What a webhook is sent, and how it is signed (Standard Webhooks 1.0.0).

The body is thin: that something happened, and where to fetch it with the recipient's own token; no person's data. No
secret is stored: each follows from the hub's key, the webhook and the secret's number, so a copy of the database signs
nothing.
"""

import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sharehub.errors import UsageError
from sharehub.wire.signing import SigningKey

_PREFIX = "whsec_"
_KEY_BYTES = 32


class Message(NamedTuple):
    """What leaves: `message_id` is the same whenever the same event is sent."""

    message_id: str
    body: bytes


def event_message(recipient: str, event: Mapping[str, Any]) -> Message:
    """Tells of one event, given as the CloudEvent that the feed shows."""
    word = str(event["type"]).rpartition(".")[2]
    data = {"recipient": recipient, "cursor": event["cursor"], "event_id": event["id"], "event": word}
    return Message(f"evt_{event['id']}", _body(str(event["type"]), str(event["time"]), data))


def ping_message(recipient: str, cursor: str, number: UUID, now: datetime) -> Message:
    """Tells of nothing: shows that the webhook is heard."""
    return Message(f"ping_{number}", _body("webhook.ping", now.isoformat(), {"recipient": recipient, "cursor": cursor}))


def _body(word: str, timestamp: str, data: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": word, "timestamp": timestamp, "data": data}, separators=(",", ":")).encode()


def signed(message: Message, secrets: Iterable[str], key: SigningKey, now: datetime) -> dict[str, str]:
    """The headers of an attempt: one signature for each secret (`v1`), and that of the hub's own key (`v1a`)."""
    seconds = int(now.timestamp())
    content = f"{message.message_id}.{seconds}.".encode() + message.body
    found = [f"v1,{_base64(hmac.digest(_secret_bytes(one), content, 'sha256'))}" for one in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "sharehub",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join([*found, f"v1a,{_base64(key.signature(content))}"]),
    }


def public_key(key: SigningKey) -> str:
    """The hub's public key, by which `v1a` signatures are checked."""
    return "whpk_" + _base64(key.public_bytes)


class Secrets:
    """The secrets of all webhooks, made from one key that lies in a file."""

    def __init__(self, path: Path) -> None:
        """Read the key, or make one where the file is not there.

        Raises:
            UsageError: the file holds no key.
        """
        self._path = path
        self._key = _key_of(path)

    @property
    def key_id(self) -> str:
        """Tells one key from another, and nothing of it."""
        return hashlib.sha256(b"sharehub webhooks\0" + self._key).hexdigest()[:16]

    def text(self, webhook_id: UUID, number: int) -> str:
        """The secret with this number, as its recipient keeps it."""
        return _PREFIX + _base64(hmac.digest(self._key, f"{webhook_id}/{number}".encode(), "sha256"))


def _key_of(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        with open(draft, "wb", opener=_private) as stream:
            stream.write(secrets.token_bytes(_KEY_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):  # another process was faster: its key counts
            path.hardlink_to(draft)  # whole or not at all, and never over another one's
        draft.unlink()
    found = path.read_bytes()
    if len(found) != _KEY_BYTES:
        raise UsageError(f"{path}: holds no key of {_KEY_BYTES} bytes", hint="restore it from a copy")
    return found


def _secret_bytes(text: str) -> bytes:
    return b64decode(text.removeprefix(_PREFIX))


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL, 0o600)
