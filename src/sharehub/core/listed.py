"""The list of measures that a recipient must hold: its own feed folded, and how two such lists differ.

Everything here is made of values that the feed carries to this recipient, so a list can hold nothing that its
agreement withholds. Values are plain, as JSON has them: the hub, a subscriber and a verifier fold the same texts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias, cast

from sharehub.core.agreement import Value, allowed
from sharehub.core.competence import Recipient
from sharehub.core.measure import EventKind
from sharehub.core.standing import IN_PLACE, Status, status_after

Row: TypeAlias = Mapping[str, Value]
"""One listed measure, by the fields of the schema `listed-measure`; or one event of a feed."""

Held: TypeAlias = Mapping[str, Row]
"""A list: measure id -> row."""

Operation = Literal["ADD", "MOD", "DEL"]

_AS_TOLD = (
    *("measure_id", "entity_id", "identifiers", "names", "measure", "title", "kind", "target_service", "binding"),
    *("effective_from", "effective_to", "ground", "legal_basis", "authority", "exit", "remedies", "relatedness"),
    *("rulebook_version", "jurisdiction"),
)
"""What a row takes from the last event of its measure."""
_LATER: Row = {"witnesses": [], "publication": "none", "published_until": None, "pilot": False, "withheld": []}
"""The same, with what older events mean that do not have it."""
_LAST: Mapping[str, str] = {
    "last_event": "event",
    "last_event_id": "event_id",
    "last_number": "number",
    "last_on": "business_on",
    "last_known_at": "known_at",
    "last_reason": "reason",
    "last_position": "feed_position",
}
"""What a row tells of that event, by other names: in a list they would look like the measure's own."""


class Brief(NamedTuple):
    """One event in short."""

    event: str
    event_id: str
    feed_position: int
    business_on: str
    origin: str
    reason: str


class Difference(NamedTuple):
    """How one measure differs from one list to a later one; `events` are those between, in the feed's order."""

    op: Operation
    measure_id: str
    before: Row | None
    after: Row | None
    changed_fields: tuple[str, ...]
    events: tuple[Brief, ...]


class NotBeforeError(ValueError):
    """The difference starts from another list."""


def fold(held: Held, events: Iterable[Row]) -> dict[str, Row]:
    """The list after these events of the feed, in their order.

    A notice about the agreement narrows every row to what the recipient may see from then on; other notices change
    nothing.
    """
    found = dict(held)
    for event in events:
        if _is_agreement(event):
            found = {key: _narrowed(row, event) for key, row in found.items()}
        elif _is_sanction(event):
            key = str(event["measure_id"])
            row = _row(found.get(key), event)
            if row is None:
                found.pop(key, None)
            else:
                found[key] = row
    return found


def difference(before: Held, after: Held, events: Iterable[Row]) -> Iterator[Difference]:
    """What must be done to the first list to get the second, by measure id; `events` are those between."""
    told: dict[str, list[Brief]] = {}
    notices: list[Brief] = []
    for event in events:
        if _is_sanction(event):
            told.setdefault(str(event["measure_id"]), []).append(_brief(event))
        elif _is_agreement(event):
            notices.append(_brief(event))
    return _differing(before, after, told, notices)


def composed(before: Held, after: Held, between: Iterable[Iterable[Difference]]) -> Iterator[Difference]:
    """The same across several versions: `between` are the differences of each to the one before it."""
    told: dict[str, list[Brief]] = {}
    for one in chain.from_iterable(between):
        told.setdefault(one.measure_id, []).extend(one.events)
    return _differing(before, after, told, ())


def _differing(
    before: Held, after: Held, told: Mapping[str, Sequence[Brief]], notices: Sequence[Brief]
) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old != new:
            op: Operation = "DEL" if new is None else "MOD" if old is not None else "ADD"
            yield Difference(op, key, old, new, changed_fields(old, new), tuple(told.get(key) or notices))


