"""Batches of messages as the broker hands them over, from records in a few words."""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import polars as pl

from sharehub.core.catalogue import Catalogue
from sharehub.core.identifier import read
from sharehub.core.record import Record
from sharehub.flow.admission import Admission, admit, batch_frame
from sharehub.flow.identities import Identities
from sharehub.ports.batch import Messages, Polled
from sharehub.topics import Place
from sharehub.wire.columns import decode_columns
from sharehub.wire.facts import record_of
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode, encode
from tests.unit.core.said import catalogue

REGISTRY = load_registry()
CODE = "CN-USCC:91110108661572276L"
RECEIVED = date(2026, 6, 15)


class Message(NamedTuple):
    """One message: the agency whose topic it is on, its key and its payload."""

    topic_of: str
    key: bytes | None
    payload: bytes | None


def stated(
    record: Record, identifiers: tuple[str, ...] = (CODE,), names: tuple[str, ...] = ("公司",)
) -> dict[str, Any]:
    """The value that the agency publishes; what the record does not say is left empty."""
    schema = REGISTRY.latest(record.kind)
    pairs = [dict(zip(("scheme", "value"), text.split(":", 1), strict=True)) for text in identifiers]
    shared = ("agency", "record_key", "revision", "jurisdiction", "occurred_on", "decided_on", "effective_from")
    more = ("effective_to", "document_number", "case_reference")
    empty = {field["name"]: _nothing(field["type"]) for field in schema.raw["fields"]}
    return (
        empty
        | {name: getattr(record, name) for name in (*shared, *more)}
        | {name: value for name, value in record.detail.items() if name in empty}
        | {
            "subject": {"kind": record.subject_kind, "identifiers": pairs, "names": list(names), "address": None},
            "source": {"name": "file", "sheet": None, "row": None},
        }
    )


def _nothing(kind: Any) -> Any:
    if isinstance(kind, list):
        return None
    if isinstance(kind, dict):
        return {"enum": kind.get("symbols", [""])[0], "array": [], "record": None, "int": RECEIVED}.get(kind["type"])
    return {"string": "", "int": 1, "boolean": False}[kind]


def message(record: Record, *identifiers: str, **how: Any) -> Message:
    """The message with which the agency publishes it: on its own topic, under its first identifier."""
    named = identifiers or (CODE,)
    payload = encode(REGISTRY.latest(record.kind), stated(record, named if named != ("",) else ()))
    own = f"RECORD:{record.agency}/{record.record_key}" if named == ("",) else named[0]
    return Message(how.get("topic_of", record.agency), how.get("key", own.encode()), payload)


def admission(*messages: Message, rulebooks: Catalogue | None = None) -> tuple[pl.DataFrame, Admission]:
    """The batch and what becomes of it."""
    places: dict[Place, Messages] = {}
    for one in messages:
        found = places.setdefault(Place(f"records.{one.topic_of}", 0), Messages.none())
        found.offsets.append(len(found.offsets))
        found.appended_ms.append(int(datetime(2026, 6, 15, tzinfo=UTC).timestamp() * 1000))
        found.keys.append(one.key)
        found.values.append(one.payload)
    batch = batch_frame(Polled(places))
    decoded, faults = decode_columns(REGISTRY, batch["payload"].to_list())
    return batch, admit(batch, decoded, faults, rulebooks or catalogue(), Identities())


def rejections(*messages: Message) -> list[tuple[str, str, str]]:
    """Code, field and reason of every rejection, in the order of the batch."""
    refused = admission(*messages)[1].rejected
    return [row[1:] for row in refused.sort("row").rows()]


def facts_kept(*messages: Message, rulebooks: Catalogue | None = None) -> tuple[list[Record], list[Record]]:
    """All admitted records, and those that are kept to decide on."""
    _, found = admission(*messages, rulebooks=rulebooks)
    if not found.admitted.height:
        return [], []
    marked = found.admitted.select("payload", "relevant").rows()

    def record(payload: bytes) -> Record:
        schema, value = decode(REGISTRY, payload)
        return record_of(schema.name, value, RECEIVED)

    return [record(payload) for payload, _ in marked], [record(payload) for payload, kept in marked if kept]


def readable(text: str) -> bool:
    """The scalar law: a stated identifier is one that its scheme reads as itself."""
    scheme, _, value = text.partition(":")
    verdict = read(scheme, value)
    return verdict.status != "reject" and str(verdict.identifiers[0]) == text
