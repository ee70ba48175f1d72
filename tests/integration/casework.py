"""What a case officer publishes on `casework.hub`, as the desk makes it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sharehub.core.identifier import main_identifier
from sharehub.core.judgement import pair_key
from sharehub.topics import CASEWORK, DESK
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import encode
from tests.integration.saying import Message, subject

REGISTRY = load_registry()


def judged(left: str, right: str, verdict: str, *, revision: int = 1, **fields: Any) -> Message:
    """A decision about a pair, approved by a second person unless `fields` say otherwise."""
    record_key = pair_key(main_identifier(left), main_identifier(right))
    sides = {"left": _reference(left), "right": _reference(right), "verdict": verdict}
    return _message("match-judgement", record_key, left, revision, sides | fields)


def split(key: str, kept: str, apart: Sequence[str], *, revision: int = 1, **fields: Any) -> Message:
    """A decision that what is `apart` belongs to another entity than what is kept."""
    sides = {"kept": _reference(kept), "apart": [_reference(one) for one in apart]}
    return _message("split", f"split/{key}", kept, revision, sides | fields)


def _reference(text: str) -> dict[str, str]:
    return main_identifier(text)._asdict()


def _message(kind: str, record_key: str, first: str, revision: int, fields: Mapping[str, Any]) -> Message:
    stated = [] if first.startswith("RECORD:") else [first]
    value = {
        "agency": DESK,
        "record_key": record_key,
        "revision": revision,
        "jurisdiction": "cn",
        "subject": subject(*stated),
        "legal_basis": [],
        "source": {"name": "desk", "sheet": None, "row": None},
        "reason": "looked at both files",
        "decided_by": "an officer",
        "approved_by": "another officer",
        "approval": "required",
        "stated": [],
        **fields,
    }
    key = first if stated else f"RECORD:{DESK}/{record_key}"
    return Message(CASEWORK, key.encode(), encode(REGISTRY.latest(kind), value))
