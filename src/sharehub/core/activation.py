"""Bringing rules into force: what a record of `rulebook-version` must be, and when it is refused.

A text is proposed by one person, approved by another, and counts from a day that lies neither before its
publication nor before its approval was received. Nothing here knows how a text is read.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal

from sharehub.core.judgement import two_people
from sharehub.core.record import Rejection

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


def version_key(content: Content, place: str, version: str) -> str:
    """The record key of a version: `rulebook/cn/2026-2`, `agencies/2`."""
    return "/".join(part for part in (content, place, version) if part)


def text_digest(text: str) -> str:
    """SHA-256 of the text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


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
    if not two_people(said.approved_by, said.decided_by):
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
