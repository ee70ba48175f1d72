"""Measures and events to JSON documents and back, exactly."""

from typing import Any

from pydantic import TypeAdapter

from sharehub.core.measure import Measure, SanctionEvent

_MEASURE = TypeAdapter(Measure)
_EVENT = TypeAdapter(SanctionEvent)


def measure_document(measure: Measure) -> Any:
    """The measure as JSON values."""
    return _MEASURE.dump_python(measure, mode="json")


def measure_of(document: Any) -> Measure:
    """The inverse of `measure_document`."""
    return _MEASURE.validate_python(document)


def event_document(event: SanctionEvent) -> Any:
    """The event as JSON values."""
    return _EVENT.dump_python(event, mode="json")


def event_of(document: Any) -> SanctionEvent:
    """The inverse of `event_document`."""
    return _EVENT.validate_python(document)
