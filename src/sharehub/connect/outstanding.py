"""Rows that runs rejected stay open until the agency says the same anew, in whatever way that can be told.

A row is closed when a later run reads a record with its key: right, or wrong again, and then that stands in its
place. Or it comes back in a workbook of rejects, which names it. Or, where not even its key could be read, the row
is read at its place again, mended or not. A snapshot is the whole list, and says everything anew.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sharehub.connect.columns import PROBLEM_COLUMN
from sharehub.connect.persons import hidden
from sharehub.connect.rejects import told
from sharehub.connect.rows import Row

_ASKED_MAX: Final = 1_000

Stated = Callable[[Sequence[bytes]], frozenset[bytes]]
"""Which of these hashes of keys are of records that a run read."""


class Outstanding:
    """What was open before a run, held against the rows that it reads."""

    def __init__(self, kept: Iterable[Mapping[str, Any]]) -> None:
        self.count = 0
        self._unkeyed: defaultdict[str, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
        for number, one in enumerate(kept):
            self.count += 1
            if not one.get("keys"):
                self._unkeyed[one["place"]].append((number, one))
        self._again: set[int] = set()
        self._returned: Counter[str] = Counter()

    def see(self, rows: Sequence[Row]) -> None:
        """Take notice of rows that are read."""
        if self.count and rows and PROBLEM_COLUMN in rows[0].cells:
            self._returned.update(row.cells.get(PROBLEM_COLUMN, "") for row in rows)
        for row in rows if self._unkeyed else ():
            stood = self._unkeyed.get(str(row.place), ())
            self._again.update(number for number, was in stood if _alike(was, row.cells))

    def closed(self, kept: Iterable[Mapping[str, Any]], stated: Stated) -> frozenset[int]:
        """Which of the same, by their number, are not open after this run."""
        found: set[int] = set()
        waiting: dict[int, list[bytes]] = {}
        for number, one in enumerate(kept):
            if number in self._again or self._came_back(one):
                found.add(number)
            elif keys := one.get("keys"):
                waiting[number] = list(map(bytes.fromhex, keys))
            if len(waiting) == _ASKED_MAX:
                found |= _all_stated(waiting, stated)
                waiting = {}
        return frozenset(found | _all_stated(waiting, stated))

    def _came_back(self, one: Mapping[str, Any]) -> bool:
        """Whether a row names this one, and no other one that looks the same."""
        problem = told(dict(one))["told"].strip()
        self._returned[problem] -= 1
        return self._returned[problem] >= 0


def _all_stated(waiting: Mapping[int, Sequence[bytes]], stated: Stated) -> set[int]:
    read = stated([key for keys in waiting.values() for key in keys])
    return {number for number, keys in waiting.items() if read.issuperset(keys)}


def _alike(was: Mapping[str, Any], cells: Mapping[str, str]) -> bool:
    """Whether a row is this one, or this one mended: no more of what it stated is changed than was wrong.

    Where no file has it, places mean little, and the row must be the same.
    """
    changed = sum(hidden(cells.get(title, "")) != cell for title, cell in was["row"].items() if cell)
    wrong = len(was["wrong"]) if was["file"] else 0
    return bool(changed <= wrong)
