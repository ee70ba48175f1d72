"""From what a sender states, as JSON, Avro or Python values, to drafts: validated, completed where it is certain."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sharehub.core.record import Rejection
from sharehub.flow.publish import Draft
from sharehub.wire.containers import read_container
from sharehub.wire.models import model_for, problems
from sharehub.wire.plain import Reader
from sharehub.wire.registry import Registry, Schema
from sharehub.wire.rows import UndecodableError, decode

LEFT_OUT = frozenset(("agency", "revision", "legal_basis", "source"))
"""Fields that a sender may leave out although the schema has no default for them."""

_WORDS_MAX = 500
_SOURCE = {"name": "api", "sheet": None, "row": None}


class BadBodyError(Exception):
    """A body of which no record can be told from another; the message says why. Nothing of it was used."""


class Drafting:
    """Makes drafts of one hub's kinds of record."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        kinds = {schema.name for schema in registry.all() if schema.says_record}
        self._kinds = {name: registry.latest(name) for name in sorted(kinds)}
        self._readers = {name: Reader(schema) for name, schema in self._kinds.items()}
        self._models = {name: model_for(schema) for name, schema in self._kinds.items()}

    @property
    def kinds(self) -> list[Schema]:
        """The newest schema of every kind of record."""
        return list(self._kinds.values())

    def from_json(self, agency: str, body: bytes) -> list[Draft]:
        """The drafts of a JSON object, or of a list of them.

        Raises:
            BadBodyError: the body is no JSON, or neither an object nor a list.
        """
        try:
            stated = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadBodyError(f"the body is no JSON: {error}") from error
        if not isinstance(stated, dict | list):
            raise BadBodyError("the body must be one record, or a list of records")
        return [self.from_plain(agency, one) for one in (stated if isinstance(stated, list) else [stated])]

    def from_plain(self, agency: str, stated: Any) -> Draft:
        """The draft of one JSON object with its `kind`."""
        if not isinstance(stated, Mapping):
            return Draft("", {}, (_invalid("", "must be an object with the fields of a record"),))
        kind = stated.get("kind")
        if not isinstance(kind, str) or kind not in self._kinds:
            reason = f"must be one of {', '.join(self._kinds)}" if "kind" in stated else "is missing"
            return Draft("", stated, (_invalid("kind", reason),))
        value = {name: part for name, part in stated.items() if name != "kind"}
        return self.from_value(agency, kind, self._readers[kind].value(value))

    def from_value(self, agency: str, kind: str, value: Mapping[str, Any]) -> Draft:
        """The draft of one value of a kind of record; what may be left out is filled in."""
        whole = {"agency": agency, "legal_basis": [], "source": _SOURCE, **value}
        wrong = problems(self._models[kind], {"revision": 1, **whole})
        return Draft(kind, whole, tuple(_invalid(one.field, one.reason) for one in wrong))

    def from_message(self, agency: str, body: bytes) -> list[Draft]:
        """The draft of one Avro value in the Confluent wire format.

        Raises:
            BadBodyError: the bytes are no value of a released schema.
        """
        try:
            schema, value = decode(self.registry, body)
        except UndecodableError as error:
            raise BadBodyError(str(error)) from error
        return self._from_avro(agency, schema, [value])

    def from_container(self, agency: str, body: bytes) -> list[Draft]:
        """The drafts of an Avro object container file.

        Raises:
            BadBodyError: the file cannot be read.
        """
        try:
            schema, values = read_container(self.registry, body)
        except UndecodableError as error:
            raise BadBodyError(str(error)) from error
        return self._from_avro(agency, schema, values)

    def _from_avro(self, agency: str, schema: Schema, values: Iterable[Mapping[str, Any]]) -> list[Draft]:
        if not schema.says_record:
            raise BadBodyError(f"schema {schema.name} is none of an agency's records")
        return [self.from_value(agency, schema.name, value) for value in values]


def _invalid(field: str, reason: str) -> Rejection:
    return Rejection("invalid", field[:_WORDS_MAX], "", f"{field} {reason}".strip()[:_WORDS_MAX])
