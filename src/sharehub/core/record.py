"""What an agency said, once. Immutable; revised only by a later revision of the same record key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from sharehub.core.identifier import Identifier
from sharehub.core.rank import Basis

Scalar = str | int | bool | Decimal | date | None

WITHDRAWAL = "withdrawal"
REGISTRATION = "registration"


def content_key(*parts: str | int) -> bytes:
    """16 bytes that are a function of the parts and separate them (BLAKE2b, 128 bits)."""
    texts = [str(part) for part in parts]
    return blake2b("".join(f"{len(text)}:{text}" for text in texts).encode(), digest_size=16).digest()


def content_id(*parts: str | int) -> UUID:
    """The same as an id."""
    return UUID(bytes=content_key(*parts))


RecordKey = tuple[str, str]
"""Agency and record key: what all revisions of one record have in common."""


def record_id(agency: str, record_key: str, revision: int) -> UUID:
    """Id of one revision of one record: redelivery and re-reading give the same."""
    return UUID(bytes=record_keyed(agency, record_key, revision))


def record_keyed(agency: str, record_key: str, revision: int) -> bytes:
    """The bytes of `record_id`, made by the million."""
    return blake2b(f"{agency}\x1f{record_key}\x1f{revision}".encode(), digest_size=16).digest()


def fact_key(agency: str, record_key: str) -> bytes:
    """What all revisions of one record have in common: `content_key("fact", …)` written out, made by the million."""
    text = f"4:fact{len(agency)}:{agency}{len(record_key)}:{record_key}"
    return blake2b(text.encode(), digest_size=16).digest()


def trace_id(agency: str, record_key: str) -> str:
    """The one id, 32 hexadecimal digits, of all that comes of a record: from its source's row to the feeds."""
    return fact_key(agency, record_key).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One revision; `detail` holds the fields of its kind, `originals` the source's own text of cleaned fields."""

    agency: str
    record_key: str
    revision: int
    kind: str
    jurisdiction: str
    subject_kind: str
    identifiers: tuple[Identifier, ...] = ()
    names: tuple[str, ...] = ()
    address: str | None = None
    occurred_on: date | None = None
    decided_on: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    received_on: date | None = None
    document_number: str | None = None
    case_reference: str | None = None
    legal_basis: tuple[Basis, ...] = ()
    source: str = ""
    originals: Mapping[str, str] = field(default_factory=dict)
    detail: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def reference(self) -> Identifier:
        """The record itself as something that a person can point at: `RECORD:<agency>/<record key>`."""
        return Identifier("RECORD", f"{self.agency}/{self.record_key}")

    @property
    def name(self) -> str | None:
        """The name that this record gives its subject: the registered one, else the first one stated."""
        registered = self.detail.get("name") if self.kind == REGISTRATION else None
        return str(registered) if registered else next(iter(self.names), None)

    @property
    def withdrawn(self) -> bool:
        """True for the revision by which the agency takes the record back."""
        return self.kind == WITHDRAWAL

    @property
    def stated_on(self) -> date | None:
        """The business date that the agency states: when it takes effect, was decided, or happened."""
        return self.effective_from or self.decided_on or self.occurred_on

    @property
    def counts_from(self) -> date | None:
        """The business date: the stated one, else when the hub received it."""
        return self.stated_on or self.received_on

    def value(self, name: str) -> Scalar:
        """A field by its schema name, of the envelope or of the kind."""
        if name not in _ENVELOPE:
            return self.detail.get(name)
        found: Scalar = getattr(self, name)
        return found


_ENVELOPE = frozenset(
    (
        "agency",
        "jurisdiction",
        "occurred_on",
        "decided_on",
        "effective_from",
        "effective_to",
        "document_number",
        "case_reference",
    )
)


class Received(NamedTuple):
    """A revision and the instant at which the hub received it: the broker's append time, aware."""

    record: Record
    received_at: datetime

    @property
    def counts_from(self) -> date:
        """The business date; what states none counts from the day of its receipt."""
        return self.record.counts_from or self.received_at.date()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that is not admitted: `code` for machines, `place` and `reason` for people."""

    code: str
    field: str
    place: str
    reason: str


def latest(records: Iterable[Record]) -> tuple[Record, ...]:
    """The newest revision of every record key, whatever the order of arrival."""
    newest: dict[tuple[str, str], Record] = {}
    for record in records:
        key = (record.agency, record.record_key)
        if key not in newest or newest[key].revision < record.revision:
            newest[key] = record
    return tuple(newest[key] for key in sorted(newest))
