"""Try a rulebook on the records that are kept, one range of entities at a time; nothing is written.

Gather the records on which the rulebook in use or the tried one could decide, by column; decide the entities that
they touch with both; tell what differs.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Facts
from sharehub.core.entity import KINDS
from sharehub.core.foretold import Counts, Foretelling, Row
from sharehub.core.record import WITHDRAWAL, Record
from sharehub.core.what_if import Trial, compare
from sharehub.errors import SharehubError
from sharehub.flow.admission import uniform
from sharehub.flow.deciding import SINGLE_SCHEMES
from sharehub.flow.relinking import DecodeRecord
from sharehub.ports.batch import Decoded, Fault
from sharehub.ports.rules import IdRange, KeptRecord, KeptRecords
from sharehub.ports.view import EntityFacts


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How bytes become values: whole ranges by column, single records; and how the bytes of a kind begin."""

    columns: Callable[[Sequence[bytes | None]], tuple[list[Decoded], list[Fault]]]
    record: DecodeRecord
    headers: Callable[[str], Sequence[bytes]]


@dataclass
class Found:
    """What was found on some entities: how many were decided, records that cannot be read, counts and rows.

    `reached`: the key of the last entity, known or not, that was looked at.
    """

    reached: bytes = b""
    entities: int = 0
    unreadable: int = 0
    counts: Counts = field(default_factory=Counter)
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Look:
    """One trial, as every range of entities is looked at; of each outcome `rows_max` rows are told, None: all."""

    asked: Trial
    jurisdictions: frozenset[str] = frozenset()
    rows_max: int | None = None

    def at(self, kept: KeptRecords, reading: Reading, within: IdRange) -> Iterator[Found]:
        """What the tried rulebook changes for the entities of that range, some entities at a time, in their order."""
        for rows in pieces(kept.records(within, self._headers(reading)), _RECORDS_AT_ONCE):
            yield self._found(kept, reading, rows)

    def _found(self, kept: KeptRecords, reading: Reading, rows: Sequence[KeptRecord]) -> Found:
        found = Found(rows[-1].entity_key)
        touched = self._touched(rows, reading)
        described = kept.described(sorted(touched), SINGLE_SCHEMES) if touched else {}
        for key, entity in sorted(described.items()):
            records = tuple(_readable(touched[key], reading.record))
            found.unreadable += len(touched[key]) - len(records)
            self._add(found, entity, records)
        return found

    def _headers(self, reading: Reading) -> list[bytes]:
        kinds = {WITHDRAWAL} | self._both.ground_kinds()
        return [header for kind in sorted(kinds) for header in reading.headers(kind)]

    @cached_property
    def _both(self) -> Catalogue:
        return self.asked.both

    def _touched(self, rows: Sequence[KeptRecord], reading: Reading) -> Mapping[bytes, Sequence[KeptRecord]]:
        """By entity, all that can be decided on, where a record lies within reach of the tried rulebook."""
        decoded, _ = reading.columns([row.payload for row in rows])
        columns = ("row", "jurisdiction", "touching", "relevant")
        said = pl.concat([_NOTHING, *(uniform(one, self._both).select(columns) for one in decoded)])
        said = said.filter("relevant").sort("row")
        places = [place for place in said["jurisdiction"].unique() if self.asked.governs(place)]
        reached = said.filter(pl.col("touching") & pl.col("jurisdiction").is_in(places))["row"]
        entities = {rows[row].entity_key for row in reached}
        found: defaultdict[bytes, list[KeptRecord]] = defaultdict(list)
        for row in said["row"]:
            if rows[row].entity_key in entities:
                found[rows[row].entity_key].append(rows[row])
        return found

    def _add(self, found: Found, entity: EntityFacts, records: tuple[Record, ...]) -> None:
        facts = Facts(
            entity_id=entity.entity_id, kind=KINDS[entity.kind_rank], records=records, conflict=entity.conflict
        )
        standing = {state.measure.id: state for state in entity.standing}
        day = self.asked.on if self.asked.since else max(self.asked.on, entity.decided_on or self.asked.on)
        asked = replace(self.asked, on=day)
        told = Foretelling(facts, compare(facts, standing, asked), asked, self.jurisdictions)
        counts = told.counts()
        found.entities += 1
        found.rows += [row for row in _rows(told, counts) if self._wanted(row["outcome"], found.counts)]
        found.counts += counts

    def _wanted(self, outcome: str, counts: Counts) -> bool:
        return self.rows_max is None or counts["all", "", outcome] < self.rows_max


def pieces(records: Iterable[KeptRecord], records_min: int) -> Iterator[list[KeptRecord]]:
    """The records, which come by entity, in pieces of at least so many; none ends within an entity."""
    held: list[KeptRecord] = []
    for record in records:
        if len(held) >= records_min and record.entity_key != held[-1].entity_key:
            yield held
            held = []
        held.append(record)
    if held:
        yield held


_RECORDS_AT_ONCE = 10_000
_NOTHING = pl.DataFrame(
    schema={"row": pl.Int64, "jurisdiction": pl.String, "touching": pl.Boolean, "relevant": pl.Boolean}
)


def _rows(told: Foretelling, counts: Counts) -> Iterable[Row]:
    """Rows cost words: none where nothing differs."""
    differing = any(outcome not in ("restated", "unchanged") for _, _, outcome in counts)
    return told.rows() if differing else ()


def _readable(rows: Iterable[KeptRecord], decode: DecodeRecord) -> Iterator[Record]:
    """The records that decode; no decision can read the others either."""
    for row in rows:
        try:
            yield decode(row.payload, row.received_at.date())
        except SharehubError:
            continue
