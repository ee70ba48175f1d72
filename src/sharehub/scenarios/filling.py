"""From what a row states to a whole record: what a story need not say is filled in lawfully."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sharehub.connect.form import symbols
from sharehub.connect.mapping import FieldTable
from sharehub.connect.targets import LEGAL_BASIS
from sharehub.connect.values import CellError, reader
from sharehub.core.admission import DATES
from sharehub.core.record import WITHDRAWAL
from sharehub.scenarios.columns import CLEARED, closest, fields_of
from sharehub.wire.models import model_for, problems
from sharehub.wire.registry import Schema

UNTOLD = "not told in this scenario"
"""Stands for a text that every record must state, and that no rulebook looks at."""

Value = dict[str, Any]


class Envelope(NamedTuple):
    """Who says it about whom, under which key; and the day on which it arrives."""

    agency: str
    record_key: str
    revision: int
    jurisdiction: str
    subject_kind: str
    identifier: str
    on: date
    source: Mapping[str, Any]


class Unfit(Exception):
    """What a row states is no record: column and reason of each fault; caught where the table is read."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(str(faults))
        self.faults = faults


def stated_values(schema: Schema, cells: Mapping[str, str]) -> Value:
    """The fields that a row states, as values; `-` clears one.

    Raises:
        Unfit: a cell cannot be read as the schema wants it.
    """
    found: Value = {}
    faults: list[tuple[str, str]] = []
    choices = {field["name"]: symbols(field["type"]) for field in schema.raw["fields"]}
    for title, text in cells.items():
        name, kind, scale = fields_of(schema)[title]
        try:
            found[name] = None if text == CLEARED else _read(text, kind, scale, choices.get(name, ()))
        except CellError as error:
            faults.append((title, f"{error}; correct the cell"))
    if faults:
        raise Unfit(faults)
    return found


def _read(text: str, kind: str, scale: int, choices: tuple[str, ...]) -> Any:
    if choices and text not in choices:
        raise CellError("unknown-word", f"{text!r} is none of its words: {closest(text, choices)}")
    return reader(FieldTable(type=kind), scale)(text)


def whole_value(
    schema: Schema, envelope: Envelope, stated: Value, earlier: Value | None, looked_at: frozenset[str]
) -> Value:
    """The whole record: what was stated, what the revision before said, and what is filled in.

    Raises:
        Unfit: something is missing that a rulebook looks at, or the record is not valid.
    """
    kept = {} if earlier is None or schema.name == WITHDRAWAL else earlier
    value = {LEGAL_BASIS: []} | _defaults(schema) | kept | _enveloped(envelope)
    value |= {name: one for name, one in stated.items() if "." not in name}
    if basis := {name.partition(".")[2]: one for name, one in stated.items() if name.startswith(f"{LEGAL_BASIS}.")}:
        value[LEGAL_BASIS] = [basis]
    if stated.get("subject.address"):
        value["subject"] = {**value["subject"], "address": stated["subject.address"]}
    if all(value[name] is None for name in DATES):
        value["decided_on"] = envelope.on
    value |= _untold(schema, value, looked_at)
    if faults := [(one.field, f"{one.reason}; state it") for one in problems(model_for(schema), value)]:
        raise Unfit(faults)
    return value


def _defaults(schema: Schema) -> Value:
    return {field["name"]: field["default"] for field in schema.raw["fields"] if "default" in field}


def _enveloped(said: Envelope) -> Value:
    scheme, _, value = said.identifier.partition(":")
    identifiers = [{"scheme": scheme, "value": value}] if said.identifier else []
    subject = {"kind": said.subject_kind, "identifiers": identifiers, "names": [], "address": None}
    return {
        "agency": said.agency,
        "record_key": said.record_key,
        "revision": said.revision,
        "jurisdiction": said.jurisdiction,
        "subject": subject,
        "source": dict(said.source),
    }


def _untold(schema: Schema, value: Value, looked_at: frozenset[str]) -> Value:
    """Texts that must be there and decide nothing."""
    return {
        field["name"]: UNTOLD
        for field in schema.raw["fields"]
        if field["type"] == "string" and field["name"] not in value and field["name"] not in looked_at
    }
