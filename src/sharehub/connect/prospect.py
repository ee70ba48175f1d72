"""What a run is asked, what it would do, and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sharehub.connect.gathered import Gathered, Window
from sharehub.connect.guards import Accepted
from sharehub.errors import RefusedError


@dataclass(frozen=True)
class Request:
    """What is asked of a run; no files means those of the mapping's `source.path`."""

    files: tuple[Path, ...] = ()
    window: Window = field(default_factory=Window)
    accepted: Accepted = field(default_factory=Accepted)


@dataclass(frozen=True)
class Outcome:
    """The counts of a run, of its `read` rows and the `records` that they state, which are one each unless the mapping
    says several: records = published + unchanged + rejected + skipped.

    Respelled records are published ones; so are those withdrawn because a row of changes says so.
    """

    agency: str
    connector: str
    ended_at: str
    read: int
    published: int
    unchanged: int
    withdrawn: int
    rejected: int
    skipped: int
    respelled: int
    possibly_respelled: tuple[dict[str, str], ...]
    seconds: float
    records: int

    def __str__(self) -> str:
        """All of it on one line, for an e-mail; the instant is UTC."""
        counts = ("read", "published", "unchanged", "withdrawn", "rejected", "skipped", "respelled")
        numbers = ", ".join(f"{getattr(self, name):,} {name}" for name in counts)
        ended = datetime.fromisoformat(self.ended_at).strftime("%Y-%m-%d %H:%M UTC")
        rate = self.read / max(self.seconds, 0.001)
        return f"{self.agency}, {self.connector}, {ended}: {numbers} in {self.seconds:.1f} s ({rate:,.0f} rows/s)"


@dataclass(frozen=True)
class Prospect:
    """What a run would do, decided and not done; `closed` are rejects of earlier runs, by their number."""

    gathered: Gathered
    gone: tuple[str, ...]
    notes: tuple[str, ...]
    topic: str
    live: int
    run_id: str
    names: tuple[str, ...]
    bookmark: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)
    refused: RefusedError | None = None
    override: str = ""
    closed: frozenset[int] = frozenset()

    @property
    def possibly_respelled(self) -> tuple[dict[str, str], ...]:
        """Pairs that may be one record spelled anew, for a person to look at; they were treated as gone and new."""
        return tuple(
            {
                "gone": doubt.gone.record_key,
                "was": f"{doubt.gone.name} ({doubt.gone.place})",
                "came": doubt.came.record_key,
                "is": f"{doubt.came.name} ({doubt.came.place})",
            }
            for doubt in self.gathered.verdict.doubts
        )
