"""Records and events in words, for people: what happened, what followed, on what basis, until when."""

from collections.abc import Callable, Mapping

from sharehub.core.measure import Measure, SanctionEvent
from sharehub.core.record import Record


def record_words(record: Record, agency_title: str) -> str:
    """One sentence on what the agency said."""
    if record.withdrawn:
        return f"{agency_title} withdrew its record {record.record_key}: {record.value('reason')}."
    tell = _SENTENCES.get(record.kind, _published)
    number = f" (document {record.document_number})" if record.document_number else ""
    again = f", revision {record.revision}" if record.revision > 1 else ""
    return f"{agency_title} {tell(record)}{number}{again}."


def event_words(event: SanctionEvent) -> str:
    """One sentence on what was issued, amended or ended, and why."""
    measure = event.measure
    if event.event == "issued":
        return f"Issued: {measure.title}. {explained(measure)}"
    return f"{event.event.replace('-', ' ').capitalize()}: {measure.title} ({event.reason.replace('-', ' ')})."


def explained(measure: Measure) -> str:
    """Ground, agency, legal basis, rulebook version, term and remedies of a measure, in words."""
    ground = measure.ground
    document = ground.document_number or ground.record_key
    until = f"until {measure.effective_to}" if measure.effective_to else f"until: {measure.exit}"
    return " ".join(
        (
            f"Ground: {ground.record_kind} {document} of {ground.agency}",
            f"({'; '.join(ground.why)})." if ground.why else ".",
            f"Authority: {measure.authority}.",
            f"Legal basis: {'; '.join(str(basis) for basis in measure.legal_basis)}.",
            f"Rulebook: {measure.entry}, version {measure.rulebook_version}.",
            f"Term: from {measure.effective_from} {until}{'' if until.endswith('.') else '.'}",
            f"Relates to the ground because: {measure.relatedness}",
            f"Remedies: {'; '.join(measure.remedies)}.",
        )
    )


def _published(record: Record) -> str:
    return f"published a {record.kind}"


def _penalty(record: Record) -> str:
    fine = record.value("fine")
    amount = f" of {fine}" if fine else ""
    finality = str(record.value("finality")).replace("_", " ")
    return (
        f"imposed a penalty for {record.value('violation_type')}: {record.value('penalty_kind')}{amount} ({finality})"
    )


def _reminder(record: Record) -> str:
    served_on = record.value("served_on")
    return (
        f"served reminder {record.value('number')} on {served_on}"
        if served_on
        else (f"could not serve reminder {record.value('number')}")
    )


def _judgment(record: Record) -> str:
    able = {True: "found able to pay", False: "found unable to pay"}.get(bool(record.value("able_to_pay")), "")
    known = able if record.value("able_to_pay") is not None else "ability to pay not examined"
    paid = record.value("performed_on")
    return f"enforces {record.value('instrument_number')}: {record.value('obligation')}; {known}" + (
        f"; performed on {paid}" if paid else ""
    )


_SENTENCES: Mapping[str, Callable[[Record], str]] = {
    "registration": lambda one: f"has it registered as {one.value('name')}, {one.value('status')}",
    "licence": lambda one: (
        f"licence {one.value('number')} for {one.value('category')}: {one.value('action')}, "
        f"valid to {one.value('valid_to') or 'an open end'}"
    ),
    "declaration": lambda one: f"received a {one.value('declaration_kind')} declaration for {one.value('period')}",
    "rating": lambda one: f"rated it {one.value('grade')} for {one.value('year')} ({one.value('rating_system')})",
    "arrears": lambda one: f"announced {one.value('tax_kind')} arrears of {one.value('balance')}",
    "penalty": _penalty,
    "judgment": _judgment,
    "reminder": _reminder,
    "listing": lambda one: f"has it on list {one.value('list_name')} as {one.value('status')}",
    "complaint": lambda one: f"routed a complaint to {one.value('competent_agency')}; no measure can follow from it",
}
