"""A recipient's own copy of its list held against what the hub states."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sharehub.core.listed import Row
from sharehub.errors import SharehubError
from sharehub.feedfiles.manifest import Manifest, root_of
from sharehub.feedfiles.sources import Files
from sharehub.feedfiles.verifying import snapshot_of

_SHOWN = 3


class OtherCopyError(SharehubError):
    """A copy is not the newest list of the hub."""


class Compared(NamedTuple):
    """How a copy differs from a list: measure ids that it lacks, has beyond it, or has otherwise."""

    missing: Sequence[str]
    beyond: Sequence[str]
    otherwise: Sequence[str]


def equal_version(files: Files, versions: Sequence[Manifest], copy: Sequence[Row]) -> Manifest:
    """The newest version, to which the copy is equal: their roots are the same.

    Raises:
        OtherCopyError: it is not; says whether it is an older version, a later state, or what differs.
    """
    root = root_of(copy)
    same = [place for place, version in enumerate(versions, start=1) if version.root == root]
    newest = versions[-1]
    if same and same[-1] == len(versions):
        return newest
    if same:
        older, behind = versions[same[-1] - 1], len(versions) - same[-1]
        raise OtherCopyError(
            f"the copy is the list of version {older.version}, {behind} before the newest",
            hint="apply the deltas since",
        )
    reached = max((_position(row) for row in copy), default=0)
    if reached > newest.feed_position:
        raise OtherCopyError(
            f"the copy has events up to position {reached}, the newest version up to {newest.feed_position}",
            hint="compare again when the next version is there",
        )
    raise OtherCopyError(
        f"the copy is not the list of version {newest.version}: {_words(compared(copy, snapshot_of(files, newest)))}",
        hint="start again from the newest snapshot",
    )


def compared(copy: Iterable[Row], held: Mapping[str, Row]) -> Compared:
    """How a copy differs from a list; nothing in any part: they are equal."""
    found = {str(row.get("measure_id")): row for row in copy}
    return Compared(
        missing=sorted(held.keys() - found.keys()),
        beyond=sorted(found.keys() - held.keys()),
        otherwise=sorted(key for key in held.keys() & found.keys() if held[key] != found[key]),
    )


def _position(row: Row) -> int:
    position = row.get("last_position")
    return position if isinstance(position, int) else 0


def _words(found: Compared) -> str:
    told = (f"{len(ids):,} {name} ({_some(ids)})" for name, ids in found._asdict().items() if ids)
    return ", ".join(told) or "a measure is in it twice"


def _some(ids: Sequence[str]) -> str:
    return ", ".join([*ids[:_SHOWN], *(["…"] if len(ids) > _SHOWN else [])])
