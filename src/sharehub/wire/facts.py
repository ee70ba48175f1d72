"""A decoded record to the value that decisions read."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sharehub.core.rank import Basis, Rank
from sharehub.core.record import Record

_SHARED = (
    "agency",
    "record_key",
    "revision",
    "jurisdiction",
    "occurred_on",
    "decided_on",
    "effective_from",
    "effective_to",
    "document_number",
    "case_reference",
)
_ENVELOPE = frozenset((*_SHARED, "subject", "supersedes", "legal_basis", "source", "correlation_id", "causation_id"))


def record_of(kind: str, value: Mapping[str, Any], received_on: date | None) -> Record:
    """The record of a decoded body; `received_on` is the day on which the broker appended it."""
    return Record(
        kind=kind,
        subject_kind=value["subject"]["kind"],
        received_on=received_on,
        legal_basis=tuple(
            Basis(basis["instrument"], basis["article"], Rank[basis["rank"].upper()]) for basis in value["legal_basis"]
        ),
        detail={name: found for name, found in value.items() if name not in _ENVELOPE},
        **{name: value[name] for name in _SHARED},
    )
