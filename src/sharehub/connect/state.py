"""What a connector keeps under `<home>/connectors/<id>/`: a lock, the last run's summary and what rejects are open.

What was published is not kept here: the log has it (`stream.published`).
"""

import fcntl
import json
import os
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Final

from sharehub.connect.assembly import Rejected
from sharehub.connect.rejects import kept, told
from sharehub.errors import RefusedError

_REFUSED: Final = "refused"


class Folder:
    """The state of one connector on this machine."""

    def __init__(self, home: Path, connector: str) -> None:
        self.connector = connector
        self.path = home / "connectors" / connector

    @property
    def cache(self) -> Path:
        """Where the reading of the log is remembered."""
        return self.path / "published.sqlite"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other run of this connector on this machine out.

        Raises:
            RefusedError: one is under way.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RefusedError(
                    f"another run of {self.connector} is under way", hint="wait until it has ended"
                ) from error
            yield

    def save_run(self, summary: dict[str, Any]) -> None:
        """Remember how the last run ended."""
        _replace(self.path / "run.json", [json.dumps(summary, ensure_ascii=False)])

    def load_run(self) -> dict[str, Any] | None:
        """How the last run ended, or None before the first."""
        path = self.path / "run.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None

    def add_override(self, override: dict[str, Any]) -> None:
        """Write down, before its effect, who let a run pass that a guard would have refused."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "overrides.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(override, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def load_overrides(self) -> list[dict[str, Any]]:
        """All that was ever let pass, the oldest first."""
        path = self.path / "overrides.jsonl"
        if not path.is_file():
            return []
        return [dict(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]

    def save_bookmark(self, value: str) -> None:
        """Remember where the next run begins to read."""
        _replace(self.path / "bookmark.json", [json.dumps({"bookmark": value}, ensure_ascii=False)])

    def load_bookmark(self) -> str:
        """Where the last whole run ended; empty before the first."""
        path = self.path / "bookmark.json"
        return str(json.loads(path.read_text(encoding="utf-8"))["bookmark"]) if path.is_file() else ""

    def save_rejects(
        self,
        rejected: Iterable[Rejected],
        files: Mapping[str, Path],
        closed: Container[int] = (),
        *,
        refused: bool = False,
    ) -> None:
        """Keep a run's rejects, without persons' numbers, behind those before it that are not `closed`.

        `files` by their name; `refused`: of a run that sent nothing, whose rejects the next run forgets.
        """
        before = (one for number, one in enumerate(self.open_rejects()) if number not in closed)
        rows = groupby(rejected, lambda one: one.row.place)
        mark = {_REFUSED: True} if refused else {}
        fresh = ({**kept(place, list(several), files), **mark} for place, several in rows)
        _replace(self.path / "rejects.jsonl", (json.dumps(one, ensure_ascii=False) for one in chain(before, fresh)))

    def open_rejects(self) -> Iterator[dict[str, Any]]:
        """The rejects that are open, as they are kept, the oldest first; without those of a refused run."""
        return (one for one in self._rejects() if _REFUSED not in one)

    def _rejects(self) -> Iterator[dict[str, Any]]:
        path = self.path / "rejects.jsonl"
        if path.is_file():
            with path.open(encoding="utf-8") as lines:
                yield from map(json.loads, lines)

    def add_taken(self, content: str, name: str) -> None:
        """Remember that a file with this content was published."""
        with (self.path / "taken.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"sha256": content, "name": name}, ensure_ascii=False) + "\n")

    def load_taken(self) -> frozenset[str]:
        """The contents that were published, as `add_taken` has them."""
        path = self.path / "taken.jsonl"
        if not path.is_file():
            return frozenset()
        return frozenset(json.loads(line)["sha256"] for line in path.read_text(encoding="utf-8").splitlines())

    def load_rejects(self) -> list[dict[str, Any]]:
        """All rejects there are: place, what is wrong (also `told`, in one text), the row, persons' numbers masked."""
        return list(map(told, self._rejects()))


def _replace(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)
    draft.replace(path)
