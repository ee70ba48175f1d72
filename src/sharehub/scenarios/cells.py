"""The cells of one row by their plain titles, and what is wrong with one."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sharehub.connect.mapping import FieldTable
from sharehub.connect.rows import Place
from sharehub.connect.values import CellError, reader

_DAY = reader(FieldTable(type="date", formats=("%Y-%m-%d", "excel")))


class Faulty(Exception):
    """What is wrong with a row, each fault with its place and what to do; caught where the table is read."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Cells(NamedTuple):
    """What a row states: its place, and text by plain title; empty cells are not there."""

    place: Place
    stated: Mapping[str, str]

    def get(self, title: str) -> str:
        """The text under a title; empty where nothing stands."""
        return self.stated.get(title, "")

    def day(self, title: str) -> date | None:
        """The day under a title.

        Raises:
            Faulty: what stands there is none.
        """
        if not (text := self.get(title)):
            return None
        try:
            found: date = _DAY(text)
        except CellError as error:
            raise self.fault(title, str(error), "write it as 2026-01-31") from error
        return found

    def fault(self, title: str, reason: str, then: str) -> Faulty:
        """A fault of one cell: what is wrong, and what to do."""
        return Faulty(f"{self.place}, column {title!r}: {reason}; {then}")
