"""A Merkle tree over a list of byte strings, as RFC 6962 §2.1 has it: one hash that only this list has.

Leaves and nodes are hashed under different prefixes, so no node can pass for a leaf.
"""

import hashlib
from collections.abc import Iterable, Sequence

_LEAF, _NODE = b"\x00", b"\x01"


def root(leaves: Iterable[bytes]) -> bytes:
    """The hash of the whole list, 32 bytes; the empty list has the hash of nothing."""
    stack: list[tuple[int, bytes]] = []  # subtrees that are full, the largest first, with their sizes
    for leaf in leaves:
        size, found = 1, leaf_hash(leaf)
        while stack and stack[-1][0] == size:
            found = _node(stack.pop()[1], found)
            size *= 2
        stack.append((size, found))
    if not stack:
        return hashlib.sha256().digest()
    _, found = stack.pop()
    while stack:
        found = _node(stack.pop()[1], found)
    return found


def inclusion(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that prove that the list has this leaf at its index, the lowest first.

    Raises:
        IndexError: the list has no such index.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return ()
    middle = _left(len(leaves))
    if index < middle:
        return (*inclusion(leaves[:middle], index), root(leaves[middle:]))
    return (*inclusion(leaves[middle:], index - middle), root(leaves[:middle]))


def includes(expected: bytes, leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bool:
    """True where the proof shows that the list of `size` leaves with this root has the leaf at its index."""
    if not 0 <= index < size:
        return False
    sides = _sides(index, size)
    if len(sides) != len(proof):
        return False
    found = leaf_hash(leaf)
    for is_right, other in zip(sides, proof, strict=True):
        found = _node(other, found) if is_right else _node(found, other)
    return found == expected


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(_LEAF + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _left(size: int) -> int:
    """Leaves of the left subtree: the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def _sides(index: int, size: int) -> list[bool]:
    """On which side the leaf lies at every height, the lowest first; True: right."""
    sides = []
    while size > 1:
        middle = _left(size)
        sides.append(index >= middle)
        index, size = (index - middle, size - middle) if index >= middle else (index, middle)
    return sides[::-1]
