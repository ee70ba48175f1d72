"""From a row to the records that it states, by the mapping; what cannot become one is a rejection, a value."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sharehub.connect.cells import sources, together
from sharehub.connect.columns import Columns
from sharehub.connect.expansion import expander
from sharehub.connect.folding import title_words
from sharehub.connect.hook import RejectRow, RowError
from sharehub.connect.mapping import Connector
from sharehub.connect.readers import Row
from sharehub.connect.source_table import SourceTable
from sharehub.connect.targets import LEGAL_BASIS, LISTS
from sharehub.core.record import Rejection
from sharehub.wire.registry import Schema

_FAILURES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
Cells = Mapping[str, str]


class Draft(NamedTuple):
    """A row as a record's value, revision still open, and doubts that do not reject it; or that it is taken off."""

    row: Row
    record_key: str
    value: dict[str, Any]
    warnings: tuple[str, ...] = ()
    removed: bool = False


class Rejected(NamedTuple):
    """A row that is no record: everything wrong with it; its key where that much could be read."""

    row: Row
    rejections: tuple[Rejection, ...]
    record_key: str | None = None

    def __str__(self) -> str:
        """Its place, and all that is wrong with it."""
        return f"{self.row.place}: {'; '.join(one.reason for one in self.rejections)}"


class Skipped(NamedTuple):
    """A row that is declared to be no record: an example, a footnote."""

    row: Row
    reason: str


Assembled = Draft | Rejected | Skipped
_Stated = tuple[dict[str, Any], list[dict[str, str]], list[Rejection], tuple[str, ...]]
"""What cells give by target, the originals of what was cleaned, what is wrong, and what is doubtful."""


