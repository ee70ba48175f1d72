"""What is lawful in a rulebook and yet can hardly be meant: told by the check, refused by nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

from sharehub.core.catalogue import Catalogue
from sharehub.core.entry import Entry
from sharehub.core.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something odd, with its place in the rulebook."""

    entry: str
    field: str
    reason: str

    def __str__(self) -> str:
        place = f"entry {self.entry!r}, " if self.entry else ""
        return f"{place}field {self.field!r}: odd: {self.reason}"


def oddities(book: Rulebook, catalogue: Catalogue) -> tuple[Oddity, ...]:
    """Everything odd in the rulebook; the catalogue holds the rulebook itself."""
    found = list(_of_book(book, catalogue))
    for entry in book.entries:
        found += [one for test in _TESTS for one in test(entry, book, catalogue)]
    return tuple(found)


def _of_book(book: Rulebook, catalogue: Catalogue) -> Iterator[Oddity]:
    if not book.entries:
        yield Oddity("", "entry", "the rulebook has no entries")
    if book.parent is not None and book.parent not in {other.jurisdiction for other in catalogue.rulebooks}:
        yield Oddity("", "parent", f"there is no rulebook of {book.parent!r}")
    used = {entry.publication_class for entry in book.entries}
    for name in book.publication_classes:
        if name not in used:
            yield Oddity("", "publication_class", f"no entry has the class {name!r}")


def _dates(entry: Entry, book: Rulebook, catalogue: Catalogue) -> Iterator[Oddity]:
    if entry.effective_to is not None and entry.effective_to < entry.effective_from:
        yield Oddity(entry.id, "effective_to", "lies before effective_from: the entry can never apply")
    if entry.pilot and entry.effective_to is None:
        yield Oddity(entry.id, "effective_to", "a pilot without an end")
    if entry.when_pilot_ends == "lift" and not entry.pilot:
        yield Oddity(entry.id, "when_pilot_ends", "the entry is no pilot")


def _term(entry: Entry, book: Rulebook, catalogue: Catalogue) -> Iterator[Oddity]:
    least, most, term = entry.term_months_min, entry.term_months_max, entry.term_months
    if least is not None and most is not None and most < least:
        yield Oddity(entry.id, "term_months_max", "is below term_months_min")
    if term is not None and ((least is not None and term < least) or (most is not None and term > most)):
        yield Oddity(entry.id, "term_months", "lies outside term_months_min and term_months_max")


def _publication(entry: Entry, book: Rulebook, catalogue: Catalogue) -> Iterator[Oddity]:
    name = entry.publication_class
    if name is not None and name not in book.publication_classes:
        yield Oddity(entry.id, "publication_class", f"the rulebook has no class {name!r}")


def _authority(entry: Entry, book: Rulebook, catalogue: Catalogue) -> Iterator[Oddity]:
    """Somebody must be able to say the ground, and what stands beside it, where the rulebook counts."""
    able = [one for one in catalogue.agencies.values() if one.authority == entry.ground.authority]
    if not able:
        reason = f"no agency has the authority {entry.ground.authority!r}: the entry can never apply"
        yield Oddity(entry.id, "ground.authority", reason)
    elif not any(entry.ground.record_kind in one.record_kinds for one in able):
        reason = f"no agency with the authority {entry.ground.authority!r} publishes a {entry.ground.record_kind}"
        yield Oddity(entry.id, "ground.record_kind", f"{reason}: the entry can never apply")
    elif not any(_reaches(one.jurisdiction, book.jurisdiction, catalogue) for one in able):
        reason = f"no agency with that authority is competent in {book.jurisdiction}: the entry can never apply"
        yield Oddity(entry.id, "ground.authority", reason)
    said = {kind for one in catalogue.agencies.values() for kind in one.record_kinds}
    for need in entry.requires:
        if need.record_kind not in said:
            yield Oddity(entry.id, "requires", f"no agency publishes a {need.record_kind}: the entry can never apply")


def _reaches(agency: str, book: str, catalogue: Catalogue) -> bool:
    """True where the two jurisdictions are one, or one lies above the other."""
    return agency in catalogue.lineage(book) or book in catalogue.lineage(agency)


def _recipients(entry: Entry, book: Rulebook, catalogue: Catalogue) -> Iterator[Oddity]:
    for name in entry.recipients:
        found = catalogue.recipients.get(name)
        if found and not _reaches(found.jurisdiction, book.jurisdiction, catalogue):
            yield Oddity(entry.id, "recipients", f"{name} is a recipient of another jurisdiction, {found.jurisdiction}")


def _tests(entry: Entry, book: Rulebook, catalogue: Catalogue) -> Iterator[Oddity]:
    """Tests on the ground that exclude one another, and an exit that the ground always meets."""
    where = entry.ground.where
    for test in where:
        for other in where:
            same = (test.field, test.operator) == (other.field, other.operator)
            if same and test.operator == "is" and str(test.operand) < str(other.operand):
                reason = f"{test.field} cannot be both {test.operand} and {other.operand}: the entry can never apply"
                yield Oddity(entry.id, "ground.where", reason)
    for way_out in entry.exits:
        if way_out.where and set(way_out.where) <= set(where):
            yield Oddity(entry.id, "exits", "every ground meets this exit: the entry can never apply")
    for test in entry.unless:
        if test in where:
            yield Oddity(entry.id, "unless", f"the ground must meet it on {test.field}: the entry can never apply")


_TESTS = (_dates, _term, _publication, _authority, _recipients, _tests)
