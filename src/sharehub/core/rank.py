"""Legal bases and their ranks."""

from dataclasses import dataclass
from enum import IntEnum


class Rank(IntEnum):
    """Rank of a legal instrument; a higher number prevails."""

    RULE = 1
    LOCAL_REGULATION = 2
    ADMINISTRATIVE_REGULATION = 3
    LAW = 4

    @property
    def word(self) -> str:
        """The rank as schemas and rulebooks spell it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision or a measure rests on."""

    instrument: str
    article: str
    rank: Rank

    def __str__(self) -> str:
        return f"{self.instrument}, {self.article}"
