"""Which catalogue is in force on a day: what the files say, and the approved changes since; and its laws."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from sharehub.core.activation import Content, version_key
from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency, Recipient, not_public
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import Violation, violations


@dataclass(frozen=True, slots=True)
class Contents:
    """What a text says: a rulebook, or a whole registry."""

    rulebook: Rulebook | None = None
    agencies: Mapping[str, Agency] | None = None
    recipients: Mapping[str, Recipient] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An approved change of what is in force, with its place in the log; without contents it ends the version."""

    number: int
    content: Content
    place: str
    version: str
    counts_from: date
    contents: Contents | None

    @property
    def order(self) -> tuple[date, int]:
        """Later days win; on one day the later said."""
        return (self.counts_from, self.number)


def in_force(baseline: Catalogue, changes: Iterable[Change], on: date) -> Catalogue:
    """The catalogue as the changes leave it on that day; the order in which they are given does not matter.

    A change of a later day is not in it at all: nothing counts before its day, whatever is decided by it.
    """
    counting = sorted((change for change in changes if change.counts_from <= on), key=lambda one: one.order)
    places = {change.place for change in counting if change.content == "rulebook"}
    untouched = (book for book in baseline.rulebooks if book.jurisdiction not in places)
    dated = (book for place in sorted(places) for book in _versions(place, baseline, counting))
    books = (*untouched, *dated)
    registries: dict[str, Change] = {}
    for change in (one for one in counting if one.content != "rulebook"):
        key = version_key(change.content, change.place, change.version)
        registries.pop(key, None)
        if change.contents is not None:
            registries[key] = change
    agencies, recipients = baseline.agencies, baseline.recipients
    for contents in (change.contents for change in registries.values()):
        agencies = contents.agencies if contents and contents.agencies is not None else agencies
        recipients = contents.recipients if contents and contents.recipients is not None else recipients
    return replace(baseline, rulebooks=books, agencies=agencies, recipients=recipients)


class _Turn(NamedTuple):
    """A day on which something begins to count in one jurisdiction, or, without a book, ends."""

    day: date
    number: int
    version: str
    book: Rulebook | None


def _versions(place: str, baseline: Catalogue, counting: Iterable[Change]) -> Iterator[Rulebook]:
    """What counts in one jurisdiction from each day on which that changes; where a version ends, the one before it."""
    files = [book for book in baseline.rulebooks if book.jurisdiction == place]
    turns = [_Turn(book.published_on, 0, book.version, book) for book in files]
    for change in counting:
        if (change.content, change.place) == ("rulebook", place):
            book = change.contents.rulebook if change.contents else None
            turns.append(_Turn(change.counts_from, change.number, change.version, book))
    for day in sorted({turn.day for turn in turns}):
        said = sorted((turn for turn in turns if turn.day <= day), key=lambda turn: turn[:3])
        ended = {turn.version for turn in said if turn.book is None}
        known = [turn.book for turn in said if turn.book is not None]
        living = [book for book in known if book.version not in ended]
        if living:
            yield replace(living[-1], published_on=day)
        else:
            yield replace(known[-1], version=f"{known[-1].version}-ended", published_on=day, entries=())


def broken_laws(baseline: Catalogue, changes: Iterable[Change], since: date) -> tuple[str, ...]:
    """The laws that what would be in force breaks, on that day or at a later change, with version, entry and field."""
    every = tuple(changes)
    turns = (*(book.published_on for book in baseline.rulebooks), *(change.counts_from for change in every))
    days = {since, *(day for day in turns if day > since)}
    found: dict[str, None] = {}
    for day in sorted(days):
        catalogue = in_force(baseline, every, day)
        for place in sorted({book.jurisdiction for book in catalogue.rulebooks}):
            book = catalogue.rulebook(place, day)
            for fault in violations(book, catalogue) if book else ():
                found[f"rulebook {place} {book.version if book else ''}: {fault}"] = None
    return tuple(found)


def not_public_violations(agencies: Iterable[Agency]) -> Iterator[Violation]:
    """Law 7: what shows that an agency is no public administration, whatever it says of itself."""
    for agency in agencies:
        for field, reason in not_public(agency):
            yield Violation(7, agency.id, field, reason)
