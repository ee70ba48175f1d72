"""A matter that was taken in, as a record of the desk: its keys, its envelope, and what the agency needs of it."""

from collections.abc import Mapping
from datetime import date

from sharehub.core.competence import DESK, INTAKE_KINDS
from sharehub.core.entity import KINDS
from sharehub.core.identifier import Identifier, main_identifier, read, strong_identifiers
from sharehub.core.record import Record
from sharehub.core.reference_number import hashed

Value = Mapping[str, object]

_FOR_AGENCY = ("field", "claim", "proposed", "statement", "said", "commitment", "about", "matter")
_SEALED = ("sealed_author", "sealed_for")


def key_of(kind: str, number: str) -> str:
    """The key of a matter's record, from which nobody gets back to the number."""
    return f"{kind}/{hashed(number)}"


def keys_of(number: str) -> list[str]:
    """The keys that the record with this number can have."""
    return [key_of(kind, number) for kind in INTAKE_KINDS]


def kept_number(number: str) -> str:
    """What a record states as its reference number."""
    return f"hash:{hashed(number)}"


def lodged(key: str, jurisdiction: str, kind: str, link: Identifier | None, on: date | None) -> dict[str, object]:
    """What every matter states; no name and no address, which would be displayed as if the desk knew them."""
    return {
        "agency": DESK.id,
        "record_key": key,
        "revision": 1,
        "jurisdiction": jurisdiction,
        "subject": {"kind": kind, "identifiers": [link._asdict()] if link else [], "names": [], "address": None},
        "occurred_on": on,
        "legal_basis": [],
        "source": source("intake"),
    }


def about(record: Record, key: str, on: date) -> dict[str, object]:
    """What a matter about a record states: of the subject only one identifier, so that it joins nothing."""
    link = next(iter(strong_identifiers(record.identifiers)), record.reference)
    concerned = {"concerns_agency": record.agency, "concerns_key": record.record_key, "lodged_on": on}
    return lodged(key, record.jurisdiction, record.subject_kind, link, on) | concerned


def complained_kind(stated: str, identifier: Identifier | None) -> str:
    """The kind that a complaint states: of an entity that others know the least one, which changes nothing (law 4)."""
    return KINDS[0] if identifier else stated


def revised(before: Record) -> dict[str, object]:
    """The next revision of a matter, saying the same."""
    link = next(iter(before.identifiers), None)
    envelope = lodged(before.record_key, before.jurisdiction, before.subject_kind, link, before.occurred_on)
    return {**before.detail, **envelope, "revision": before.revision + 1}


def source(name: str) -> dict[str, object]:
    """Where a record of the desk comes from."""
    return {"name": name, "sheet": None, "row": None}


def for_agency(record: Record) -> dict[str, object]:
    """What the agency needs to answer: the party's words, and who complains, still sealed."""
    return {name: record.value(name) for name in (*_FOR_AGENCY, *_SEALED) if name in record.detail}


def party_identifier(text: str) -> Identifier | None:
    """The identifier that a party states; None for a name."""
    try:
        wanted = main_identifier(text)
    except ValueError:
        return None
    return next(iter(read(wanted.scheme, wanted.value).identifiers), None)


def is_about(record: Record, party: Identifier | None, text: str) -> bool:
    """True where the record states this party; a name counts where it states no certain identifier."""
    if party is not None:
        return party in record.identifiers
    return not strong_identifiers(record.identifiers) and text.strip() in record.names
