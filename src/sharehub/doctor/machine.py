"""Judgement on this machine: settings, data folder, packages, schemas, rules."""

from collections.abc import Iterator

from sharehub.doctor.kinds import Finding, found
from sharehub.doctor.seen import Seen


def configuration(seen: Seen) -> Iterator[Finding]:
    """What was stated and has no effect."""
    for name in seen.unknown:
        yield found("setting-unknown", f"{name} names no setting")


def home(seen: Seen) -> Iterator[Finding]:
    """Whether there is a data folder, and room in it."""
    folder, least = seen.home, seen.limits.disk_free_bytes_min
    if not folder.usable:
        yield found("home-unusable", f"{folder.path} is no folder that this account can write")
    if folder.free < least:
        yield found("disk-low", f"{_gib(folder.free)} free of {_gib(folder.total)} at {folder.path}")


def packages(seen: Seen) -> Iterator[Finding]:
    """Whether the log can be read fast."""
    if not seen.crc32c:
        yield found("crc32c-missing", "the package crc32c is not installed")


def schemas(seen: Seen) -> Iterator[Finding]:
    """Whether what may be said is what was released."""
    if seen.schemas_fault:
        yield found("schema-changed", seen.schemas_fault)


def rules(seen: Seen) -> Iterator[Finding]:
    """Whether the rules can be followed."""
    if seen.rules_fault:
        yield found("rules-broken", seen.rules_fault)


def configured(seen: Seen) -> str:
    """Which settings were stated, and where."""
    return "; ".join(seen.stated) or "every setting has its default"


def roomy(seen: Seen) -> str:
    """The data folder and what is free."""
    return f"{seen.home.path}, {_gib(seen.home.free)} free"


def _gib(size: int) -> str:
    return f"{size / 2**30:,.1f} GiB"
