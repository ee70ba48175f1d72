"""Where a worker is: the positions that a batch moves, committed with its effects."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from sharehub.ports.batch import Advance, Claim, Polled
from sharehub.topics import Place

Claims = dict[Place, Claim]
"""The partitions that a worker holds, each with the place where it goes on."""

HashMessage = Callable[[bytes | None, bytes | None], bytes]


def moves_of(claims: Claims, polled: Polled, digest: HashMessage) -> list[Advance]:
    """The positions after the batch, each with the hash of the last message before it."""
    return [
        Advance(claims[place], messages.offsets[-1] + 1, digest(messages.keys[-1], messages.values[-1]))
        for place, messages in sorted(polled.messages.items())
    ]


def moved(claims: Claims, moves: Iterable[Advance]) -> None:
    """Remember that the batch was committed."""
    for move in moves:
        claims[move.claim.place] = replace(move.claim, next_offset=move.next_offset)
