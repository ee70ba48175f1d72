"""Acknowledgements as bytes and as JSON."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.core.record import Rejection
from sharehub.wire.models import model_for, problems
from sharehub.wire.plain import Reader
from sharehub.wire.registry import Registry
from sharehub.wire.rows import UndecodableError, decode, encode

NAME = "acknowledgement"


class AcknowledgementCodec:
    """Reads and writes the acknowledgements of one hub."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._schema = registry.latest(NAME)

    def encode(self, said: Acknowledgement) -> bytes:
        """The value of its message."""
        value = {name: getattr(said, name) for name in self._schema.fields}
        return encode(self._schema, {**value, "event_id": str(said.event_id)})

    def decode(self, payload: bytes) -> Acknowledgement:
        """The inverse of `encode`.

        Raises:
            UndecodableError: the bytes are no acknowledgement.
        """
        schema, value = decode(self._registry, payload)
        if schema.name != NAME:
            raise UndecodableError("not-an-acknowledgement", f"schema {schema.name} is no answer of a recipient")
        return _of(value)

    def stated(self, recipient: str, stated: Any, now: datetime) -> Acknowledgement | Rejection:
        """What an object of JSON states; `recipient` and `acknowledged_at` (then: now) may be left out."""
        if not isinstance(stated, Mapping):
            return Rejection("invalid", "", "", "must be an object with the fields of an acknowledgement")
        whole = {"recipient": recipient, "acknowledged_at": now, **self._reader.value(stated)}
        wrong = problems(self._model, whole)
        if wrong:
            return Rejection("invalid", wrong[0].field, "", f"{wrong[0].field} {wrong[0].reason}".strip())
        try:
            return _of(whole)
        except UndecodableError as error:
            return Rejection(error.code, "event_id", "", str(error))

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._schema)

    @cached_property
    def _model(self) -> Any:
        return model_for(self._schema)


def _of(value: Mapping[str, Any]) -> Acknowledgement:
    try:
        return Acknowledgement(**{**value, "event_id": UUID(value["event_id"])})
    except ValueError as error:
        raise UndecodableError("unknown-event", f"{value['event_id']!r} is the id of no event") from error
