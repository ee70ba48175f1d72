"""Rule files of a replay: those in use, or others that it tries."""

from dataclasses import replace
from pathlib import Path

from sharehub.bootstrap import rulebooks_folder
from sharehub.core.catalogue import Catalogue
from sharehub.errors import RefusedError, UsageError
from sharehub.settings import Settings
from sharehub.wire.rule_files import replaced_by, rules_digest
from sharehub.wire.rulebook_check import check_rulebooks, with_rulebooks
from sharehub.wire.rulebooks import load_catalogue, read_rulebook


def catalogue_of(settings: Settings, other: Path | None) -> Catalogue:
    """The rules of the files: those in use, a whole other folder, or one rulebook in the place of what it replaces.

    Raises:
        UsageError: a file is missing or malformed.
        RefusedError: a law is broken, or a text has the version of the one that it replaces.
    """
    folder = rulebooks_folder(settings)
    if other is None or other.is_dir():
        return load_catalogue(other or folder)
    now, book = load_catalogue(folder), read_rulebook(other)
    if any((one.jurisdiction, one.version) == (book.jurisdiction, book.version) for one in now.rulebooks):
        raise RefusedError(
            f"{other}: {book.jurisdiction} {book.version} is in use already; what stands on it would be left alone",
            hint="give the corrected text a version of its own",
        )
    gone = replaced_by(book)
    kept = replace(now, rulebooks=tuple(one for one in now.rulebooks if not gone(one)))
    checked = check_rulebooks([other], kept)[0]
    if checked.malformed:
        raise UsageError("\n".join(f"{other}: {fault}" for fault in checked.malformed))
    if checked.broken:
        faults = "\n".join(f"{other}: {fault}" for fault in checked.broken)
        raise RefusedError(faults, hint=f"sharehub rulebook check {other}")
    return with_rulebooks(kept, [book])


def digest_of(settings: Settings, other: Path | None) -> str:
    """The digest of these files; the same once what is tried is what is in use."""
    if other is not None and other.is_dir():
        return rules_digest(other)
    return rules_digest(rulebooks_folder(settings), other)


def in_use(settings: Settings, digest: str) -> bool:
    """True where the files in use have this digest."""
    return rules_digest(rulebooks_folder(settings)) == digest
