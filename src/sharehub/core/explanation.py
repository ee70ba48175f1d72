"""Why an entry does not follow from what is known, in words: for whoever expected that it does."""

from collections.abc import Iterator, Sequence
from datetime import date

from sharehub.core.acceptance import agency_of
from sharehub.core.catalogue import Catalogue
from sharehub.core.entry import Entry
from sharehub.core.record import Record, latest


def why_not(name: str, records: Sequence[Record], catalogue: Catalogue, on: date) -> tuple[str, ...]:
    """What keeps each record that could be its ground from being one; `name` is `<jurisdiction>/<entry id>`."""
    jurisdiction, _, entry_id = name.rpartition("/")
    book = catalogue.rulebook(jurisdiction, on)
    entry = next((one for one in book.entries if one.id == entry_id), None) if book else None
    if entry is None:
        return (f"no rulebook of {jurisdiction} that is published by {on} has the entry {entry_id}",)
    known = latest(records)
    grounds = [record for record in known if record.kind == entry.ground.record_kind]
    if not grounds:
        return (f"it follows from a {entry.ground.record_kind} record, and none is known",)
    return tuple(
        f"{record.kind} {record.record_key}: {reason}"
        for record in grounds
        for reason in _reasons(record, entry, jurisdiction, known, catalogue) or ["meets the entry; look at its dates"]
    )


def _reasons(
    record: Record, entry: Entry, jurisdiction: str, known: Sequence[Record], catalogue: Catalogue
) -> list[str]:
    return [
        *_who(record, entry, jurisdiction, catalogue),
        *(f"not so: {test.words(record)}" for test in entry.ground.where if not test.holds(record)),
        *(f"it is so, and must not be: {test.words(record)}" for test in entry.unless if test.holds(record)),
        *(
            f"it has ended: {'; '.join(test.words(record) for test in way_out.where)}"
            for way_out in entry.exits
            if all(test.holds(record) for test in way_out.where)
        ),
        *_beside(record, entry, known),
    ]


def _who(record: Record, entry: Entry, jurisdiction: str, catalogue: Catalogue) -> Iterator[str]:
    agency = agency_of(record.agency, catalogue)
    authority = agency.authority if agency else "none"
    if authority != entry.ground.authority:
        yield f"the authority of {record.agency} is {authority}, not {entry.ground.authority}"
    if record.subject_kind not in entry.entity_kinds:
        yield f"the subject is of kind {record.subject_kind}; the entry is for {', '.join(entry.entity_kinds)}"
    if jurisdiction not in catalogue.lineage(record.jurisdiction):
        yield f"the record is of jurisdiction {record.jurisdiction}, where rules of {jurisdiction} do not count"
    counts_from = record.counts_from
    if counts_from and not entry.in_force(counts_from):
        until = f" to {entry.effective_to}" if entry.effective_to else ""
        yield f"it counts from {counts_from}; the entry is for grounds from {entry.effective_from}{until}"


def _beside(record: Record, entry: Entry, known: Sequence[Record]) -> Iterator[str]:
    if entry.requires and record.case_reference is None:
        yield "it states no case reference, so that no other record can stand beside it"
    for need in entry.requires:
        if record.case_reference is not None and not need.met_by(record, known):
            tests = "".join(f", {test.field.replace('_', ' ')}" for test in need.where)
            beside = f"{need.count} {need.record_kind} records of the same case"
            yield f"needs {beside} with different {need.distinct}{tests}"
