"""A decoded record to the value that decisions read."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sharehub.core.identifier import Identifier
from sharehub.core.judgement import Judgement, split_pairs
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
_ENVELOPE = frozenset(
    (*_SHARED, "subject", "supersedes", "legal_basis", "source", "originals", "correlation_id", "causation_id")
)


def record_of(kind: str, value: Mapping[str, Any], received_on: date | None) -> Record:
    """The record of a decoded body; `received_on` is the day on which the broker appended it."""
    subject = value["subject"]
    return Record(
        kind=kind,
        subject_kind=subject["kind"],
        identifiers=tuple(Identifier(one["scheme"], one["value"]) for one in subject["identifiers"]),
        names=tuple(subject["names"]),
        address=subject["address"],
        source=_place(value["source"]),
        originals=_originals(value.get("originals", ())),
        received_on=received_on,
        legal_basis=tuple(
            Basis(basis["instrument"], basis["article"], Rank[basis["rank"].upper()]) for basis in value["legal_basis"]
        ),
        detail={name: found for name, found in value.items() if name not in _ENVELOPE},
        **{name: value[name] for name in _SHARED},
    )


def _place(source: Mapping[str, Any]) -> str:
    """Where the agency keeps it, as a person would say it."""
    parts = (source["name"], source["sheet"] and f"sheet {source['sheet']}", source["row"] and f"row {source['row']}")
    return ", ".join(part for part in parts if part)


def _originals(stated: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in stated:
        found[one["field"]] = f"{found[one['field']]} / {one['text']}" if one["field"] in found else one["text"]
    return found


def judgements_of(kind: str, value: Mapping[str, Any]) -> tuple[Judgement, ...]:
    """The decisions about pairs that a case officer's record states; a split states several, or none any more."""
    shared = {
        "record_key": value["record_key"],
        "revision": value["revision"],
        "reason": value["reason"],
        "decided_by": value["decided_by"],
        "approved_by": value["approved_by"],
        "approval_required": value["approval"] == "required",
        "evidence": tuple(value["evidence"]),
        "stated": tuple(map(_side, value["stated"])),
    }
    if kind == "match-judgement":
        return (Judgement(left=_side(value["left"]), right=_side(value["right"]), verdict=value["verdict"], **shared),)
    pairs = split_pairs(_side(value["kept"]), map(_side, value["apart"]))
    return tuple(Judgement(left=left, right=right, verdict=said, **shared) for (left, right), said in pairs.items())


def _side(value: Mapping[str, str]) -> Identifier:
    return Identifier(value["scheme"], value["value"])
