"""Rule files of a replay: those in use, or others that it tries."""

from hashlib import sha256
from pathlib import Path

from sharehub.bootstrap import rulebooks_folder
from sharehub.core.catalogue import Catalogue
from sharehub.errors import RefusedError, UsageError
from sharehub.settings import Settings
from sharehub.wire.rulebook_check import check_rulebooks, with_rulebooks
from sharehub.wire.rulebooks import load_catalogue, read_rulebook


def catalogue_of(settings: Settings, other: Path | None) -> Catalogue:
    """The rules of the files: those in use, a whole other folder, or those in use with one version in its place.

    Raises:
        UsageError: a file is missing or malformed.
        RefusedError: a law is broken.
    """
    if other is None:
        return load_catalogue(rulebooks_folder(settings))
    if other.is_dir():
        return load_catalogue(other)
    catalogue = load_catalogue(rulebooks_folder(settings))
    checked = check_rulebooks([other], catalogue)[0]
    if checked.malformed:
        raise UsageError("\n".join(f"{other}: {fault}" for fault in checked.malformed))
    if checked.broken:
        faults = "\n".join(f"{other}: {fault}" for fault in checked.broken)
        raise RefusedError(faults, hint=f"sharehub rulebook check {other}")
    return with_rulebooks(catalogue, [read_rulebook(other)])


def rules_digest(settings: Settings, other: Path | None) -> str:
    """SHA-256 of all these files, whatever they are called; the same once the tried ones are those in use."""
    folder = other if other is not None and other.is_dir() else rulebooks_folder(settings)
    files = sorted(folder.glob("**/*.toml"))
    if other is not None and not other.is_dir():
        tried = read_rulebook(other)
        files = [path for path in files if not _same_version(path, folder, (tried.jurisdiction, tried.version))]
        files.append(other)
    return sha256(b"".join(sorted(sha256(path.read_bytes()).digest() for path in files))).hexdigest()


def _same_version(path: Path, folder: Path, version: tuple[str, str]) -> bool:
    if path.parent == folder:
        return False
    book = read_rulebook(path)
    return (book.jurisdiction, book.version) == version
