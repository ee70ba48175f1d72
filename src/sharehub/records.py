"""Typed records to publish, one class per kind. Written by `make docs` from `schemas/`; do not edit.

Days are `datetime.date`, amounts exact `Decimal`. A record without `revision` is the next one of its key, or the newest
one said again. The agency is that of the `Publisher`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

EntityKind = Literal["company", "organisation", "public_body", "individual"]
LegalRank = Literal["law", "administrative_regulation", "local_regulation", "rule"]
Finality = Literal["preliminary", "final", "under_appeal"]
LicenceAction = Literal["granted", "renewed", "suspended", "revoked", "expired"]
RegistrationStatus = Literal["active", "ceased", "revoked", "deregistered"]


@dataclass(frozen=True, slots=True)
class Identifier:
    """Identifier of a record, as its agency states it."""

    scheme: str
    """Identifier scheme: CN-USCC, CN-ORGCODE, CN-TAXNO, MX-RFC, LEI."""
    value: str
    """Value in its normalised form."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of a record, as its agency states it."""

    kind: EntityKind
    """What the subject is in law."""
    identifiers: tuple[Identifier, ...]
    """As stated by the agency, the strongest first; the first one is the message key SCHEME:VALUE."""
    names: tuple[str, ...] = ()
    """Names as stated, the current one first."""
    address: str | None = None
    """Address as stated."""


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """LegalBasis of a record, as its agency states it."""

    instrument: str
    """Law, regulation or rule."""
    article: str
    """Article, paragraph or item."""
    rank: LegalRank
    """Rank of the instrument."""


@dataclass(frozen=True, slots=True)
class Source:
    """Source of a record, as its agency states it."""

    name: str
    """File, table or URL the record was read from."""
    sheet: str | None = None
    """Sheet of a workbook."""
    row: int | None = None
    """Row in the file or sheet, counted from 1 as a spreadsheet shows it."""


