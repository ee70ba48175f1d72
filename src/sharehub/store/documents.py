"""Measures and events to JSON documents and back, exactly."""

from pydantic import TypeAdapter

from sharehub.core.measure import Measure, SanctionEvent

_MEASURE = TypeAdapter(Measure)
_EVENT = TypeAdapter(SanctionEvent)


def measure_document(measure: Measure) -> str:
    """The measure as a JSON text."""
    return _MEASURE.dump_json(measure).decode()


def measure_of(document: str) -> Measure:
    """The inverse of `measure_document`."""
    return _MEASURE.validate_json(document)


def event_document(event: SanctionEvent) -> str:
    """The event as a JSON text."""
    return _EVENT.dump_json(event).decode()


def event_of(document: str) -> SanctionEvent:
    """The inverse of `event_document`."""
    return _EVENT.validate_json(document)
