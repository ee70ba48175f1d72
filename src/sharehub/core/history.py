"""The revisions of each record: what each changed, and what is odd about the way in which they came."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sharehub.core.catalogue import Catalogue
from sharehub.core.record import Received, Record, Scalar
from sharehub.core.validity import content, revisions

NoteCode = Literal["late", "unreceived", "gap", "repeated", "contradicted", "reinstated", "nothing-to-end"]

_COMPARED = (
    "jurisdiction",
    "subject_kind",
    "address",
    "occurred_on",
    "decided_on",
    "effective_from",
    "effective_to",
    "document_number",
    "case_reference",
)

_UNTOLD = frozenset(("matter", "outcome", "reference_number", "sealed_author", "sealed_for"))
"""Of a complaint: what its author says and is told, and who that is, shows in no history (law 4)."""


class Change(NamedTuple):
    """A field that a revision says otherwise than the one before it."""

    field: str
    before: Scalar
    after: Scalar


class Note(NamedTuple):
    """Something odd about a revision, and the other revisions that it is about."""

    code: NoteCode
    revisions: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision as received, with what it changes in the one before it that is no withdrawal."""

    said: Received
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]


def history(received: Iterable[Received], catalogue: Catalogue) -> tuple[Revision, ...]:
    """Every revision once, by record and number; none is left out, whatever came late, twice or not at all.

    A number that was received with other content a second time counts as received first; it gets a note.
    """
    received = tuple(received)
    contents: dict[tuple[str, str, int], set[str]] = {}
    for one in received:
        key = (one.record.agency, one.record.record_key, one.record.revision)
        contents.setdefault(key, set()).add(content(one.record))
    found = []
    for line in revisions(received).values():
        for place, said in enumerate(line):
            notes = list(_notes(line, place, catalogue))
            if len(contents[said.record.agency, said.record.record_key, said.record.revision]) > 1:
                notes.append(Note("contradicted", (said.record.revision,)))
            found.append(Revision(said, _told(changes(_spoken_before(line, place), said.record), said), tuple(notes)))
    return tuple(found)


def changes(before: Record | None, after: Record) -> tuple[Change, ...]:
    """The fields in which two revisions differ; none where there is nothing to compare."""
    if before is None or after.withdrawn:
        return ()
    old, new = dict(_fields(before)), dict(_fields(after))
    names = dict.fromkeys((*old, *new))
    return tuple(
        Change(name, old.get(name), new.get(name)) for name in names if not _same(old.get(name), new.get(name))
    )


def _told(found: tuple[Change, ...], said: Received) -> tuple[Change, ...]:
    return tuple(one for one in found if said.record.kind != "complaint" or one.field not in _UNTOLD)


def _spoken_before(line: Sequence[Received], place: int) -> Record | None:
    return next((one.record for one in reversed(line[:place]) if not one.record.withdrawn), None)


def _notes(line: Sequence[Received], place: int, catalogue: Catalogue) -> Iterator[Note]:
    said, before = line[place], line[place - 1] if place else None
    record = said.record
    sooner = tuple(one.record.revision for one in line[place + 1 :] if one.received_at < said.received_at)
    if sooner:
        yield Note("late", sooner)
    missing = range(before.record.revision + 1 if before else 1, record.revision)
    if missing:
        yield Note("gap" if before else "unreceived", missing)
    elif before and before.record.withdrawn and not record.withdrawn:
        yield Note("reinstated", (before.record.revision,))
    elif before and not record.withdrawn and not changes(before.record, record):
        yield Note("repeated", (before.record.revision,))
    if before is None and _ends(record, catalogue):
        yield Note("nothing-to-end")


def _ends(record: Record, catalogue: Catalogue) -> bool:
    """True where a rulebook would end a measure for what the record says."""
    return any(
        entry.ground.record_kind == record.kind
        and all(test.holds(record) for test in way_out.where)
        and all(test.holds(record) for test in entry.ground.where if test.field not in fields)
        for entry in catalogue.all_entries()
        for way_out in entry.exits
        if (fields := {test.field for test in way_out.where})
    )


def _fields(record: Record) -> Iterator[tuple[str, Scalar]]:
    yield "identifiers", ", ".join(map(str, record.identifiers))
    yield "names", " / ".join(record.names)
    yield from ((name, getattr(record, name)) for name in _COMPARED)
    yield "legal_basis", "; ".join(map(str, record.legal_basis))
    yield from record.detail.items()


def _same(before: Scalar, after: Scalar) -> bool:
    return (before or None) == (after or None) if isinstance(before or after, str) else before == after
