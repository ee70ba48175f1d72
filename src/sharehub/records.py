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
Remedy = Literal["reconsideration", "litigation", "retrial_supervision", "other"]
AppealStatus = Literal["lodged", "admitted", "upheld", "partly_upheld", "dismissed", "withdrawn"]
ComplaintStatus = Literal["routed", "accepted", "declined", "closed"]
DelistingReason = Literal[
    "performed",
    "settlement_performed",
    "creditor_consent",
    "no_assets_found",
    "stayed",
    "not_enforceable",
    "enforcement_ended",
    "term_over",
    "rebutted",
    "favourable_ruling",
    "listed_in_error",
    "removed",
]
ExceptionReason = Literal["illness", "funeral", "public_duty", "examination", "necessity", "restructuring"]
Finality = Literal["preliminary", "final", "under_appeal"]
Capacity = Literal["debtor", "legal_representative", "responsible_person"]
LicenceAction = Literal["granted", "renewed", "suspended", "revoked", "expired"]
NoticeStage = Literal["listing_risk_warning", "asset_report_order", "pre_listing", "proposed_decision", "hearing"]
ObjectionAnswer = Literal["upheld", "partly_upheld", "rejected", "withdrawn"]
PerformanceKind = Literal["payment", "correction", "completion"]
Extent = Literal["partial", "full"]
RegistrationStatus = Literal["active", "ceased", "revoked", "deregistered"]
RepairOutcome = Literal["granted", "refused"]


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
class Appeal(Envelope):
    """A remedy against a decision: it marks the decision for everybody, it does not suspend it."""

    kind: ClassVar[Literal["appeal"]] = "appeal"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    body: str
    """Who decides on it."""
    remedy: Remedy
    """Which remedy."""
    lodged_on: date | None = None
    """Day on which it was lodged."""
    suspensive: bool
    """Whether the body has suspended the decision; the suspension itself is a stay."""
    status: AppealStatus
    """Upheld: the decision is quashed from the start."""
    outcome: str | None = None
    """Outcome in words."""
    outcome_on: date | None = None
    """Day of the outcome."""


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
class Commendation(Envelope):
    """An honour that a competent administration has awarded."""

    kind: ClassVar[Literal["commendation"]] = "commendation"

    honour: str
    """What was awarded."""
    facts: str
    """What for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint(Envelope):
    """A complaint by anybody about an entity or an office, routed to the competent agency; never a ground."""

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
    status: ComplaintStatus | None = None
    """What the competent agency has done; null: routed."""
    outcome: str | None = None
    """What the author is told."""
    outcome_on: date | None = None
    """Day of the outcome."""
    sealed_author: str | None = None
    """Who complains, in base64, sealed for the competent agency alone; null: anonymous."""
    sealed_for: str | None = None
    """Fingerprint of the key it is sealed for."""
    record_agency: str | None = None
    """Agency of the record that came of it, if any."""
    record_key_decided: str | None = None
    """Key of the record that came of it, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Envelope):
    """An agency was wrong: what it had said, what is right, and why; the record itself follows as a new revision."""

    kind: ClassVar[Literal["correction"]] = "correction"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    corrected_field: str
    """Field that was wrong."""
    before: str | None = None
    """What it said."""
    after: str | None = None
    """What is right."""
    reason: str
    """Why."""
    objection_key: str | None = None
    """Key of the objection that led to it."""


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
class Delisting(Envelope):
    """The authority takes somebody off its list; the listing or judgment ends with it."""

    kind: ClassVar[Literal["delisting"]] = "delisting"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    reason: DelistingReason
    """Why; for judgment debtors the seven grounds of Fa Shi [2017] 7, Art. 10."""
    requested_on: date | None = None
    """Day on which the condition was met or deletion was asked for; the clock of deletion runs from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureException(Envelope):
    """A measure is lifted for some days, from effective_from to effective_to, at most a month."""

    kind: ClassVar[Literal["exception"]] = "exception"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    reason: ExceptionReason
    """What for."""
    approved_by: str
    """Who approved it: the court's president, for judgment debtors."""
    entry: str | None = None
    """Entry whose measure is excepted; null: all that follow from the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment(Envelope):
    """A judgment that a court enforces, what was performed of it, and why the debtor is, or is not, listed."""

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
    capacity: Capacity | None = None
    """In which capacity the subject is named; null: as the debtor."""
    security_given: bool | None = None
    """Sufficient effective security was given (Art. 3)."""
    assets_seized_suffice: bool | None = None
    """What is seized already covers the debt (Art. 3)."""
    not_yet_enforceable: bool | None = None
    """Its rank is later, or it may not be enforced yet (Art. 3)."""
    minor: bool | None = None
    """The debtor is a minor (Art. 4)."""
    campus_loan: bool | None = None
    """A student's campus loan."""
    aggravated: bool | None = None
    """Violence, threats or several grounds (Art. 2)."""
    term_months: int | None = None
    """Term that the listing decision states; null: none."""
    listing_decision: str | None = None
    """Number of the listing decision."""
    signed_by: str | None = None
    """Office that signed it."""
    decision_served_on: date | None = None
    """Day of its service."""
    filed_on: date | None = None
    """Day on which the enforcement was filed."""


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
class Notice(Envelope):
    """What a party is told before a decision: what is proposed, why, and which rights it has."""

    kind: ClassVar[Literal["notice"]] = "notice"

    stage: NoticeStage
    """What the notice announces."""
    proposed: str
    """Proposed measure or decision, in words."""
    rights: str
    """Rights of the party: representation, hearing, and until when."""
    hearing_on: date | None = None
    """Day of the hearing."""
    served_on: date | None = None
    """Day of service; null: not served."""
    respond_until: date | None = None
    """Last day to respond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection(Envelope):
    """The party says that a field of a record is wrong; the record is marked until the objection is answered."""

    kind: ClassVar[Literal["objection"]] = "objection"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    field: str
    """Field that is wrong; empty: the record as a whole."""
    claim: str
    """What is wrong, in the party's words."""
    proposed: str | None = None
    """What is right, according to the party."""
    lodged_on: date | None = None
    """Day on which it was lodged."""
    statement: str | None = None
    """The party's own statement, attached to the record."""
    reference_number: str | None = None
    """Number by which the party asks for the outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionOutcome(Envelope):
    """The answer to an objection; it closes the mark."""

    kind: ClassVar[Literal["objection-outcome"]] = "objection-outcome"

    concerns_agency: str
    """Agency of the objected record."""
    concerns_key: str
    """Key of the objected record."""
    objection_key: str
    """Key of the objection that it answers."""
    outcome: ObjectionAnswer
    """Upheld: a correction or a withdrawal follows."""
    reason: str
    """Why."""
    answered_on: date | None = None
    """Day of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut(Envelope):
    """A body does not recognise another one's listing, for reasons that it states."""

    kind: ClassVar[Literal["opt-out"]] = "opt-out"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    recipient: str
    """Recipient for which the listing is not recognised."""
    reason: str
    """Why."""


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
class Performance(Envelope):
    """What the party has done: payment, correction of the harm, completion of the obligation."""

    kind: ClassVar[Literal["performance"]] = "performance"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    performed: PerformanceKind
    """What was done."""
    extent: Extent
    """How much of it."""
    performed_on: date | None = None
    """Day on which it was done."""
    proof: str | None = None
    """Proof that the authority holds."""


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
class RepairApplication(Envelope):
    """The party asks that a record be repaired."""

    kind: ClassVar[Literal["repair-application"]] = "repair-application"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    commitment: str | None = None
    """Public commitment of the party."""
    lodged_on: date | None = None
    """Day on which it was lodged."""
    reference_number: str | None = None
    """Number by which the party asks for the outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairDecision(Envelope):
    """The authority that determined decides on repair; granted, publication, sharing and measures end together."""

    kind: ClassVar[Literal["repair-decision"]] = "repair-decision"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    outcome: RepairOutcome
    """What was decided."""
    reason: str
    """Why."""
    application_key: str | None = None
    """Key of the application that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation(Envelope):
    """What the party itself says: a statement, a defence, a reply to a notice; attached to the record."""

    kind: ClassVar[Literal["representation"]] = "representation"

    concerns_agency: str | None = None
    """Agency of the record that this is about; null: the case as a whole."""
    concerns_key: str | None = None
    """Key of the record that this is about."""
    said: str
    """The party's own words."""
    lodged_on: date | None = None
    """Day on which it was lodged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay(Envelope):
    """A decision that suspends another one, from effective_from to effective_to; never implied by an appeal."""

    kind: ClassVar[Literal["stay"]] = "stay"

    concerns_agency: str
    """Agency of the record that this is about."""
    concerns_key: str
    """Key of the record that this is about."""
    body: str
    """Who ordered it."""
    reason: str
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Envelope):
    """The agency takes back a record: the next revision of the same key."""

    kind: ClassVar[Literal["withdrawal"]] = "withdrawal"

    withdrawn_kind: str
    """Kind of the withdrawn record."""
    reason: str
    """Why."""


Record = (
    Appeal
    | Arrears
    | Commendation
    | Complaint
    | Correction
    | Declaration
    | Delisting
    | MeasureException
    | Judgment
    | Licence
    | Listing
    | Notice
    | Objection
    | ObjectionOutcome
    | OptOut
    | Penalty
    | Performance
    | Rating
    | Registration
    | Reminder
    | RepairApplication
    | RepairDecision
    | Representation
    | Stay
    | Withdrawal
)
"""Any of them."""
