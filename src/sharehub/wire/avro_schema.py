"""An Avro schema in one form: what is the same schema is the same value, and what is none is refused.

Clients write one schema in many ways: names short or full, `"string"` or `{"type": "string"}`, keys in any order. The
normal form has full names, no namespaces and no shorthand; documentation, defaults, aliases and further properties stay
(Avro 1.12 specification, "Schema Declaration" and "Names").
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from sharehub.errors import UsageError

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
NAMED = frozenset({"record", "enum", "fixed"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FULL_NAME = re.compile(rf"{_NAME.pattern}(\.{_NAME.pattern})*")


class InvalidSchemaError(UsageError):
    """The text is no Avro schema; the message says where and why."""


def read_schema(text: str | bytes) -> Any:
    """The normal form of a schema's JSON text; a bare word is a primitive type.

    Raises:
        InvalidSchemaError: it is not JSON, or no schema.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        word = text.decode(errors="replace") if isinstance(text, bytes) else text
        if word.strip() not in PRIMITIVES:
            raise InvalidSchemaError(f"the schema is not JSON: {error}") from error
        raw = word.strip()
    return normal(raw)


def normal(raw: Any) -> Any:
    """The normal form of a schema; normal schemas are equal exactly where they say the same.

    Raises:
        InvalidSchemaError: a part is missing, of the wrong kind, or names what was not defined before.
    """
    reading = _Reading()
    try:
        return reading.schema(raw, "", "")
    except RecursionError as error:
        raise InvalidSchemaError("the schema is nested too deeply") from error


def definitions(schema: Any) -> dict[str, Any]:
    """Every named type of a normal schema, by its full name."""
    found: dict[str, Any] = {}
    left = [schema]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left.extend(one)
        elif isinstance(one, dict):
            if one["type"] in NAMED:
                found[one["name"]] = one
            left.extend(field["type"] for field in one.get("fields", ()))
            left.extend(one[part] for part in ("items", "values") if part in one)
    return found


