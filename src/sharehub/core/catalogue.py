"""All that is in force at a hub, and the selection of the entries that a ground meets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sharehub.core.calendar import Calendar
from sharehub.core.clock import ClockRule
from sharehub.core.competence import DESK, Agency, Matter, Recipient
from sharehub.core.entry import Entry
from sharehub.core.process import PROCESS_KINDS
from sharehub.core.rulebook import PublicationClass, Rulebook


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All rulebooks, agencies, recipients, clocks and calendars in force at this hub."""

    rulebooks: tuple[Rulebook, ...]
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    matters: Mapping[str, Matter] = field(default_factory=dict)
    clocks: tuple[ClockRule, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def rulebook(self, jurisdiction: str, on: date, ground_on: date | None = None) -> Rulebook | None:
        """The newest version published by that day; one that keeps leaves earlier grounds to the version before."""
        versions = [book for book in self._versions.get(jurisdiction, ()) if book.published_on <= on]
        while versions and ground_on is not None and versions[-1].transition == "keep":
            if ground_on >= versions[-1].published_on or len(versions) == 1:
                break
            versions.pop()
        return versions[-1] if versions else None

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

    def turns(self, jurisdiction: str, after: date, on: date) -> tuple[date, ...]:
        """Days after the given one on which another version begins to count in the jurisdiction."""
        days = (
            book.published_on
            for place in self.lineage(jurisdiction)
            for number, book in enumerate(self._versions.get(place, ()))
            if number > 0 or book.published_on > on
        )
        return tuple(day for day in days if day > after)

    def ever(self, jurisdiction: str, record_kind: str, authority: str) -> tuple[tuple[str, Entry], ...]:
        """The entries of every version that a ground of that kind and authority could meet, by their names."""
        key = (jurisdiction, record_kind, authority)
        if key not in self._by_ground:
            self._by_ground[key] = tuple(
                (f"{place}/{entry.id}", entry)
                for place in self.lineage(jurisdiction)
                for book in self._versions.get(place, ())
                for entry in sorted(book.entries, key=lambda entry: entry.id)
                if entry.ground.record_kind == record_kind and entry.ground.authority == authority
            )
        return self._by_ground[key]

    def settled(self, jurisdiction: str, on: date) -> bool:
        """True where the jurisdiction and those above it have had one version each, all of them published."""
        if jurisdiction not in self._settled_on:
            books = [self._versions.get(place, ()) for place in self.lineage(jurisdiction)]
            several = any(len(found) > 1 for found in books)
            last = max((found[0].published_on for found in books if found), default=date.min)
            self._settled_on[jurisdiction] = date.max if several else last
        return self._settled_on[jurisdiction] <= on

    def entry_on(
        self, name: str, jurisdiction: str, record_kind: str, ground_on: date, day: date, on: date
    ) -> tuple[Rulebook, Entry] | None:
        """The text of `<jurisdiction>/<entry id>` that counts on a day for a ground of that jurisdiction and day.

        None where it counts no more, or not yet, or where a more specific jurisdiction has an entry of the same id.
        A first version counts for grounds before its publication too, once it is published (`on`).
        """
        wanted = name.rpartition("/")[2]
        for place in self.lineage(jurisdiction):
            book = self._counting(place, ground_on, day, on)
            found = book and self._by_id(book).get((wanted, record_kind))
            if book and found and found.in_force(ground_on):
                return (book, found) if name == f"{place}/{wanted}" else None
        return None

    def _counting(self, place: str, ground_on: date, day: date, on: date) -> Rulebook | None:
        versions = self._versions.get(place)
        if not versions:
            return None
        first = versions[0]
        if first.published_on > day:
            return first if first.published_on <= on else None
        return first if len(versions) == 1 else self.rulebook(place, day, ground_on)

    def _by_id(self, book: Rulebook) -> Mapping[tuple[str, str], Entry]:
        key = (book.jurisdiction, book.version, book.published_on)
        if key not in self._entries:
            self._entries[key] = {(entry.id, entry.ground.record_kind): entry for entry in book.entries}
        return self._entries[key]

    def publication_class(self, book: Rulebook, entry: Entry) -> PublicationClass | None:
        """The bounds of publication that the entry's jurisdiction, or one above it, gives its class."""
        if entry.publication_class is None:
            return None
        for place in self.lineage(book.jurisdiction):
            above = book if place == book.jurisdiction else self.rulebook(place, book.published_on)
            if above is not None and entry.publication_class in above.publication_classes:
                return above.publication_classes[entry.publication_class]
        return None

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
        bars = {bar.record_kind for entry in entries for bar in entry.barred_by}
        return PROCESS_KINDS | {entry.ground.record_kind for entry in entries} | beside | bars

    @cached_property
    def clock_rules(self) -> Mapping[str, ClockRule]:
        """The rules of clocks by `<jurisdiction>/<id>`."""
        return {rule.name: rule for rule in self.clocks}

    @cached_property
    def clock_starts(self) -> frozenset[str]:
        """Record kinds that start a clock."""
        return frozenset(rule.starts.record_kind for rule in self.clocks)

    @cached_property
    def clock_kinds(self) -> frozenset[str]:
        """Record kinds that start a clock or stop one, unless they are revisions of what is kept anyway."""
        stops = {stop.record_kind for rule in self.clocks for stop in rule.stops if stop.relation != "revises"}
        return self.clock_starts | stops - {""}

    @cached_property
    def _parents(self) -> Mapping[str, str | None]:
        return {book.jurisdiction: book.parent for book in self.rulebooks}

    @cached_property
    def _by_name(self) -> Mapping[str, Entry]:
        books = sorted(self.rulebooks, key=lambda book: (book.published_on, book.version))
        return {f"{book.jurisdiction}/{entry.id}": entry for book in books for entry in book.entries}

    @cached_property
    def _versions(self) -> Mapping[str, tuple[Rulebook, ...]]:
        """The versions of each jurisdiction in the order of publication."""
        found: dict[str, tuple[Rulebook, ...]] = {}
        for book in sorted(self.rulebooks, key=lambda book: (book.published_on, book.version)):
            found[book.jurisdiction] = (*found.get(book.jurisdiction, ()), book)
        return found

    @cached_property
    def _by_ground(self) -> dict[tuple[str, str, str], tuple[tuple[str, Entry], ...]]:
        return {}

    @cached_property
    def _settled_on(self) -> dict[str, date]:
        return {}

    @cached_property
    def heard(self) -> dict[tuple[str, str, str], bool]:
        """Whether an agency is competent for a kind in a jurisdiction, remembered by whoever asked first."""
        return {}

    @cached_property
    def _entries(self) -> dict[tuple[str, str, date], Mapping[tuple[str, str], Entry]]:
        return {}
