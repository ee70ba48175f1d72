"""The tables of a folder, found, read and played: `<jurisdiction>/scenarios/*.csv`, workbooks with any sheets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import python_calamine

from sharehub.connect.form import HOW_TO_SHEET, META_SHEET
from sharehub.connect.readers import WORKBOOKS, Table, open_table
from sharehub.connect.source_table import SourceTable
from sharehub.connect.text_files import detected_encoding
from sharehub.core.catalogue import Catalogue
from sharehub.core.scenario import Scenario, Surprise
from sharehub.core.verdict import surprises
from sharehub.errors import UsageError
from sharehub.scenarios.reading import read_table
from sharehub.scenarios.rules import Rules
from sharehub.wire.registry import load_registry

FOLDER = "scenarios"
_TEXTS = frozenset((".csv", ".tsv", ".tab"))
_KINDS = WORKBOOKS | _TEXTS


@dataclass(frozen=True)
class Outcome:
    """One scenario and how it came out; no surprise means that all came as the table says."""

    table: str
    scenario: Scenario
    surprises: tuple[Surprise, ...]


@dataclass(frozen=True)
class Outcomes:
    """All that was played, tables in which no scenario stands, and what to tell about how they were read."""

    tested: tuple[Outcome, ...]
    empty: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """True where every scenario came out as its table says, and there was one."""
        return bool(self.tested) and not self.empty and not any(one.surprises for one in self.tested)


def find_tables(places: Iterable[Path]) -> tuple[Path, ...]:
    """The tables that are meant: files as named, and what lies in folders called `scenarios`, at any depth.

    Raises:
        UsageError: there is no such file or folder, or a file is no table.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            inside = place.glob("*") if place.name == FOLDER else place.glob(f"**/{FOLDER}/*")
            found += sorted(path for path in inside if path.suffix.lower() in _KINDS and path.name[0] not in ".~")
        elif not place.is_file():
            raise UsageError(f"{place}: there is no such file or folder")
        elif place.suffix.lower() not in _KINDS:
            raise UsageError(f"{place}: is no table", hint=f"a table ends with {', '.join(sorted(_KINDS))}")
        else:
            found.append(place)
    return tuple(dict.fromkeys(found))


def run_tables(paths: Iterable[Path], catalogue: Catalogue) -> Outcomes:
    """Read and play every scenario of these tables.

    Raises:
        UsageError: something in a table is wrong; every fault is told with its place and what to do.
    """
    registry = load_registry()
    tested: list[Outcome] = []
    empty: list[str] = []
    notes: list[str] = []
    faults: list[str] = []
    for path in paths:
        rules = Rules(catalogue, registry, _jurisdiction(path))
        for name, table in _sheets(path):
            reading = read_table(table, rules)
            faults += reading.faults
            notes += table.notes
            tested += [Outcome(name, one, surprises(one, catalogue)) for one in reading.scenarios if not faults]
            empty += [] if reading.scenarios or reading.faults else [name]
    if faults:
        raise UsageError("\n".join(faults), hint="sharehub rulebook test --template -o F.xlsx")
    return Outcomes(tuple(tested), tuple(empty), tuple(notes))


def _jurisdiction(path: Path) -> str:
    folder = path.resolve().parent
    return folder.parent.name if folder.name == FOLDER else ""


def _sheets(path: Path) -> Iterator[tuple[str, Table]]:
    """Each sheet of a workbook but its advice, or the one table of a text file, with its name."""
    if path.suffix.lower() in _TEXTS:
        encoding = detected_encoding(path)
        notes = () if encoding == "utf-8" else (f"{path}: read as {encoding}; save it as UTF-8 to be sure",)
        source = SourceTable(type="csv", mode="append", ragged="pad", encoding=(encoding,))
        yield str(path), replace(_placed(path, source), notes=notes)
        return
    try:
        names = python_calamine.CalamineWorkbook.from_path(path).sheet_names
    except (python_calamine.CalamineError, OSError) as error:
        raise UsageError(f"{path}: is no workbook that can be read: {error}") from error
    for sheet in names:
        if sheet not in (HOW_TO_SHEET, META_SHEET):
            source = SourceTable(type="excel", mode="append", ragged="pad", sheet=sheet)
            yield f"{path}, sheet {sheet}", _placed(path, source)


def _placed(path: Path, source: SourceTable) -> Table:
    """The opened table, whose rows say where the file lies: several folders may have one of the same name."""
    table = open_table(path, source)
    rows = (row._replace(place=row.place._replace(name=str(path))) for row in table.rows)
    return replace(table, name=str(path), rows=rows)
