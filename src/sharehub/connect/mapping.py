"""What a connector.toml says, checked: every key known, every target a field of the record's schema."""

import re
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from sharehub.connect.folding import Folding, typed
from sharehub.connect.hook import Prepare, Read, load_hook, prepares, reads
from sharehub.connect.source_table import Frozen, SourceTable, listed
from sharehub.errors import UsageError

Kind = Literal["text", "date", "money", "integer", "boolean", "identifier"]
Constant = str | int | bool | list[dict[str, str]]


def _share(stated: object) -> object:
    if isinstance(stated, str) and stated.endswith("%"):
        return float(stated[:-1]) / 100
    return stated


def _compiled(stated: object) -> object:
    try:
        return re.compile(stated) if isinstance(stated, str) else stated
    except re.error as error:
        raise ValueError(f"{stated!r} is no regular expression: {error}") from error


def _as_typed(stated: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(typed, stated))


def _spelled(stated: object) -> object:
    return {"column": stated} if isinstance(stated, str) else stated


Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(_share)]


class ConnectorTable(Frozen):
    """[connector]: who says what."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    agency: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    record: str
    jurisdiction: str = Field(min_length=2)
    title: str = ""


class RespelledTable(Frozen):
    """When a row that left and a row that came are one record: the key but for the name, and `same`, agree."""

    name: str = "key.name"
    same: Annotated[tuple[str, ...], Field(min_length=1)]
    close: Share = 0.6


class SnapshotTable(Frozen):
    """[snapshot]: what else a whole list means."""

    respelled: RespelledTable | None = None


class KeyTable(Frozen):
    """[key]: the targets whose values, joined by /, tell one record from another."""

    fields: Annotated[tuple[str, ...], Field(min_length=1)]


class FieldTable(Frozen):
    """One target of [fields]: where its value comes from and how it is read."""

    column: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    value: Constant | None = None
    type: Kind | None = None
    required: bool = False
    default: Constant | None = None
    map: dict[str, str | int | bool] = Field({})
    unknown: Literal["reject", "keep", "null"] = "reject"
    scheme: str = ""
    formats: tuple[str, ...] = ("%Y-%m-%d",)
    missing: Annotated[tuple[str, ...], AfterValidator(_as_typed)] = ()
    pattern: Annotated[re.Pattern[str] | None, BeforeValidator(_compiled)] = None
    folded: Folding | None = None
    cut_at: int = Field(0, ge=0)
    template: str = "{}"
    pad: int = Field(0, ge=0, le=64)
    decimal: Literal[".", ","] = "."
    factor: int = Field(1, ge=1)
    units: dict[str, Annotated[int, Field(ge=1)]] = Field({})
    separator: str = ""


class ContractTable(Frozen):
    """[contract]: what makes a run refuse before it sends anything."""

    new_columns: Literal["warn", "ignore", "freeze"] = "warn"
    min_rows: Annotated[int, Field(ge=0)] = 1
    max_bad: Share = 0.02
    max_shrink: Share = 0.5
    max_withdrawn: Share = 0.05


class SampleTable(Frozen):
    """[sample]: the invented file beside the mapping, and how many of its rows are rejected on purpose."""

    file: str = "sample.csv"
    rejected: int = 0


Field_ = Annotated[FieldTable, BeforeValidator(_spelled)]


class Mapping(Frozen):
    """One connector.toml."""

    connector: ConnectorTable
    source: SourceTable
    key: KeyTable
    fields: dict[str, Field_ | list[Field_]]
    contract: ContractTable = ContractTable()
    sample: SampleTable = SampleTable()
    snapshot: SnapshotTable = SnapshotTable()

    def targets(self) -> Iterator[tuple[str, FieldTable]]:
        """Every target with each of its sources; a target with a list comes several times."""
        for target, stated in self.fields.items():
            for part in stated if isinstance(stated, list) else [stated]:
                yield target, part


@dataclass(frozen=True)
class Connector:
    """A connector's folder, read; or a filled form, which needs none."""

    folder: Path
    mapping: Mapping
    prepare: Prepare | None = None
    read: Read | None = None
    form: bool = False

    @property
    def id(self) -> str:
        """Its name: prefix of its record keys, client id, folder of its state."""
        return self.mapping.connector.id

    @property
    def sample(self) -> Path:
        """The invented file that `check` maps."""
        return self.folder / self.mapping.sample.file

    def with_sample(self, file: Path) -> "Connector":
        """The connector with another file as its sample, of which no row is wrong on purpose."""
        sample = SampleTable(file=str(file.resolve()), rejected=0)
        return replace(self, mapping=self.mapping.model_copy(update={"sample": sample}))


