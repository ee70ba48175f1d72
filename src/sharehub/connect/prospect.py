"""What a run is asked, what it would do, and what it did."""

from dataclasses import dataclass, field
from pathlib import Path

from sharehub.connect.gathering import Gathered, Window
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
    records: int


@dataclass(frozen=True)
class Prospect:
    """What a run would do, decided and not done."""

    gathered: Gathered
    gone: tuple[str, ...]
    notes: tuple[str, ...]
    topic: str
    live: int
    run_id: str
    names: tuple[str, ...]
    bookmark: str = ""
    refused: RefusedError | None = None
    override: str = ""

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
