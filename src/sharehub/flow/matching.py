"""Find entities whose names say that they could be one; a person decides (law 11).

Gather entities that are new or changed, and the names of all; compare those that share rare keys; keep what is
proposed. Nothing merges here.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

import polars as pl
import structlog

from sharehub.core.entity import KINDS
from sharehub.core.identifier import SCHEMES, strong_identifiers
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.core.record import Record, latest
from sharehub.errors import SharehubError
from sharehub.flow.relinking import DecodeRecord
from sharehub.naming.comparison import Comparison, Party, compare
from sharehub.naming.index import Index, packed
from sharehub.naming.queue import Proposal, queue
from sharehub.ports.identity import Comparable, Found, NameKeys, NameStore

log = structlog.get_logger()

Progress = Callable[[int], None]
_ENTITIES_MAX = 5_000
_NAMES_MAX = 20


@dataclass
class Matched:
    """What one run compared and proposed."""

    entities: int = 0
    candidates: int = 0
    proposals: int = 0


def find(store: NameStore, decode: DecodeRecord, *, progress: Progress = lambda entities: None) -> Matched:
    """Compare what is new or changed with everything, once; returns how much that was."""
    done = Matched()
    store.forget_individuals()
    waiting = store.uncompared(2**31 - 1)
    for some in _pieces(waiting):
        described = _parties(store, some, decode)
        store.remember(some, (one for entity_id in some for one in _keys(entity_id, described[entity_id])))
    names = Names(store.all_names()) if waiting else None
    for some in _pieces(waiting):
        assert names is not None  # noqa: S101 - there is something waiting
        pairs = names.pairs(some) - store.decided(some)
        found = _proposals(pairs, _parties(store, {side for pair in pairs for side in pair}, decode))
        store.compared(some, found)
        done.entities += len(some)
        done.candidates += len(pairs)
        done.proposals += len(found)
        progress(done.entities)
    log.info("names_compared", entities=done.entities, candidates=done.candidates, proposals=done.proposals)
    return done


class Names:
    """All names, to find others by: columns entity_id (hexadecimal), name, schemes (with spaces), keys.

    An index for each set of schemes: two entities with different codes of one scheme are two, unless their names are
    the same, so that only those are looked for.
    """

    def __init__(self, names: pl.DataFrame) -> None:
        self._names = names.rename({"entity_id": "reference"})
        self._indexes = {schemes: Index.stored(some) for schemes, some in _by_schemes(self._names)}

    def pairs(self, asked: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        """Entities that share telling keys with those asked for, the smaller id first."""
        questions = self._names.filter(pl.col("reference").is_in([one.hex for one in asked]))
        return {
            _ordered(UUID(some["reference"][one.question]), UUID(one.reference))
            for mine, some in _by_schemes(questions)
            for theirs, index in self._indexes.items()
            for one in index.candidates(some["name"], equal_only=not mine.isdisjoint(theirs))
            if some["reference"][one.question] != one.reference
        }


def _by_schemes(names: pl.DataFrame) -> Iterator[tuple[frozenset[str], pl.DataFrame]]:
    for key, some in names.partition_by("schemes", as_dict=True).items():
        yield frozenset(str(key[0]).split()), some


def _ordered(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def _pieces(entities: Iterable[UUID]) -> Iterator[list[UUID]]:
    line = iter(entities)
    while some := list(islice(line, _ENTITIES_MAX)):
        yield some


def _parties(store: NameStore, entities: Iterable[UUID], decode: DecodeRecord) -> dict[UUID, Party]:
    return {one.entity_id: party_of(_records(one, decode)) for one in store.described(entities)}


def _records(one: Comparable, decode: DecodeRecord) -> Iterator[Record]:
    for payload, received_at in one.records:
        try:
            record = decode(payload, received_at.date())
        except SharehubError:
            log.warning("record_unreadable", entity=str(one.entity_id))
            continue
        if record.kind not in CASEWORK_KINDS:
            yield record


def party_of(records: Iterable[Record]) -> Party:
    """What the newest revisions say of their subject, as far as it can be compared."""
    newest = latest(records)
    names = dict.fromkeys(name for record in newest for name in (record.name, *record.names) if name)
    addresses = dict.fromkeys(record.address for record in newest if record.address)
    countries = dict.fromkeys(filter(None, map(_country, newest)))
    return Party(
        names=tuple(names)[:_NAMES_MAX],
        kind=max((record.subject_kind for record in newest), key=KINDS.index, default=KINDS[0]),
        country=next(iter(countries), ""),
        region=next((str(record.value("region")) for record in newest if record.value("region")), ""),
        addresses=tuple(addresses)[:_NAMES_MAX],
        identifiers=strong_identifiers(dict.fromkeys(one for record in newest for one in record.identifiers)),
        dates=tuple(dict.fromkeys(day for record in newest for day in _dates(record))),
        source=", ".join(dict.fromkeys(record.agency for record in newest)),
    )


def _country(record: Record) -> str:
    """The country of a national jurisdiction; of an international one, what the address ends with."""
    country = record.jurisdiction.partition("-")[0]
    if len(country) == len("cn"):
        return country
    return (record.address or "").rpartition(",")[2].strip()


def _dates(record: Record) -> Iterator[tuple[str, date]]:
    for name in ("registered_on", "effective_from", "effective_to", "decided_on"):
        day = record.value(name)
        if isinstance(day, date):
            yield (name if name.endswith("_on") else f"{name}_on"), day


def _keys(entity_id: UUID, party: Party) -> Iterator[NameKeys]:
    single = sorted({one.scheme for one in party.identifiers if SCHEMES[one.scheme].single})
    for name in party.names:
        yield NameKeys(entity_id, name, single, packed(name))


def _proposals(pairs: Iterable[tuple[UUID, UUID]], parties: Mapping[UUID, Party]) -> list[Found]:
    compared = ((left, right, compare(parties[left], parties[right])) for left, right in sorted(pairs))
    found = [
        Proposal(str(left), str(right), comparison, parties[left].source, parties[right].source)
        for left, right, comparison in compared
        if comparison
    ]
    return [
        Found(UUID(one.left), UUID(one.right), _place(one.comparison), _explained(one.comparison))
        for one in queue(found)
    ]


def _place(comparison: Comparison) -> str:
    """The order of the queue as a text that sorts alike."""
    tier, differs, same, name = comparison.order
    return f"{tier:02} {differs:03} {999 + same:03} {name[:80]}"


def _explained(comparison: Comparison) -> str:
    return json.dumps(
        {
            "tier": comparison.tier.name.lower().replace("_", "-"),
            "match_key": comparison.match_key,
            "features": [one._asdict() for one in comparison.features],
            "words": comparison.words,
        },
        ensure_ascii=False,
    )
