"""What a change of the catalogue can touch: the entries that differ, and the agencies whose competence does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sharehub.core.catalogue import Catalogue
from sharehub.core.entry import Entry
from sharehub.core.record import Record


@dataclass(frozen=True)
class Reach:
    """Entries added, removed or changed, old and new text, by the jurisdiction of the records that meet them.

    `measures`: names of the entries whose measures may have to change. `authorities`: those of each agency, before
    and after. `agencies`: those whose competence differs.
    """

    entries: Mapping[str, tuple[Entry, ...]]
    measures: frozenset[str]
    authorities: Mapping[str, frozenset[str]]
    agencies: frozenset[str]

    @property
    def record_kinds(self) -> frozenset[str]:
        """Kinds of the records on which the entries can decide, as ground or beside one."""
        entries = [entry for found in self.entries.values() for entry in found]
        grounds = {entry.ground.record_kind for entry in entries}
        required = {need.record_kind for entry in entries for need in entry.requires}
        return frozenset(grounds | required | {bar.record_kind for entry in entries for bar in entry.barred_by})

    def touches(self, record: Record) -> bool:
        """True where a measure may begin, change or end because of the change and this record."""
        if record.agency in self.agencies:
            return True
        mine = self.authorities.get(record.agency, frozenset())
        entries = self.entries.get(record.jurisdiction, ())
        return any(entry.ground.authority in mine and entry.ground.matches(record) for entry in entries)


def reach(before: Catalogue, after: Catalogue, on: date) -> Reach:
    """What differs between two catalogues for what is decided on that day or later."""
    places = {book.jurisdiction for catalogue in (before, after) for book in catalogue.rulebooks}
    found: dict[str, tuple[Entry, ...]] = {}
    measures: set[str] = set()
    for place in sorted(places):
        old, new = _met(before, place, on), _met(after, place, on)
        differing = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        texts = [text for key in differing for text in (*old.get(key, ()), *new.get(key, ()))]
        measures |= {name for name, _, _ in texts}
        if texts:
            found[place] = tuple(dict.fromkeys(entry for _, entry, _ in texts))
    agencies = before.agencies.keys() | after.agencies.keys()
    return Reach(
        found,
        frozenset(measures),
        {one: frozenset(_authorities(one, before, after)) for one in agencies},
        frozenset(one for one in agencies if _competence(before, one) != _competence(after, one)),
    )


_Text = tuple[str, Entry, object]


def _met(catalogue: Catalogue, place: str, on: date) -> Mapping[tuple[str, str], tuple[_Text, ...]]:
    """The texts that a record of the jurisdiction meets, by entry id and kind of ground, the most specific first.

    With each stands what it has from its rulebook: another class of publication changes the entry too.
    """
    found: dict[tuple[str, str], tuple[_Text, ...]] = {}
    for book in (catalogue.rulebook(one, on) for one in catalogue.lineage(place)):
        for entry in book.entries if book else ():
            key = (entry.id, entry.ground.record_kind)
            published = book.publication_classes.get(entry.publication_class or "") if book else None
            text = (f"{book.jurisdiction if book else place}/{entry.id}", entry, published)
            found[key] = (*found.get(key, ()), text)
    return found


def _authorities(agency: str, *catalogues: Catalogue) -> Iterator[str]:
    for catalogue in catalogues:
        if agency in catalogue.agencies:
            yield catalogue.agencies[agency].authority


def _competence(catalogue: Catalogue, agency: str) -> tuple[object, ...]:
    found = catalogue.agencies.get(agency)
    return found.competence if found else ()
