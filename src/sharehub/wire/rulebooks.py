"""Rulebook files to values and back to their place: a fault names file, entry and field.

Layout: `rulebooks/agencies.toml`, `rulebooks/recipients.toml`, `rulebooks/clocks.toml`, `rulebooks/calendars.toml`,
`rulebooks/<jurisdiction>/<version>.toml`.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import Agency, Recipient
from sharehub.core.condition import Condition
from sharehub.core.entry import Entry
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import agency_violations, violations
from sharehub.errors import RefusedError, UsageError
from sharehub.wire.calendars import load_calendars
from sharehub.wire.clocks import load_clocks
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebook_text import RulebookText, Strict


class _Agency(Strict):
    title: str
    authority: str
    jurisdiction: str
    public: bool
    record_kinds: tuple[str, ...]


class _Recipient(Strict):
    title: str
    jurisdiction: str
    purpose: str


_Model = TypeVar("_Model", _Agency, _Recipient)


def read_rulebook(path: Path) -> Rulebook:
    """The rulebook in this file, its laws not yet checked.

    Raises:
        UsageError: the file is no rulebook; the message names entry and field.
    """
    raw = _toml(path)
    try:
        return RulebookText.model_validate(raw).value()
    except ValidationError as error:
        raise UsageError(f"{path}: {_first_fault(raw, error)}") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error


def load_catalogue(folder: Path) -> Catalogue:
    """Every rulebook, agency, recipient, clock and calendar under `folder`, the laws checked.

    Raises:
        UsageError: a file is malformed.
        RefusedError: a law is broken; the message names file, entry, field and law.
    """
    agencies = _agencies(folder / "agencies.toml")
    recipients = {
        name: Recipient(name, **found.model_dump())
        for name, found in _named(folder / "recipients.toml", _Recipient, "recipient")
    }
    files = sorted(folder.glob("*/*.toml"))
    books = tuple(read_rulebook(path) for path in files)
    clocks, calendars = load_clocks(folder / "clocks.toml"), load_calendars(folder / "calendars.toml")
    catalogue = Catalogue(books, agencies, recipients, clocks, calendars)
    broken = [
        f"{path}: {fault}" for path, book in zip(files, books, strict=True) for fault in violations(book, catalogue)
    ]
    if broken:
        raise RefusedError("\n".join(broken), hint="sharehub rulebook check FILE")
    return catalogue


def _known_fields(path: Path, book: Rulebook) -> None:
    """A condition on a field that its records do not have would never hold: a slip, not a rule."""
    registry = load_registry()
    for entry in book.entries:
        for kind, tests in _tests(entry):
            fields = registry.latest(kind).fields
            for name in tests:
                if name not in fields:
                    raise UsageError(
                        f"{path}: entry {entry.id!r}: a {kind} has no field {name!r}",
                        hint=f"sharehub schema show {kind}",
                    )


def _tests(entry: Entry) -> Iterator[tuple[str, list[str]]]:
    ground = entry.ground.record_kind
    plain = [name for name in (entry.latest_by, entry.starts_after_field, *entry.latest_among) if name]
    yield ground, [*_fields(entry.ground.where), *_fields(entry.unless), *plain, *entry.same_ground_by]
    for way_out in entry.exits:
        yield ground, _fields(way_out.where)
    for longer in entry.aggravation:
        yield ground, _fields(longer.where)
    for need in entry.requires:
        yield need.record_kind, [*_fields(need.where), need.distinct]
    for bar in entry.barred_by:
        yield bar.record_kind, _fields(bar.where)


def _fields(where: tuple[Condition, ...]) -> list[str]:
    return [name for test in where for name in (test.field, test.since) if name]


def _agencies(path: Path) -> dict[str, Agency]:
    raw = dict(_named(path, _Agency, "agency"))
    agencies = {
        name: Agency(name, agency.title, agency.authority, agency.jurisdiction, agency.record_kinds)
        for name, agency in raw.items()
    }
    private = [name for name, agency in raw.items() if not agency.public]
    broken = agency_violations(agencies.values(), private)
    if broken:
        raise RefusedError("\n".join(f"{path}: {fault}" for fault in broken))
    return agencies


def _named(path: Path, model: type[_Model], what: str) -> Iterator[tuple[str, _Model]]:
    """The tables of a file by name, each checked."""
    for name, table in _toml(path).items():
        try:
            yield name, model.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise UsageError(f"{path}: {what} {name!r}, field {field!r}: {first['msg']}") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from error


def _first_fault(raw: dict[str, Any], error: ValidationError) -> str:
    first = error.errors()[0]
    place = list(first["loc"])
    entry = ""
    if place[:1] == ["entry"] and len(place) > 1 and isinstance(place[1], int):
        entry = f"entry {raw['entry'][place[1]].get('id', place[1] + 1)!r}, "
        place = place[2:]
    return f"{entry}field {'.'.join(map(str, place))!r}: {first['msg']}"
