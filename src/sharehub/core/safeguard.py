"""The laws of `DOMAIN.md` §5 that rulebooks and measures meet; checked at activation and at issue.

A violation is a value: law, entry, field and reason in plain words.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency
from sharehub.core.condition import Condition
from sharehub.core.entry import Entry, MeasureKind
from sharehub.core.measure import Measure
from sharehub.core.rank import Rank
from sharehub.core.record import Record
from sharehub.core.rulebook import Rulebook

ESSENTIAL_SERVICES = frozenset(
    (
        "ambulance",
        "burial",
        "compulsory-schooling",
        "court-access",
        "disaster-relief",
        "electricity",
        "emergency-care",
        "fire-service",
        "gas",
        "heating",
        "hospital-care",
        "legal-aid",
        "legal-defence",
        "medicines",
        "police-protection",
        "social-assistance",
        "vaccination",
        "water",
    )
)
"""Services that no restriction may ever target (law 6): in code, not in configuration."""

_NEEDS_REGULATION = frozenset(
    ("procurement", "bidding", "land-supply", "concessions", "market-access", "consumption", "office", "exit")
)
"""Targets whose restriction needs a law or an administrative regulation (Zhejiang Regulation Art. 26)."""

NEVER_GROUNDS = frozenset(("complaint", "registration", "declaration"))
"""Kinds from which nothing may follow: a complaint (law 4), and plain facts that decide nothing."""

COURT = "court"
"""The authority of courts, the only agencies whose records may be about an individual (law 5)."""

_FINALITY_BY = {"penalty": "finality", "judgment": "finality", "listing": "status", "licence": "action"}
_REMINDERS = 3


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken law, with its place in the rulebook."""

    law: int
    entry: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"entry {self.entry!r}, field {self.field!r}: law {self.law}: {self.reason}"


def violations(book: Rulebook, catalogue: Catalogue) -> tuple[Violation, ...]:
    """Everything in the rulebook that a law refuses; empty for a rulebook that may be used."""
    by_entry = (found for entry in book.entries for rule in _RULES for found in rule(entry, catalogue))
    return (*by_entry, *_weakened(book, catalogue))


def _weakened(book: Rulebook, catalogue: Catalogue) -> Iterator[Violation]:
    """A pilot adds entries; it never takes the place of one of its parents'."""
    above = set(catalogue.lineage(book.jurisdiction)[1:])
    taken = {entry.id for other in catalogue.rulebooks if other.jurisdiction in above for entry in other.entries}
    for entry in book.entries:
        if entry.pilot and entry.id in taken:
            yield Violation(2, entry.id, "id", "a pilot adds to its parent's entries, it cannot replace one")


def may_issue(measure: Measure, entry: Entry, entity_kind: str, conflict: bool) -> Violation | None:
    """The law that forbids to issue this measure now, or None; the second check, after activation's."""
    if measure.kind is MeasureKind.RESTRICTION and _essential(measure.target_service):
        return Violation(6, entry.id, "target_service", f"{measure.target_service} is an essential service")
    if entity_kind not in entry.entity_kinds:
        return Violation(5, entry.id, "entity_kinds", f"the entry does not apply to a subject of kind {entity_kind}")
    if conflict and measure.kind is not MeasureKind.REWARD:
        return Violation(11, entry.id, "identifiers", "the entity's identifiers are in conflict")
    return None


def shielded(record: Record) -> Violation | None:
    """Law 5: no ground against a person: a minor's debt, nor a company's in its representative's name."""
    if record.value("minor") is True:
        return Violation(5, "", "minor", "a minor is never listed")
    if record.subject_kind == "individual" and record.value("capacity") not in (None, "debtor"):
        return Violation(5, "", "capacity", "a legal representative is never listed for the company's debt")
    return None


def competent(agency: Agency | None, record: Record, catalogue: Catalogue) -> bool:
    """Law 3: the agency is known and the record lies within its competence."""
    return (
        agency is not None
        and record.kind in (*agency.record_kinds, "withdrawal")
        and catalogue.covers(agency, record.jurisdiction)
        and agency.rests_within(record.kind, (basis.instrument for basis in record.legal_basis))
    )


def _essential(target_service: str) -> bool:
    return target_service.strip().casefold().replace("_", "-").replace(" ", "-") in ESSENTIAL_SERVICES


