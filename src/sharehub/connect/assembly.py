"""From a row to a record's value and key, by the mapping; a row that cannot become one is a rejection, a value.

Which target wants which type is the schema's to say; the mapping may only be more exact.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sharehub.connect.columns import Columns
from sharehub.connect.hook import Prepare, Reject
from sharehub.connect.mapping import Connector, FieldTable
from sharehub.connect.readers import Row
from sharehub.connect.values import CellError, Identified, reader
from sharehub.core.record import Rejection
from sharehub.errors import UsageError
from sharehub.wire.registry import Schema

ALWAYS_MISSING = frozenset(("",))
_OURS = frozenset(
    (
        "agency",
        "record_key",
        "revision",
        "supersedes",
        "jurisdiction",
        "source",
        "originals",
        "correlation_id",
        "causation_id",
    )
)
_ORIGINALS = "originals"
_LISTS = {"subject.identifiers": "identifier", "subject.names": "text"}
_SUBJECT = {"subject.kind": "text", "subject.address": "text"}


class Draft(NamedTuple):
    """A row as a record's value, revision still open, and doubts that do not reject it."""

    row: Row
    record_key: str
    value: dict[str, Any]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is no record: everything wrong with it; its key where that much could be read."""

    row: Row
    rejections: tuple[Rejection, ...]
    record_key: str | None = None


class _Source(NamedTuple):
    target: str
    column: str
    read: Callable[[str], Any]
    stated: FieldTable


class Assembler:
    """Makes records of one kind from the rows of files with these columns."""

    def __init__(self, connector: Connector, schema: Schema, columns: Columns, run_id: str) -> None:
        self._connector = connector
        self._missing = ALWAYS_MISSING | frozenset(connector.mapping.source.missing)
        self._sources = _sources(connector, schema, columns)
        self._constants = {
            target: stated.value for target, stated in connector.mapping.targets() if stated.value is not None
        }
        self._blank = _blank(connector, schema, run_id)

    def assemble(self, row: Row) -> Draft | Rejected:
        """The record that a row states, or everything wrong with it."""
        if row.fault:
            return Rejected(row, (Rejection("ragged-row", "", str(row.place), row.fault),))
        cells = row.cells
        if self._connector.prepare:
            prepared = _prepared(self._connector.prepare, cells)
            if isinstance(prepared, Reject):
                return Rejected(row, (Rejection(prepared.code, prepared.field, str(row.place), prepared.reason),))
            cells = prepared
        found, rejections, warnings = self._values(row, cells)
        originals = found.pop(_ORIGINALS)
        key = self._key(found)
        if rejections:
            return Rejected(row, tuple(rejections), key)
        if key is None:
            wanted = " and ".join(self._connector.mapping.key.fields)
            return Rejected(row, (Rejection("key", wanted, str(row.place), "a part of the key is empty"),))
        return Draft(row, key, self._value(row, key, found) | {_ORIGINALS: originals}, warnings)

    def _values(self, row: Row, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Rejection], tuple[str, ...]]:
        originals: list[dict[str, str]] = []
        found: dict[str, Any] = {_ORIGINALS: originals}
        rejections: list[Rejection] = []
        warnings: tuple[str, ...] = ()
        for target, column, read, stated in self._sources:
            cell = cells.get(column, "")
            try:
                value = self._read(cell, read, stated)
            except CellError as error:
                rejections.append(Rejection(error.code, target, str(row.place), f"{column}: {error}"))
                continue
            if cell and cell != _text(value) and not target.startswith("key."):
                originals.append({"field": target, "text": cell})
            if isinstance(value, Identified):
                warnings = (*warnings, value.warning) if value.warning else warnings
                found[target] = [*found.get(target, ()), *value.identifiers]
            elif target in _LISTS and value is not None:
                found[target] = [*found.get(target, ()), value]
            elif value is not None:
                found[target] = value
        return found, rejections, warnings

    def _read(self, cell: str, read: Callable[[str], Any], stated: FieldTable) -> Any:
        text = cell.strip()
        if text in self._missing:
            if stated.required:
                raise CellError("missing", "is empty but required")
            return stated.default
        try:
            return read(text if stated.template == "{}" else stated.template.replace("{}", text))
        except CellError:
            if stated.unknown == "null":
                return stated.default
            raise

    def _key(self, found: Mapping[str, Any]) -> str | None:
        parts = []
        for name in self._connector.mapping.key.fields:
            value = found.get(name, self._constants.get(name))
            if isinstance(value, list):
                value = value[0]["value"] if name == "subject.identifiers" else value[0]
            if value is None:
                return None
            parts.append(str(value).replace("%", "%25").replace("/", "%2F"))
        return "/".join((self._connector.id, *parts))

    def _value(self, row: Row, key: str, found: dict[str, Any]) -> dict[str, Any]:
        place = row.place
        value = {
            **self._blank,
            "record_key": key,
            "source": {"name": place.name, "sheet": place.sheet, "row": place.row},
        }
        subject = dict(self._blank["subject"])
        for target, stated in found.items():
            group, dot, name = target.partition(".")
            if not dot:
                value[target] = stated
            elif group == "subject":
                subject[name] = stated
        value["subject"] = subject
        return value


def _text(value: Any) -> str:
    """The value as a source would have to spell it for nothing to have been cleaned."""
    return value.identifiers[0]["value"] if isinstance(value, Identified) else "" if value is None else str(value)


def _prepared(prepare: Prepare, cells: Mapping[str, str]) -> Mapping[str, str] | Reject:
    try:
        return prepare(cells)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        return Reject(f"connector.py fails on this row: {type(error).__name__}: {error}")


def _blank(connector: Connector, schema: Schema, run_id: str) -> dict[str, Any]:
    """A value with the constants in place and nothing else stated."""
    blank = {field["name"]: field["default"] for field in schema.raw["fields"] if "default" in field}
    said = connector.mapping.connector
    subject: dict[str, Any] = {"identifiers": [], "names": [], "address": None}
    blank |= {"agency": said.agency, "jurisdiction": said.jurisdiction, "legal_basis": [], "correlation_id": run_id}
    for target, stated in connector.mapping.targets():
        if stated.value is None:
            continue
        group, dot, name = target.partition(".")
        if not dot:
            blank[target] = stated.value
        elif group == "subject":
            subject[name] = [stated.value] if target in _LISTS else stated.value
    return {**blank, "subject": subject}


def _sources(connector: Connector, schema: Schema, columns: Columns) -> tuple[_Source, ...]:
    wanted = target_types(schema)
    found = []
    for target, stated in connector.mapping.targets():
        column = columns.of.get(stated.column)
        if column is not None:
            kind, scale = wanted.get(target, ("text", 2))
            read = reader(stated if stated.type else stated.model_copy(update={"type": kind}), scale)
            found.append(_Source(target, column, read, stated))
    return tuple(found)


def target_types(schema: Schema) -> dict[str, tuple[str, int]]:
    """What a mapping may fill of this kind of record: the type of each target, and the scale of amounts."""
    fields = {field["name"]: _type(field["type"]) for field in schema.raw["fields"] if field["name"] not in _OURS}
    fields.pop("subject", None)
    return fields | {target: (kind, 2) for target, kind in (_LISTS | _SUBJECT).items()}


def check_targets(connector: Connector, schema: Schema) -> None:
    """The mapping fills what the schema requires and nothing else.

    Raises:
        UsageError: a target is unknown, a required one is missing, or a type does not fit.
    """
    path = connector.folder / "connector.toml"
    wanted = target_types(schema)
    for target, stated in connector.mapping.targets():
        if target.startswith("key."):
            continue
        if target not in wanted:
            known = ", ".join(sorted(wanted))
            raise UsageError(f"{path}: {schema.name} has no field {target!r}", hint=f"fields: {known}")
        kind = wanted[target][0]
        if stated.column and not stated.map and (stated.type or kind) != kind:
            raise UsageError(f"{path}: fields.{target} is read as {stated.type}, but the schema wants {kind}")
        if kind == "identifier" and stated.column and not stated.scheme:
            raise UsageError(f"{path}: fields.{target} needs a scheme, for example CN-USCC")
    required = {"subject.kind"} | {
        field["name"] for field in schema.raw["fields"] if "default" not in field and field["name"] in wanted
    }
    missing = sorted(required - set(connector.mapping.fields) - {"legal_basis"})
    if missing:
        raise UsageError(f"{path}: [fields] must also fill {', '.join(missing)}")


def _type(raw: Any) -> tuple[str, int]:
    if isinstance(raw, list):
        return _type(next(part for part in raw if part != "null"))
    if isinstance(raw, dict):
        logical = {"date": "date", "decimal": "money"}.get(raw.get("logicalType", ""))
        return (logical, raw.get("scale", 0)) if logical else (_TYPES.get(raw["type"], "text"), 0)
    return _TYPES.get(raw, "text"), 0


_TYPES = {"int": "integer", "long": "integer", "boolean": "boolean"}