@dataclass(frozen=True, slots=True)
class Original:
    """Original of a record, as its agency states it."""

    field: str
    """Field that was cleaned, such as subject.identifiers or decided_on."""
    text: str
    """What the source says there, letter by letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every record says, whatever its kind."""

    record_key: str
    """Key of the record at its agency, stable across revisions, prefixed with the connector that publishes it."""
    revision: int | None = None
    """1 for the first statement; a correction or withdrawal is a higher revision of the same key."""
    supersedes: str | None = None
    """Record id of the revision that this one replaces."""
    jurisdiction: str
    """Jurisdiction whose law the record rests on: cn, cn-qinghe, mx."""
    subject: Subject
    """About whom; companies mostly."""
    occurred_on: date | None = None
    """When the fact happened."""
    decided_on: date | None = None
    """When the competent authority decided."""
    effective_from: date | None = None
    """From when the decision counts."""
    effective_to: date | None = None
    """Until when it counts, inclusive; null: no end stated."""
    legal_basis: tuple[LegalBasis, ...] = ()
    """What the decision rests on."""
    document_number: str | None = None
    """Number of the decision document."""
    source: Source | None = None
    """Where the agency keeps it."""
    originals: tuple[Original, ...] = ()
    """What the source says, where the value above was cleaned, recovered or translated."""
    case_reference: str | None = None
    """Case the record belongs to, for example an enforcement case number."""
    correlation_id: str | None = None
    """Run or request that produced the message."""
    causation_id: str | None = None
    """Message that caused this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrears(Envelope):
    """Tax arrears as published by the tax authority."""

    kind: ClassVar[Literal["arrears"]] = "arrears"

    tax_kind: str
    """Tax owed."""
    balance: Decimal
    """Balance owed, in the currency unit."""
    newly_arisen: Decimal | None = None
    """Part that arose in this period."""
    contested: bool
    """True while the taxpayer contests the amount."""
    office: str | None = None
    """Tax office in charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint(Envelope):
    """A complaint by anyone about an entity or an office; routed, never a ground (law 4)."""

    kind: ClassVar[Literal["complaint"]] = "complaint"

    about: str
    """Entity or office complained about, as stated."""
    matter: str
    """What is complained of; the author stays with the competent agency."""
    competent_agency: str
    """Agency that must examine it."""
    reference_number: str
    """Number under which the author is told the outcome."""
    lodged_on: date | None = None
    """Date lodged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration(Envelope):
    """A declaration filed or due."""

    kind: ClassVar[Literal["declaration"]] = "declaration"

    declaration_kind: str
    """Tax or other filing."""
    period: str
    """Period declared, for example 2026-Q1."""
    due_on: date | None = None
    """Due date."""
    filed_on: date | None = None
    """Filing date; null: not filed."""
    outcome: str | None = None
    """Outcome as stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment(Envelope):
    """A court's enforcement judgment against a debtor."""

    kind: ClassVar[Literal["judgment"]] = "judgment"

    court: str
    """Court that enforces."""
    instrument_number: str
    """Instrument being enforced."""
    obligation: str
    """Obligation under the instrument."""
    performed_part: str | None = None
    """What was performed."""
    unperformed_part: str | None = None
    """What was not."""
    ground_number: int | None = None
    """Ground 1 to 6 of Art. 1 of the Provisions; null: none found."""
    able_to_pay: bool | None = None
    """Ability finding; null: not examined."""
    grace_until: date | None = None
    """Last day of the grace period."""
    performed_on: date | None = None
    """Day of full performance; null: not performed."""
    finality: Finality
    """Whether the finding is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence(Envelope):
    """An administrative licence and what became of it."""

    kind: ClassVar[Literal["licence"]] = "licence"

    action: LicenceAction
    """Last thing done to the licence."""
    category: str
    """Licensed activity."""
    number: str
    """Licence number."""
    valid_from: date | None = None
    """First day of validity."""
    valid_to: date | None = None
    """Last day of validity, inclusive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Envelope):
    """An entry on an authority's own list and its present status."""

    kind: ClassVar[Literal["listing"]] = "listing"

    list_name: str
    """List, for example 69-B."""
    status: str
    """Status in the words of the list's law, for example presumed, rebutted, definitive, favourable-ruling."""
    listed_on: date | None = None
    """Date of listing."""
    reason: str | None = None
    """Reason or note as stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty(Envelope):
    """An administrative penalty."""

    kind: ClassVar[Literal["penalty"]] = "penalty"

    violation_type: str
    """Kind of violation."""
    facts: str
    """Facts found."""
    penalty_kind: str
    """Warning, fine, confiscation, licence revocation …, as stated."""
    fine: Decimal | None = None
    """Fine, in the currency unit."""
    confiscation: Decimal | None = None
    """Confiscated amount, in the currency unit."""
    licence_effect: str | None = None
    """Licence suspended or revoked, with its number."""
    finality: Finality
    """Only a final penalty can be a ground (law 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(Envelope):
    """A rating that a law provides for, such as the tax authority's yearly rating; never a score of ours."""

    kind: ClassVar[Literal["rating"]] = "rating"

    rating_system: str
    """Rating scheme in law, for example tax-credit-rating."""
    grade: str
    """Grade as stated."""
    year: int
    """Year rated."""
    office: str | None = None
    """Office that rated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Envelope):
    """A company or organisation as its registry has it."""

    kind: ClassVar[Literal["registration"]] = "registration"

    name: str
    """Registered name."""
    status: RegistrationStatus
    """State of the registration."""
    legal_form: str | None = None
    """Legal form as stated."""
    registered_on: date | None = None
    """Date of registration."""
    capital: str | None = None
    """Registered capital as stated, with its unit."""
    region: str | None = None
    """City or district of the registry."""
    representative: str | None = None
    """Legal representative as a masked reference, never an identity number."""
    successor: str | None = None
    """Identifier SCHEME:VALUE of the successor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder(Envelope):
    """A reminder served on a debtor before listing."""

    kind: ClassVar[Literal["reminder"]] = "reminder"

    number: int
    """1, 2 or 3."""
    served_on: date | None = None
    """Day of service; null: not served."""
    proof_of_service: str | None = None
    """Proof of service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Envelope):
    """The agency takes back a record: the next revision of the same key."""

    kind: ClassVar[Literal["withdrawal"]] = "withdrawal"

    withdrawn_kind: str
    """Kind of the withdrawn record."""
    reason: str
    """Why."""


Record = (
    Arrears
    | Complaint
    | Declaration
    | Judgment
    | Licence
    | Listing
    | Penalty
    | Rating
    | Registration
    | Reminder
    | Withdrawal
)
"""Any of them."""
