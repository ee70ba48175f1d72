"""Whether what was written with one schema can be read with another (Avro 1.12 specification, "Schema Resolution").

`faults` takes two schemas in normal form (`wire.avro_schema`). A recursive type is compatible with another as long as
nothing speaks against it: pairs of named types count as compatible until refuted, and what they were used for is looked
at again after a refutation.

One rule is stricter than Avro's, which lets any logical type be read as any other: reading days as instants, or a
decimal with another scale, gives wrong values without an error. Where both sides state one, they must agree.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sharehub.wire.avro_schema import NAMED, InvalidSchemaError, definitions


class Rule(StrEnum):
    """The rule that is broken; the names are those of the Java implementation, as far as it has the rule."""

    NAME = "NAME_MISMATCH"
    SIZE = "FIXED_SIZE_MISMATCH"
    SYMBOLS = "MISSING_ENUM_SYMBOLS"
    DEFAULT = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE = "TYPE_MISMATCH"
    BRANCH = "MISSING_UNION_BRANCH"
    ALIAS = "AMBIGUOUS_ALIAS"
    LOGICAL = "LOGICAL_TYPE_MISMATCH"


class Fault(NamedTuple):
    """Why some value cannot be read: the rule, the place in the reader's schema as a JSON pointer, in words."""

    rule: Rule
    path: str
    words: str