class Assembler:
    """Makes records of one kind from the rows of files with these columns."""

    def __init__(self, connector: Connector, schema: Schema, columns: Columns, run_id: str) -> None:
        mapping = connector.mapping
        self._connector = connector
        self._sources = [
            (one.target, one.column, one.told_by, one.listed, one.found) for one in sources(connector, schema, columns)
        ]
        self._constants = {target: stated.value for target, stated in mapping.targets() if stated.value is not None}
        self._basis = {
            target.partition(".")[2]: value
            for target, value in self._constants.items()
            if target.startswith(f"{LEGAL_BASIS}.")
        }
        self._parts = {target: target.partition(".")[::2] for target, _ in mapping.targets()}
        self._basis_columns = [(one[0], one[1]) for one in self._sources if one[0].startswith(f"{LEGAL_BASIS}.")]
        self._blank = blank_value(connector, schema, run_id)
        several = mapping.source.several
        self._expand = expander(several, columns.header, columns.file) if several else None
        self._change = _Change(mapping.source, columns) if mapping.source.change else None

    def assemble(self, row: Row) -> Sequence[Assembled]:
        """The records that a row states, each or everything wrong with it; or why it states none."""
        if row.note:
            return (Skipped(row, row.note),)
        if row.fault:
            return (_rejected(row, RejectRow(row.fault, code="ragged-row")),)
        if self._expand is None and self._connector.prepare is None:
            return (self._record(row, row.cells),)
        parts = self._expand(row.cells) if self._expand else (row.cells,)
        return [one for cells in parts for one in self._prepared(row, cells)] or (Skipped(row, "states no record"),)

    def _prepared(self, row: Row, cells: Cells) -> Iterable[Assembled]:
        if self._connector.prepare is None:
            return (self._record(row, cells),)
        try:
            made = self._connector.prepare(cells)
            several = [made] if isinstance(made, Mapping) else [dict(one) for one in made]
        except RejectRow as rejected:
            return (_rejected(row, rejected),)
        except RowError as skipped:
            return (Skipped(row, str(skipped)),)
        except _FAILURES as error:
            return (_rejected(row, RejectRow(f"connector.py fails on this row: {type(error).__name__}: {error}")),)
        return [self._record(row, one) for one in several]

    def _record(self, row: Row, cells: Cells) -> Assembled:
        found, originals, rejections, warnings = self._stated(row, cells)
        rejections += self._half_a_basis(row, found) if self._basis_columns and not rejections else ()
        key = self._key(found)
        if self._change and (change := self._change.of(cells)) != "stated":
            if change == "removed" and key is not None:
                return Draft(row, key, {}, removed=True)
            rejections = rejections if change == "removed" else [self._change.unknown(row, cells), *rejections]
        if rejections:
            return Rejected(row, tuple(rejections), key)
        if key is None:
            wanted = " and ".join(self._connector.mapping.key.fields)
            return Rejected(row, (Rejection("key", wanted, str(row.place), "a part of the key is empty"),))
        return Draft(row, key, self._value(row, key, found, originals), warnings)

    def _stated(self, row: Row, cells: Cells) -> _Stated:
        found: dict[str, Any] = {}
        originals: list[dict[str, str]] = []
        rejections: list[Rejection] = []
        warnings: tuple[str, ...] = ()
        for target, column, told_by, listed, read in self._sources:
            cell = cells.get(column, "")
            if told_by is not None and cell and cell[0] not in told_by and cell[-1] not in told_by:
                value = [cell] if listed else cell
                found[target] = together(target, found[target], value) if target in found else value
                continue
            value, original, doubts, fault = read(cell)
            if fault is not None:
                rejections.append(Rejection(fault.code, target, str(row.place), f"{column}: {fault.reason}"))
                continue
            if original is not None:
                originals.append(original)
            if doubts:
                warnings = (*warnings, *doubts)
            if value is not None:
                found[target] = together(target, found[target], value) if target in found else value
        return found, originals, rejections, warnings

    def _half_a_basis(self, row: Row, found: Mapping[str, Any]) -> Iterable[Rejection]:
        """The cells that are empty although others of the same row begin to state the legal basis."""
        if not any(target in found for target, _ in self._basis_columns):
            return
        for target, column in self._basis_columns:
            if target not in found:
                told = f"{column}: is empty, but the legal basis needs it"
                yield Rejection("missing", target, str(row.place), told)

    def _key(self, found: Mapping[str, Any]) -> str | None:
        parts = [self._connector.id]
        for name in self._connector.mapping.key.fields:
            part = key_text(name, found.get(name, self._constants.get(name)))
            if part is None:
                return None
            parts.append(part)
        return "/".join(parts)

    def _value(self, row: Row, key: str, found: dict[str, Any], originals: list[dict[str, str]]) -> dict[str, Any]:
        name, sheet, number = row.place
        value = self._blank.copy()
        value["record_key"] = key
        value["source"] = {"name": name, "sheet": sheet, "row": number}
        value["originals"] = originals
        value["subject"] = subject = value["subject"].copy()
        basis: dict[str, Any] = {}
        for target, stated in found.items():
            group, part = self._parts[target]
            if not part:
                value[target] = stated
            elif group == "subject":
                subject[part] = stated
            elif group == LEGAL_BASIS:
                basis[part] = stated
        if basis:
            value[LEGAL_BASIS] = [self._basis | basis]
        return value


class _Change:
    """What the column of changes says of a row."""

    def __init__(self, source: SourceTable, columns: Columns) -> None:
        if source.change is None:
            raise TypeError("only sources of changes have this column")
        self._column = columns.of[source.change.column]
        self._words = {title_words(word): "stated" for word in source.change.stated}
        self._words |= {title_words(word): "removed" for word in source.change.removed}
        self._known = (*source.change.stated, *source.change.removed)

    def of(self, cells: Cells) -> str:
        """`stated`, `removed` or `unknown`."""
        return self._words.get(title_words(cells.get(self._column, "")), "unknown")

    def unknown(self, row: Row, cells: Cells) -> Rejection:
        """Why a row whose change is unknown is none."""
        told = f"{self._column}: {cells.get(self._column, '')!r} is none of {', '.join(map(repr, self._known))}"
        return Rejection("unknown-word", "source.change", str(row.place), told)


def key_text(target: str, value: object) -> str | None:
    """The part of a key that a target's value is, of a list its first; None where nothing is stated."""
    if isinstance(value, list):
        value = value[0]["value"] if target == "subject.identifiers" else value[0]
    return None if value is None else key_part(value)


def key_part(value: object) -> str:
    """One part of a record key; the slash between parts is no part of any."""
    return str(value).replace("%", "%25").replace("/", "%2F")


def _rejected(row: Row, why: RejectRow) -> Rejected:
    return Rejected(row, (Rejection(why.code, why.field, str(row.place), why.reason),))


def blank_value(connector: Connector, schema: Schema, run_id: str) -> dict[str, Any]:
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
