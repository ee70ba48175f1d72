"""All that is in force at a hub, and the selection of the entries that a ground meets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sharehub.core.competence import DESK, Agency, Matter, Recipient
from sharehub.core.entry import Entry
from sharehub.core.rulebook import Rulebook


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All rulebooks, agencies and recipients in force at this hub."""

    rulebooks: tuple[Rulebook, ...]
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    matters: Mapping[str, Matter] = field(default_factory=dict)

    def rulebook(self, jurisdiction: str, on: date) -> Rulebook | None:
        """The newest version published by `on`."""
        versions = [book for book in self.rulebooks if book.jurisdiction == jurisdiction and book.published_on <= on]
        return max(versions, key=lambda book: (book.published_on, book.version), default=None)

    def lineage(self, jurisdiction: str) -> tuple[str, ...]:
        """The jurisdiction and its parents, the most specific first."""
        line = [jurisdiction]
        while (parent := self._parents.get(line[-1])) is not None and parent not in line:
            line.append(parent)
        return tuple(line)

    def covers(self, agency: Agency, jurisdiction: str) -> bool:
        """True where the agency's jurisdiction is the record's or one of its parents; the desk's is any."""
        return (
            agency is DESK or agency.jurisdiction == jurisdiction or agency.jurisdiction in self.lineage(jurisdiction)
        )

    def entries(
        self, jurisdiction: str, record_kind: str, ground_on: date, on: date
    ) -> tuple[tuple[Rulebook, Entry], ...]:
        """Entries for a ground of that kind and day: the most specific jurisdiction's, then what its parents add."""
        key = (jurisdiction, record_kind, on)
        if key not in self._by_ground:
            self._by_ground[key] = self._published(jurisdiction, record_kind, on)
        chosen: dict[str, tuple[Rulebook, Entry]] = {}
        for book, entry in self._by_ground[key]:
            if entry.in_force(ground_on):
                chosen.setdefault(entry.id, (book, entry))
        return tuple(chosen.values())

    def _published(self, jurisdiction: str, record_kind: str, on: date) -> tuple[tuple[Rulebook, Entry], ...]:
        books = (self.rulebook(place, on) for place in self.lineage(jurisdiction))
        return tuple(
            (book, entry)
            for book in books
            if book is not None
            for entry in sorted(book.entries, key=lambda entry: entry.id)
            if entry.ground.record_kind == record_kind
        )

    def entry(self, name: str) -> Entry | None:
        """The newest text of `<jurisdiction>/<entry id>`, in whatever version it stands."""
        return self._by_name.get(name)

    def all_entries(self) -> tuple[Entry, ...]:
        """Every entry of every version."""
        return tuple(entry for book in self.rulebooks for entry in book.entries)

    def ground_kinds(self) -> frozenset[str]:
        """Record kinds that any entry can decide on, as ground or beside one."""
        entries = self.all_entries()
        beside = {need.record_kind for entry in entries for need in entry.requires}
        return frozenset({entry.ground.record_kind for entry in entries} | beside)

    @cached_property
    def _parents(self) -> Mapping[str, str | None]:
        return {book.jurisdiction: book.parent for book in self.rulebooks}

    @cached_property
    def _by_name(self) -> Mapping[str, Entry]:
        books = sorted(self.rulebooks, key=lambda book: (book.published_on, book.version))
        return {f"{book.jurisdiction}/{entry.id}": entry for book in books for entry in book.entries}

    @cached_property
    def _by_ground(self) -> dict[tuple[str, str, date], tuple[tuple[Rulebook, Entry], ...]]:
        return {}
