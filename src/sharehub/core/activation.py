"""Bringing rules into force: what a record of `rulebook-version` must be, and which catalogue follows from those kept.

A text is proposed by one person, approved by another, and counts from a day that lies neither before its
publication nor before its approval was received. Nothing here knows how a text is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Literal, NamedTuple

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency, Recipient, not_public
from sharehub.core.record import Rejection
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import Violation, violations

Content = Literal["rulebook", "agencies", "recipients"]

RULEBOOK_VERSION = "rulebook-version"
"""The record kind."""

MESSAGE_KEY = f"RECORD:hub/{RULEBOOK_VERSION}"
"""The key of all of them: one partition, so that every replay reads them in the order in which they were said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One revision of what is said about one version: proposed, approved, or taken back by an empty text."""

    record_key: str
    revision: int
    content: Content
    place: str
    version: str
    text: str
    digest: str
    published_on: date | None
    reason: str
    decided_by: str
    approved_by: str | None = None
    counts_from: date | None = None

    @property
    def takes_back(self) -> bool:
        """True where it ends the version, or the proposal of it."""
        return not self.text

    @property
    def said_of(self) -> tuple[object, ...]:
        """What the second person approves, word for word."""
        return (self.content, self.place, self.version, self.digest, self.published_on, self.reason, self.decided_by)


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


def version_key(content: Content, place: str, version: str) -> str:
    """The record key of a version: `rulebook/cn/2026-2`, `agencies/2`."""
    return "/".join(part for part in (content, place, version) if part)


def text_digest(text: str) -> str:
    """SHA-256 of the text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def same_person(one: str, other: str) -> bool:
    """True for one name, however it is written."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def refusal(said: Proposal, held: Proposal | None, *, in_place: bool, superseded: bool) -> Rejection | None:
    """Why this revision cannot follow `held`, the newest one kept, or None; the laws on its text are another matter.

    `in_place`: the version was approved once. `superseded`: another version of the same was approved since `held`.
    """
    rules = (_unsigned(said), _wrong_text(said), _out_of_turn(said, held, in_place), _alone(said, held, superseded))
    found = next((broken for broken in rules if broken), None)
    return Rejection(found[0], found[1], said.record_key, found[2]) if found else None


_Broken = tuple[str, str, str] | None


def _unsigned(said: Proposal) -> _Broken:
    if not said.reason.strip():
        return "no-reason", "reason", "a change of the rules needs a reason"
    if not said.decided_by.strip():
        return "no-author", "decided_by", "a change of the rules needs the person who proposes it"
    return None


def _wrong_text(said: Proposal) -> _Broken:
    if said.digest != text_digest(said.text):
        return "wrong-digest", "digest", "the digest is not that of the text"
    if said.record_key != version_key(said.content, said.place, said.version) or not said.version.strip():
        return "wrong-version", "record_key", f"{said.record_key} is not the key of this version"
    if (said.content == "rulebook") is not bool(said.place):
        return "wrong-version", "place", "a rulebook has its jurisdiction as place, and a registry none"
    return None


def _out_of_turn(said: Proposal, held: Proposal | None, in_place: bool) -> _Broken:
    next_revision = held.revision + 1 if held else 1
    if said.revision != next_revision:
        return "stale", "revision", f"the next revision of {said.record_key} is {next_revision}, not {said.revision}"
    if said.takes_back and (held is None or (not in_place and (held.takes_back or said.approved_by is not None))):
        return "not-proposed", "text", "there is nothing to take back"
    if in_place and not said.takes_back:
        return "stale", "version", "this version was approved already: a change is a new version"
    if in_place and held is not None and held.takes_back and held.approved_by is not None:
        return "stale", "version", "this version has ended already"
    return None


def _alone(said: Proposal, held: Proposal | None, superseded: bool) -> _Broken:
    """Law 13: what counts was proposed by one person and approved, word for word, by another."""
    if said.approved_by is None:
        return ("one-person", "counts_from", "nothing counts before it is approved") if said.counts_from else None
    if not said.approved_by.strip() or same_person(said.approved_by, said.decided_by):
        return "one-person", "approved_by", "the person who approves must not be the one who proposed (law 13)"
    if held is None or held.approved_by is not None or held.said_of != said.said_of:
        return "not-proposed", "text", "what is approved is not what was proposed last"
    if said.published_on is None or said.counts_from is None:
        return "not-published", "published_on", "it is published before it counts, and says from when it counts"
    if superseded:
        return "stale", "version", "another version was approved since it was proposed: propose it anew on that one"
    return None


def counts_from(said: Proposal, received_on: date) -> date:
    """The first day on which an approved change counts: never before its publication, nor before its receipt."""
    return max(day for day in (said.counts_from, said.published_on, received_on) if day is not None)


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
