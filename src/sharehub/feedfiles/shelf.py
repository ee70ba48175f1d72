"""The hub's side: versions written into a folder, each whole or not at all, and never changed afterwards.

What a reader sees follows from the index, which is replaced last; what an interrupted run left is cleared by the next.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sharehub.core.feed import cursor_of
from sharehub.core.listed import Difference, Held, Row
from sharehub.errors import BrokenStateError
from sharehub.feedfiles import deltas
from sharehub.feedfiles.formats import write_csv, write_jsonl, write_xlsx
from sharehub.feedfiles.manifest import (
    DELTAS,
    INDEX,
    MANIFEST,
    SNAPSHOTS,
    VERSION,
    Earlier,
    FileFacts,
    Index,
    Manifest,
    root_of,
    signed,
    version_of,
)
from sharehub.feedfiles.reading import read_jsonl
from sharehub.feedfiles.table import Table
from sharehub.wire.containers import write_container
from sharehub.wire.registry import Schema
from sharehub.wire.signing import SigningKey

_DRAFT = ".draft"


def kept_in(folder: Path) -> tuple[Manifest, ...]:
    """The versions in a recipient's folder, the oldest first; the hub believes what it wrote itself.

    Raises:
        BrokenStateError: the index cannot be read.
    """
    path = folder / INDEX
    try:
        stated = json.loads(path.read_bytes())["versions"]
        return tuple(Manifest.model_validate(one) for one in stated)
    except FileNotFoundError:
        return ()
    except (ValueError, LookupError, TypeError) as error:
        hint = "restore the folder, or move it away: the next version is then made from the feed alone"
        raise BrokenStateError(f"{path} is damaged: {error}", hint=hint) from error


def newest_in(folder: Path) -> Manifest | None:
    """The newest version in a recipient's folder; None where there is none.

    Raises:
        BrokenStateError: as `kept_in`.
    """
    versions = kept_in(folder)
    return versions[-1] if versions else None


@dataclass(frozen=True)
class Shelf:
    """The folder of one recipient's versions; only one process at a time changes it."""

    path: Path
    recipient: str
    schema: Schema
    key: SigningKey

    @contextmanager
    def held_alone(self) -> Iterator[None]:
        """Keep other processes from changing the folder meanwhile."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def rows(self, version: Manifest) -> Held:
        """The list of a version.

        Raises:
            BrokenStateError: its file is missing or damaged.
        """
        path = self.path / version.version / "snapshot.jsonl"
        try:
            held = {str(row["measure_id"]): row for row in read_jsonl(path.read_bytes())}
        except (OSError, ValueError, LookupError) as error:
            raise BrokenStateError(f"{path}: {error}", hint="restore it from a backup of the folder") from error
        if root_of(held.values()) != version.root:
            raise BrokenStateError(f"{path} is not what was published", hint="restore it from a backup of the folder")
        return held

    def add(
        self, held: Held, differences: Sequence[Difference], position: int, now: datetime, valid_for: timedelta
    ) -> Manifest:
        """Write the next version and the index that names it; `position` is the last one that `held` covers."""
        kept = kept_in(self.path)
        before = kept[-1] if kept else None
        made_at = max(now, before.made_at + timedelta(seconds=1) if before else now).replace(microsecond=0)
        rows = [held[key] for key in sorted(held)]
        root = root_of(rows)
        version = version_of(position, made_at)
        self._clear(kept)
        draft = self.path / f"{_DRAFT}-{version}"
        draft.mkdir()
        self._write_snapshot(draft, rows, root, before)
        self._write_delta(draft, differences)
        manifest = Manifest(
            recipient=self.recipient,
            version=version,
            feed_position=position,
            cursor=cursor_of(position),
            schema_id=self.schema.id,
            measures=len(rows),
            root=root,
            previous=Earlier(version=before.version, root=before.root) if before else None,
            made_at=made_at,
            expires_at=made_at + valid_for,
            files={name: _facts(draft / name) for name in (*SNAPSHOTS, *DELTAS)},
        )
        _write(draft / MANIFEST, signed(manifest, self.key))
        draft.rename(self.path / version)
        self._write_index((*kept, manifest))
        return manifest

    def keep(self, wanted: Callable[[Manifest], bool]) -> int:
        """Forget old versions that are not wanted, but never the newest; returns how many went."""
        kept = kept_in(self.path)
        first = next((place for place, one in enumerate(kept) if wanted(one)), len(kept) - 1)
        if first > 0:
            self._write_index(kept[first:])
            self._clear(kept[first:])
        return max(first, 0)

    def _write_snapshot(self, draft: Path, rows: Sequence[Row], root: str, before: Manifest | None) -> None:
        if before and before.root == root and before.schema_id == self.schema.id:
            for name in SNAPSHOTS:  # the same list has the same bytes
                (draft / name).hardlink_to(self.path / before.version / name)
            return
        table = Table(self.schema)
        marker = bytes.fromhex(root)[:16]
        _file(draft / "snapshot.jsonl", write_jsonl, rows)
        _file(draft / "snapshot.csv", write_csv, table.columns, map(table.cells, rows))
        _file(draft / "snapshot.xlsx", write_xlsx, "measures", table.columns, map(table.cells, rows))
        _file(draft / "snapshot.avro", write_container, self.schema, rows, marker)

    def _write_delta(self, draft: Path, differences: Sequence[Difference]) -> None:
        table = Table(self.schema)
        columns, rows = deltas.columns(table), [deltas.cells(table, one) for one in differences]
        _file(draft / "delta.jsonl", write_jsonl, map(deltas.line, differences))
        _file(draft / "delta.csv", write_csv, columns, rows)
        _file(draft / "delta.xlsx", write_xlsx, "changes", columns, rows)

    def _write_index(self, versions: Sequence[Manifest]) -> None:
        newest = versions[-1]
        stated = tuple(signed(one, self.key) for one in versions)
        index = Index(recipient=self.recipient, made_at=newest.made_at, expires_at=newest.expires_at, versions=stated)
        draft = self.path / f"{_DRAFT}-{INDEX}"
        _write(draft, signed(index, self.key))
        draft.replace(self.path / INDEX)
        _to_disc(self.path)

    def _clear(self, kept: Sequence[Manifest]) -> None:
        """Remove what no index names: drafts, and versions that are no longer kept."""
        names = {one.version for one in kept}
        for path in self.path.iterdir():
            if path.name.startswith(f"{_DRAFT}-") or (re.fullmatch(VERSION, path.name) and path.name not in names):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _file(path: Path, write: Callable[..., None], *content: object) -> None:
    with path.open("wb") as stream:
        write(stream, *content)


def _facts(path: Path) -> FileFacts:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    return FileFacts(size=path.stat().st_size, sha256=digest)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _to_disc(folder: Path) -> None:
    """The names in the folder, as well as what the files hold."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
