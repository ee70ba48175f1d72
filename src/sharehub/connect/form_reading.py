"""Reads a form as what it is: a connector without a folder, whose mapping follows from the kind of record."""

import glob
from pathlib import Path
from typing import NamedTuple

import python_calamine
from pydantic import ValidationError

from sharehub.connect.form import (
    META_FIRST,
    META_SHEET,
    form_columns,
    form_fields,
    identifier_columns,
    prepare_row,
    prepared_columns,
)
from sharehub.connect.mapping import Connector, Mapping
from sharehub.connect.readers import WORKBOOKS, require_file
from sharehub.errors import UsageError
from sharehub.wire.registry import Registry

_MAKE = "sharehub connector template KIND -o F.xlsx makes a form; a workbook of your own needs a mapping: "
_MAKE += "sharehub connector new --from FILE"


class Form(NamedTuple):
    """What a workbook says of itself: of which kind of record it is the form, and whether it is the whole list."""

    kind: str
    mode: str


def names_workbook(name: str) -> bool:
    """Whether a command's word for a connector is a workbook's name."""
    return Path(name).suffix.lower() in WORKBOOKS


def read_form(path: Path, registry: Registry) -> Form:
    """What a filled form is a form of.

    Raises:
        UsageError: it is no form, or one of a schema that is not released here.
    """
    require_file(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        rows = book.get_sheet_by_name(META_SHEET).to_python() if META_SHEET in book.sheet_names else []
    except (python_calamine.CalamineError, OSError) as error:
        raise UsageError(f"{path}: is no workbook that can be read: {error}") from error
    said = {str(row[0]): str(row[1]) for row in rows if len(row) > 1}
    if META_FIRST not in said:
        raise UsageError(f"{path}: is no form: it has no sheet {META_SHEET!r} that says of what", hint=_MAKE)
    schema_id = said.get("schema", "").removesuffix(".0")
    if not schema_id.isdecimal() or registry.by_id(int(schema_id)) is None:
        told = f"{path}: is a form of schema {schema_id or 'unknown'}, which this installation does not have"
        raise UsageError(told, hint="make a new one: sharehub connector template KIND -o F.xlsx")
    return Form(said.get("kind", ""), said.get("mode", ""))


def form_connector(path: Path, agency: str, jurisdiction: str, registry: Registry) -> Connector:
    """The connector that publishes an agency's filled form; its sample is the form itself.

    Raises:
        UsageError: the workbook is no form, or the agency's name is none.
    """
    form = read_form(path, registry)
    columns = form_columns(registry.latest(form.kind))
    said = {
        "connector": {
            "id": f"form-{agency}-{form.kind}",
            "agency": agency,
            "record": form.kind,
            "jurisdiction": jurisdiction,
            "title": f"Form of {form.kind}",
        },
        "source": {
            "type": "excel",
            "mode": form.mode,
            "path": glob.escape(str(path.resolve())),
            "sheet": form.kind,
            "prepared": prepared_columns(),
            "unused": identifier_columns(),
        },
        "key": {"fields": ["key.number"]},
        "fields": form_fields(columns),
        "sample": {"file": path.name},
    }
    try:
        mapping = Mapping.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        told = f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise UsageError(told, hint="name the agency as in agencies.toml: --agency cn-tax") from error
    return Connector(path.parent, mapping, prepare_row, form=True)
