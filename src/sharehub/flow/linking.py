"""Attach a batch's records to entities: shared identifiers merge, in either order of arrival."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, Protocol

from sharehub.core.identifier import Identifier
from sharehub.core.linking import Key, clusters
from sharehub.ports.identity import Assigned

Members = tuple[tuple[Key, Identifier], ...]


class NeedsExclusiveError(Exception):
    """The batch merges entities: do it again, alone."""


class Links(Protocol):
    """The part of the view's transaction that linking needs."""

    def merge_count(self) -> int: ...
    def entities_of(self, identifier_keys: Sequence[Key]) -> dict[Key, Key]: ...
    def assign(self, assigned: Sequence[Assigned]) -> None: ...
    def merge(self, merges: Mapping[Key, Key]) -> None: ...
    def guarded(self, entity_keys: Sequence[Key]) -> set[Key]: ...


@dataclass
class Memory:
    """What one worker remembers of committed entities; valid for one merge count only.

    `entities`: the entity of each identifier set, by the set's first identifier and text. `shown`: the best
    kind and name rank that an entity is known to have. `cited`: records that somebody pointed at.
    """

    entities: dict[tuple[str, str], Key] = field(default_factory=dict)
    cited: dict[str, Key] | None = None
    shown: dict[Key, tuple[int, str]] = field(default_factory=dict)
    merge_count: int = -1

    def valid_for(self, merge_count: int) -> None:
        """Forget everything where entities were merged since."""
        if merge_count != self.merge_count:
            self.forget()
            self.merge_count = merge_count

    def registered(self, entity: Key) -> bool:
        """True where the name shown for the entity is known to come from a registration."""
        return self.shown.get(entity, (0, ""))[1].startswith("1")

    def forget(self) -> None:
        """Forget everything, after a transaction that was rolled back."""
        self.entities.clear()
        self.shown.clear()
        self.cited = None


class Linked(NamedTuple):
    """Every identifier's entity, the merges that were needed (gone to what it became), and new entities.

    `undecided`: identifiers that were not joined, because people have decided something about their entities.
    `known`: the entity that each identifier had before.
    """

    entities: Mapping[Key, Key]
    merges: Mapping[Key, Key]
    created: frozenset[Key]
    undecided: frozenset[Key]
    known: Mapping[Key, Key] = MappingProxyType({})

    def before(self, members: Members) -> frozenset[Key]:
        """The entities that these were before, and those of them that were nobody's yet."""
        return frozenset(self.known.get(key, key) for key, _ in members)


def link(links: Links, sets: Sequence[Members], *, exclusive: bool) -> Linked:
    """Make every set one entity.

    Raises:
        NeedsExclusiveError: entities must merge, and others may be writing.
    """
    known = links.entities_of(sorted({key for members in sets for key, _ in members}))
    canonical = clusters({node for key, _ in members for node in (key, known.get(key, key))} for members in sets)
    existing = set(known.values())
    merges = {entity: canonical[entity] for entity in existing if canonical[entity] != entity}
    if merges and not exclusive:
        raise NeedsExclusiveError
    left_alone = _left_alone(links, merges)
    merges = {gone: into for gone, into in merges.items() if into not in left_alone}
    entity_of = _entities(sets, known, canonical, left_alone)
    new = {
        key: Assigned(key, identifier.scheme, identifier.value, entity_of[key])
        for members in sets
        for key, identifier in members
        if key not in known
    }
    if new:
        links.assign([new[key] for key in sorted(new)])
    if merges:
        links.merge(merges)
    created = frozenset(entity_of.values()) - existing - frozenset(merges.values())
    undecided = frozenset(key for key in entity_of if canonical[key] in left_alone)
    return Linked(entity_of, merges, created, undecided, known)


def _left_alone(links: Links, merges: Mapping[Key, Key]) -> set[Key]:
    """Clusters that are not joined here, because a judgement could forbid it."""
    if not merges:
        return set()
    guarded = links.guarded(sorted({*merges, *merges.values()}))
    return {into for gone, into in merges.items() if gone in guarded or into in guarded}


def _entities(
    sets: Sequence[Members], known: Mapping[Key, Key], canonical: Mapping[Key, Key], left_alone: set[Key]
) -> dict[Key, Key]:
    """Each identifier's entity; in a cluster that is left alone, new ones go with the first known beside them."""
    found: dict[Key, Key] = {}
    for members in sets:
        beside = next((known[key] for key, _ in members if key in known), None)
        for key, _ in members:
            alone = canonical[key] in left_alone
            found.setdefault(key, known.get(key, beside or canonical[key]) if alone else canonical[key])
    return found
