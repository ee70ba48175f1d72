"""What became of a matter that was taken in: the answer of the agency that must answer, and of nobody else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sharehub.core.record import Record, latest


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the matter stands: `waiting`, `attached`, a complaint's status, or what was answered, why and when."""

    status: str
    told: str | None = None
    answered_on: date | None = None


def answering(record: Record) -> str:
    """The agency that must answer."""
    return str(record.value("competent_agency" if record.kind == "complaint" else "concerns_agency"))


def outcome_of(record: Record, beside: Iterable[Record]) -> Outcome:
    """The outcome of the newest revision of a matter, among all records of its entity in any order."""
    if record.kind == "complaint":
        told, on = record.value("outcome"), record.value("outcome_on")
        status = str(record.value("status") or "routed")
        return Outcome(status, str(told) if told else None, on if isinstance(on, date) else None)
    if record.kind == "representation":
        return Outcome("attached")
    answers = [one for one in latest(beside) if one.agency == answering(record) and _answers(one, record)]
    if not answers:
        return Outcome("waiting")
    last = max(answers, key=lambda one: (_answered_on(one) or date.min, one.record_key))
    return Outcome(str(last.value("outcome")), str(last.value("reason")), _answered_on(last))


def _answers(one: Record, matter: Record) -> bool:
    if matter.kind == "objection":
        return one.kind == "objection-outcome" and one.value("objection_key") == matter.record_key
    if one.kind != "repair-decision":
        return False
    named = one.value("application_key")
    return named == matter.record_key if named else _later_on_the_same(one, matter)


def _later_on_the_same(one: Record, matter: Record) -> bool:
    """A decision that names no application answers those that were lodged before it, about the same record."""
    decided, lodged = _answered_on(one), matter.value("lodged_on") or matter.counts_from
    known = isinstance(lodged, date) and decided is not None and decided >= lodged
    return known and one.value("concerns_key") == matter.value("concerns_key")


def _answered_on(one: Record) -> date | None:
    stated = one.value("answered_on")
    return stated if isinstance(stated, date) else one.counts_from
