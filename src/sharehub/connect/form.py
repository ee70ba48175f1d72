"""A form: the workbook that a kind of record's schema gives, which publishes without any mapping.

This module says which columns a form has and how they are read; `form_workbook` writes it, `form_reading` reads it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sharehub.connect.hook import RejectRow, SkipRow
from sharehub.connect.targets import LEGAL_BASIS, target_types
from sharehub.core.identifier import SCHEMES
from sharehub.wire.registry import Schema

EXAMPLE = "EXAMPLE, never published"
"""What the first cell of the example row says; a row that says so is skipped."""

META_SHEET = "sharehub"
"""The hidden sheet that says of what a workbook is a form."""
META_FIRST = "sharehub form"
HOW_TO_SHEET = "How to"

NUMBER = "Record number"
_PAIRS = (("Identifier scheme", "Identifier"), ("Second identifier scheme", "Second identifier"))
_SCHEMES = tuple(scheme for scheme in SCHEMES if scheme != "RECORD")
_EXAMPLES: Mapping[str, Any] = {"date": "2026-01-31", "money": 1000, "integer": 1, "boolean": "no"}
_YES_NO = ("yes", "no")
_LAST = ("document_number", "case_reference", "occurred_on", "decided_on", "effective_from", "effective_to")
_BASIS_EXAMPLES = {"instrument": "Name of the law", "article": "Art. 1"}


class FormColumn(NamedTuple):
    """One column of a form; `target` is empty where the column only says how another one is read."""

    title: str
    target: str
    kind: str
    doc: str
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str | int = ""


def form_columns(schema: Schema) -> tuple[FormColumn, ...]:
    """The columns of a kind's form: number, subject, what is particular to the kind, dates, legal basis."""
    own = [field for field in schema.raw["fields"] if field["name"] in target_types(schema)]
    own = [field for field in own if field["name"] != LEGAL_BASIS]
    particular = [field for field in own if field["name"] not in _LAST]
    common = [field for field in own if field["name"] in _LAST]
    of_record = [_of_field(schema, field) for field in (*particular, *common)]
    return (*_subject(schema), *of_record, *_basis(schema))


def form_fields(columns: tuple[FormColumn, ...]) -> dict[str, Any]:
    """The [fields] of the mapping that reads a form with these columns."""
    fields: dict[str, Any] = {}
    for column in columns:
        if column.target:
            fields.setdefault(column.target, []).append(_source(column))
    fields["subject.identifiers"] = [
        {"column": _of_scheme(value, scheme), "scheme": scheme} for _, value in _PAIRS for scheme in _SCHEMES
    ]
    return fields


def identifier_columns() -> list[str]:
    """The columns from which `prepare_row` makes others, and which no target takes as they are."""
    return [title for pair in _PAIRS for title in pair]


def prepared_columns() -> list[str]:
    """The columns that `prepare_row` adds: one for each scheme in which an identifier may be stated."""
    return [_of_scheme(value, scheme) for _, value in _PAIRS for scheme in _SCHEMES]


def prepare_row(row: Mapping[str, str]) -> Mapping[str, str]:
    """A form's row with each identifier under its scheme; the example row is skipped.

    Raises:
        SkipRow, RejectRow: as said.
    """
    if row.get(NUMBER, "") == EXAMPLE:
        raise SkipRow("the example of the form")
    found = dict(row)
    for scheme_title, title in _PAIRS:
        scheme, value = row.get(scheme_title, "").upper(), row.get(title, "")
        if value and not scheme:
            raise RejectRow(f"{title}: {value!r} stands without its scheme; choose one in {scheme_title}", title)
        if value and scheme not in _SCHEMES:
            raise RejectRow(f"{scheme_title}: {scheme!r} is none of {', '.join(_SCHEMES)}", scheme_title)
        if value:
            found[_of_scheme(title, scheme)] = value
    return found


def _of_scheme(title: str, scheme: str) -> str:
    return f"{title} ({scheme})"


def _source(column: FormColumn) -> dict[str, Any]:
    found: dict[str, Any] = {"column": column.title, "required": column.required}
    if column.kind == "date":
        found["formats"] = ["%Y-%m-%d", "excel"]
    elif column.choices and column.kind == "text":
        found["map"] = {word: word for word in column.choices}
    return found


def _subject(schema: Schema) -> Iterator[FormColumn]:
    subject = next(field["type"] for field in schema.raw["fields"] if field["name"] == "subject")
    part = {field["name"]: field for field in subject["fields"]}
    kinds = tuple(part["kind"]["type"]["symbols"])
    never = "Your office's own number of this record. The same number again corrects the record, so it never changes."
    yield FormColumn(NUMBER, "key.number", "text", never, required=True, example=EXAMPLE)
    yield FormColumn("Kind of entity", "subject.kind", "text", part["kind"]["doc"], True, kinds, kinds[0])
    examples = iter((("CN-USCC", "91350100M000100Y43"), ("", "")))
    for scheme_title, title in _PAIRS:
        scheme, value = next(examples)
        kind_doc = "Which kind of number stands in the next column."
        yield FormColumn(scheme_title, "", "text", kind_doc, choices=_SCHEMES, example=scheme)
        yield FormColumn(title, "", "text", "The number by which the entity is known, as text.", example=value)
    yield FormColumn("Name of the entity", "subject.names", "text", "Its name today.", example="Example Trading Ltd")
    yield FormColumn("Other name", "subject.names", "text", "A former or another name.")
    yield FormColumn("Address", "subject.address", "text", part["address"]["doc"], example="1 Example Road")


def _of_field(schema: Schema, field: Mapping[str, Any]) -> FormColumn:
    name = field["name"]
    kind, _ = target_types(schema)[name]
    choices = _YES_NO if kind == "boolean" else symbols(field["type"])
    example = choices[-1] if choices else _EXAMPLES.get(kind, field["doc"])
    return FormColumn(_title(name), name, kind, field["doc"], "default" not in field, choices, example)


def _basis(schema: Schema) -> Iterator[FormColumn]:
    basis = next((field["type"]["items"] for field in schema.raw["fields"] if field["name"] == LEGAL_BASIS), None)
    for part in basis["fields"] if basis else ():
        choices = symbols(part["type"])
        example = choices[0] if choices else _BASIS_EXAMPLES[part["name"]]
        title, target = f"Legal basis: {part['name']}", f"{LEGAL_BASIS}.{part['name']}"
        yield FormColumn(title, target, "text", part["doc"], choices=choices, example=example)


def symbols(raw: Any) -> tuple[str, ...]:
    """The words of a closed choice in a schema, also of one that may be missing; empty where it is none."""
    if isinstance(raw, list):
        return next(filter(None, map(symbols, raw)), ())
    return tuple(raw["symbols"]) if isinstance(raw, dict) and raw["type"] == "enum" else ()


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