def _stated(value: object) -> bool:
    """True for what says something; blanks do not."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, tuple):
        return bool(value) and all(_stated(part) for part in value if isinstance(part, str))
    return value is not None


def _complete(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 2: basis of sufficient rank, authority, term or exit, remedies, recipients."""
    for field, value in (
        ("legal_basis", entry.legal_basis),
        ("authority", entry.authority),
        ("remedies", entry.remedies),
        ("recipients", entry.recipients),
        ("entity_kinds", entry.entity_kinds),
    ):
        if not _stated(value):
            yield Violation(2, entry.id, field, "is missing")
    if entry.term_months is None and not _stated(entry.exit):
        yield Violation(2, entry.id, "exit", "an entry without a term must say what ends the measure")
    if entry.term_months is not None and entry.term_months < 1:
        yield Violation(2, entry.id, "term_months", "a term is at least one month")
    yield from (
        Violation(2, entry.id, "recipients", f"there is no recipient {name!r}")
        for name in entry.recipients
        if name not in catalogue.recipients
    )


def _rank(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 2: the minimum rank of the basis depends on what the measure does."""
    least = Rank.RULE
    if entry.kind is MeasureKind.RESTRICTION:
        heavy = entry.target_service in _NEEDS_REGULATION
        least = Rank.ADMINISTRATIVE_REGULATION if heavy else Rank.LOCAL_REGULATION
    best = max((basis.rank for basis in entry.legal_basis), default=least)
    if best < least:
        reason = f"a {entry.kind} on {entry.target_service} needs a basis of rank {least.word} or higher"
        yield Violation(2, entry.id, "legal_basis", reason)


def _ground(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Laws 3 and 4: only final decisions of a competent authority, never a complaint."""
    kind = entry.ground.record_kind
    if kind in NEVER_GROUNDS:
        law = 4 if kind == "complaint" else 3
        yield Violation(law, entry.id, "ground.record_kind", f"a {kind} is never a ground")
    for need in entry.requires:
        if need.record_kind == "complaint":
            yield Violation(4, entry.id, "requires", "a complaint can neither be a ground nor support one")
    if not _stated(entry.ground.authority):
        yield Violation(3, entry.id, "ground.authority", "the authority that must have decided is missing")
    test = _FINALITY_BY.get(kind)
    if test and not any(where.field == test and where.operator in ("is", "one_of") for where in entry.ground.where):
        yield Violation(3, entry.id, "ground.where", f"must test {test!r}, so that only a final decision counts")
    finality = [where for where in entry.ground.where if where.field == "finality"]
    if test == "finality" and not any(where.operator == "is" and where.operand == "final" for where in finality):
        yield Violation(3, entry.id, "ground.where", f"a {kind} that is not final restricts nothing")


def _individuals(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 5: individuals only as court debtors able to pay, after three served reminders, never published."""
    if "individual" not in entry.entity_kinds or entry.kind is MeasureKind.REWARD:
        return
    reminded = any(
        need.record_kind == "reminder"
        and need.count >= _REMINDERS
        and need.distinct == "number"
        and any(where == Condition("served_on", "present", True) for where in need.where)
        for need in entry.requires
    )
    able = any(
        where.field == "able_to_pay" and where.operator == "is" and where.operand is True
        for where in entry.ground.where
    )
    if entry.ground.record_kind != "judgment" or not able:
        yield Violation(5, entry.id, "entity_kinds", "an individual only as a court debtor found able to pay")
    if not reminded or not entry.starts_after_field:
        yield Violation(5, entry.id, "requires", "an individual only after three served reminders and the grace period")
    if entry.publication == "public":
        yield Violation(5, entry.id, "publication", "measures on individuals are not published")


def _services(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 6: essential services are untouchable."""
    if _essential(entry.target_service) and entry.kind is not MeasureKind.REWARD:
        yield Violation(6, entry.id, "target_service", f"{entry.target_service} is an essential service")


def _exits(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 8: what ends the ground must not also keep it."""
    for exit_rule in entry.exits:
        if not exit_rule.where:
            yield Violation(8, entry.id, "exits", "an exit without a condition ends every measure at once")


def _related(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 10: say why this measure relates to this violation."""
    said = entry.relatedness.strip()
    if len(said.split()) < 3 and len(said) < 12:
        yield Violation(10, entry.id, "relatedness", "a sentence must say how measure and violation relate")


def agency_violations(agencies: Iterable[Agency], private: Iterable[str]) -> tuple[Violation, ...]:
    """Law 7: a private loyalty or credit scheme can be no agency."""
    named = set(private)
    return tuple(
        Violation(7, agency.id, "public", "only a public administration can be an agency")
        for agency in agencies
        if agency.id in named
    )


_RULES = (_complete, _rank, _ground, _individuals, _services, _exits, _related)
