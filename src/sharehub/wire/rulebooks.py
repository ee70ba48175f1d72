"""Rulebook files to values and back to their place: a fault names file, entry and field.

Layout: `rulebooks/agencies.toml`, `rulebooks/recipients.toml`, `rulebooks/complaints.toml` (`wire.complaints`),
`rulebooks/clocks.toml` (`wire.clocks`), `rulebooks/calendars.toml` (`wire.calendars`),
`rulebooks/<jurisdiction>/<version>.toml`.
"""

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from sharehub.core.agreement import WITHHELD_UNLESS_AGREED
from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import MINIMAL, Agency, Recipient
from sharehub.core.rulebook import Rulebook
from sharehub.core.safeguard import agency_violations, violations
from sharehub.core.schemes import SCHEMES
from sharehub.core.versions import not_public_violations
from sharehub.errors import RefusedError, UsageError
from sharehub.wire.calendars import read_calendars
from sharehub.wire.clocks import read_clocks
from sharehub.wire.complaints import read_matters
from sharehub.wire.rulebook_fields import unknown_fields
from sharehub.wire.rulebook_text import BasisText, RulebookText, Strict


class _Agency(Strict):
    title: str
    authority: str
    jurisdiction: str
    public: bool
    record_kinds: tuple[str, ...]
    sealing_key: str = Field("", pattern=r"^(x25519:[A-Za-z0-9+/]{43}=)?$")
    legal_bases: tuple[str, ...] = ()
    establishing_act: BasisText | None = None

    def value(self, name: str) -> Agency:
        plain = self.model_dump(exclude={"public", "establishing_act"})
        act = self.establishing_act.value() if self.establishing_act else None
        return Agency(name, **plain, establishing_act=act)


