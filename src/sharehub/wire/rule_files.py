"""Which rule files these are: one digest of them all, whatever they are called."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from sharehub.core.rulebook import Rulebook
from sharehub.wire.rulebooks import read_rulebook


def rules_digest(folder: Path, tried: Path | None = None) -> str:
    """SHA-256 of all rule files of a folder; `tried`: with this rulebook in the place of those it would replace."""
    files = sorted(folder.glob("**/*.toml"))
    if tried is not None:
        gone = replaced_by(read_rulebook(tried))
        kept = [path for path in files if path.parent == folder or not gone(read_rulebook(path))]
        files = [*kept, tried]
    return sha256(b"".join(sorted(sha256(path.read_bytes()).digest() for path in files))).hexdigest()


def replaced_by(tried: Rulebook) -> Callable[[Rulebook], bool]:
    """True for the versions of its jurisdiction that were published on its day, or later."""

    def replaced(book: Rulebook) -> bool:
        return book.jurisdiction == tried.jurisdiction and book.published_on >= tried.published_on

    return replaced