def load_connector(folder: Path) -> Connector:
    """The connector of a folder.

    Raises:
        UsageError: connector.toml is missing or wrong; the message names the file and the key.
    """
    path = folder / "connector.toml"
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file", hint="sharehub connector list")
    try:
        mapping = Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is not TOML: {error}") from error
    except ValidationError as error:
        raise UsageError(f"{path}: {_wrong(error)}", hint="docs/connector.md lists every key") from error
    _check_sources(path, mapping)
    hook = load_hook(folder)
    found = Connector(folder, mapping, prepares(hook), reads(hook)) if hook else Connector(folder, mapping)
    if (mapping.source.type == "python") != (found.read is not None):
        raise UsageError(f"{path}: source.type python and a class with read(self, since) in connector.py go together")
    return found


def find_connector(name: str, *folders: Path) -> Connector:
    """The connector called `name` in the first folder of connectors that has it, or in the folder that `name` is.

    Raises:
        UsageError: there is none, or it is wrong.
    """
    for folder in (*(one / name for one in folders), Path(name)):
        if (folder / "connector.toml").is_file():
            return load_connector(folder)
    known = ", ".join(path.parent.name for one in folders for path in sorted(one.glob("*/connector.toml"))) or "none"
    raise UsageError(f"there is no connector {name!r} in {' or '.join(map(str, folders))}", hint=f"there are: {known}")


def _check_sources(path: Path, mapping: Mapping) -> None:
    for target, stated in mapping.targets():
        if bool(stated.column) == (stated.value is not None):
            raise UsageError(f"{path}: fields.{target} needs either a column or a value")
    missing = [name for name in mapping.key.fields if name not in mapping.fields]
    if missing:
        raise UsageError(f"{path}: key.fields names {missing[0]!r}, which [fields] does not define")
    if mapping.source.order and mapping.source.order not in mapping.fields:
        raise UsageError(f"{path}: source.order names {mapping.source.order!r}, which [fields] does not define")
    wrong = _wrong_snapshot(mapping)
    if wrong:
        raise UsageError(f"{path}: {wrong}")


def _wrong_snapshot(mapping: Mapping) -> str:
    respelled = mapping.snapshot.respelled
    if mapping.source.mode != "snapshot" and ("absence" in mapping.source.model_fields_set or respelled):
        told = "a file that is no whole list says nothing by absence"
        return f"{told}: source.absence and snapshot.respelled are for snapshots"
    if respelled is None:
        return ""
    sources = [stated for target, stated in mapping.targets() if target == respelled.name]
    named = next((stated.column for target, stated in mapping.targets() if target == "subject.names"), ())
    if respelled.name not in mapping.key.fields or [one.column for one in sources if one.folded] != [named]:
        return f"snapshot.respelled.name: {respelled.name} must be a folded part of the key, of the first name's column"
    unknown = [target for target in respelled.same if target not in mapping.fields or target.startswith("key.")]
    return f"snapshot.respelled.same names {unknown[0]!r}, which [fields] does not define" if unknown else ""


def _wrong(error: ValidationError) -> str:
    return "; ".join(dict.fromkeys(map(_wrong_key, error.errors(include_url=False))))


def _wrong_key(found: Mapping_[str, Any]) -> str:
    key = ".".join(str(part) for part in found["loc"] if not str(part).startswith(("function-", "list[")))
    if found["type"] == "extra_forbidden":
        return f"key {key} is not known"
    if found["type"] == "missing":
        return f"key {key} is missing"
    told = found["msg"].removeprefix("Value error, ")
    return f"key {key}: {told[:1].lower() + told[1:]}"