class _Recipient(Strict):
    title: str
    jurisdiction: str
    purpose: str
    fields: tuple[str, ...] = MINIMAL
    schemes: tuple[str, ...] = ()
    acknowledge_within_days: int = Field(5, ge=1, le=60)
    until: date | None = None

    @field_validator("fields")
    @classmethod
    def _agreeable(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        return _known(fields, WITHHELD_UNLESS_AGREED, "field that can be agreed")

    @field_validator("schemes")
    @classmethod
    def _schemes(cls, schemes: tuple[str, ...]) -> tuple[str, ...]:
        return _known(schemes, SCHEMES, "identifier scheme")


def _known(names: tuple[str, ...], known: Iterable[str], what: str) -> tuple[str, ...]:
    strange = [name for name in names if name not in set(known)]
    if strange:
        raise ValueError(f"{strange[0]!r} is no {what}: {', '.join(sorted(known))}")
    return names


_Model = TypeVar("_Model", _Agency, _Recipient)


def read_rulebook(path: Path) -> Rulebook:
    """The rulebook in this file, its laws not yet checked.

    Raises:
        UsageError: the file is no rulebook; the message names every entry and field that is wrong.
    """
    book, faults = try_rulebook(path)
    if book is None or faults:
        raise UsageError("\n".join(f"{path}: {fault}" for fault in faults), hint=f"sharehub rulebook check {path}")
    return book


def try_rulebook(path: Path) -> tuple[Rulebook | None, tuple[str, ...]]:
    """The rulebook in this file, as far as there is one, and everything that is malformed, by entry and field."""
    try:
        return _rulebook(_toml(_text(path), str(path)))
    except UsageError as error:
        return None, (str(error).removeprefix(f"{path}: "),)


def rulebook_of(text: str, place: str) -> Rulebook:
    """The rulebook that this text is, its laws not yet checked; `place` is where it stands, for people.

    Raises:
        UsageError: the text is no rulebook, or looks at a field that no record has.
    """
    book, faults = _rulebook(_toml(text, place))
    wrong = faults if book is None else tuple(map(str, unknown_fields(book)))
    if book is None or wrong:
        raise UsageError("\n".join(f"{place}: {fault}" for fault in wrong), hint="sharehub rulebook check FILE")
    return book


def _rulebook(raw: dict[str, Any]) -> tuple[Rulebook | None, tuple[str, ...]]:
    try:
        book = RulebookText.model_validate(raw).value()
    except ValidationError as error:
        return None, tuple(_fault(raw, one) for one in error.errors(include_url=False))
    except ValueError as error:
        return None, (str(error),)
    return book, ()


def load_catalogue(folder: Path) -> Catalogue:
    """Every rulebook, agency, recipient, clock and calendar under `folder`, the laws checked.

    Raises:
        UsageError: a file is malformed, or looks at a field that no record has.
        RefusedError: a law is broken; the message names file, entry, field and law.
    """
    registers = load_registers(folder)
    files = sorted(folder.glob("*/*.toml"))
    books = tuple(read_rulebook(path) for path in files)
    matters = read_matters(folder / "complaints.toml")
    clocks, calendars = read_clocks(folder / "clocks.toml"), read_calendars(folder / "calendars.toml")
    catalogue = Catalogue(books, registers.agencies, registers.recipients, matters, clocks, calendars)
    broken = [
        f"{path}: {fault}" for path, book in zip(files, books, strict=True) for fault in violations(book, catalogue)
    ]
    if broken:
        raise RefusedError("\n".join(broken), hint="sharehub rulebook check FILE")
    if unknown := [f"{path}: {one}" for path, book in zip(files, books, strict=True) for one in unknown_fields(book)]:
        raise UsageError("\n".join(unknown), hint="sharehub schema show KIND")
    return catalogue


def load_registers(folder: Path) -> Catalogue:
    """The agencies and recipients under `folder`, and no rulebook.

    Raises:
        UsageError: a file is malformed.
        RefusedError: an agency breaks a law.
    """
    agencies, recipients = folder / "agencies.toml", folder / "recipients.toml"
    return Catalogue((), agencies_of(_text(agencies), str(agencies)), recipients_of(_text(recipients), str(recipients)))


def agencies_of(text: str, place: str) -> dict[str, Agency]:
    """The agencies that this text registers.

    Raises:
        UsageError: the text is malformed.
        RefusedError: what it registers is no public administration (law 7).
    """
    raw = dict(_named(text, place, _Agency, "agency"))
    agencies = {name: agency.value(name) for name, agency in raw.items()}
    private = [name for name, agency in raw.items() if not agency.public]
    broken = [*agency_violations(agencies.values(), private), *not_public_violations(agencies.values())]
    if broken:
        raise RefusedError("\n".join(f"{place}: {fault}" for fault in broken))
    return agencies


def recipients_of(text: str, place: str) -> dict[str, Recipient]:
    """The recipients that this text registers.

    Raises:
        UsageError: the text is malformed.
    """
    found = _named(text, place, _Recipient, "recipient")
    return {name: Recipient(name, **one.model_dump()) for name, one in found}


def _named(text: str, place: str, model: type[_Model], what: str) -> Iterator[tuple[str, _Model]]:
    """The tables of a text by name, each checked."""
    for name, table in _toml(text, place).items():
        try:
            yield name, model.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise UsageError(f"{place}: {what} {name!r}, field {field!r}: {first['msg']}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file") from error


def _toml(text: str, place: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{place}: {error}") from error


def _fault(raw: dict[str, Any], found: ErrorDetails) -> str:
    place = list(found["loc"])
    reason = found["msg"].removeprefix("Value error, ")
    if not place:
        return reason
    entry = ""
    if place[:1] == ["entry"] and len(place) > 1 and isinstance(place[1], int):
        table = raw["entry"][place[1]]
        named = table.get("id", place[1] + 1) if isinstance(table, dict) else place[1] + 1
        entry, place = f"entry {named!r}, ", place[2:]
    return f"{entry}field {'.'.join(map(str, place))!r}: {reason}"
