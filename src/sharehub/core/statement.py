"""Statements: each value on an entity with who said it, since when, in which record, and the source's own text.

Where agencies differ the value that is displayed follows a rule (`displayed`), and the others are shown beside it.
Source: the statement of followthemoney (one claim by one source); BODS 0.4 on keeping declarers side by side.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sharehub.core.entity import KINDS, precedence
from sharehub.core.identifier import Identifier
from sharehub.core.record import REGISTRATION, Received, Record, Scalar
from sharehub.core.span import Claim, spans

OTHER_NAME = "other_name"
"""A name beside the first one of a record: a former name, or another one in use."""

_REGISTERED = ("status", "legal_form", "registered_on", "capital", "region", "representative", "successor")
_SOURCE_FIELDS = {"name": "subject.names", OTHER_NAME: "subject.names", "address": "subject.address"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Claim):
    """One claim by one agency that `prop`, the property, has `value`; `original` is the source's uncleaned text."""

    prop: str
    value: Scalar
    original: str | None

    @property
    def agency(self) -> str:
        """Who says it."""
        return self.record.agency

    @property
    def reference(self) -> Identifier:
        """The record that says it."""
        return self.record.reference


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A property for which another agency's current statements differ from the displayed one."""

    prop: str
    displayed: Statement
    others: tuple[Statement, ...]


def statements(received: Iterable[Received], on: date) -> tuple[Statement, ...]:
    """All that the records state of their subject by the day, what no longer counts too, by property and record.

    A registration states its own fields; every kind states name, address and kind of its subject. A value that
    consecutive revisions repeat is one statement, since the first of them.
    """
    found = []
    for _, span in spans(received, on, _stated):
        name, value = span.value
        record = span.record(on)
        ending, ended_by = span.ending(on)
        found.append(
            Statement(
                prop=name,
                value=value,
                original=_original(record, name),
                record=record,
                since=span.since,
                until=span.until,
                received_at=span.received_at,
                ending=ending,
                ended_by=ended_by,
            )
        )
    return tuple(sorted(found, key=_order))


def displayed(stated: Iterable[Statement]) -> Mapping[str, Statement]:
    """The one current statement of each property that is shown first.

    The rule: a statement that no longer counts is never shown; a registration's goes before any other record's;
    then the later business date that the agency stated; then the greater record id, so that every reader
    chooses the same. The kind is the one that protects the most (`KINDS`).
    """
    chosen: dict[str, Statement] = {}
    for one in stated:
        if one.current and one.prop != OTHER_NAME:
            rival = chosen.get(one.prop)
            chosen[one.prop] = one if rival is None else max(rival, one, key=_precedence)
    return {name: chosen[name] for name in sorted(chosen)}


def disagreements(stated: Iterable[Statement]) -> tuple[Disagreement, ...]:
    """Properties on which current statements of different agencies differ, beyond width, case and spaces.

    An agency that states the displayed value in any record, or as another name, does not disagree with it.
    """
    current = [one for one in stated if one.current]
    said: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in current:
        said[one.agency, "name" if one.prop == OTHER_NAME else one.prop].add(folded(one.value))
    found = []
    for name, shown in displayed(current).items():
        others = tuple(
            one
            for one in current
            if one.prop == name
            and one.agency != shown.agency
            and folded(shown.value) not in said[one.agency, name]
            and folded(one.value) not in said[shown.agency, name]
        )
        if others:
            found.append(Disagreement(name, shown, others))
    return tuple(found)


def folded(value: Scalar) -> str:
    """The value as it is compared: without width (NFKC), case and spaces."""
    return "".join(unicodedata.normalize("NFKC", str(value)).casefold().split())


def _stated(record: Record) -> Iterator[tuple[str, Scalar]]:
    if record.name:
        yield "name", record.name
    yield from ((OTHER_NAME, name) for name in record.names if name and name != record.name)
    if record.address:
        yield "address", record.address
    yield "kind", record.subject_kind
    if record.kind == REGISTRATION:
        yield from ((name, value) for name in _REGISTERED if (value := record.value(name)) is not None)


def _original(record: Record, name: str) -> str | None:
    fields = (name, _SOURCE_FIELDS.get(name, name), "subject.kind" if name == "kind" else name)
    return next((record.originals[field] for field in fields if field in record.originals), None)


def _precedence(one: Statement) -> tuple[int, str]:
    return (KINDS.index(str(one.value)) if one.prop == "kind" else 0, precedence(one.record))


def _order(one: Statement) -> tuple[str, bool, str, str, date, str]:
    return (one.prop, not one.current, one.agency, one.record.record_key, one.since, str(one.value))
