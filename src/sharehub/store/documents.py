"""Measures and events to JSON documents and back, exactly."""

from typing import Any

from pydantic import TypeAdapter

from sharehub.core.measure import Measure, SanctionEvent

_MEASURE = TypeAdapter(Measure)
_EVENT = TypeAdapter(SanctionEvent)


def measure_document(measure: Measure) -> str:
    """The measure as a JSON text."""
    return _MEASURE.dump_json(measure).decode()


def measure_of(document: Any) -> Measure:
    """The inverse of `measure_document`, from parsed JSON."""
    return _MEASURE.validate_python(document)


def event_document(event: SanctionEvent) -> str:
    """The event as a JSON text."""
    return _EVENT.dump_json(event).decode()


def event_of(document: Any) -> SanctionEvent:
    """The inverse of `event_document`, from parsed JSON."""
    return _EVENT.validate_python(document)
