"""What agencies say in tests: messages with payloads, about companies that are made up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sharehub.core.identifier import Identifier, orgcode_check_digit, uscc_check_digit
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import encode

REGISTRY = load_registry()


class Message(NamedTuple):
    """One message as it will lie on the log; `partition` None leaves the choice to the key."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Company:
    """An invented company by number: its codes follow the published rules, its check digits hold."""

    number: int
    head: str = "91"
    region: str = "350100"

    @property
    def orgcode(self) -> str:
        """The organisation code, 9 characters."""
        body = f"{self.number:08d}"
        return body + orgcode_check_digit(body)

    @property
    def uscc(self) -> str:
        """The unified code that holds the organisation code."""
        body = self.head + self.region + self.orgcode
        return f"CN-USCC:{body}{uscc_check_digit(body)}"

    @property
    def taxno(self) -> str:
        """The old tax number of 15 characters that holds the organisation code."""
        return f"CN-TAXNO:{self.region}{self.orgcode}"


def subject(*identifiers: str, name: str | None = None, kind: str = "company") -> dict[str, Any]:
    """The subject of a record, as `SCHEME:VALUE`, the strongest first."""
    stated = [dict(zip(("scheme", "value"), one.split(":", 1), strict=True)) for one in identifiers]
    return {"kind": kind, "identifiers": stated, "names": [name] if name else [], "address": None}


def payload(kind: str, agency: str, key: str, about: Mapping[str, Any], **fields: Any) -> bytes:
    """The bytes of a record; what is not given has an ordinary value."""
    value = {
        "agency": agency,
        "record_key": key,
        "revision": 1,
        "jurisdiction": "cn",
        "subject": about,
        "legal_basis": [],
        "source": {"name": "test", "sheet": None, "row": None},
        **_ORDINARY[kind],
        **fields,
    }
    return encode(REGISTRY.latest(kind), value)


_ORDINARY: Mapping[str, Mapping[str, Any]] = {
    "registration": {"name": "Company", "status": "active"},
    "licence": {"action": "granted", "category": "discharge", "number": "L-1"},
    "penalty": {
        "violation_type": "discharge",
        "facts": "discharged waste water",
        "penalty_kind": "fine",
        "fine": Decimal("2500000.00"),
        "decided_on": date(2026, 3, 2),
        "finality": "final",
    },
    "arrears": {"tax_kind": "VAT", "balance": Decimal("100.00"), "contested": False, "decided_on": date(2026, 2, 1)},
    "rating": {"rating_system": "tax-credit-rating", "grade": "A", "year": 2025, "decided_on": date(2026, 4, 1)},
    "judgment": {
        "court": "A court of the test",
        "instrument_number": "J-1",
        "obligation": "pays what it owes",
        "decided_on": date(2026, 1, 15),
        "finality": "final",
    },
    "objection": {"field": "fine", "claim": "the fine was halved"},
    "appeal": {"body": "The court", "remedy": "reconsideration", "suspensive": False, "status": "lodged"},
    "stay": {"body": "The court", "reason": "harm that could not be undone"},
    "exception": {"reason": "necessity", "approved_by": "The head of the bureau"},
    "repair-decision": {"outcome": "granted", "reason": "corrected and paid"},
    "objection-outcome": {"outcome": "upheld", "reason": "a slip", "answered_on": date(2026, 6, 2)},
    "withdrawal": {"withdrawn_kind": "penalty", "reason": "annulled", "decided_on": date(2026, 5, 1)},
}


@dataclass(frozen=True)
class Speaker:
    """An agency that says records of any kind, each under its right key."""

    agency: str

    def says(self, kind: str, key: str, about: Mapping[str, Any], **fields: Any) -> Message:
        """One message, keyed as the hub wants it."""
        first = about["identifiers"][:1]
        main = (
            f"{first[0]['scheme']}:{first[0]['value']}" if first else str(Identifier("RECORD", f"{self.agency}/{key}"))
        )
        return Message(f"records.{self.agency}", main.encode(), payload(kind, self.agency, key, about, **fields))
