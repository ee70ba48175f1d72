"""Where one record is, in the log lines of every service it passes: `trace_id` is the same in all of them.

One line for each record or event, so only with `-v`. None names a person, or holds a record key, which may be a number
of one; `sharehub trace` finds the record by the id.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from sharehub.core.record import trace_id

log = structlog.get_logger()

Row = Mapping[str, Any]


class Published(Protocol):
    """One revision of one record."""

    @property
    def record_key(self) -> str: ...
    @property
    def revision(self) -> int: ...


class Sent(Protocol):
    """One message that has left."""

    @property
    def topic(self) -> str: ...
    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]: ...


class Entry(Protocol):
    """What has left together."""

    @property
    def messages(self) -> Sequence[Sent]: ...


def wanted() -> bool:
    """True where somebody asked for a line for each record."""
    return bool(log.is_enabled_for(logging.DEBUG))


def tell_published(agency: str, records: Iterable[Published]) -> None:
    """Records were handed to Kafka."""
    if not wanted():  # asked once for all of them: that alone costs as much as sending one
        return
    for one in records:
        trace = trace_id(agency, one.record_key)
        log.debug("record_published", trace_id=trace, agency=agency, revision=one.revision)


def tell_taken(admitted: Iterable[Row], rejected: Iterable[Row]) -> None:
    """These records were committed to the view, and those were rejected: to be told where it is `wanted`."""
    for one in admitted:
        trace = trace_id(one["agency"], one["record_key"])
        log.debug("record_taken_in", trace_id=trace, agency=one["agency"], revision=one["revision"])
    for one in rejected:
        place = {name: one[name] for name in ("topic", "partition", "offset")}
        log.debug("record_rejected", code=one["code"], **place)


def tell_sent(entries: Iterable[Entry]) -> None:
    """These events are on the feeds."""
    if not wanted():
        return
    for message in (one for entry in entries for one in entry.messages):
        headers = dict(message.headers)
        if "traceparent" in headers:
            trace = headers["traceparent"].decode().split("-")[1]
            log.debug("event_sent", trace_id=trace, event_id=headers["ce_id"].decode(), topic=message.topic)
