"""Rulebook files to values and back to their place: a fault names file, entry and field.

Layout: `rulebooks/agencies.toml`, `rulebooks/recipients.toml`, `rulebooks/<jurisdiction>/<version>.toml`.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sharehub.core.rank import Basis, Rank
from sharehub.core.rulebook import (
    Agency,
    Catalogue,
    Condition,
    Entry,
    Exit,
    GroundRule,
    MeasureKind,
    Operator,
    Recipient,
    Requirement,
    Rulebook,
)
from sharehub.core.safeguard import agency_violations, violations
from sharehub.errors import RefusedError, UsageError
from sharehub.wire.registry import load_registry

_OPERATORS = ("is", "is_not", "one_of", "at_least", "at_most", "more_than", "present")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Basis(_Strict):
    instrument: str = Field(min_length=1)
    article: str = Field(min_length=1)
    rank: Literal["law", "administrative_regulation", "local_regulation", "rule"]

    def value(self) -> Basis:
        return Basis(self.instrument, self.article, Rank[self.rank.upper()])


class _Condition(BaseModel):
    """One test: `field` and exactly one operator with its operand."""

    model_config = ConfigDict(extra="allow", frozen=True)
    field: str

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests = self.model_extra or {}
        if len(tests) != 1 or next(iter(tests)) not in _OPERATORS:
            raise ValueError(f"a condition has one of {', '.join(_OPERATORS)}; this has {', '.join(tests) or 'none'}")
        operator, operand = next(iter(tests.items()))
        _fitting(operator, operand)
        return self

    def value(self) -> Condition:
        operator, operand = next(iter((self.model_extra or {}).items()))
        return Condition(self.field, cast(Operator, operator), tuple(operand) if isinstance(operand, list) else operand)


def _fitting(operator: str, operand: object) -> None:
    """Refuse an operand with which the test could never hold, or not exactly."""
    if isinstance(operand, float):
        raise ValueError(f'{operator} needs an exact amount, written as text: "{operand}"')
    if operator == "present" and not isinstance(operand, bool):
        raise ValueError("present is true or false")
    texts = isinstance(operand, list) and all(isinstance(one, str) for one in operand)
    if (operator == "one_of") != texts:
        raise ValueError("one_of takes a list of text, and only one_of does")


def _conditions(where: tuple[_Condition, ...]) -> tuple[Condition, ...]:
    return tuple(condition.value() for condition in where)


class _Ground(_Strict):
    record_kind: str
    authority: str
    where: tuple[_Condition, ...] = ()


class _Requirement(_Strict):
    record_kind: str
    count: int = Field(ge=1)
    distinct: str
    where: tuple[_Condition, ...] = ()

    def value(self) -> Requirement:
        return Requirement(
            record_kind=self.record_kind, count=self.count, distinct=self.distinct, where=_conditions(self.where)
        )


class _Exit(_Strict):
    where: tuple[_Condition, ...]
    event: Literal["lifted", "annulled"]
    reason: str

    def value(self) -> Exit:
        return Exit(where=_conditions(self.where), event=self.event, reason=self.reason)


class _Entry(_Strict):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    kind: MeasureKind
    target_service: str
    binding: bool
    ground: _Ground
    entity_kinds: tuple[Literal["company", "organisation", "public_body", "individual"], ...] = ()
    legal_basis: tuple[_Basis, ...] = ()
    authority: str = ""
    recipients: tuple[str, ...] = ()
    relatedness: str = ""
    exit: str = ""
    remedies: tuple[str, ...] = ()
    effective_from: date
    effective_to: date | None = None
    term_months: int | None = None
    starts_after_field: str | None = None
    latest_by: str | None = None
    latest_among: tuple[str, ...] = ()
    requires: tuple[_Requirement, ...] = ()
    exits: tuple[_Exit, ...] = ()
    publication: Literal["none", "on-request", "public"] = "none"
    pilot: bool = False

    def value(self) -> Entry:
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in _NESTED}
        return Entry(
            **plain,
            ground=GroundRule(
                record_kind=self.ground.record_kind,
                authority=self.ground.authority,
                where=_conditions(self.ground.where),
            ),
            legal_basis=tuple(basis.value() for basis in self.legal_basis),
            requires=tuple(need.value() for need in self.requires),
            exits=tuple(way_out.value() for way_out in self.exits),
        )


_NESTED = frozenset(("ground", "legal_basis", "requires", "exits"))


class _Rulebook(_Strict):
    jurisdiction: str
    version: str
    title: str
    published_on: date
    parent: str | None = None
    entry: tuple[_Entry, ...] = ()

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        ids = [entry.id for entry in self.entry]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"entry {twice[0]!r}, field 'id': stands twice")
        return self

    def value(self) -> Rulebook:
        return Rulebook(
            jurisdiction=self.jurisdiction,
            version=self.version,
            title=self.title,
            published_on=self.published_on,
            parent=self.parent,
            entries=tuple(entry.value() for entry in self.entry),
        )


class _Agency(_Strict):
    title: str
    authority: str
    jurisdiction: str
    public: bool
    record_kinds: tuple[str, ...]


class _Recipient(_Strict):
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
        return _Rulebook.model_validate(raw).value()
    except ValidationError as error:
        raise UsageError(f"{path}: {_first_fault(raw, error)}") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error


def load_catalogue(folder: Path) -> Catalogue:
    """Every rulebook, agency and recipient under `folder`, the laws checked.

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
    catalogue = Catalogue(books, agencies, recipients)
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
    yield ground, [test.field for test in entry.ground.where] + plain
    for way_out in entry.exits:
        yield ground, [test.field for test in way_out.where]
    for need in entry.requires:
        yield need.record_kind, [test.field for test in need.where] + [need.distinct]


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
