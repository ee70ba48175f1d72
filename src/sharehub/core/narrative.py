"""Records and events in words, for people: what happened, what followed, on what basis, until when."""

from collections.abc import Callable, Mapping, Sequence

from sharehub.core.history import Change, Note
from sharehub.core.measure import Measure, SanctionEvent
from sharehub.core.record import Record, Scalar
from sharehub.core.statement import Disagreement, Statement
from sharehub.core.validity import Ending


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


def ending_words(ending: Ending, ended_by: int | None) -> str:
    """Why something no longer counts; empty while it does."""
    return {
        "": "",
        "corrected": f"corrected by revision {ended_by}; it never counted",
        "withdrawn": f"withdrawn by revision {ended_by}",
        "superseded": f"superseded by revision {ended_by}",
        "over": "its term is over",
    }[ending]


def change_words(change: Change) -> str:
    """One changed field with before and after."""
    return f"{_spaced(change.field)}: {_valued(change.before)} → {_valued(change.after)}"


def note_words(note: Note, record: Record) -> str:
    """One sentence on what is odd about the way in which a revision came, and what the hub makes of it."""
    numbers = _numbered(note.revisions)
    verb = "withdraws" if record.withdrawn else "corrects"
    return {
        "late": f"Revision {record.revision} arrived after {numbers}; the highest number counts, not the last arrival.",
        "unreceived": f"Revision {record.revision} {verb} {numbers}, which the hub never received; "
        + ("there is nothing to take back." if record.withdrawn else "it is kept and counts as it stands."),
        "gap": f"Revision {record.revision} follows {numbers}, which the hub never received; it counts as it stands.",
        "repeated": f"Revision {record.revision} says the same as {numbers}.",
        "contradicted": f"Another text was sent under the number of {numbers}; the one received first counts.",
        "reinstated": f"Revision {record.revision} reinstates the record, which {numbers} had withdrawn.",
        "nothing-to-end": "It ends what the hub never received: no earlier revision says that it began. It is kept.",
    }[note.code]


def disagreement_words(found: Disagreement, titles: Callable[[str], str]) -> str:
    """Both sides of a disagreement, the displayed one first."""
    sides = "; ".join(f"{titles(one.agency)} says {_valued(one.value)}" for one in (found.displayed, *found.others))
    return f"Agencies disagree on {_spaced(found.prop)}: {sides}. Shown is {_valued(found.displayed.value)}."


def statement_words(one: Statement, title: str) -> str:
    """Who says it, since when, in which record, and until when."""
    until = f" until {one.until}" if one.until else ""
    ended = f" ({words})" if (words := ending_words(one.ending, one.ended_by)) else ""
    return f"{title}, since {one.since}{until}{ended}, {one.record.record_key} revision {one.record.revision}"


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _valued(value: Scalar) -> str:
    return "nothing" if value in (None, "") else str(value)


def _numbered(revisions: Sequence[int]) -> str:
    """Revision 1; revisions 1 and 3; revisions 1, 2 and 3; a long gap as revisions 1 to 9."""
    if isinstance(revisions, range) and len(revisions) > 3:
        return f"revisions {revisions[0]} to {revisions[-1]}"
    if len(revisions) < 2:
        return "".join(f"revision {one}" for one in revisions)
    return f"revisions {', '.join(map(str, revisions[:-1]))} and {revisions[-1]}"


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


def _concerned(record: Record) -> str:
    agency, key = record.value("concerns_agency"), record.value("concerns_key")
    return f"record {agency}/{key}" if key else "the case as a whole"


def _tail(record: Record, **words: str) -> str:
    """What is stated of some fields, each with its words before it."""
    return "".join(f"; {before} {record.value(name)}" for name, before in words.items() if record.value(name))


def _coded(value: Scalar) -> str:
    return _spaced(str(value))


def _notice(record: Record) -> str:
    served = f"served on {record.value('served_on')}" if record.value("served_on") else "not served"
    more = _tail(record, hearing_on="hearing on", respond_until="to be answered by")
    return f"gave notice ({_coded(record.value('stage'))}): {record.value('proposed')}; {served}{more}"


def _appeal(record: Record) -> str:
    remedy = "an appeal" if record.value("remedy") == "other" else f"an appeal ({_coded(record.value('remedy'))})"
    stayed = "" if record.value("suspensive") else "; it does not suspend"
    status = _coded(record.value("status"))
    return f"tells of {remedy} to {record.value('body')} against {_concerned(record)}: {status}{stayed}" + _tail(
        record, outcome="outcome:"
    )


def _stay(record: Record) -> str:
    span = f"from {record.counts_from} " + (
        f"to {record.effective_to}" if record.effective_to else "until further notice"
    )
    return f"suspends {_concerned(record)} {span}, ordered by {record.value('body')}: {record.value('reason')}"


def _performance(record: Record) -> str:
    done = f"{record.value('extent')} {record.value('performed')}"
    return f"confirms {done} on {_concerned(record)}" + _tail(record, performed_on="done on")


def _correction(record: Record) -> str:
    change = f"{_valued(record.value('before'))} → {_valued(record.value('after'))}"
    field = _coded(record.value("corrected_field"))
    return f"corrects {field} of {_concerned(record)}: {change}, because {record.value('reason')}"


def _exception(record: Record) -> str:
    which = f"the measures of {record.value('entry')}" if record.value("entry") else "the measures"
    span = f"from {record.counts_from} to {record.effective_to or 'an open end'}"
    return (
        f"lifts {which} that follow from {_concerned(record)} {span} ({_coded(record.value('reason'))}), "
        f"approved by {record.value('approved_by')}"
    )


def _objection(record: Record) -> str:
    field = f"{_coded(record.value('field'))} of " if record.value("field") else ""
    more = _tail(record, proposed="according to the party it is", statement="the party states:")
    return f"took in an objection of the party to {field}{_concerned(record)}: {record.value('claim')}{more}"


def _objection_outcome(record: Record) -> str:
    answer = f"{_coded(record.value('outcome'))}, {record.value('reason')}"
    return f"answered objection {record.value('objection_key')} to {_concerned(record)}: {answer}"


def _repair_decision(record: Record) -> str:
    granted = "granted" if record.value("outcome") == "granted" else "refused"
    return f"{granted} repair of {_concerned(record)}: {record.value('reason')}"


def _complaint(record: Record) -> str:
    """Neither what is complained of nor what the author is told (law 4)."""
    status = record.value("status")
    then = f", which {_coded(status)} it" if status in ("accepted", "declined", "closed") else ""
    return f"routed a complaint to {record.value('competent_agency')}{then}; no measure can follow from it"


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
    "complaint": _complaint,
    "notice": _notice,
    "representation": lambda one: f"attached what the party itself says on {_concerned(one)}: {one.value('said')}",
    "delisting": lambda one: (
        f"took it off its list ({_concerned(one)}): {_coded(one.value('reason'))}"
        + _tail(one, requested_on="asked for on")
    ),
    "commendation": lambda one: f"awarded {one.value('honour')}: {one.value('facts')}",
    "appeal": _appeal,
    "stay": _stay,
    "performance": _performance,
    "repair-application": lambda one: (
        f"took in an application for repair of {_concerned(one)}" + _tail(one, commitment="the party promises:")
    ),
    "repair-decision": _repair_decision,
    "correction": _correction,
    "exception": _exception,
    "objection": _objection,
    "objection-outcome": _objection_outcome,
    "opt-out": lambda one: f"does not recognise {_concerned(one)} for {one.value('recipient')}: {one.value('reason')}",
}
