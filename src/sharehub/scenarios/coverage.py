"""What no scenario shows: rulebooks without tables, and entries that never stand or never fail to stand in one."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sharehub.core.catalogue import Catalogue
from sharehub.core.scenario import Expectation, Scenario


class Untold(NamedTuple):
    """Jurisdictions without any scenario; entries for which none expects that they stand, or that they do not."""

    rulebooks: tuple[str, ...]
    never_standing: tuple[str, ...]
    never_absent: tuple[str, ...]


def untold(scenarios: Iterable[Scenario], catalogue: Catalogue) -> Untold:
    """What the newest versions of all rulebooks say and no scenario shows."""
    expected = [one for scenario in scenarios for one in scenario.expectations if one.entry]
    standing = {one.entry for one in expected if _stood(one)}
    absent = {one.entry for one in expected if one.kind in ("nothing", "held back")}
    newest = filter(None, (catalogue.rulebook(place, date.max) for place in sorted(_places(catalogue))))
    entries = {f"{book.jurisdiction}/{entry.id}" for book in newest for entry in book.entries}
    told = {name.partition("/")[0] for name in standing | absent}
    silent = _places(catalogue) - told
    known = {name for name in entries if name.partition("/")[0] in told}
    return Untold(tuple(sorted(silent)), tuple(sorted(known - standing)), tuple(sorted(known - absent)))


def _places(catalogue: Catalogue) -> set[str]:
    return {book.jurisdiction for book in catalogue.rulebooks}


def _stood(one: Expectation) -> bool:
    """True where the measure was in place at some time of the story, be it that it has ended."""
    return one.kind in ("state", "event")
