"""The laws of `DOMAIN.md` §5 that rulebooks and measures meet; checked at activation and at issue.

A violation is a value: law, entry, field and reason in plain words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency
from sharehub.core.condition import Condition
from sharehub.core.entry import Entry, MeasureKind, Requirement
from sharehub.core.measure import Measure
from sharehub.core.rank import Basis, Rank
from sharehub.core.record import Record
from sharehub.core.rulebook import Rulebook
from sharehub.core.services import ESSENTIAL_SERVICES, NEEDS_REGULATION, plainly_spelt, within

GROUND_KINDS = frozenset(("arrears", "commendation", "judgment", "licence", "listing", "penalty", "rating"))
"""Kinds that decide something; from all others nothing may follow, least of all from a complaint (laws 3 and 4)."""

COURT = "court"
"""The authority of courts, the only agencies whose records may be about an individual (law 5)."""

_FINALITY_BY = {"penalty": "finality", "judgment": "finality", "listing": "status", "licence": "action"}
_NOT_FINAL = frozenset(
    ("alleged", "contested", "pending", "preliminary", "presumed", "proposed", "suspected", "under-appeal")
)
_REMINDERS = 3
_LETTERS = 8
"""A sentence of a script without spaces has this many letters at least."""


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
    if measure.kind is not MeasureKind.REWARD and (reason := _untouchable(measure.target_service)):
        return Violation(6, entry.id, "target_service", reason)
    if entity_kind not in entry.entity_kinds:
        return Violation(5, entry.id, "entity_kinds", f"the entry does not apply to a subject of kind {entity_kind}")
    if entity_kind == "individual" and (broken := next(_individuals(entry), None)):
        return broken
    if conflict and measure.kind is not MeasureKind.REWARD:
        return Violation(11, entry.id, "identifiers", "the entity's identifiers are in conflict")
    return None


def undecided(record: Record) -> Violation | None:
    """Laws 3 and 4 at issue: what is no final decision is no ground, whatever an entry says."""
    if record.kind not in GROUND_KINDS:
        return _no_ground("", "kind", record.kind)
    said = record.value(_FINALITY_BY.get(record.kind, ""))
    if record.value("contested") is True or (isinstance(said, str) and _unsure(said)):
        return Violation(3, "", "finality", f"a {record.kind} that is not final restricts nothing")
    return None


def shielded(record: Record) -> Violation | None:
    """Law 5: no ground against a person: a minor's debt, nor a company's in its representative's name."""
    if record.value("minor") is True:
        return Violation(5, "", "minor", "a minor is never listed")
    if record.value("capacity") not in (None, "debtor"):
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


def _untouchable(target: str) -> str | None:
    """Law 6: why no restriction may aim at this, or None."""
    service = within(target, ESSENTIAL_SERVICES)
    if service is not None:
        return f"{target} is an essential service" if target == service else f"{target!r} is of {service}: essential"
    return (
        None if plainly_spelt(target) else f"{target!r} is not spelt in a to z and hyphens, to be compared with lists"
    )


def _no_ground(entry: str, field: str, kind: str) -> Violation:
    return Violation(4 if kind == "complaint" else 3, entry, field, f"a {kind} is never a ground")


def _unsure(word: str) -> bool:
    return word.casefold().replace("_", "-") in _NOT_FINAL


def _stated(value: object) -> bool:
    """True for what says something; blanks and dots do not."""
    if isinstance(value, str):
        return any(map(str.isalnum, value))
    if isinstance(value, Basis):
        return _stated(value.instrument) and _stated(value.article)
    if isinstance(value, tuple):
        return bool(value) and all(map(_stated, value))
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
        heavy = within(entry.target_service, NEEDS_REGULATION)
        least = Rank.ADMINISTRATIVE_REGULATION if heavy else Rank.LOCAL_REGULATION
    best = max((basis.rank for basis in entry.legal_basis), default=least)
    if best < least:
        reason = f"a {entry.kind} on {entry.target_service} needs a basis of rank {least.word} or higher"
        yield Violation(2, entry.id, "legal_basis", reason)