def changed_fields(before: Row | None, after: Row | None) -> tuple[str, ...]:
    """The fields whose values differ, in order of their names; none where one of the rows is not there."""
    if before is None or after is None:
        return ()
    return tuple(field for field in sorted(after) if before.get(field) != after[field])


def applied(held: Held, differences: Iterable[Difference]) -> dict[str, Row]:
    """The second list made of the first one.

    Raises:
        NotBeforeError: a difference starts from something that the list does not hold.
    """
    found = dict(held)
    for one in differences:
        if found.get(one.measure_id) != one.before:
            raise NotBeforeError(f"{one.op} of measure {one.measure_id} starts from something else than the copy holds")
        if one.after is None:
            found.pop(one.measure_id, None)
        else:
            found[one.measure_id] = one.after
    return found


def _is_sanction(event: Row) -> bool:
    return "ground" in event


def _is_agreement(event: Row) -> bool:
    return "schemes" in event


def _row(before: Row | None, event: Row) -> Row | None:
    """The row after the event; None where the measure is no longer in place."""
    kind = cast(EventKind, event["event"])
    status = event.get("status") or status_after(_status(before), kind)
    if status not in IN_PLACE:
        return None
    kept: Row = before if before is not None and kind != "issued" else {}
    is_exception = kind == "excepted" and event.get("until") is not None
    stayed_to = event.get("until") if kind == "suspended" else kept.get("stayed_to")
    row = {
        **{field: event[field] for field in _AS_TOLD},
        **{field: event.get(field, meant) for field, meant in _LATER.items()},
        **{field: event[name] for field, name in _LAST.items()},
        "status": status,
        "appeal_state": event.get("appeal_state") or _appeal_state(status, event),
        "stayed_to": stayed_to if status == "suspended" else None,
        "excepted_from": event["business_on"] if is_exception else kept.get("excepted_from"),
        "excepted_to": event["until"] if is_exception else kept.get("excepted_to"),
    }
    return _unstated(row)


def _status(row: Row | None) -> Status | None:
    return cast(Status, row["status"]) if row else None


def _appeal_state(status: Value, event: Row) -> str:
    """What events say that do not say it themselves."""
    return "stayed" if status == "suspended" else "open" if event.get("disputed") else "none"


def _narrowed(row: Row, notice: Row) -> Row:
    """The row as the agreement of the notice allows it; what was withheld before stays so until the next event."""
    agreement = Recipient(
        id=str(notice["recipient"]),
        title=str(notice["title"]),
        jurisdiction="",
        purpose=str(notice["purpose"]),
        fields=_texts(notice["fields"]),
        schemes=_texts(notice["schemes"]),
    )
    shown = allowed({**row, "changes": [], "recipients": []}, agreement)
    withheld = sorted({*_texts(shown["withheld"]), *_texts(row["withheld"])})
    return _unstated({**{field: shown[field] for field in row}, "withheld": list(withheld)})


def _unstated(row: Row) -> Row:
    """The row with null for every document number that is withheld, as for one that was never stated."""
    grounds = [row["ground"], *_list(row["witnesses"])]
    ground, *witnesses = [{**one, "document_number": one["document_number"] or None} for one in map(_dict, grounds)]
    return {**row, "ground": ground, "witnesses": list(witnesses)}


def _brief(event: Row) -> Brief:
    is_notice = _is_agreement(event)
    position = event["feed_position"]
    return Brief(
        event=str(event["event"]),
        event_id=str(event["event_id"]),
        feed_position=position if isinstance(position, int) else 0,
        business_on=str(event["counts_from" if is_notice else "business_on"]),
        origin="agreement" if is_notice else str(event.get("origin", "")),
        reason=f"agreement-{event['event']}" if is_notice else str(event["reason"]),
    )


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(map(str, _list(value)))


def _list(value: Value) -> list[Value]:
    assert isinstance(value, list)  # noqa: S101 - the schema has it so
    return value


def _dict(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict)  # noqa: S101 - the schema has it so
    return value
