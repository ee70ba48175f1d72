"""Proves that a list is the hub's, whole and still to be relied on; and that a copy is equal to it.

Every version from the first one wanted must be there, signed, unchanged, and follow on the one before; the first list
with all later differences applied must have the root that the newest version states.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sharehub.core.listed import Difference, NotBeforeError, Row, applied, composed
from sharehub.errors import RefusedError, SharehubError, UsageError
from sharehub.feedfiles.deltas import difference_of
from sharehub.feedfiles.manifest import INDEX, MANIFEST, Index, Manifest, index_of, manifest_of, root_of
from sharehub.feedfiles.reading import read_jsonl
from sharehub.feedfiles.sources import Files, object_of
from sharehub.wire.signing import Jwk

Held = dict[str, Row]

_SNAPSHOT, _DELTA = "snapshot.jsonl", "delta.jsonl"
_BROKEN = (ValueError, LookupError, TypeError)


class NotEqualError(SharehubError):
    """A copy is not the list that the hub states."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved: the list of `newest`, from the differences since the version `since`."""

    since: str
    newest: Manifest
    versions: int
    differences: int
    files: int


def kept_versions(files: Files, keys: Sequence[Jwk], now: datetime) -> tuple[Manifest, ...]:
    """The versions of a list that may be relied on now, the oldest first, from the index.

    Raises:
        RefusedError: the index is missing, forged, or expired, or the versions in it do not follow on one another.
    """
    index: Index = index_of(object_of(files.read(INDEX), INDEX), keys)
    versions = tuple(manifest_of(one, keys) for one in index.versions)
    if index.expires_at <= now:
        raise RefusedError(
            f"the list expired at {index.expires_at.isoformat()}: measures may have been lifted since",
            hint="fetch it anew; if the hub has no newer one, ask its operator",
        )
    for before, after in zip((None, *versions), versions, strict=False):
        _follows(before, after, index.recipient)
    return versions


def snapshot_of(files: Files, version: Manifest) -> Held:
    """The list of a version, to start a copy from.

    Raises:
        RefusedError: the file is missing, or is not the one that was signed.
    """
    rows = list(_rows(_checked(files, version, _SNAPSHOT), f"{version.version}/{_SNAPSHOT}"))
    held: Held = {str(row.get("measure_id")): row for row in rows}
    if len(held) != len(rows) or len(held) != version.measures or root_of(held.values()) != version.root:
        raise RefusedError(f"{version.version}/{_SNAPSHOT} is not the list that its manifest states")
    return held


def delta_applied(files: Files, version: Manifest, held: Mapping[str, Row]) -> tuple[Held, int]:
    """The list of a version made of the list before it, and how many measures differ.

    Raises:
        RefusedError: the file is missing, or is not the one that was signed.
        NotEqualError: the copy is not the list before, or the result not the one that is stated.
    """
    differences = _differences(files, version)
    try:
        made = applied(held, differences)
    except NotBeforeError as error:
        raise NotEqualError(f"the delta of version {version.version} does not fit the copy: {error}") from error
    if len(made) != version.measures or root_of(made.values()) != version.root:
        raise NotEqualError(f"the delta of version {version.version} does not lead to its list: the roots differ")
    return made, len(differences)


def verify_list(files: Files, keys: Sequence[Jwk], now: datetime, *, since: str = "", every_file: bool = True) -> Proof:
    """Prove that the list before, with all differences since, is the newest one, which is the hub's and in force.

    `since` is a version, the oldest kept one if empty; `every_file` checks all formats, not just those of the proof.

    Raises:
        UsageError: there is no such version.
        RefusedError: something is missing, forged, changed or expired.
        NotEqualError: the differences do not lead to the newest list.
    """
    versions = kept_versions(files, keys, now)
    wanted = versions[_place([one.version for one in versions], since, 0) :]
    held, count, checked = snapshot_of(files, wanted[0]), 0, 0
    for version in wanted:
        _same_manifest(files, version, keys)
        if version is not wanted[0]:
            held, differences = delta_applied(files, version, held)
            count += differences
        names = sorted(version.files) if every_file else ()
        for name in names:
            _checked(files, version, name)
        checked += len(names)
    if snapshot_of(files, wanted[-1]) != held:
        raise NotEqualError("the newest snapshot is not what the differences lead to")
    return Proof(wanted[0].version, wanted[-1], len(wanted), count, checked)


def differences_between(files: Files, versions: Sequence[Manifest], since: str, until: str) -> Iterator[Difference]:
    """What must be done to the list of one version to get that of a later one; empty names: the last two.

    Raises:
        UsageError: there is no such version, or the second is the earlier one.
        RefusedError: a file is missing, or is not the one that was signed.
    """
    names = [one.version for one in versions]
    first = _place(names, since, max(len(names) - 2, 0))
    last = _place(names, until, len(names) - 1)
    if first > last:
        raise UsageError(
            f"version {names[last]} is before {names[first]}", hint="--from the earlier --to the later one"
        )
    before, after = snapshot_of(files, versions[first]), snapshot_of(files, versions[last])
    return composed(before, after, [_differences(files, version) for version in versions[first + 1 : last + 1]])


def _follows(before: Manifest | None, after: Manifest, recipient: str) -> None:
    if after.recipient != recipient:
        raise RefusedError(f"version {after.version} is another recipient's")
    if before is None:
        return
    stated = after.previous
    if stated is None or (stated.version, stated.root) != (before.version, before.root):
        raise RefusedError(f"version {after.version} does not follow on {before.version}: one is missing or forged")


def _place(names: Sequence[str], wanted: str, default: int) -> int:
    if wanted and wanted not in names:
        raise UsageError(f"there is no version {wanted!r}", hint=f"kept are {names[0]} to {names[-1]}")
    return names.index(wanted) if wanted else default


def _differences(files: Files, version: Manifest) -> list[Difference]:
    path = f"{version.version}/{_DELTA}"
    try:
        return [difference_of(row) for row in _rows(_checked(files, version, _DELTA), path)]
    except _BROKEN as error:
        raise RefusedError(f"{path} cannot be read: {error}") from error


def _same_manifest(files: Files, version: Manifest, keys: Sequence[Jwk]) -> None:
    path = f"{version.version}/{MANIFEST}"
    if manifest_of(object_of(files.read(path), path), keys) != version:
        raise RefusedError(f"{path} says something else than the index")


def _checked(files: Files, version: Manifest, name: str) -> bytes:
    stated, path = version.files[name], f"{version.version}/{name}"
    data = files.read(path)
    if len(data) != stated.size:
        raise RefusedError(f"{path} has {len(data)} bytes, not {stated.size}: it was cut or changed")
    if hashlib.sha256(data).hexdigest() != stated.sha256:
        raise RefusedError(f"{path} is not the file that was signed: its SHA-256 differs")
    return data


def _rows(data: bytes, path: str) -> Iterable[dict[str, Any]]:
    try:
        yield from map(dict, read_jsonl(data))
    except _BROKEN as error:
        raise RefusedError(f"{path} cannot be read: {error}") from error
