"""Which identifiers belong to one entity: shared strong identifiers merge, names never do.

The canonical id of a cluster is the smallest id of its identifiers, so it is derived from content and
independent of the order of arrival: canonical(A ∪ B) = min(canonical(A), canonical(B)).
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from sharehub.core.identifier import Identifier

Key = bytes
"""An id as its 16 bytes: compared and hashed by the million."""


def identifier_key(identifier: Identifier) -> Key:
    """The id of an identifier, a function of scheme and value."""
    return blake2b(f"identifier\x1f{identifier.scheme}\x1f{identifier.value}".encode(), digest_size=16).digest()


def clusters(sets: Iterable[Iterable[Key]]) -> Mapping[Key, Key]:
    """Each id to the smallest id of its connected component; ids that share a set are connected."""
    parent: dict[Key, Key] = {}

    def root(node: Key) -> Key:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for members in map(tuple, sets):
        # Most sets share nothing with those before: their own smallest id is the root at once.
        roots = {root(node) for node in members} if any(node in parent for node in members) else members
        smallest = min(roots)
        for node in roots:
            parent[node] = smallest
    return {node: root(node) for node in parent}
