"""From a row to a record's value and key, by the mapping; a row that cannot become one is a rejection, a value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sharehub.connect.columns import Columns
from sharehub.connect.folding import typed
from sharehub.connect.hook import Prepare, Reject, Skip
from sharehub.connect.mapping import Connector, FieldTable
from sharehub.connect.readers import Row
from sharehub.connect.targets import LEGAL_BASIS, LISTS, target_types
from sharehub.connect.values import CellError, Identified, reader
from sharehub.core.record import Rejection
from sharehub.wire.registry import Schema

ALWAYS_MISSING = frozenset(("",))
_JOINED = {"subject.address": ", "}
_ORIGINALS = "originals"


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


class Skipped(NamedTuple):
    """A row that is declared to be no record: an example, a footnote."""

    row: Row
    reason: str


Assembled = Draft | Rejected | Skipped


class _Source(NamedTuple):
    target: str
    column: str
    read: Callable[[str], Any]
    stated: FieldTable


class Assembler:
    """Makes records of one kind from the rows of files with these columns."""

    def __init__(self, connector: Connector, schema: Schema, columns: Columns, run_id: str) -> None:
        self._connector = connector
        self._missing = ALWAYS_MISSING | frozenset(map(typed, connector.mapping.source.missing))
        self._sources = _sources(connector, schema, columns)
        self._constants = {
            target: stated.value for target, stated in connector.mapping.targets() if stated.value is not None
        }
        self._basis = {
            target.partition(".")[2]: value
            for target, value in self._constants.items()
            if target.startswith(f"{LEGAL_BASIS}.")
        }
        self._blank = _blank(connector, schema, run_id)

    def assemble(self, row: Row) -> Assembled:
        """The record that a row states, or everything wrong with it, or why it is none."""
        cells = self._prepared(row)
        if isinstance(cells, Skip):
            return Skipped(row, cells.reason)
        if isinstance(cells, Reject):
            return Rejected(row, (Rejection(cells.code, cells.field, str(row.place), cells.reason),))
        found, rejections, warnings = self._values(row, cells)
        originals = found.pop(_ORIGINALS)
        key = self._key(found)
        if rejections:
            return Rejected(row, tuple(rejections), key)
        if key is None:
            wanted = " and ".join(self._connector.mapping.key.fields)
            return Rejected(row, (Rejection("key", wanted, str(row.place), "a part of the key is empty"),))
        return Draft(row, key, self._value(row, key, found) | {_ORIGINALS: originals}, warnings)

    def _prepared(self, row: Row) -> Mapping[str, str] | Reject | Skip:
        if row.note:
            return Skip(row.note)
        if row.fault:
            return Reject(row.fault, code="ragged-row")
        return _prepared(self._connector.prepare, row.cells) if self._connector.prepare else row.cells

    def _values(self, row: Row, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Rejection], tuple[str, ...]]:
        originals: list[dict[str, str]] = []
        found: dict[str, Any] = {_ORIGINALS: originals}
        rejections: list[Rejection] = []
        warnings: tuple[str, ...] = ()
        for target, column, read, stated in self._sources:
            cell = cells.get(column, "")
            try:
                several = stated.separator and stated.separator in cell
                value = self._read_several(cell, read, stated) if several else self._read(cell, read, stated)
            except CellError as error:
                rejections.append(Rejection(error.code, target, str(row.place), f"{column}: {error}"))
                continue
            if (
                cell
                and (several or cell != _text(value))
                and not target.startswith("key.")
                and not (stated.pattern and value is None)
            ):
                originals.append({"field": target, "text": cell})
            warnings = (*warnings, *_doubts(target, value, stated))
            if value is not None:
                found[target] = _together(target, found.get(target), value)
        return found, rejections, warnings

    def _read_several(self, cell: str, read: Callable[[str], Any], stated: FieldTable) -> Any:
        """The values of a cell, one after another as if each stood in a column of its own."""
        found: Any = None
        for part in filter(str.strip, cell.split(stated.separator)):
            value = self._read(part, read, stated)
            if isinstance(value, Identified):
                warning = "; ".join(filter(None, (found.warning if found else "", value.warning)))
                found = Identified((*(found.identifiers if found else ()), *value.identifiers), warning)
            elif value is not None:
                found = [*(found or ()), value]
        return found

    def _read(self, cell: str, read: Callable[[str], Any], stated: FieldTable) -> Any:
        text = _part(cell.strip(), stated)
        if (seen := typed(text)) in self._missing or seen in stated.missing:
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
            parts.append(key_part(value))
        return "/".join((self._connector.id, *parts))

    def _value(self, row: Row, key: str, found: dict[str, Any]) -> dict[str, Any]:
        place = row.place
        value = {
            **self._blank,
            "record_key": key,
            "source": {"name": place.name, "sheet": place.sheet, "row": place.row},
        }
        subject, basis = dict(self._blank["subject"]), {}
        for target, stated in found.items():
            group, dot, name = target.partition(".")
            if not dot:
                value[target] = stated
            elif group == "subject":
                subject[name] = stated
            elif group == LEGAL_BASIS:
                basis[name] = stated
        value["subject"] = subject
        return value | ({LEGAL_BASIS: [self._basis | basis]} if basis else {})


def key_part(value: object) -> str:
    """One part of a record key; the slash between parts is no part of any."""
    return str(value).replace("%", "%25").replace("/", "%2F")


def _part(text: str, stated: FieldTable) -> str:
    """What the pattern finds in a cell: its first group that takes part, else all that it matches, else nothing."""
    if stated.pattern is None:
        return text
    found = stated.pattern.search(text)
    return next(filter(None, found.groups()), found[0]).strip() if found else ""


def _doubts(target: str, value: Any, stated: FieldTable) -> Iterator[str]:
    if isinstance(value, Identified) and value.warning:
        yield value.warning
    if stated.cut_at and isinstance(value, str) and len(value) >= stated.cut_at:
        yield f"{target} has {stated.cut_at} characters, where the source cuts it off"


def _together(target: str, before: Any, value: Any) -> Any:
    """Sources of a list are its items, strongest first; those of a text are joined; else the first one counts."""
    if isinstance(value, Identified):
        return [*(before or ()), *value.identifiers]
    if target in LISTS:
        several = value if isinstance(value, list) else [value]
        return [*dict.fromkeys((*(before or ()), *several))]
    if before is None or not isinstance(value, str):
        return value if before is None else before
    return f"{before}{_JOINED.get(target, '; ')}{value}"


def _text(value: Any) -> str:
    """The value as a source would have to spell it for nothing to have been cleaned."""
    return value.identifiers[0]["value"] if isinstance(value, Identified) else "" if value is None else str(value)


def _prepared(prepare: Prepare, cells: Mapping[str, str]) -> Mapping[str, str] | Reject | Skip:
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
            subject[name] = [stated.value] if target in LISTS else stated.value
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