class Level(StrEnum):
    """What a new schema owes to those released before it; TRANSITIVE: to all, otherwise to the last one."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"

    @property
    def backward(self) -> bool:
        """The new schema reads what was written with an older one."""
        return self.startswith(("BACKWARD", "FULL"))

    @property
    def forward(self) -> bool:
        """An older schema reads what is written with the new one."""
        return self.startswith(("FORWARD", "FULL"))


class Breach(NamedTuple):
    """One fault between a new schema and the older one at `older`; `reader` is which of them cannot read."""

    older: int
    reader: str
    fault: Fault


def breaches(new: Any, older: Sequence[Any], level: Level) -> list[Breach]:
    """What keeps a new schema from following the older ones, the last of them first; empty where nothing does."""
    transitive = level.endswith("TRANSITIVE")
    found: list[Breach] = []
    for number in reversed(range(len(older)) if transitive else range(len(older))[-1:]):
        if level.backward:
            found += [Breach(number, "new", fault) for fault in faults(new, older[number])]
        if level.forward:
            found += [Breach(number, "old", fault) for fault in faults(older[number], new)]
    return found


def faults(reader: Any, writer: Any) -> list[Fault]:
    """Why the reader's schema cannot read everything written with the writer's; empty where it can.

    Raises:
        InvalidSchemaError: the schemas are nested too deeply to compare.
    """
    refuted: frozenset[_Pair] = frozenset()
    while True:
        resolution = _Resolution(definitions(reader), definitions(writer), refuted)
        try:
            found = resolution.between(reader, writer, "")
        except RecursionError as error:
            raise InvalidSchemaError("the schemas are nested too deeply to compare") from error
        if found or resolution.refuted == refuted:
            return [fault._replace(path=fault.path or "/") for fault in found]
        refuted = resolution.refuted


_Pair = tuple[str, str]
_Found = tuple[Fault, ...]
_PROMOTED: Mapping[str, frozenset[str]] = {
    "long": frozenset({"int"}),
    "float": frozenset({"int", "long"}),
    "double": frozenset({"int", "long", "float"}),
    "string": frozenset({"bytes"}),
    "bytes": frozenset({"string"}),
}


class _Resolution:
    """One look at two schemas under what is refuted so far."""

    def __init__(self, readers: Mapping[str, Any], writers: Mapping[str, Any], refuted: frozenset[_Pair]) -> None:
        self._readers, self._writers, self._known = readers, writers, refuted
        self._seen: dict[_Pair, _Found] = {}
        self._same: Mapping[str, Callable[[Any, Any, str], _Found]] = {
            "array": lambda reader, writer, path: self.between(reader["items"], writer["items"], f"{path}/items"),
            "map": lambda reader, writer, path: self.between(reader["values"], writer["values"], f"{path}/values"),
            "enum": _enums,
            "fixed": _fixeds,
            "record": self._records,
        }

    @property
    def refuted(self) -> frozenset[_Pair]:
        return self._known | {pair for pair, found in self._seen.items() if found}

    def between(self, reader: Any, writer: Any, path: str) -> _Found:
        reader, writer = _looked_up(reader, self._readers), _looked_up(writer, self._writers)
        if isinstance(writer, list):
            return self._from_union(reader, writer, path)
        if isinstance(reader, list):
            return self._to_union(reader, writer, path)
        if _type(reader) in NAMED and _type(writer) in NAMED:
            return self._named(reader, writer, path)
        return self._unnamed(reader, writer, path)

    def _from_union(self, reader: Any, writer: list[Any], path: str) -> _Found:
        """Whichever branch was written must be readable."""
        if not isinstance(reader, list):
            return _merged(self.between(reader, branch, path) for branch in writer)
        return tuple(
            Fault(Rule.BRANCH, f"{path}/{number}", f"{_named(branch)} may be written, and no branch reads it")
            for number, branch in enumerate(writer)
            if self._to_union(reader, _looked_up(branch, self._writers), path)
        )

    def _to_union(self, reader: list[Any], writer: Any, path: str) -> _Found:
        """One branch that reads it is enough."""
        if any(not self.between(branch, writer, f"{path}/{number}") for number, branch in enumerate(reader)):
            return ()
        return (Fault(Rule.BRANCH, path, f"{_named(writer)} is written, and no branch reads it"),)

    def _named(self, reader: Any, writer: Any, path: str) -> _Found:
        """Their faults at the first place where the two meet; at every other place the first fault is enough."""
        pair = (reader["name"], writer["name"])
        if pair in self._seen:
            found = self._seen[pair][:1]
        else:
            doubt = Fault(Rule.TYPE, "", f"{pair[0]} does not read {pair[1]}")
            self._seen[pair] = (doubt,) if pair in self._known else ()
            found = self._seen[pair] = self._unnamed(reader, writer, "")
        return tuple(fault._replace(path=path + fault.path) for fault in found)

    def _unnamed(self, reader: Any, writer: Any, path: str) -> _Found:
        kinds = _type(reader), _type(writer)
        if kinds[0] == kinds[1]:
            return (*_logicals(reader, writer, path), *self._same.get(kinds[0], _nothing)(reader, writer, path))
        if kinds[1] in _PROMOTED.get(kinds[0], ()):
            return _logicals(reader, writer, path)
        return (Fault(Rule.TYPE, path, f"{kinds[1]} is written, {kinds[0]} is read"),)

    def _records(self, reader: Any, writer: Any, path: str) -> _Found:
        written = {field["name"]: field for field in writer["fields"]}
        return _merged(
            [_names(reader, writer, path)]
            + [self._field(field, written, f"{path}/fields/{number}") for number, field in enumerate(reader["fields"])]
        )

    def _field(self, field: Any, written: Mapping[str, Any], path: str) -> _Found:
        names = [name for name in dict.fromkeys((field["name"], *field.get("aliases", ()))) if name in written]
        if len(names) > 1:
            return (
                Fault(Rule.ALIAS, path, f"{field['name']} stands for {' and '.join(names)}, which are both written"),
            )
        if names:
            return self.between(field["type"], written[names[0]]["type"], f"{path}/type")
        if "default" in field:
            return ()
        return (Fault(Rule.DEFAULT, path, f"{field['name']} is not written and has no default"),)


def _nothing(_reader: Any, _writer: Any, _path: str) -> _Found:
    return ()


def _enums(reader: Any, writer: Any, path: str) -> _Found:
    missing = [symbol for symbol in writer["symbols"] if symbol not in reader["symbols"]]
    if not missing or "default" in reader:
        return _names(reader, writer, path)
    words = f"{', '.join(missing)} may be written, which {reader['name']} has not, nor a default"
    return (*_names(reader, writer, path), Fault(Rule.SYMBOLS, f"{path}/symbols", words))


def _fixeds(reader: Any, writer: Any, path: str) -> _Found:
    if reader["size"] == writer["size"]:
        return _names(reader, writer, path)
    words = f"{writer['size']} bytes are written, {reader['size']} are read"
    return (*_names(reader, writer, path), Fault(Rule.SIZE, f"{path}/size", words))


def _names(reader: Any, writer: Any, path: str) -> _Found:
    """Names match without their namespace, or by an alias of the reader."""
    if _last(reader["name"]) == _last(writer["name"]) or writer["name"] in reader.get("aliases", ()):
        return ()
    return (Fault(Rule.NAME, f"{path}/name", f"{writer['name']} is written, {reader['name']} is read"),)


def _logicals(reader: Any, writer: Any, path: str) -> _Found:
    read, written = _logical(reader), _logical(writer)
    if not read or not written or read == written:
        return ()
    return (Fault(Rule.LOGICAL, path, f"{written} is written, {read} is read"),)


def _logical(schema: Any) -> str:
    """The logical type as far as it decides what a stored number means."""
    name = str(schema.get("logicalType", "")) if isinstance(schema, dict) else ""
    return f"decimal of scale {schema.get('scale', 0)}" if name == "decimal" else name


def _looked_up(schema: Any, named: Mapping[str, Any]) -> Any:
    return named.get(schema, schema) if isinstance(schema, str) else schema


def _type(schema: Any) -> str:
    return str(schema["type"]) if isinstance(schema, dict) else str(schema)


def _named(schema: Any) -> str:
    name = str(schema.get("name", schema["type"])) if isinstance(schema, dict) else str(schema)
    return f"{name} ({logical})" if (logical := _logical(schema)) else name


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _merged(found: Iterable[_Found]) -> _Found:
    return tuple(dict.fromkeys(fault for one in found for fault in one))
