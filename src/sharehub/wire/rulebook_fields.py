"""Which fields of which records a rulebook looks at, held against the schemas of these records."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, NamedTuple

from sharehub.core.condition import Condition
from sharehub.core.entry import Entry
from sharehub.core.oddity import Oddity
from sharehub.core.rulebook import Rulebook
from sharehub.wire.registry import Registry, load_registry


class Looked(NamedTuple):
    """A place of an entry that looks at records of a kind: with tests, or at fields by their names."""

    place: str
    kind: str
    tests: tuple[Condition, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All the fields that it looks at."""
        tested = [name for test in self.tests for name in (test.field, test.since) if name]
        return (*tested, *self.names)


def looked_at(entry: Entry) -> Iterator[Looked]:
    """Every place of the entry that looks at a record."""
    ground = entry.ground.record_kind
    yield Looked("ground.where", ground, entry.ground.where)
    yield Looked("unless", ground, entry.unless)
    yield Looked("latest_by", ground, names=(entry.latest_by,) if entry.latest_by else ())
    yield Looked("latest_among", ground, names=entry.latest_among)
    yield Looked("starts_after_field", ground, names=(entry.starts_after_field,) if entry.starts_after_field else ())
    yield Looked("same_ground_by", ground, names=entry.same_ground_by)
    for way_out in entry.exits:
        yield Looked("exits", ground, way_out.where)
    for longer in entry.aggravation:
        yield Looked("aggravation", ground, longer.where)
    for need in entry.requires:
        yield Looked("requires", need.record_kind, need.where, (need.distinct,))
    for bar in entry.barred_by:
        yield Looked("barred_by", bar.record_kind, bar.where)


def unknown_fields(book: Rulebook) -> Iterator[str]:
    """Kinds and fields that do not exist: a test on one would never hold, a slip and no rule."""
    for entry in book.entries:
        for one in looked_at(entry):
            types = _types().get(one.kind)
            if types is None:
                yield f"entry {entry.id!r}, field {one.place!r}: there is no kind of record {one.kind!r}"
                continue
            for name in one.fields:
                if name not in types:
                    yield f"entry {entry.id!r}, field {one.place!r}: a {one.kind} has no field {name!r}"


def impossible_tests(book: Rulebook) -> Iterator[Oddity]:
    """Tests that no record can meet, for what they name is no value of the field."""
    for entry in book.entries:
        for one in looked_at(entry):
            for test in one.tests:
                if reason := _impossible(test, _types().get(one.kind, {}).get(test.field)):
                    yield Oddity(entry.id, one.place, f"{test.field}: {reason}: the test can never hold")


def _impossible(test: Condition, kind: Any) -> str:
    named = test.operand if isinstance(test.operand, tuple) else (str(test.operand),)
    if (words := _words(kind)) and test.operator in ("is", "is_not", "one_of"):
        wrong = [word for word in named if word not in words]
        return f"{wrong[0]!r} is none of {', '.join(words)}" if wrong else ""
    if test.operator in ("at_least", "at_most", "more_than") and not _is_date(kind):
        return "" if all(map(_is_number, named)) else f"{named[0]!r} is no number"
    return ""


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _words(kind: Any) -> tuple[str, ...]:
    if isinstance(kind, list):
        return next(filter(None, map(_words, kind)), ())
    return tuple(kind["symbols"]) if isinstance(kind, dict) and kind["type"] == "enum" else ()


def _is_date(kind: Any) -> bool:
    if isinstance(kind, list):
        return any(map(_is_date, kind))
    return isinstance(kind, dict) and kind.get("logicalType") == "date"


@cache
def _types() -> dict[str, dict[str, Any]]:
    """The type of every field of every kind of record, in the newest schema."""
    registry: Registry = load_registry()
    return {
        schema.name: {field["name"]: field["type"] for field in registry.latest(schema.name).raw["fields"]}
        for schema in registry.all()
        if schema.changes_view
    }
