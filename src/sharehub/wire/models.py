"""Validation of record values, built from the Avro schema: the one source of truth.

Strict about types: a date is a date that exists, a text is text, numbers stay within their range, precision and
scale, nothing unknown comes along. The models judge; they never change a value.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Annotated, Any, Literal, NamedTuple, Optional

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from sharehub.errors import UsageError
from sharehub.wire.registry import Schema

NEVER_EMPTY = frozenset(("agency", "record_key", "jurisdiction", "scheme", "value", "name", "instrument"))
_INT = 2**31
_LONG = 2**63
_TEXT_MAX = 2**20


class Problem(NamedTuple):
    """One thing wrong with a value: the field, and why in plain words."""

    field: str
    reason: str


def model_for(schema: Schema) -> type[BaseModel]:
    """The model of a schema's values; keep it, asking again costs a few microseconds."""
    return _model(json.dumps(schema.raw))


def problems(model: type[BaseModel], value: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Everything wrong with a value, empty when it is valid and will encode."""
    try:
        model.__pydantic_validator__.validate_python(value)
    except ValidationError as error:
        return tuple(Problem(_path(found["loc"]), _words(found)) for found in error.errors(include_url=False))
    return ()


@cache
def _model(raw: str) -> type[BaseModel]:
    return _Builder().record(json.loads(raw), "")


class _Builder:
    """Turns Avro types into annotations; remembers named types, which may be used again by name."""

    def __init__(self) -> None:
        self.named: dict[str, Any] = {}

    def record(self, raw: dict[str, Any], space: str) -> type[BaseModel]:
        """The model of one record type."""
        space = raw.get("namespace", space)
        fields: dict[str, Any] = {field["name"]: self._field(field, space) for field in raw["fields"]}
        model: type[BaseModel] = create_model(raw["name"], __config__=ConfigDict(extra="forbid", frozen=True), **fields)
        self._remember(raw, space, model)
        return model

    def _field(self, field: dict[str, Any], space: str) -> tuple[Any, Any]:
        kind = self.kind(field["type"], space)
        if field["name"] in NEVER_EMPTY and field["type"] == "string":
            kind = Annotated[kind, Field(min_length=1)]
        if field["name"] == "revision":
            kind = Annotated[kind, Field(ge=1)]
        return (kind, field["default"]) if "default" in field else (kind, ...)

    def kind(self, raw: Any, space: str) -> Any:
        """The annotation of any Avro type."""
        if isinstance(raw, list):
            return self._union(raw, space)
        if isinstance(raw, str):
            return self._simple(raw, space)
        if "logicalType" in raw:
            return _logical(raw)
        build = _BUILD.get(raw["type"])
        return build(self, raw, space) if build else self.kind(raw["type"], space)

    def _union(self, raw: list[Any], space: str) -> Any:
        kinds = [self.kind(part, space) for part in raw if part != "null"]
        if len(kinds) != 1:
            raise UsageError(f"a union of {len(kinds)} types is not used in records: {raw}")
        return Optional[kinds[0]] if "null" in raw else kinds[0]  # noqa: UP045 -- the type is a value here

    def _simple(self, name: str, space: str) -> Any:
        found = _SIMPLE.get(name) or self.named.get(name) or self.named.get(f"{space}.{name}")
        if found is None:
            raise UsageError(f"the schema names an unknown type {name!r}")
        return found

    def enum(self, raw: dict[str, Any], space: str) -> Any:
        """A closed choice of words."""
        found = Literal[tuple(raw["symbols"])]  # type: ignore[valid-type]
        self._remember(raw, space, found)
        return found

    def array(self, raw: dict[str, Any], space: str) -> Any:
        """A list of one kind."""
        item = self.kind(raw["items"], space)
        return list[item]  # type: ignore[valid-type]

    def map(self, raw: dict[str, Any], space: str) -> Any:
        """Words and their values."""
        item = self.kind(raw["values"], space)
        return dict[str, item]  # type: ignore[valid-type]

    def _remember(self, raw: dict[str, Any], space: str, kind: Any) -> None:
        self.named[raw["name"]] = self.named[f"{raw.get('namespace', space)}.{raw['name']}"] = kind


_BUILD: Mapping[str, Callable[[_Builder, dict[str, Any], str], Any]] = {
    "record": _Builder.record,
    "enum": _Builder.enum,
    "array": _Builder.array,
    "map": _Builder.map,
}
_SIMPLE: Mapping[str, Any] = {
    "string": Annotated[str, Field(strict=True, max_length=_TEXT_MAX)],  # any length limit also checks the encoding
    "bytes": Annotated[bytes, Field(strict=True)],
    "boolean": Annotated[bool, Field(strict=True)],
    "int": Annotated[int, Field(strict=True, ge=-_INT, lt=_INT)],
    "long": Annotated[int, Field(strict=True, ge=-_LONG, lt=_LONG)],
    "float": Annotated[float, Field(strict=True)],
    "double": Annotated[float, Field(strict=True)],
}


def _logical(raw: dict[str, Any]) -> Any:
    match raw["logicalType"]:
        case "date":
            return Annotated[date, Field(strict=True)]
        case "decimal":
            scale = raw.get("scale", 0)
            limits = Field(strict=True, max_digits=raw["precision"], decimal_places=scale)
            return Annotated[Decimal, limits, AfterValidator(partial(_written, scale))]
        case "timestamp-millis" | "timestamp-micros":
            return Annotated[datetime, Field(strict=True)]
        case other:
            raise UsageError(f"logical type {other!r} is not used in records")


def _written(scale: int, number: Decimal) -> Decimal:
    """Refuses 1.000 where two places fit: equal to 1.00, yet Avro cannot write it."""
    if -int(number.as_tuple().exponent) > scale:
        raise ValueError(f"has more than {scale} decimal places")
    return number


def _path(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc)


_SAID = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this record",
    "string_type": "must be text",
    "string_unicode": "holds characters that no text encoding has",
    "string_too_short": "must not be empty",
    "string_too_long": "is longer than a record may be",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "date_type": "must be a calendar date",
    "datetime_type": "must be an instant with its zone",
    "decimal_type": "must be an exact decimal number",
    "is_instance_of": "must be an exact decimal number",
    "list_type": "must be a list",
    "model_type": "must be a group of fields",
    "finite_number": "must be a finite number",
    "greater_than_equal": "is too small",
    "less_than": "is too large",
}


def _words(found: ErrorDetails) -> str:
    """The reason without the validator's jargon."""
    if found["type"] in _SAID:
        return "is missing" if found["input"] is None else _SAID[found["type"]]
    if found["type"] == "literal_error":
        return f"must be one of {found.get('ctx', {}).get('expected', '')}, not {found['input']!r}"
    if found["type"] == "value_error":
        return str(found.get("ctx", {}).get("error", found["msg"]))
    return found["msg"][:1].lower() + found["msg"][1:]
