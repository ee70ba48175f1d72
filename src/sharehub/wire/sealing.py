"""Texts that one agency alone can read. Home of cryptography.

HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305. What a text is about goes into the seal, so it opens
beside nothing else; its length shows in steps of 256 bytes only.
"""

import hashlib
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sharehub.errors import RefusedError, UsageError

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_PREFIX, _STEP, _HEAD = "x25519:", 256, 4


def new_keys() -> tuple[str, str]:
    """A private key as PEM, and the public one as `agencies.toml` has it."""
    private = X25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode(), _written(private.public_key())


def fingerprint(public: str) -> str:
    """What names a public key: 16 hexadecimal digits of its SHA-256.

    Raises:
        UsageError: it is no key.
    """
    return hashlib.sha256(_read(public).public_bytes_raw()).hexdigest()[:16]


def seal(text: str, public: str, about: str) -> str:
    """The text, in base64, for the holder of the private key alone.

    Raises:
        UsageError: the key is none.
    """
    plain = text.encode()
    padded = len(plain).to_bytes(_HEAD, "big") + plain
    padded += bytes(-len(padded) % _STEP)
    try:
        return b64encode(_SUITE.encrypt(padded, _read(public), about.encode())).decode()
    except ValueError as error:
        raise UsageError("nothing can be sealed for this key") from error


def unseal(sealed: str, private: str, about: str) -> str:
    """The inverse of `seal`.

    Raises:
        UsageError: the key or the sealed text is none.
        RefusedError: it was sealed for another key or about something else.
    """
    key = _private(private)
    try:
        padded = _SUITE.decrypt(b64decode(sealed, validate=True), key, about.encode())
    except InvalidTag as error:
        raise RefusedError("the seal does not open: it is for another key, or of another complaint") from error
    except ValueError as error:
        raise UsageError("the sealed text is not whole") from error
    return padded[_HEAD : _HEAD + int.from_bytes(padded[:_HEAD], "big")].decode()


def public_of(private: str) -> str:
    """The public key that belongs to a private one.

    Raises:
        UsageError: it is no private key.
    """
    return _written(_private(private).public_key())


def _private(pem: str) -> X25519PrivateKey:
    try:
        found = load_pem_private_key(pem.encode(), None)
    except ValueError:
        found = None
    if not isinstance(found, X25519PrivateKey):
        raise UsageError("the file holds no private key of this kind", hint="sharehub agency key new AGENCY -o FILE")
    return found


def _read(public: str) -> X25519PublicKey:
    try:
        return X25519PublicKey.from_public_bytes(b64decode(public.removeprefix(_PREFIX), validate=True))
    except ValueError as error:
        raise UsageError("a sealing key is x25519: and 32 bytes in base64") from error


def _written(public: X25519PublicKey) -> str:
    return _PREFIX + b64encode(public.public_bytes_raw()).decode()
