"""One entity of the shared view, as it is in law on a day and as the hub knew it at an instant."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sharehub.core.identifier import Identifier, main_identifier, read
from sharehub.core.linking import identifier_key
from sharehub.core.record import fact_key
from sharehub.errors import UnreachableError, UsageError
from sharehub.flow.membership import belonging, how_shown, succeeding
from sharehub.flow.relinking import readable
from sharehub.flow.show import Known, shown_entity
from sharehub.hub import Hub
from sharehub.store.identity import events_of, known_as, neighbourhood, next_due_on, reference_with_id
from sharehub.store.pending import newest_deliveries
from sharehub.stream.admin import records_after


def entity_of(
    hub: Hub, identifier: str, *, on: date | None = None, known_at: datetime | None = None, how: bool = False
) -> dict[str, Any] | None:
    """The entity of `SCHEME:VALUE` or of an entity's id, as `entity show` answers; None where none was known.

    A former id leads to the entity that has taken its place.
    `on` is the day in law, today if None; `known_at` the instant up to which the hub is to remember, or all;
    `how` adds the steps by which the entity came to be.

    Raises:
        UsageError: the text is no identifier, or the instant has no zone or lies in the future.
    """
    entity_id = _entity_id(identifier)
    _past(known_at)
    with hub.snapshot() as connection:
        named = reference_with_id(connection, entity_id) if entity_id else reference_of(identifier)
        wanted = known_as(connection, named) if named else None
        if wanted is None:
            return None
        around = neighbourhood(connection, [identifier_key(wanted)])
        kept = list(readable(around, hub.read_record))
        if entity_id:
            known = (one for one in kept if known_at is None or one[1].received_at <= known_at)
            wanted = succeeding(known, wanted)
        found = belonging(around, kept, wanted, known_at)
        if found is None:
            return None
        events = events_of(connection, {fact_key(*one) for one in found.keys})
        sent = newest_deliveries(connection, {event.measure.id for event, _ in events}, known_at)
        due_on = next_due_on(connection, found.entity_id)
    entity = Known(
        entity_id=found.entity_id,
        kind=found.kind,
        identifiers=[str(one) for one in found.identifiers],
        records=found.records,
        events=events,
        deliveries=sent,
    )
    complete = None if known_at is None else _complete(hub, known_at, due_on)
    shown = shown_entity(entity, hub.in_force(), on or hub.today(), known_at, complete=complete)
    return shown | ({"how": how_shown(around, kept, wanted, known_at)} if how else {})


def _complete(hub: Hub, known_at: datetime, next_due_on: date | None) -> bool | None:
    """True where nothing is left to process that could change what was known then; None without Kafka.

    That is what lay on the record topics by then, and what the calendar had made due (`timers`).
    """
    if next_due_on is not None and next_due_on <= min(known_at.astimezone(UTC).date(), hub.today()):
        return False
    try:
        ends = records_after(hub.addresses.bootstrap_servers, known_at)
    except UnreachableError:
        return None
    return hub.has_processed(ends)


def _entity_id(text: str) -> bytes | None:
    try:
        return UUID(text).bytes
    except ValueError:
        return None


def reference_of(text: str) -> Identifier:
    """The identifier, or the record, that a person wrote, in its normal form.

    Raises:
        UsageError: it is none.
    """
    try:
        wanted = main_identifier(text)
    except ValueError as error:
        raise UsageError(str(error), hint="for example CN-USCC:91350100M000100Y43") from error
    verdict = read(wanted.scheme, wanted.value)
    if verdict.status == "reject":
        raise UsageError(f"{text}: {verdict.reason}")
    return verdict.identifiers[0]


def _past(known_at: datetime | None) -> None:
    if known_at is None:
        return
    if known_at.tzinfo is None:
        raise UsageError(
            f"{known_at.isoformat()} has no zone, and the hub does not guess",
            hint=f"write {known_at.isoformat()}Z, or the zone's offset as +08:00",
        )
    if known_at > datetime.now(UTC):
        raise UsageError(f"{known_at.isoformat()} lies in the future; nobody knows yet what the hub will know")
