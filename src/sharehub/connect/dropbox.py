"""A drop box: a folder in which every new file is taken once, in the order of the names.

What was taken is remembered by its content on this machine. Where that memory is lost, files are read again: the same
content publishes nothing, but an older state of a record comes back until the later file is read; state `source.order`.
"""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sharehub.connect.mapping import Connector
from sharehub.connect.prospect import Outcome, Request
from sharehub.connect.runner import Runner
from sharehub.connect.sources import matching
from sharehub.connect.state import Folder
from sharehub.errors import UsageError

_NOT_YET = (".part", ".tmp", ".crdownload", ".filepart")
_COUNTS = ("read", "published", "unchanged", "withdrawn", "rejected", "skipped", "respelled", "seconds", "records")


class DropBox:
    """The drop box of a connector of type folder."""

    def __init__(self, connector: Connector, home: Path) -> None:
        """Bind to the folder.

        Raises:
            UsageError: the mapping does not say which.
        """
        if not connector.mapping.source.path:
            raise UsageError(f"{connector.id} has no source.path", hint='state the folder: path = "inbox/my-list/*"')
        self._pattern = connector.mapping.source.path
        self._folder = Folder(home, connector.id)
        self._id, self._agency = connector.id, connector.mapping.connector.agency

    def waiting(self) -> list[Path]:
        """Files that were not taken yet; hidden files and those still being copied are left alone."""
        taken = self._folder.load_taken()
        found = [path for path in matching(self._pattern) if path.is_file() and not _unfinished(path)]
        return [path for path in found if content_hash(path) not in taken]

    def run(self, runner: Runner, request: Request) -> tuple[Outcome, tuple[str, ...]]:
        """Publish every waiting file, one after another; the counts of all, and what is to be told.

        A file that cannot be published stops the run, for later ones may build on it; those before it stay taken.

        Raises:
            UsageError, RefusedError, UnreachableError: as `Runner.run` does.
        """
        outcomes, notes = [], []
        for path in self.waiting():
            before = content_hash(path)
            outcome, prospect = runner.run(replace(request, files=(path,)))
            outcomes.append(outcome)
            notes += [f"{path.name}: {outcome.published:,} published, {outcome.rejected:,} rejected", *prospect.notes]
            if content_hash(path) == before:
                self._folder.add_taken(before, path.name)
            else:
                notes.append(f"{path.name}: was written to meanwhile; it is read again with the next run")
        return self._sum(outcomes), tuple(notes or ("no new file",))

    def _sum(self, outcomes: list[Outcome]) -> Outcome:
        total = {name: sum(getattr(one, name) for one in outcomes) for name in _COUNTS}
        doubts = tuple(doubt for one in outcomes for doubt in one.possibly_respelled)
        ended = datetime.now(UTC).isoformat(timespec="seconds")
        found = Outcome(agency=self._agency, connector=self._id, ended_at=ended, possibly_respelled=doubts, **total)
        return replace(found, seconds=round(found.seconds, 3))


def content_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unfinished(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.suffix.lower() in _NOT_YET
