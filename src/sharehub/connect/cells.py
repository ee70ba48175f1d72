"""What a column's cell gives for a target: a function of its text alone, so that each text is read once."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from sharehub.connect.columns import Columns
from sharehub.connect.folding import begins_like, typed
from sharehub.connect.formulas import FAILED, NOT_CALCULATED
from sharehub.connect.mapping import Connector, FieldTable
from sharehub.connect.targets import IDENTIFIERS, LISTS, target_types
from sharehub.connect.values import CellError, Identified, reader, stating
from sharehub.wire.registry import Schema

ALWAYS_MISSING = frozenset(("",))
_JOINED = {"subject.address": ", "}
_KEPT_MAX: Final = 4_096
_CALCULATE: Final = "the formula has no result yet; open the workbook in a spreadsheet program and save it"
_MEND: Final = "the formula fails; mend it, or put its value there, and save"


class Fault(NamedTuple):
    """What is wrong with a cell. Kept in place of the exception, which would keep the rows around the cell alive."""

    code: str
    reason: str


class Found(NamedTuple):
    """What a cell gives: its value, its text where the value is spelled otherwise, doubts; or what is wrong."""

    value: Any = None
    original: dict[str, str] | None = None
    warnings: tuple[str, ...] = ()
    fault: Fault | None = None


class Source:
    """One column as a source of one target."""

    def __init__(self, target: str, column: str, stated: FieldTable, read: Callable[[str], Any], words: frozenset[str]):
        self.target = target
        self.column = column
        self._stated = stated
        self._reading = read
        self._missing = words.union(stated.missing)
        first = begins_like(self._missing | FAILED)
        whole = stated.template == "{}" and not (stated.separator or stated.pattern or stated.cut_at)
        self.told_by = first if whole and read is str else None
        """Of texts as they stand: a cell that neither begins nor ends with one of these states itself."""
        certain = whole and target == IDENTIFIERS and not (stated.pad or stated.map or stated.folded)
        self.states = stating(stated.scheme, self._missing) if certain else None
        """Of identifiers as they stand: whether a cell states itself."""
        self.scheme = stated.scheme
        self.listed = target in LISTS
        self._kept: dict[str, Found] = {}

    def found(self, cell: str) -> Found:
        """What this cell gives."""
        known = self._kept.get(cell)
        if known is None:
            if len(self._kept) >= _KEPT_MAX:
                self._kept.clear()
            known = self._kept[cell] = self.fresh(cell)
        return known

    def fresh(self, cell: str) -> Found:
        """The same, not remembered."""
        stated = self._stated
        several = bool(stated.separator) and stated.separator in cell
        try:
            value = self._several(cell) if several else self._read(cell)
        except CellError as error:
            return Found(fault=Fault(error.code, str(error)))
        original = None
        if (
            cell
            and (several or cell != _text(value))
            and not self.target.startswith("key.")
            and not (stated.pattern and value is None)
        ):
            original = {"field": self.target, "text": cell}
        alone = None if value is None else together(self.target, None, value)
        return Found(alone, original, tuple(_doubts(self.target, value, stated)))

    def _several(self, cell: str) -> Any:
        """The values of a cell, one after another as if each stood in a column of its own."""
        found: Any = None
        for part in filter(str.strip, cell.split(self._stated.separator)):
            value = self._read(part)
            if isinstance(value, Identified):
                warning = "; ".join(filter(None, (found.warning if found else "", value.warning)))
                found = Identified((*(found.identifiers if found else ()), *value.identifiers), warning)
            elif value is not None:
                found = [*(found or ()), value]
        return found

    def _read(self, cell: str) -> Any:
        stated = self._stated
        text = _part(cell.strip(), stated)
        if typed(text) in self._missing:
            if stated.required:
                raise CellError("missing", "is empty but required")
            return stated.default
        if text in FAILED:
            raise CellError("formula", f"{text}: {_CALCULATE if text == NOT_CALCULATED else _MEND}")
        try:
            return self._reading(text if stated.template == "{}" else stated.template.replace("{}", text))
        except CellError:
            if stated.unknown == "null":
                return stated.default
            raise


def sources(connector: Connector, schema: Schema, columns: Columns) -> tuple[Source, ...]:
    """The columns of a file that fill a target, in the mapping's order."""
    wanted = target_types(schema)
    words = ALWAYS_MISSING.union(map(typed, connector.mapping.source.missing))
    found = []
    for target, stated in connector.mapping.targets():
        column = columns.of.get(stated.column)
        if column is not None:
            kind, scale = wanted.get(target, ("text", 2))
            read = reader(stated if stated.type else stated.model_copy(update={"type": kind}), scale)
            found.append(Source(target, column, stated, read, words))
    return tuple(found)


def together(target: str, before: Any, value: Any) -> Any:
    """Sources of a list are its items, strongest first; those of a text are joined; else the first one counts."""
    if isinstance(value, Identified):
        return [*(before or ()), *value.identifiers]
    if target in LISTS:
        several = value if isinstance(value, list) else [value]
        if target == IDENTIFIERS:
            return [*(before or ()), *several]
        return [*dict.fromkeys((*(before or ()), *several))]
    if before is None or not isinstance(value, str):
        return value if before is None else before
    return f"{before}{_JOINED.get(target, '; ')}{value}"


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


def _text(value: Any) -> str:
    """The value as a source would have to spell it for nothing to have been cleaned."""
    return value.identifiers[0]["value"] if isinstance(value, Identified) else "" if value is None else str(value)
