"""Attach a batch's records to entities: shared identifiers merge, in either order of arrival."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from sharehub.core.identifier import Identifier
from sharehub.core.linking import clusters
from sharehub.ports import Assigned

Members = tuple[tuple[UUID, Identifier], ...]


class NeedsExclusiveError(Exception):
    """The batch merges entities: do it again, alone."""


class RacedError(Exception):
    """Another worker assigned one of the identifiers meanwhile: do the batch again."""


class Links(Protocol):
    """The part of the view's transaction that linking needs."""

    def merge_count(self) -> int: ...
    def entities_of(self, identifier_ids: Sequence[UUID]) -> dict[UUID, UUID]: ...
    def assign(self, assigned: Sequence[Assigned]) -> int: ...
    def merge(self, gone: UUID, into: UUID) -> None: ...


@dataclass
class Memory:
    """Identifier to entity, as one worker remembers it; valid for one merge count only."""

    entities: dict[UUID, UUID] = field(default_factory=dict)
    merge_count: int = -1

    def valid_for(self, merge_count: int) -> None:
        """Forget everything where entities were merged since."""
        if merge_count != self.merge_count:
            self.entities.clear()
            self.merge_count = merge_count

    def forget(self) -> None:
        """Forget everything, after a transaction that was rolled back."""
        self.entities.clear()


def link(links: Links, sets: Sequence[Members], memory: Memory, *, exclusive: bool) -> dict[UUID, UUID]:
    """Make every set one entity and return the merges that were needed: gone id to the one it became.

    Raises:
        NeedsExclusiveError: entities must merge, and others may be writing.
        RacedError: an identifier was taken meanwhile.
    """
    memory.valid_for(links.merge_count())
    known = memory.entities
    missing = {key for members in sets for key, _ in members if key not in known}
    if missing:
        known.update(links.entities_of(sorted(missing)))
    unsettled = [members for members in sets if _unsettled(members, known)]
    if not unsettled:
        return {}
    nodes = [{node for key, _ in members for node in (key, known.get(key, key))} for members in unsettled]
    canonical = clusters(nodes)
    merges = {known[key]: canonical[known[key]] for members in unsettled for key, _ in members if key in known}
    merges = {gone: into for gone, into in merges.items() if gone != into}
    if merges and not exclusive:
        raise NeedsExclusiveError
    _assign_new(links, unsettled, known, canonical)
    for gone, into in sorted(merges.items()):
        links.merge(gone, into)
    if merges:
        memory.forget()
        known.update(links.entities_of(sorted({key for members in sets for key, _ in members})))
    return merges


def _unsettled(members: Members, known: Mapping[UUID, UUID]) -> bool:
    first = known.get(members[0][0])
    return first is None or any(known.get(key) != first for key, _ in members[1:])


def _assign_new(
    links: Links, unsettled: Sequence[Members], known: dict[UUID, UUID], canonical: Mapping[UUID, UUID]
) -> None:
    new = {
        key: Assigned(key, identifier.scheme, identifier.value, canonical[key])
        for members in unsettled
        for key, identifier in members
        if key not in known
    }
    if links.assign(list(new.values())) != len(new):
        raise RacedError
    known.update({key: assigned.entity_id for key, assigned in new.items()})
