"""What a table is read against, and what follows from it for its columns and words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sharehub.core.acceptance import may_say
from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import DESK
from sharehub.scenarios.columns import OWN, fields_of, kinds
from sharehub.wire.registry import Registry, Schema
from sharehub.wire.rulebook_fields import looked_at


@dataclass(frozen=True)
class Rules:
    """Rulebooks and agencies, the kinds of records, and the table's own jurisdiction, if it has one."""

    catalogue: Catalogue
    registry: Registry
    jurisdiction: str = ""

    @cached_property
    def kinds(self) -> Mapping[str, Schema]:
        """The kinds of records that a story may tell of."""
        return kinds(self.registry)

    @cached_property
    def looked_at(self) -> Mapping[str, frozenset[str]]:
        """The fields of each kind that some rulebook looks at: a story must state them."""
        found: dict[str, set[str]] = {}
        for entry in self.catalogue.all_entries():
            for one in looked_at(entry):
                found.setdefault(one.kind, set()).update(one.fields)
        return {kind: frozenset(names) for kind, names in found.items()}

    @cached_property
    def titles(self) -> frozenset[str]:
        """All column titles that a table may have."""
        return frozenset((*OWN, *(title for schema in self.kinds.values() for title in fields_of(schema))))

    @cached_property
    def entries(self) -> frozenset[str]:
        """All entries, as `<jurisdiction>/<id>`."""
        return frozenset(
            f"{book.jurisdiction}/{entry.id}" for book in self.catalogue.rulebooks for entry in book.entries
        )

    @cached_property
    def agencies(self) -> frozenset[str]:
        """Who may say something, the hub's desk included."""
        return frozenset((*self.catalogue.agencies, DESK.id))

    def competent(self, kind: str, jurisdiction: str) -> list[str]:
        """Who may say records of the kind there."""
        every = (*self.catalogue.agencies.values(), DESK)
        return [one.id for one in every if may_say(one, kind, jurisdiction, self.catalogue)]

    def entry(self, stated: str) -> str | None:
        """The full name of an entry: as stated, else of the table's jurisdiction, else of its nearest parent."""
        places = self.catalogue.lineage(self.jurisdiction) if self.jurisdiction else ()
        names = [stated, *(f"{place}/{stated}" for place in places)]
        return next((name for name in names if name in self.entries), None)
