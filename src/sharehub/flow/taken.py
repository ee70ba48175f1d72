"""A batch as it was polled, and as the rules of its day see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from sharehub.core.activation import RULEBOOK_VERSION
from sharehub.core.catalogue import Catalogue
from sharehub.core.dead_letter import Mark
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.flow.activation import is_version
from sharehub.flow.admission import Admission
from sharehub.flow.casework import is_casework
from sharehub.flow.letters import discarding
from sharehub.ports.batch import Decoded, Fault, Polled

_TURNING = frozenset((*CASEWORK_KINDS, RULEBOOK_VERSION))


def turns(records: pl.DataFrame) -> bool:
    """True where any of the records changes who is who, or the rules, for what comes after it; mostly none does."""
    return records.height > 0 and not _TURNING.isdisjoint(records["kind"].unique())


@dataclass(frozen=True)
class Taken:
    """A batch as it was polled: its messages by row, their decoded columns, and what some of them say of letters.

    `judged`: it is part of a batch that was found to be no flood.
    """

    polled: Polled
    batch: pl.DataFrame
    decoded: Sequence[Decoded]
    faults: Sequence[Fault]
    marks: dict[int, Mark]
    judged: bool = False

    def said(self) -> pl.DataFrame:
        """The messages without those by which letters are discarded."""
        return self.batch.filter(~pl.col("row").is_in(self._discarding)) if self._discarding else self.batch

    def rejected(self, found: pl.DataFrame) -> pl.DataFrame:
        """What of these rejections is to be kept."""
        return found.filter(~pl.col("row").is_in(self._discarding)) if self._discarding else found

    @property
    def _discarding(self) -> list[int]:
        return discarding(self.batch, self.marks)


@dataclass(frozen=True)
class Ruled:
    """A batch as the rules of its day see it."""

    catalogue: Catalogue
    on: date
    known_at: datetime
    admission: Admission
    records: pl.DataFrame

    def parts(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The admitted records: about entities, decisions of case officers, versions of the rules."""
        if not turns(self.records):
            return self.records, self.records.clear(), self.records.clear()
        others = ~is_casework() & ~is_version()
        return (
            self.records.filter(others),
            self.records.filter(is_casework()),
            self.records.filter(is_version()),
        )
