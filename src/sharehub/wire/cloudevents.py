"""Sanction events as CloudEvents 1.0 (JSON), the shape that `feed pull` prints and HTTP serves."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_TYPE = "gov.sharehub.events.sanction."


def cloud_event(recipient: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """The event in its envelope; `data` has the words of the sanction event schema."""
    return {
        "specversion": "1.0",
        "id": value["event_id"],
        "source": f"/feeds/{recipient}",
        "type": _TYPE + value["event"],
        "subject": value["entity_id"],
        "time": value["known_at"].isoformat(),
        "datacontenttype": "application/json",
        "data": plain(value),
    }


def plain(value: Any) -> Any:
    """JSON values: dates and instants in ISO 8601, exact decimals as text."""
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
