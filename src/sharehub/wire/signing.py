"""Signatures on what leaves: detached JWS (RFC 7515, appendix F) with Ed25519 (RFC 8037) over canonical JSON.

What is signed is the JSON of the data, not one of its encodings: whoever has the event, by Kafka, HTTP or file, can
check it. Home of cryptography, with `wire.sealing`.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from sharehub.errors import RefusedError, UsageError

Jwk = Mapping[str, str]


def canonical(value: Any) -> bytes:
    """The one JSON text of a value without fractions: keys in order, no spaces, UTF-8 (RFC 8785).

    Dates and instants are in ISO 8601, exact decimals are text, as `wire.cloudevents.plain` has them.
    """
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)


class SigningKey:
    """The hub's private key; `key_id` is the thumbprint of the public one (RFC 7638)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = _jwk(private.public_key())
        self.key_id = self.public["kid"]
        self._header = _text(canonical({"alg": "EdDSA", "kid": self.key_id}))
        self._before = f"{self._header}.".encode()

    @classmethod
    def kept(cls, path: Path) -> "SigningKey":
        """The key of this file, made at the first call; only its owner may read it.

        Raises:
            UsageError: the file holds no such key.
        """
        if not path.is_file():
            _make(path)
        try:
            private = load_pem_private_key(path.read_bytes(), None)
        except ValueError:
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise UsageError(f"{path}: is no Ed25519 private key", hint="move it away: the next start makes a new one")
        return cls(private)

    def signature(self, content: bytes) -> bytes:
        """The plain Ed25519 signature of these bytes (RFC 8032)."""
        return self._private.sign(content)

    @property
    def public_bytes(self) -> bytes:
        """The public key, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    def sign(self, document: bytes) -> str:
        """The detached signature of the document."""
        signed = self._private.sign(self._before + urlsafe_b64encode(document).rstrip(b"="))
        return f"{self._header}..{_text(signed)}"


def public_keys(path: Path) -> list[Jwk]:
    """The keys by which signatures are checked: that of the file first, then the former ones kept beside it (.pem)."""
    current = SigningKey.kept(path)
    former = (SigningKey.kept(one) for one in sorted(path.parent.glob("*.pem")) if one != path)
    return [current.public, *(one.public for one in former)]


def verify(jws: str, document: bytes, keys: Iterable[Jwk]) -> str:
    """The id of the key that signed the document.

    Raises:
        RefusedError: none of the keys did, or the document is another.
    """
    header, _, signature = jws.partition("..")
    try:
        key_id = json.loads(_bytes(header))["kid"]
        if json.loads(_bytes(header)) != {"alg": "EdDSA", "kid": key_id}:
            raise ValueError(header)
        signed = _bytes(signature)
    except (ValueError, LookupError, TypeError) as error:
        raise RefusedError("the signature is none") from error
    key = next((one for one in keys if one.get("kid") == key_id), None)
    if key is None:
        raise RefusedError(f"the key {key_id} is not among the hub's keys", hint="get its keys anew, from the hub")
    try:
        public = Ed25519PublicKey.from_public_bytes(_bytes(key["x"]))
        public.verify(signed, f"{header}.{_text(document)}".encode())
    except (InvalidSignature, ValueError, KeyError) as error:
        raise RefusedError("the signature is not of this document: it was changed on the way, or forged") from error
    return str(key_id)


def _make(path: Path) -> None:
    """Write a new key, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(pem)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def _jwk(public: Ed25519PublicKey) -> dict[str, str]:
    shape = {"crv": "Ed25519", "kty": "OKP", "x": _text(public.public_bytes_raw())}
    return {**shape, "kid": _text(hashlib.sha256(canonical(shape)).digest()), "alg": "EdDSA", "use": "sig"}


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
