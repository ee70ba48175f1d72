"""A rulebook file judged whole: everything that is malformed, unlawful or odd in it, with its place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sharehub.core.catalogue import Catalogue
from sharehub.core.oddity import Oddity, oddities
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import Violation, violations
from sharehub.errors import UsageError
from sharehub.wire.rulebook_fields import impossible_tests, unknown_fields
from sharehub.wire.rulebooks import load_registers, try_rulebook

_REGISTERS = ("agencies.toml", "recipients.toml", "complaints.toml", "clocks.toml", "calendars.toml")


@dataclass(frozen=True)
class Checked:
    """One file: what is malformed, which laws it breaks, and what is odd; no laws where it cannot be read."""

    path: Path
    malformed: tuple[str, ...] = ()
    broken: tuple[Violation, ...] = ()
    odd: tuple[Oddity, ...] = ()


def rulebook_files(places: Iterable[Path]) -> tuple[Path, ...]:
    """The rulebooks that are meant: files as named, and all in a folder, at any depth.

    Raises:
        UsageError: there is no such file or folder, or a folder has no rulebook.
    """
    found: list[Path] = []
    for place in places:
        inside = sorted(path for path in place.glob("**/*.toml") if path.name not in _REGISTERS)
        if place.is_dir() and not inside:
            raise UsageError(f"{place}: has no rulebook", hint="rulebooks end with .toml")
        found += inside if place.is_dir() else [place]
    return tuple(dict.fromkeys(found))


def folder_of(place: Path, otherwise: Path) -> Path:
    """The folder of rulebooks, with its registers, in which a file or folder lies; `otherwise` where it is in none."""
    whole = place.resolve()
    return next((folder for folder in (whole, *whole.parents) if (folder / _REGISTERS[0]).is_file()), otherwise)


def readable_catalogue(folder: Path) -> Catalogue:
    """The registers of a folder with the rulebooks that can be read, be they lawful or not."""
    books = (try_rulebook(path)[0] for path in sorted(folder.glob("*/*.toml")))
    return with_rulebooks(load_registers(folder), (book for book in books if book is not None))


def with_rulebooks(catalogue: Catalogue, books: Iterable[Rulebook]) -> Catalogue:
    """The catalogue with these versions added, each in the place of the version of its name."""
    new = {(book.jurisdiction, book.version): book for book in books}
    kept = (book for book in catalogue.rulebooks if (book.jurisdiction, book.version) not in new)
    return replace(catalogue, rulebooks=(*kept, *new.values()))


def check_rulebooks(paths: Iterable[Path], catalogue: Catalogue) -> tuple[Checked, ...]:
    """Each file judged beside the catalogue and the other files, which may be its parents."""
    read = [(path, *try_rulebook(path)) for path in paths]
    whole = with_rulebooks(catalogue, (book for _, book, _ in read if book is not None))
    return tuple(_checked(path, book, whole) if book else Checked(path, faults) for path, book, faults in read)


def _checked(path: Path, book: Rulebook, whole: Catalogue) -> Checked:
    odd = (*oddities(book, whole), *impossible_tests(book))
    return Checked(path, tuple(unknown_fields(book)), violations(book, whole), odd)
