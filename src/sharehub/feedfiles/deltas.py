"""Differences of two lists as lines for systems and as table rows for people; both say the same."""

from collections.abc import Mapping
from typing import Any

from sharehub.core.listed import Brief, Difference, changed_fields
from sharehub.feedfiles.table import Cells, Table, joined

_EVENTS = tuple(f"events.{name}" for name in Brief._fields)
_LEADING = ("op", "origin", "reason", "changed_fields", "before", *_EVENTS)


def line(one: Difference) -> dict[str, Any]:
    """The difference as one JSON object; `origin` and `reason` are those of the last event."""
    return {
        "op": one.op,
        "measure_id": one.measure_id,
        **_last(one),
        "changed_fields": list(one.changed_fields),
        "events": [event._asdict() for event in one.events],
        "before": one.before,
        "after": one.after,
    }


def difference_of(found: Mapping[str, Any]) -> Difference:
    """The inverse of `line`.

    Raises:
        ValueError: it contradicts itself.
        LookupError, TypeError: something is missing, or of another kind.
    """
    before, after = found["before"], found["after"]
    states = {"ADD": (False, True), "MOD": (True, True), "DEL": (True, False)}
    if states[found["op"]] != (before is not None, after is not None):
        raise ValueError(f"{found['op']} has {'no ' if before is None else ''}before")
    changed = changed_fields(before, after)
    if list(changed) != found["changed_fields"]:
        raise ValueError(f"other fields changed than are named: {', '.join(changed)}")
    events = tuple(Brief(**event) for event in found["events"])
    return Difference(found["op"], found["measure_id"], before, after, changed, events)


def columns(table: Table) -> Cells:
    """What changed and why, then the measure as it is afterwards; for what went, as it was before."""
    return (*_LEADING, *table.columns)


def cells(table: Table, one: Difference) -> list[str]:
    """The texts of a difference, by column; `before` has the former texts of the columns in `changed_fields`."""
    new = table.cells(one.after or one.before or {})
    old = table.cells(one.before or {}) if one.op == "MOD" else new
    changed = [place for place, text in enumerate(new) if old[place] != text]
    last = _last(one)
    return [
        one.op,
        last["origin"],
        last["reason"],
        joined([table.columns[place] for place in changed]),
        joined([old[place] for place in changed]),
        *(joined([str(getattr(event, name)) for event in one.events]) for name in Brief._fields),
        *new,
    ]


def _last(one: Difference) -> dict[str, str]:
    return {"origin": one.events[-1].origin, "reason": one.events[-1].reason} if one.events else _UNTOLD


_UNTOLD = {"origin": "", "reason": ""}
