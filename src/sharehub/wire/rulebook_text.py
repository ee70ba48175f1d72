"""The text of a rulebook as a model: what is not well formed is refused with its entry and field."""

from datetime import date
from typing import Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sharehub.core.condition import Condition, Operator
from sharehub.core.entry import Aggravation, Bar, Entry, Exit, GroundRule, MeasureKind, Requirement
from sharehub.core.rank import Basis, Rank
from sharehub.core.rulebook import PublicationClass, Rulebook

_OPERATORS = ("is", "is_not", "one_of", "at_least", "at_most", "more_than", "present")
_SPANS = ("at_least_months", "at_most_months", "more_than_months")
"""Tests on the time between two dates of a record: they name the earlier one as `since`."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BasisText(Strict):
    """What something rests on, as texts say it."""

    instrument: str = Field(min_length=1)
    article: str = Field(min_length=1)
    rank: Literal["law", "administrative_regulation", "local_regulation", "rule"]

    def value(self) -> Basis:
        """The basis that it is."""
        return Basis(self.instrument, self.article, Rank[self.rank.upper()])


class ConditionText(BaseModel):
    """One test: `field` and exactly one operator with its operand."""

    model_config = ConfigDict(extra="allow", frozen=True)
    field: str
    since: str | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests = self.model_extra or {}
        known = _OPERATORS if self.since is None else _SPANS
        if len(tests) != 1 or next(iter(tests)) not in known:
            raise ValueError(f"a condition has one of {', '.join(known)}; this has {', '.join(tests) or 'none'}")
        operator, operand = next(iter(tests.items()))
        _fitting(operator, operand)
        return self

    def value(self) -> Condition:
        """The test that it is."""
        operator, operand = next(iter((self.model_extra or {}).items()))
        plain = tuple(operand) if isinstance(operand, list) else operand
        return Condition(self.field, cast(Operator, operator), plain, self.since)


def _fitting(operator: str, operand: object) -> None:
    """Refuse an operand with which the test could never hold, or not exactly."""
    if isinstance(operand, float):
        raise ValueError(f'{operator} needs an exact amount, written as text: "{operand}"')
    if operator in _SPANS and (isinstance(operand, bool) or not isinstance(operand, int)):
        raise ValueError(f"{operator} takes a whole number of months")
    if operator == "present" and not isinstance(operand, bool):
        raise ValueError("present is true or false")
    texts = isinstance(operand, list) and all(isinstance(one, str) for one in operand)
    if (operator == "one_of") != texts:
        raise ValueError("one_of takes a list of text, and only one_of does")


def _conditions(where: tuple[ConditionText, ...]) -> tuple[Condition, ...]:
    return tuple(condition.value() for condition in where)


class _Ground(Strict):
    record_kind: str
    authority: str
    where: tuple[ConditionText, ...] = ()


class _Requirement(Strict):
    record_kind: str
    count: int = Field(ge=1)
    distinct: str
    where: tuple[ConditionText, ...] = ()

    def value(self) -> Requirement:
        return Requirement(
            record_kind=self.record_kind, count=self.count, distinct=self.distinct, where=_conditions(self.where)
        )


class _Exit(Strict):
    where: tuple[ConditionText, ...]
    event: Literal["lifted", "annulled"]
    reason: str

    def value(self) -> Exit:
        return Exit(where=_conditions(self.where), event=self.event, reason=self.reason)


class _Aggravation(Strict):
    where: tuple[ConditionText, ...]
    months: int = Field(ge=1)

    def value(self) -> Aggravation:
        return Aggravation(_conditions(self.where), self.months)


class _Bar(Strict):
    record_kind: str
    where: tuple[ConditionText, ...]
    months: int = Field(ge=1)
    reason: str

    def value(self) -> Bar:
        return Bar(self.record_kind, _conditions(self.where), self.months, self.reason)


class _Entry(Strict):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    kind: MeasureKind
    target_service: str
    binding: bool
    ground: _Ground
    entity_kinds: tuple[Literal["company", "organisation", "public_body", "individual"], ...] = ()
    legal_basis: tuple[BasisText, ...] = ()
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
    publication_class: str | None = None
    pilot: bool = False
    when_pilot_ends: Literal["keep", "lift"] = "keep"
    unless: tuple[ConditionText, ...] = ()
    term_months_min: int | None = None
    term_months_max: int | None = None
    aggravation: tuple[_Aggravation, ...] = ()
    barred_by: tuple[_Bar, ...] = ()
    ends_when_performed: bool = False
    repairable: bool = True
    excluded_by: tuple[MeasureKind, ...] = ()
    same_ground_by: tuple[str, ...] = ()
    opt_out: bool = False

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
            unless=_conditions(self.unless),
            aggravation=tuple(one.value() for one in self.aggravation),
            barred_by=tuple(one.value() for one in self.barred_by),
        )


_NESTED = frozenset(("ground", "legal_basis", "requires", "exits", "unless", "aggravation", "barred_by"))


class _PublicationClass(Strict):
    months_min: int = Field(ge=0)
    months_max: int = Field(ge=1)
    basis: BasisText

    def value(self) -> PublicationClass:
        return PublicationClass(self.months_min, self.months_max, self.basis.value())


class RulebookText(Strict):
    jurisdiction: str
    version: str
    title: str
    published_on: date
    parent: str | None = None
    transition: Literal["apply", "keep", "milder"] = "apply"
    publication_class: dict[str, _PublicationClass] = Field(default_factory=dict)
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
            transition=self.transition,
            publication_classes={name: found.value() for name, found in self.publication_class.items()},
            entries=tuple(entry.value() for entry in self.entry),
        )
