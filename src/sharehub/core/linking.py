"""Which identifiers belong to one entity: shared strong identifiers merge, names never do.

The canonical id of a cluster is the smallest id of its identifiers, so it is derived from content and
independent of the order of arrival: canonical(A ∪ B) = min(canonical(A), canonical(B)).
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sharehub.core.identifier import Identifier
from sharehub.core.record import content_id


def identifier_id(identifier: Identifier) -> UUID:
    """The id of an identifier, a function of scheme and value."""
    return content_id("identifier", identifier.scheme, identifier.value)


def clusters(sets: Iterable[Iterable[UUID]]) -> Mapping[UUID, UUID]:
    """Each id to the smallest id of its connected component; ids that share a set are connected."""
    parent: dict[UUID, UUID] = {}

    def root(node: UUID) -> UUID:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for members in sets:
        roots = {root(node) for node in members}
        for other in roots:
            parent[other] = min(roots)
    return {node: root(node) for node in parent}
