"""What a message says that it is."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from sharehub.core.admission import message_key
from sharehub.core.identifier import Identifier, main_identifier
from sharehub.core.linking import identifier_key
from sharehub.core.reader import Subject
from sharehub.wire.registry import Registry
from sharehub.wire.rows import UndecodableError, decode


class Named(NamedTuple):
    """A revision of a record as its bytes name it."""

    agency: str
    record_key: str
    revision: int
    kind: str
    value: Mapping[str, Any]

    @property
    def same(self) -> tuple[str, str]:
        """What all revisions have in common."""
        return self.agency, self.record_key

    def subject(self) -> Subject:
        """Whom it is about; the record itself where it states nobody, or nobody that there could be."""
        stated = self.value.get("subject") or {"identifiers": [], "kind": None}
        reference = Identifier("RECORD", "/".join(self.same))
        with suppress(ValueError):
            reference = main_identifier(message_key(*self.same, stated).decode())
        return Subject(reference, identifier_key(reference), stated["kind"])


def named_in(registry: Registry, payload: bytes | None) -> Named | None:
    """The record that these bytes are; None where they are none."""
    with suppress(UndecodableError, KeyError):
        schema, value = decode(registry, payload or b"")
        return Named(value["agency"], value["record_key"], value["revision"], schema.name, value)
    return None


def event_in(registry: Registry, payload: bytes | None) -> UUID | None:
    """The event that these bytes tell, or answer."""
    with suppress(UndecodableError, KeyError):
        return UUID(str(decode(registry, payload or b"")[1]["event_id"]))
    return None
