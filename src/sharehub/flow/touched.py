"""Which entities a change of the rules touches: looked for in the records, page by page, within bounded memory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl

from sharehub.core.activation import Proposal
from sharehub.core.catalogue import Catalogue
from sharehub.core.reach import Reach
from sharehub.core.record import fact_key
from sharehub.core.versions import Change
from sharehub.errors import SharehubError
from sharehub.flow.admission import relevance
from sharehub.flow.relinking import DecodeRecord
from sharehub.flow.rules import Rules
from sharehub.ports.batch import Decoded, Fault
from sharehub.ports.rules import Activations, RecordRow
from sharehub.ports.view import View, ViewTransaction

_RECORDS_MAX = 10_000


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How bytes become what a search for the touched asks: columns, one record, and the headers of a kind."""

    columns: Callable[[Sequence[bytes | None]], tuple[list[Decoded], list[Fault]]]
    record: DecodeRecord
    proposal: Callable[[bytes], Proposal]
    headers: Callable[[str], Sequence[bytes]]


@dataclass(frozen=True)
class Search:
    """A search for what a change touches, by the catalogue after it."""

    reach: Reach
    catalogue: Catalogue
    reading: Reading

    def page(self, store: Activations, after: tuple[bytes, bytes] | None) -> list[RecordRow]:
        """The next records that could be touched."""
        headers = [header for kind in sorted(self.reach.record_kinds) for header in self.reading.headers(kind)]
        agencies = sorted(self.reach.agencies)
        return store.records(after, headers, agencies, _RECORDS_MAX) if headers or agencies else []

    def facts(self, rows: Sequence[RecordRow]) -> pl.DataFrame:
        """Those of the records on which a rulebook can decide, as facts."""
        decoded, _ = self.reading.columns([row.payload for row in rows])
        said = relevance(decoded, self.catalogue)
        if not said.height:
            return said
        said = said.filter("relevant").sort("row")
        keys = [fact_key(*pair) for pair in said.select("agency", "record_key").rows()]
        places = said["row"].to_list()
        return (
            pl.DataFrame(
                {
                    "fact_id": pl.Series(keys, dtype=pl.Binary),
                    "subject_id": pl.Series([rows[row].subject_key for row in places], dtype=pl.Binary),
                    "revision": said["revision"],
                    "received_at": [rows[row].received_at for row in places],
                    "payload": pl.Series([rows[row].payload for row in places], dtype=pl.Binary),
                }
            )
            .sort("fact_id", "revision")
            .unique(["fact_id", "revision"], keep="first", maintain_order=True)
        )

    def touched(self, facts: pl.DataFrame) -> set[bytes]:
        """The references of which a fact is touched, in any of its revisions: the past is decided anew too."""
        rows = facts.select("subject_id", "payload", "received_at").rows() if facts.height else []
        return {subject for subject, payload, received_at in rows if self._touches(payload, received_at)}

    def _touches(self, payload: bytes, received_at: datetime) -> bool:
        try:
            return self.reach.touches(self.reading.record(payload, received_at.date()))
        except SharehubError:
            return False  # no decision can read it either


def entities_of(txn: ViewTransaction, subjects: Iterable[bytes]) -> set[UUID]:
    """The entities to which these references lead."""
    return {UUID(bytes=entity) for entity in txn.entities_of(sorted(subjects)).values()}


def count_touched(view: View, rules: Rules, reading: Reading, change: Change) -> int:
    """How many entities a change would touch; nothing is written."""
    store, after = rules.activations, None
    search = Search(rules.reach_of(change), rules.after(change), reading)
    entities = set(store.with_measures_of(sorted(search.reach.measures)))
    while rows := search.page(store, after):
        after = (rows[-1].subject_key, rows[-1].record_key)
        with view.transaction() as txn:
            entities |= entities_of(txn, search.touched(search.facts(rows)))
    return len(entities)
