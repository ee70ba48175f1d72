"""CloudEvents 1.0: headers of records and of feeds (Kafka binding, binary mode), and entries of feeds as JSON."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.core.feed import cursor_of
from sharehub.core.record import record_keyed, trace_id

SANCTION = "gov.sharehub.events.sanction."
_TYPES = {"sanction": SANCTION, "agreement": "gov.sharehub.events.agreement."}
_AGREEMENT_EVENTS = frozenset(("agreed", "changed", "retired"))
_REMINDER = "reminded"
AVRO = "application/vnd.confluent.avro"


def cloud_event(feed: str, value: Mapping[str, Any], jws: str = "") -> dict[str, Any]:
    """An entry of a feed in its envelope; `data` has the words of its schema, `jws` signs their canonical JSON.

    `cursor` is the place after it, for Kafka, HTTP and files alike.
    """
    return {
        "specversion": "1.0",
        "id": value["event_id"],
        "source": f"/feeds/{feed}",
        "type": _type(value["event"]),
        "subject": _subject(value),
        "time": value["known_at"].isoformat(),
        "datacontenttype": "application/json",
        "cursor": cursor_of(value["feed_position"]),
        **({"jws": jws} if jws else {}),
        "data": plain(value),
    }


class Headers:
    """The headers of one agency's records on one way, by the million."""

    def __init__(self, agency: str, path: str) -> None:
        self._agency = agency
        self._source = ("ce_source", f"/agencies/{agency}/{path}".encode())
        self._types: dict[str, tuple[str, bytes]] = {}

    def of(self, kind: str, record_key: str, revision: int) -> list[tuple[str, bytes]]:
        """The headers of one record."""
        its_type = self._types.get(kind)
        if its_type is None:
            its_type = self._types[kind] = ("ce_type", f"gov.sharehub.records.{kind}".encode())
        id_ = record_keyed(self._agency, record_key, revision).hex()
        trace = traceparent(trace_id(self._agency, record_key), id_)
        spelled = f"{id_[:8]}-{id_[8:12]}-{id_[12:16]}-{id_[16:20]}-{id_[20:]}"  # as UUID does, four times as fast
        return [("ce_id", spelled.encode()), self._source, its_type, trace]


def traceparent(trace: str, span: str) -> tuple[str, bytes]:
    """The header that joins what comes of one record (W3C Trace Context); `span`: the id of this revision or event."""
    return "traceparent", f"00-{trace}-{span[:16]}-01".encode()


def feed_headers(feed: str, value: Mapping[str, Any], jws: str) -> tuple[tuple[str, bytes], ...]:
    """The headers of an entry on Kafka: CloudEvents, binary mode; `value` has its id, event, subject and instant.

    `fact_id` is of the record that the event follows from; None for a notice.
    """
    headers = {
        "ce_specversion": "1.0",
        "ce_id": value["event_id"],
        "ce_source": f"/feeds/{feed}",
        "ce_type": _type(value["event"]),
        "ce_subject": _subject(value),
        "ce_time": value["known_at"].astimezone(UTC).isoformat(),
        "content-type": AVRO,
        "jws": jws,
    }
    found = tuple((name, text.encode()) for name, text in headers.items())
    trace: UUID | None = value["fact_id"]
    return (*found, traceparent(trace.hex, value["event_id"].replace("-", ""))) if trace else found


def _type(event: str) -> str:
    if event == _REMINDER:
        return f"gov.sharehub.events.reminder.{event}"
    return _TYPES["agreement" if event in _AGREEMENT_EVENTS else "sanction"] + event


def _subject(value: Mapping[str, Any]) -> str:
    """The entity that the event is about, or the recipient that a notice is for."""
    return str(value["entity_id"] if "entity_id" in value else value["recipient"])


def record_headers(agency: str, path: str, kind: str, record_key: str, revision: int) -> list[tuple[str, bytes]]:
    """The headers of one record: `path` says which of the agency's ways it came."""
    return Headers(agency, path).of(kind, record_key, revision)


def answer_headers(said: Acknowledgement, path: str) -> list[tuple[str, bytes]]:
    """The headers of a recipient's answer: `path` says which of its ways it came."""
    return [
        ("ce_id", str(said.id).encode()),
        ("ce_source", f"/recipients/{said.recipient}/{path}".encode()),
        ("ce_type", f"gov.sharehub.acks.{said.status}".encode()),
    ]


def plain(value: Any) -> Any:
    """JSON values: dates and instants in ISO 8601, exact decimals as text."""
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
