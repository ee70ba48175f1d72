"""Pairs of Avro schemas of which the second is the first with a few changes, as people make them, from one seed."""

from random import Random
from typing import Any

_PLAIN = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
_ZERO: dict[str, Any] = {"null": None, "boolean": False, "bytes": "", "string": ""}
_SPACES = ("gov.a", "gov.b")
_LOGICAL = (
    {"type": "int", "logicalType": "date"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 4},
)


def pair(seed: int) -> tuple[Any, Any]:
    """A reader's and a writer's schema; a few are invalid, where a name lost its definition."""
    writer = _Making(Random(seed)).record(3)
    reader = _Changing(Random(seed + 1)).changed(writer)
    return (reader, writer) if seed % 2 else (writer, reader)


def trusting() -> tuple[Any, Any]:
    """A reader that cannot read an `R`, though its union `a` can, by `X`; its `S` is first met within an `R`."""

    def root(leaf: str, *others: Any) -> Any:
        back = {"type": "record", "name": "S", "fields": [{"name": "back", "type": ["null", "R"]}]}
        fields = [{"name": "inner", "type": back}, {"name": "leaf", "type": leaf}]
        either = [{"type": "record", "name": "R", "fields": fields}, *others]
        return {"type": "record", "name": "Root", "fields": [{"name": "a", "type": either}, {"name": "b", "type": "S"}]}

    return root("int", {"type": "record", "name": "X", "aliases": ["R"], "fields": []}), root("string")


