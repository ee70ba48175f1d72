"""A decoded record about a version of the rules, there and back; and what its text says."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sharehub.core.activation import RULEBOOK_VERSION, Content, Proposal
from sharehub.core.versions import Contents
from sharehub.wire.registry import Registry
from sharehub.wire.rows import decode, encode
from sharehub.wire.rulebooks import agencies_of, recipients_of, rulebook_of

_FIELDS = tuple(Proposal.__dataclass_fields__)


def proposal_of(registry: Registry, payload: bytes) -> Proposal:
    """What the record says about a version.

    Raises:
        UndecodableError: the bytes are no such record.
    """
    _, value = decode(registry, payload)
    return Proposal(**{name: value[name] for name in _FIELDS})


def proposal_payload(registry: Registry, said: Proposal, agency: str, decided_on: date) -> bytes:
    """The record that says it, on behalf of this agency."""
    value: Mapping[str, Any] = {
        "agency": agency,
        "jurisdiction": said.place or "*",
        "subject": {"kind": "public_body", "identifiers": [], "names": [], "address": None},
        "decided_on": decided_on,
        "legal_basis": [],
        "source": {"name": "desk", "sheet": None, "row": None},
        **{name: getattr(said, name) for name in _FIELDS},
    }
    return encode(registry.latest(RULEBOOK_VERSION), value)


def contents_of(content: Content, text: str, place: str) -> Contents:
    """What a text says; `place` is where it stands, for people.

    Raises:
        UsageError: it is malformed.
        RefusedError: it registers what is no public administration (law 7).
    """
    if content == "rulebook":
        return Contents(rulebook=rulebook_of(text, place))
    if content == "agencies":
        return Contents(agencies=agencies_of(text, place))
    return Contents(recipients=recipients_of(text, place))


def headers_of(registry: Registry, kind: str) -> list[bytes]:
    """How the bytes of records of a kind begin, in every version of its schema."""
    return [b"\0" + schema.id.to_bytes(4, "big") for schema in registry.all() if schema.name == kind]
