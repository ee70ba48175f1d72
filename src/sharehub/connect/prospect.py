"""What a run is asked, what it would do, and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sharehub.connect.gathering import Gathered, Window
from sharehub.connect.guards import Accepted
from sharehub.errors import RefusedError
from sharehub.stream.published import Said


@dataclass(frozen=True)
class Request:
    """What is asked of a run; no files means those of the mapping's `source.path`."""

    files: tuple[Path, ...] = ()
    window: Window = field(default_factory=Window)
    accepted: Accepted = field(default_factory=Accepted)


@dataclass(frozen=True)
class Outcome:
    """The counts of a run: read = published + unchanged + rejected + skipped; respelled records are published ones."""

    connector: str
    read: int
    published: int
    unchanged: int
    withdrawn: int
    rejected: int
    skipped: int
    respelled: int
    possibly_respelled: tuple[dict[str, str], ...]
    seconds: float


@dataclass(frozen=True)
class Prospect:
    """What a run would do, decided and not done."""

    gathered: Gathered
    gone: tuple[str, ...]
    notes: tuple[str, ...]
    topic: str
    said: Mapping[str, Said]
    run_id: str
    names: tuple[str, ...]
    refused: RefusedError | None = None

    @property
    def respelled(self) -> int:
        """Records whose name is spelled anew since the last run."""
        verdict = self.gathered.verdict
        return sum(verdict.kept[key] in self.gathered.pending for key in verdict.respelled)

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