class _Making:
    """Makes schemas; every named type has a name of its own, and is used again now and then."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._count = 0
        self._open: list[str] = []
        self._closed: list[str] = []

    def record(self, depth: int) -> dict[str, Any]:
        random, made = self._random, self._named("record")
        self._open.append(f"{made['namespace']}.{made['name']}")
        made["fields"] = [self._field(number, depth) for number in range(random.randint(0, 4))]
        self._closed.append(self._open.pop())
        return made

    def schema(self, depth: int) -> Any:
        random = self._random
        if depth == 0 or random.random() < 0.3:
            return random.choice((*_PLAIN, *_LOGICAL))
        kind = random.choice(("record", "enum", "fixed", "array", "map", "union", "union", "again", "again"))
        if kind in ("array", "map"):
            return {"type": kind, "items" if kind == "array" else "values": self.schema(depth - 1)}
        return getattr(self, kind)(depth - 1)

    def enum(self, _depth: int) -> dict[str, Any]:
        symbols = self._random.sample("ABCDE", self._random.randint(1, 4))
        default = {"default": symbols[0]} if self._random.random() < 0.3 else {}
        return {**self._named("enum"), "symbols": symbols, **default}

    def fixed(self, _depth: int) -> dict[str, Any]:
        return {**self._named("fixed"), "size": self._random.randint(1, 3)}

    def union(self, depth: int) -> list[Any]:
        branches: dict[str, Any] = {}
        for _ in range(self._random.randint(1, 3)):
            made = self.schema(depth)
            if not isinstance(made, list):
                branches.setdefault(_kind(made), made)
        return list(branches.values()) or ["null"]

    def again(self, depth: int) -> Any:
        """A type that is there already; of an open record only where a value can end."""
        if self._closed and self._random.random() < 0.5:
            return self._random.choice(self._closed)
        if self._open:
            return ["null", self._random.choice(self._open)]
        return self.schema(depth)

    def _field(self, number: int, depth: int) -> dict[str, Any]:
        made = {"name": f"f{number}", "type": self.schema(depth - 1)}
        if self._random.random() < 0.4:
            _give_default(made)
        return made

    def _named(self, kind: str) -> dict[str, Any]:
        self._count += 1
        return {"type": kind, "name": f"N{self._count}", "namespace": self._random.choice(_SPACES)}


class _Changing:
    """Copies a schema and changes a place here and there; names move with their type's first use."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._rate = random.choice((0.02, 0.08, 0.2))
        self._renamed: dict[str, str] = {}

    def changed(self, schema: Any) -> Any:
        if isinstance(schema, str):
            return self._renamed.get(schema, self._other(schema) if schema in _PLAIN else schema)
        if isinstance(schema, list):
            return self._union(schema)
        if schema["type"] in ("array", "map"):
            part = "items" if schema["type"] == "array" else "values"
            return {**schema, part: self.changed(schema[part])}
        if schema["type"] not in ("record", "enum", "fixed"):
            return self._random.choice(_LOGICAL) if self._now() else schema
        return self._definition(dict(schema))

    def _now(self) -> bool:
        return self._random.random() < self._rate

    def _other(self, plain: str) -> str:
        return self._random.choice(_PLAIN) if self._now() else plain

    def _union(self, schema: list[Any]) -> list[Any]:
        branches: dict[str, Any] = {}
        for branch in map(self.changed, schema):
            if not isinstance(branch, list):
                branches.setdefault(_kind(branch), branch)
        made = list(branches.values())
        if self._now() and not any(_kind(one) == "long" for one in made):
            made.append("long")
        if self._now():
            self._random.shuffle(made)
        return made

    def _definition(self, made: dict[str, Any]) -> dict[str, Any]:
        before = f"{made['namespace']}.{made['name']}"
        if self._now():
            made["namespace"] = self._random.choice(_SPACES)
        if self._now():
            made["name"] += "x"
            if self._random.random() < 0.6:
                made["aliases"] = [before]
        self._renamed[before] = f"{made['namespace']}.{made['name']}"
        if made["type"] == "fixed" and self._now():
            made["size"] += 1
        if made["type"] == "enum":
            self._symbols(made)
        if made["type"] == "record":
            made["fields"] = self._fields(made["fields"])
        return made

    def _symbols(self, made: dict[str, Any]) -> None:
        if self._now():
            made["symbols"] = [*made["symbols"], "F"]
        if self._now():
            made["symbols"] = made["symbols"][:-1] or ["A"]
        if self._now() or made.get("default") not in made["symbols"]:
            made.pop("default", None)
        if self._now():
            made["default"] = made["symbols"][0]

    def _fields(self, fields: list[Any]) -> list[Any]:
        made = [self._field(dict(field)) for field in fields]
        if made and self._now() and not _defines(made[-1]["type"]):
            made.pop()
        if self._now():
            made.append({"name": "more", "type": "string"} | ({"default": ""} if self._random.random() < 0.5 else {}))
        return made

    def _field(self, made: dict[str, Any]) -> dict[str, Any]:
        made.pop("default", None) if self._now() else None
        had, made["type"] = "default" in made, self.changed(made["type"])
        made.pop("default", None)
        if had or self._now():
            _give_default(made)
        if self._now():
            made["aliases"] = [made["name"]]
            made["name"] = f"{made['name']}y"
        return made


def _give_default(field: dict[str, Any]) -> None:
    """A default where a simple one exists for the type, of a union for its first branch."""
    schema = field["type"][0] if isinstance(field["type"], list) and field["type"] else field["type"]
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind in _PLAIN:
        field["default"] = _ZERO.get(kind, 0)
    elif kind in ("array", "map"):
        field["default"] = [] if kind == "array" else {}
    elif kind == "enum":
        field["default"] = schema["symbols"][0]


def _kind(schema: Any) -> str:
    if isinstance(schema, str):
        return schema
    return f"{schema['namespace']}.{schema['name']}" if "name" in schema else str(schema["type"])


def _defines(schema: Any) -> bool:
    """Whether a name that others may use begins here."""
    if isinstance(schema, list):
        return any(map(_defines, schema))
    return isinstance(schema, dict) and ("name" in schema or _defines(schema.get("items", schema.get("values"))))


def without_logical(schema: Any) -> Any:
    """The same schema with plain types only, for rules that know no logical ones."""
    if isinstance(schema, list):
        return [without_logical(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_logical(value) for key, value in schema.items() if key not in ("logicalType", "precision", "scale")
    }
