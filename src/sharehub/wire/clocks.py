"""`rulebooks/clocks.toml` to clock rules: a fault names file, clock and field."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from sharehub.core.clock import RECEIPT, ClockRule, Length, Relation, Responsible, Sign, Stop, Unit
from sharehub.core.condition import Condition
from sharehub.errors import UsageError
from sharehub.wire.registry import Registry, load_registry
from sharehub.wire.rulebook_text import BasisText, ConditionText, Strict
from sharehub.wire.tables import checked, read_tables

_LENGTHS: tuple[Unit, ...] = ("working_days", "days", "months")
_PLACE = r"^[a-z0-9-]+$"


class StartText(Strict):
    """What starts a clock."""

    record_kind: str
    where: tuple[ConditionText, ...] = ()
    dated_by: str = ""


class StopText(Strict):
    """What stops a clock, and how that relates to what started it."""

    relation: Relation
    record_kind: str = ""
    where: tuple[ConditionText, ...] = ()
    dated_by: str = ""
    key_field: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.relation == "answers") != bool(self.key_field):
            raise ValueError("what answers needs the field that holds the key, key_field, and only that does")
        if not self.record_kind and self.relation in ("answers", "concerns"):
            raise ValueError("record_kind is missing; only a revision may be of any kind")
        return self


class ClockText(Strict):
    """One clock as the file says it, with exactly one length."""

    id: str = Field(pattern=_PLACE)
    jurisdiction: str = Field(pattern=_PLACE)
    title: str = Field(min_length=1)
    starts: StartText
    stops: tuple[StopText, ...] = Field(min_length=1)
    working_days: int | None = Field(default=None, ge=1)
    days: int | None = Field(default=None, ge=1)
    months: int | None = Field(default=None, ge=1)
    responsible: Responsible
    legal_basis: tuple[BasisText, ...] = Field(min_length=1)
    effective_from: date
    effective_to: date | None = None
    kinds: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        stated = [name for name in _LENGTHS if getattr(self, name) is not None]
        if len(stated) != 1:
            raise ValueError(f"a clock has one of {', '.join(_LENGTHS)}; this has {', '.join(stated) or 'none'}")
        return self

    def value(self) -> ClockRule:
        """The rule that it is."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return ClockRule(
            **plain,
            starts=Sign(
                record_kind=self.starts.record_kind, where=_tests(self.starts.where), dated_by=self.starts.dated_by
            ),
            stops=tuple(Stop(**one.model_dump(exclude={"where"}), where=_tests(one.where)) for one in self.stops),
            length=next(Length(count, name) for name in _LENGTHS if (count := getattr(self, name))),
            legal_basis=tuple(one.value() for one in self.legal_basis),
        )


_PLAIN = frozenset(ClockText.model_fields) - {*_LENGTHS, "starts", "stops", "legal_basis"}


def _tests(where: tuple[ConditionText, ...]) -> tuple[Condition, ...]:
    return tuple(test.value() for test in where)


def read_clocks(path: Path) -> tuple[ClockRule, ...]:
    """The clocks of a file, in its order; none where there is no such file.

    Raises:
        UsageError: the file is malformed, names a kind or field that records do not have, or a clock twice.
    """
    tables = read_tables(path)
    if unknown := sorted(tables.keys() - {"clock"}):
        raise UsageError(f"{path}: there is no field {unknown[0]!r}; clocks are written as [[clock]]")
    rules: dict[str, ClockRule] = {}
    registry = load_registry() if tables else None
    for number, table in enumerate(tables.get("clock", ()), 1):
        what = f"clock {table.get('id', number)!r}"
        rule = checked(path, what, ClockText, table).value()
        if rule.name in rules:
            raise UsageError(f"{path}: {what}, field 'id': stands twice in {rule.jurisdiction}")
        for place, fault in _unknown(rule, registry or load_registry()):
            raise UsageError(f"{path}: {what}, field {place!r}: {fault}", hint="sharehub schema list")
        rules[rule.name] = rule
    return tuple(rules.values())


def _unknown(rule: ClockRule, registry: Registry) -> Iterator[tuple[str, str]]:
    """Kinds and fields that records do not have: a test on one would never hold."""
    kinds = {schema.name: schema for schema in registry.all() if schema.says_record}
    for place, sign in (("starts", rule.starts), *(("stops", stop) for stop in rule.stops)):
        key = sign.key_field if isinstance(sign, Stop) else ""
        names = [name for test in sign.where for name in (test.field, test.since) if name]
        if sign.record_kind and sign.record_kind not in kinds:
            yield place, f"there is no record kind {sign.record_kind!r}"
        elif sign.record_kind:
            fields = kinds[sign.record_kind].fields
            stated = (name for name in (*names, sign.dated_by, key) if name not in ("", RECEIPT))
            yield from (
                (place, f"{sign.record_kind} records have no field {name!r}") for name in stated if name not in fields
            )
    yield from (("kinds", f"there is no record kind {kind!r}") for kind in rule.kinds if kind not in kinds)
