"""Records as agencies state them, with lawful defaults; a test names only what it is about."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Decision, Facts, decide, fold
from sharehub.core.entity import KINDS, kind_rank
from sharehub.core.measure import SanctionEvent
from sharehub.core.record import Record
from sharehub.core.standing import Standing
from sharehub.shipped import shipped
from sharehub.wire.rulebooks import load_catalogue

ENTITY = UUID(int=7)
_SHARED = frozenset(Record.__dataclass_fields__)


@cache
def catalogue() -> Catalogue:
    """The rulebooks that are shipped."""
    return load_catalogue(shipped("rulebooks"))


def said(agency: str, kind: str, key: str, /, **stated: Any) -> Record:
    """One revision; what is no field of every record is a field of its kind."""
    shared = {name: value for name, value in stated.items() if name in _SHARED}
    detail = {name: value for name, value in stated.items() if name not in _SHARED}
    defaults = {"agency": agency, "record_key": key, "revision": 1, "jurisdiction": "cn", "subject_kind": "company"}
    return Record(kind=kind, detail=detail, **defaults | shared)


def penalty(agency: str = "cn-environment", /, key: str = "p1", **stated: Any) -> Record:
    """A final penalty of 5 million."""
    defaults: dict[str, Any] = {
        "decided_on": date(2026, 2, 10),
        "document_number": "No. 12",
        "violation_type": "water-pollution",
        "penalty_kind": "fine",
        "fine": Decimal("5000000.00"),
        "finality": "final",
    }
    return said(agency, "penalty", key, **defaults | stated)


def licence(key: str = "l1", /, **stated: Any) -> Record:
    """A ride-hailing licence that is valid to the end of May 2026."""
    defaults: dict[str, Any] = {
        "decided_on": date(2024, 6, 1),
        "category": "ride-hailing",
        "action": "granted",
        "number": key,
        "valid_to": date(2026, 5, 31),
    }
    return said("cn-transport", "licence", key, **defaults | stated)


def judgment(key: str = "j1", /, **stated: Any) -> Record:
    """A final judgment against a debtor found able to pay; grace ends with March 2026."""
    defaults: dict[str, Any] = {
        "decided_on": date(2026, 1, 10),
        "case_reference": "case-1",
        "instrument_number": "(2026) 1",
        "obligation": "pay 80 000",
        "ground_number": 1,
        "able_to_pay": True,
        "grace_until": date(2026, 3, 31),
        "performed_on": None,
        "finality": "final",
    }
    return said("cn-court", "judgment", key, **defaults | stated)


def reminder(number: int, **stated: Any) -> Record:
    """A reminder served with proof, of the same case."""
    served = date(2026, 1 + number % 3, 15)
    defaults: dict[str, Any] = {
        "decided_on": served,
        "case_reference": "case-1",
        "number": number,
        "served_on": served,
        "proof_of_service": f"receipt {number}",
    }
    return said("cn-court", "reminder", f"r{number}", **defaults | stated)


def rating(year: int, grade: str = "A", **stated: Any) -> Record:
    """A yearly tax rating."""
    defaults = {"occurred_on": date(year, 12, 31), "rating_system": "tax-credit-rating", "grade": grade, "year": year}
    return said("cn-tax", "rating", f"rating-{year}", **defaults | stated)


def arrears(balance: str = "1000.00", **stated: Any) -> Record:
    """Announced, uncontested tax arrears."""
    defaults = {
        "decided_on": date(2026, 2, 20),
        "tax_kind": "vat",
        "balance": Decimal(balance),
        "contested": False,
    }
    return said("cn-tax", "arrears", "a1", **defaults | stated)


def listing(status: str = "definitive", **stated: Any) -> Record:
    """A place on the Mexican tax list."""
    defaults = {"decided_on": date(2026, 2, 1), "jurisdiction": "mx", "list_name": "69-B", "status": status}
    return said("mx-sat", "listing", "m1", **defaults | stated)


def complaint(**stated: Any) -> Record:
    """A citizen's complaint, routed."""
    defaults = {"occurred_on": date(2026, 2, 5), "about": "an office", "competent_agency": "cn-samr"}
    return said("cn-petitions", "complaint", "c1", **defaults | stated)


def withdrawal(record: Record, on: date = date(2026, 5, 1), reason: str = "issued in error") -> Record:
    """The revision by which the agency takes a record back."""
    return said(
        record.agency,
        "withdrawal",
        record.record_key,
        revision=record.revision + 1,
        jurisdiction=record.jurisdiction,
        subject_kind=record.subject_kind,
        decided_on=on,
        withdrawn_kind=record.kind,
        reason=reason,
    )


def facts_of(*records: Record, conflict: bool = False) -> Facts:
    """The facts of one entity; its kind is the most protected one that any agency named."""
    kind = KINDS[max(map(kind_rank, records), default=0)]
    return Facts(entity_id=ENTITY, kind=kind, records=records, conflict=conflict)


class Told:
    """An entity of which more and more becomes known, from day to day."""

    def __init__(self, catalogue: Catalogue, *, conflict: bool = False) -> None:
        self.catalogue = catalogue
        self.conflict = conflict
        self.records: tuple[Record, ...] = ()
        self.standing: Standing = {}
        self.events: list[SanctionEvent] = []
        self.decision = Decision(())

    def on(self, day: date, *records: Record) -> list[tuple[str, str, str]]:
        """What the hub issues that day once it knows these records too: entry, event, reason."""
        self.records += records
        facts = facts_of(*self.records, conflict=self.conflict)
        self.decision = decide(facts, self.standing, self.catalogue, day)
        self.standing = fold(self.standing, self.decision.events)
        self.events += self.decision.events
        return [(event.measure.entry, event.event, event.reason) for event in self.decision.events]

    def in_place(self) -> list[str]:
        """The entries of the measures that recipients hold."""
        return sorted(state.measure.entry for state in self.standing.values() if state.in_place)
