"""CloudEvents 1.0: headers of records and of feeds (Kafka binding, binary mode), and entries of feeds as JSON."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.core.feed import cursor_of
from sharehub.core.record import record_id

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


def feed_headers(feed: str, value: Mapping[str, Any], jws: str) -> tuple[tuple[str, bytes], ...]:
    """The headers of an entry on Kafka: CloudEvents, binary mode; `value` has its id, event, subject and instant."""
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
    return tuple((name, text.encode()) for name, text in headers.items())


def _type(event: str) -> str:
    if event == _REMINDER:
        return f"gov.sharehub.events.reminder.{event}"
    return _TYPES["agreement" if event in _AGREEMENT_EVENTS else "sanction"] + event


def _subject(value: Mapping[str, Any]) -> str:
    """The entity that the event is about, or the recipient that a notice is for."""
    return str(value["entity_id"] if "entity_id" in value else value["recipient"])


def record_headers(agency: str, path: str, kind: str, record_key: str, revision: int) -> list[tuple[str, bytes]]:
    """The headers of one record: `path` says which of the agency's ways it came."""
    return [
        ("ce_id", str(record_id(agency, record_key, revision)).encode()),
        ("ce_source", f"/agencies/{agency}/{path}".encode()),
        ("ce_type", f"gov.sharehub.records.{kind}".encode()),
    ]


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
