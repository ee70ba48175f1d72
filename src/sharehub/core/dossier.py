"""Everything known of one entity, arranged for decisions: whose word counts, and what concerns which record."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import DESK, Agency
from sharehub.core.process import BY_THE_DECIDER, PROCESS_KINDS, concerned, dated
from sharehub.core.record import Record, RecordKey
from sharehub.core.safeguard import competent
from sharehub.core.spells import Line, lines


def agency_of(record: Record, catalogue: Catalogue) -> Agency | None:
    """Who says it; the hub's desk for what parties lodged there."""
    return DESK if record.agency == DESK.id else catalogue.agencies.get(record.agency)


def _heard(record: Record, catalogue: Catalogue) -> bool:
    """Law 3, remembered by the catalogue where agency, kind and jurisdiction alone decide it."""
    key = (record.agency, record.kind, record.jurisdiction)
    known = catalogue.heard.get(key)
    if known is not None:
        return known
    agency = agency_of(record, catalogue)
    found = competent(agency, record, catalogue)
    if agency is None or not agency.legal_bases:
        catalogue.heard[key] = found
    return found


@dataclass(frozen=True, eq=False)
class Dossier:
    """The lines of an entity's records by record key, in that order; records of the incompetent are left out.

    `kind` is what the entity is by all that was ever said of it.
    """

    lines: Mapping[RecordKey, Line]
    catalogue: Catalogue
    kind: str

    @classmethod
    def of(cls, records: Iterable[Record], catalogue: Catalogue, on: date, kind: str) -> "Dossier":
        """The dossier of these revisions; one that states no day and has no receipt counts from `on`."""
        heard = [record for record in records if _heard(record, catalogue)]
        return cls(lines(heard, lambda record: dated(record) or on), catalogue, kind)

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Line, ...]]:
        found: defaultdict[str, list[Line]] = defaultdict(list)
        for line in self.lines.values():
            for kind in {spell.record.kind for spell in line}:
                found[kind].append(line)
        return {kind: tuple(held) for kind, held in found.items()}

    def of_kind(self, kind: str) -> tuple[Line, ...]:
        """The lines in which a record of the kind speaks."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _processes(self) -> Mapping[RecordKey, tuple[Line, ...]]:
        """Revision by revision: one may be of another kind, or about another record, than the one before."""
        found: defaultdict[RecordKey, list[Line]] = defaultdict(list)
        for line in self.lines.values():
            spells = [spell for spell in line if spell.record.kind in PROCESS_KINDS]
            for about in sorted(set(filter(None, (concerned(spell.record) for spell in spells)))):
                said = (spell for spell in spells if concerned(spell.record) == about)
                if heard := tuple(spell for spell in said if self._may_say(spell.record, about)):
                    found[about].append(heard)
        return {key: tuple(held) for key, held in found.items()}

    def concerning(self, key: RecordKey) -> tuple[Line, ...]:
        """What due process says about that record, by those who may say it."""
        return self._processes.get(key, ())

    def _may_say(self, record: Record, about: RecordKey) -> bool:
        """Who decided performs, repairs, excepts, delists and answers; others only appeal, stay, object and opt out.

        All of them where they are competent alone: a bureau of one country says nothing of another's decision.
        """
        decider, speaker = self.catalogue.agencies.get(about[0]), agency_of(record, self.catalogue)
        if decider is None or speaker is None or about not in self.lines:
            return False
        if not self.catalogue.covers(speaker, self.lines[about][-1].record.jurisdiction):
            return False
        return record.kind not in BY_THE_DECIDER or decider.authority == speaker.authority
