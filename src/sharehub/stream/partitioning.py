"""Which partition a key has: murmur2, as Kafka's own clients have it (`Utils.murmur2`), of many keys at once.

The keys of one length stand side by side in one whole number, each in 64 bits, of which the lower 32 are its hash so
far: one multiplication of that number is one of all of them, and no carry reaches the next.
"""

import struct
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

_SEED: Final = 0x9747B28C
_MIX: Final = 0x5BD1E995
_LANE: Final = 8


def partitions_of(keys: Sequence[bytes], count: int) -> list[int]:
    """The partition of each key, of a topic that has so many."""
    if count == 1:
        return [0] * len(keys)
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        by_length[len(key)].append(place)
    found = [0] * len(keys)
    for length, places in by_length.items():
        hashes = _hashes(b"".join([keys[place] for place in places]), length, len(places))
        for place, hashed in zip(places, hashes, strict=True):
            found[place] = (hashed & 0x7FFFFFFF) % count
    return found


def _hashes(joined: bytes, length: int, count: int) -> tuple[int, ...]:
    """The hashes of keys of one length."""
    ones = int.from_bytes(b"\1\0\0\0\0\0\0\0" * count, "little")
    low = ones * 0xFFFFFFFF

    def mixed(lanes: int) -> int:
        return lanes * _MIX & low

    def folded(lanes: int, bits: int) -> int:
        return lanes ^ lanes >> bits & ones * (0xFFFFFFFF >> bits)

    hashes = ones * (_SEED ^ length)
    whole = length - length % 4
    for at in range(0, whole, 4):
        hashes = mixed(hashes) ^ mixed(folded(mixed(_lanes(joined, range(at, at + 4), length, count)), 24))
    if whole < length:
        hashes = mixed(hashes ^ _lanes(joined, range(whole, length), length, count))
    hashes = folded(mixed(folded(hashes, 13)), 15)
    return struct.unpack(f"<{count}Q", hashes.to_bytes(count * _LANE, "little"))


def _lanes(joined: bytes, columns: range, length: int, count: int) -> int:
    """These bytes of every key, the first the lowest."""
    lanes = bytearray(count * _LANE)
    for place, column in enumerate(columns):
        lanes[place::_LANE] = joined[column::length]
    return int.from_bytes(lanes, "little")