def _ground(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Laws 3 and 4: only decisions of a competent authority; no complaint counts, not even beside one."""
    kind = entry.ground.record_kind
    if kind not in GROUND_KINDS:
        yield _no_ground(entry.id, "ground.record_kind", kind)
    for field, beside in (("requires", entry.requires), ("barred_by", entry.barred_by)):
        if any(one.record_kind == "complaint" for one in beside):
            yield Violation(4, entry.id, field, "a complaint can neither be a ground nor support or end one")
    if not _stated(entry.ground.authority):
        yield Violation(3, entry.id, "ground.authority", "the authority that must have decided is missing")


def _final(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 3: only final decisions; the entry tests the field in which its kind of record says so."""
    kind = entry.ground.record_kind
    test = _FINALITY_BY.get(kind)
    tests = [where for where in entry.ground.where if where.field == test and where.operator in ("is", "one_of")]
    if test and not tests:
        yield Violation(3, entry.id, "ground.where", f"must test {test!r}, so that only a final decision counts")
    accepted = [where.operand if isinstance(where.operand, tuple) else (str(where.operand),) for where in tests]
    if any(_unsure(word) for words in accepted for word in words) or (
        test == "finality" and ("final",) not in accepted
    ):
        yield Violation(3, entry.id, "ground.where", f"a {kind} that is not final restricts nothing")
    if kind == "arrears" and Condition("contested", "is", False) not in entry.ground.where:
        yield Violation(3, entry.id, "ground.where", "must test 'contested', so that only settled arrears count")


def _own_rating(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 7: a rating is an agency's own by law; the entry names it, so that nobody else's counts."""
    named = any(where.field == "rating_system" and where.operator == "is" for where in entry.ground.where)
    if entry.ground.record_kind == "rating" and not named:
        yield Violation(7, entry.id, "ground.where", "must test 'rating_system', so that no other scheme counts")


def _people(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    yield from _individuals(entry)


def _individuals(entry: Entry) -> Iterator[Violation]:
    """Law 5: individuals only as court debtors able to pay, after three served reminders, never published."""
    if "individual" not in entry.entity_kinds or entry.kind is MeasureKind.REWARD:
        return
    able = Condition("able_to_pay", "is", True) in entry.ground.where
    if entry.ground.record_kind != "judgment" or entry.ground.authority != COURT or not able:
        yield Violation(5, entry.id, "entity_kinds", "an individual only as a court debtor found able to pay")
    if not any(map(_reminds, entry.requires)) or entry.starts_after_field != "grace_until":
        yield Violation(5, entry.id, "requires", "an individual only after three served reminders and the grace period")
    if entry.publication == "public":
        yield Violation(5, entry.id, "publication", "measures on individuals are not published")


def _reminds(need: Requirement) -> bool:
    served = Condition("served_on", "present", True) in need.where
    return need.record_kind == "reminder" and need.count >= _REMINDERS and need.distinct == "number" and served


def _services(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 6: essential services are untouchable."""
    if entry.kind is not MeasureKind.REWARD and (reason := _untouchable(entry.target_service)):
        yield Violation(6, entry.id, "target_service", reason)


def _exits(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 8: what ends the ground must not also keep it."""
    for exit_rule in entry.exits:
        if not exit_rule.where:
            yield Violation(8, entry.id, "exits", "an exit without a condition ends every measure at once")


def _related(entry: Entry, catalogue: Catalogue) -> Iterator[Violation]:
    """Law 10: say why this measure relates to this violation."""
    words = set(re.findall(r"[^\W\d_]+", entry.relatedness.casefold()))
    if len(words) < 3 and max(map(len, words), default=0) < _LETTERS:
        yield Violation(10, entry.id, "relatedness", "a sentence must say how measure and violation relate")


def agency_violations(agencies: Iterable[Agency], private: Iterable[str]) -> tuple[Violation, ...]:
    """Law 7: a private loyalty or credit scheme can be no agency."""
    named = set(private)
    return tuple(
        Violation(7, agency.id, "public", "only a public administration can be an agency")
        for agency in agencies
        if agency.id in named
    )


_RULES = (_complete, _rank, _ground, _final, _own_rating, _people, _services, _exits, _related)
