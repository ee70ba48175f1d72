"""Identifier assignments: which identifier led to the entity, from when to when, and who says so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sharehub.core.identifier import Identifier, derived
from sharehub.core.record import Received, Record
from sharehub.core.span import Claim, spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Claim):
    """One record's claim that the identifier is the entity's.

    `implied_by` is the stated identifier that holds this one, such as a unified code its organisation code.
    """

    identifier: Identifier
    implied_by: Identifier | None


def assignments(received: Iterable[Received], on: date) -> tuple[Assignment, ...]:
    """All assignments by the day, those that no longer count too, by identifier and record.

    Each lasts from the business date of the first revision that states the identifier until the record is
    withdrawn, a revision no longer states it, or the record's own `effective_to`.
    """
    found = []
    for _, span in spans(received, on, _stated):
        identifier, implied_by = span.value
        ending, ended_by = span.ending(on)
        found.append(
            Assignment(
                identifier=identifier,
                implied_by=implied_by,
                record=span.record(on),
                since=span.since,
                until=span.until,
                received_at=span.received_at,
                ending=ending,
                ended_by=ended_by,
            )
        )
    return tuple(sorted(found, key=_order))


def identifiers(received: Iterable[Received]) -> frozenset[Identifier]:
    """Every identifier that a revision states or implies, whether it counts or not."""
    return frozenset(identifier for one in received for identifier, _ in _stated(one.record))


def _stated(record: Record) -> Iterator[tuple[Identifier, Identifier | None]]:
    """What the record states, and what follows from that; a record without identifiers stands for itself."""
    yield from ((one, None) for one in record.identifiers or (record.reference,))
    for one in record.identifiers:
        yield from ((implied, one) for implied in derived(one) if implied not in record.identifiers)


def _order(one: Assignment) -> tuple[Identifier, bool, str, str, date]:
    return (one.identifier, not one.current, one.record.agency, one.record.record_key, one.since)