class _Reading:
    """Reads one schema from the front to the back, as the names in it are defined."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}

    def schema(self, raw: Any, space: str, path: str) -> Any:
        if isinstance(raw, str):
            return self._word(raw, space, path)
        if isinstance(raw, list):
            return self._union(raw, space, path)
        kind = raw.get("type") if isinstance(raw, dict) else None
        if not isinstance(kind, str):
            raise InvalidSchemaError(f"{path or '/'}: a schema is a name, a list or an object with a type")
        if kind in PRIMITIVES:
            return kind if len(raw) == 1 else dict(raw)
        if kind in ("array", "map"):
            part = "items" if kind == "array" else "values"
            return {**raw, part: self.schema(_required(raw, part, path), space, f"{path}/{part}")}
        if kind in ("error", *NAMED):
            return self._definition(raw, space, path)
        return self._word(kind, space, path)

    def _word(self, word: str, space: str, path: str) -> str:
        full = word if word in PRIMITIVES else _full(word, space)
        if full not in PRIMITIVES and full not in self._named:
            raise InvalidSchemaError(f"{path or '/'}: there is no type {word!r}, or it is defined further down")
        return full

    def _union(self, raw: list[Any], space: str, path: str) -> list[Any]:
        branches = [self.schema(one, space, f"{path}/{number}") for number, one in enumerate(raw)]
        kinds = [_kind(one) for one in branches]
        for number, kind in enumerate(kinds):
            if kind == "union" or kind in kinds[:number]:
                raise InvalidSchemaError(f"{path}/{number}: a union holds no union, and each type once")
        return branches

    def _definition(self, raw: Mapping[str, Any], space: str, path: str) -> dict[str, Any]:
        name, space = self._name(raw, space, path)
        made = {key: value for key, value in raw.items() if key != "namespace"} | {"name": name}
        made["type"] = "record" if raw["type"] == "error" else raw["type"]
        if aliases := _names(made.pop("aliases", []), f"{path}/aliases"):
            made["aliases"] = sorted(_full(alias, space) for alias in aliases)
        self._named[name] = made
        getattr(self, f"_{made['type']}")(made, space, path)
        return made

    def _name(self, raw: Mapping[str, Any], space: str, path: str) -> tuple[str, str]:
        name, stated = _required(raw, "name", path), raw.get("namespace", space)
        if not isinstance(name, str) or not isinstance(stated, str):
            raise InvalidSchemaError(f"{path}/name: a name and a namespace are texts")
        full = _full(name, stated)
        if not _FULL_NAME.fullmatch(full) or full in PRIMITIVES:
            raise InvalidSchemaError(f"{path}/name: {full!r} is no name")
        if full in self._named:
            raise InvalidSchemaError(f"{path}/name: {full} is defined twice")
        return full, full.rpartition(".")[0]

    def _record(self, made: dict[str, Any], space: str, path: str) -> None:
        fields = _required(made, "fields", path)
        if not isinstance(fields, list):
            raise InvalidSchemaError(f"{path}/fields: a list of fields")
        made["fields"] = [self._field(one, space, f"{path}/fields/{number}") for number, one in enumerate(fields)]
        names = [field["name"] for field in made["fields"]]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise InvalidSchemaError(f"{path}/fields/{number}: there are two fields {name}")

    def _field(self, raw: Any, space: str, path: str) -> dict[str, Any]:
        name = raw.get("name") if isinstance(raw, dict) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidSchemaError(f"{path}: a field is an object with a name and a type")
        made = dict(raw, type=self.schema(_required(raw, "type", path), space, f"{path}/type"))
        if aliases := _names(made.pop("aliases", []), f"{path}/aliases"):
            made["aliases"] = sorted(aliases)
        if made.get("order") == "ascending":
            del made["order"]
        if "default" in made and not self._fits(made["default"], made["type"]):
            raise InvalidSchemaError(f"{path}/default: it is no value of the field's type")
        return made

    def _enum(self, made: dict[str, Any], _space: str, path: str) -> None:
        symbols = _names(_required(made, "symbols", path), f"{path}/symbols")
        if len(set(symbols)) < len(symbols) or not all(map(_NAME.fullmatch, symbols)):
            raise InvalidSchemaError(f"{path}/symbols: names, each once")
        if "default" in made and made["default"] not in symbols:
            raise InvalidSchemaError(f"{path}/default: {made['default']!r} is none of the symbols")

    def _fixed(self, made: dict[str, Any], _space: str, path: str) -> None:
        size = _required(made, "size", path)
        if type(size) is not int or size < 0:
            raise InvalidSchemaError(f"{path}/size: a number of bytes")

    def _fits(self, value: Any, schema: Any) -> bool:
        """Whether a JSON value can be the default of a field of this type; of a union, of any branch."""
        if isinstance(schema, list):
            return any(self._fits(value, branch) for branch in schema)
        schema = self._named.get(schema, schema) if isinstance(schema, str) else schema
        match _type(schema):
            case "enum":
                fits = value in schema["symbols"]
            case "fixed":
                fits = _DEFAULTS["bytes"](value) and len(value) == schema["size"]
            case "array":
                fits = isinstance(value, list) and all(self._fits(one, schema["items"]) for one in value)
            case "map":
                fits = isinstance(value, dict) and all(self._fits(one, schema["values"]) for one in value.values())
            case "record":
                fits = isinstance(value, dict) and all(
                    self._fits(value[one["name"]], one["type"]) if one["name"] in value else "default" in one
                    for one in schema["fields"]
                )
            case plain:
                fits = _DEFAULTS[plain](value)
        return bool(fits)


def _whole(bits: int) -> Any:
    return lambda value: type(value) is int and -(2**bits) <= value < 2**bits


_DEFAULTS: Mapping[str, Any] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "int": _whole(31),
    "long": _whole(63),
    "float": lambda value: type(value) in (int, float),
    "double": lambda value: type(value) in (int, float),
    "string": lambda value: isinstance(value, str),
    "bytes": lambda value: isinstance(value, str) and all(ord(one) < 256 for one in value),
}


def _type(schema: Any) -> str:
    return str(schema["type"]) if isinstance(schema, dict) else str(schema)


def _kind(schema: Any) -> str:
    """What may stand once in a union: an unnamed kind, or a name."""
    if isinstance(schema, list):
        return "union"
    return str(schema["name"]) if isinstance(schema, dict) and schema["type"] in NAMED else _type(schema)


def _full(name: str, space: str) -> str:
    return name.lstrip(".") if "." in name or not space else f"{space}.{name}"


def _names(stated: Any, path: str) -> list[str]:
    if not isinstance(stated, list) or not all(isinstance(one, str) for one in stated):
        raise InvalidSchemaError(f"{path}: a list of names")
    return stated


def _required(raw: Mapping[str, Any], key: str, path: str) -> Any:
    if key not in raw:
        raise InvalidSchemaError(f"{path or '/'}: {key} is missing")
    return raw[key]
