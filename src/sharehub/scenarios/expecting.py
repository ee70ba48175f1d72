"""A row that expects something: what stands on a day, or what was issued."""

from datetime import date
from typing import Literal

from sharehub.core.scenario import HELD_BACK, NOTHING, THE_COMPANY, Expectation
from sharehub.scenarios import columns as c
from sharehub.scenarios.cells import Cells
from sharehub.scenarios.rules import Rules

_RECORDS_ONLY = (c.AGENCY, c.KEY, c.JURISDICTION, c.SUBJECT_KIND, c.IDENTIFIER)


def expectation(cells: Cells, on: date, rules: Rules) -> Expectation:
    """What the row expects.

    Raises:
        Faulty: the row cannot be read.
    """
    for title in cells.stated:
        if title in _RECORDS_ONLY or title not in c.OWN:
            raise cells.fault(title, "a row that expects something says no record", "move it to the row of the record")
    words = c.EVENTS_EXPECTED if cells.get(c.SAYS) == c.EVENT else c.STATES_EXPECTED
    what = cells.get(c.EXPECTED)
    if what not in words:
        raise cells.fault(c.EXPECTED, f"{what!r} cannot be expected here", c.closest(what, words))
    return Expectation(
        place=str(cells.place),
        on=on,
        subject=cells.get(c.SUBJECT) or THE_COMPANY,
        kind=_kind(cells, what),
        what=what,
        entry=_entry(cells, rules, needed=what != NOTHING),
        ground=cells.get(c.GROUND),
        since=cells.day(c.FROM),
        until="" if cells.get(c.UNTIL) == c.OPEN else cells.day(c.UNTIL),
        business_on=cells.day(c.BUSINESS),
        reason=cells.get(c.REASON),
        why=cells.get(c.WHY),
    )


def _kind(cells: Cells, what: str) -> Literal["state", "event", "nothing", "held back"]:
    if cells.get(c.SAYS) == c.EVENT:
        return "event"
    if what == NOTHING:
        return "nothing"
    return "held back" if what == HELD_BACK else "state"


def _entry(cells: Cells, rules: Rules, *, needed: bool) -> str:
    stated = cells.get(c.ENTRY)
    if not stated and not needed:
        return ""
    found = rules.entry(stated)
    if found is None:
        told = f"there is no entry {stated!r}" if stated else "is missing"
        raise cells.fault(c.ENTRY, told, c.closest(stated, rules.entries))
    return found
