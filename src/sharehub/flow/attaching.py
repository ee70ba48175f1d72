"""Whom the records of a batch are about: linked to entities, resolved anew and named anew where that changed."""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

import polars as pl

from sharehub.core.linking import Key
from sharehub.flow.cutting import CutError, cuts
from sharehub.flow.identities import Identities
from sharehub.flow.linking import Linked, Memory, NeedsExclusiveError, link
from sharehub.flow.relinking import DecodeRecord, Relinked, relink, reshow
from sharehub.flow.showing import earlier_shown, taken_from
from sharehub.flow.subjects import members_of, pointed_at, stated_together
from sharehub.ports.identity import EntityCandidate
from sharehub.ports.view import ViewTransaction


class Known(NamedTuple):
    """What a worker remembers of identifiers and of entities, and how a kept record is read."""

    identities: Identities
    memory: Memory
    decode: DecodeRecord


def attach(
    txn: ViewTransaction, records: pl.DataFrame, known: "Known", *, exclusive: bool
) -> tuple[pl.DataFrame, Linked]:
    """The records with their entity's key; identifier sets seen before cost one look-up in memory."""
    if not records.height:
        return records, Linked({}, {}, frozenset(), frozenset())
    memory, identities = known.memory, known.identities
    memory.valid_for(txn.merge_count())
    if memory.cited is None:
        memory.cited = txn.identity.cited_records()
    records = pointed_at(records, memory.cited)
    stated: list[tuple[str, str]] = records.select("node", "joined").unique().rows()
    unknown = {pair: members_of(identities, *pair) for pair in stated if pair not in memory.entities}
    linked = link(txn, list(unknown.values()), exclusive=exclusive)
    if linked.merges:
        _cut(records, {pair: linked.before(found) for pair, found in unknown.items()}, memory)
    if linked.merges or linked.undecided:
        cited = memory.cited
        memory.forget()
        memory.cited = cited
        unknown = {pair: members_of(identities, *pair) for pair in stated}
        found = txn.entities_of(sorted({members[0][0] for members in unknown.values()}))
        linked = linked._replace(entities=found)
    memory.entities.update({pair: linked.entities[members[0][0]] for pair, members in unknown.items()})
    entities = [memory.entities[pair] for pair in stated]
    keys = pl.DataFrame(
        {
            "node": [node for node, _ in stated],
            "joined": [text for _, text in stated],
            "entity_key": pl.Series(entities, dtype=pl.Binary),
            "registered": [memory.registered(entity) for entity in entities],
        },
    )
    return records.join(keys, on=["node", "joined"], how="left", maintain_order="left"), linked


def _cut(records: pl.DataFrame, before: Mapping[tuple[str, str], frozenset[Key]], memory: Memory) -> None:
    """Raises: CutError where what was decided on in this batch is then joined with others."""

    def joined(node: str, text: str) -> frozenset[Key]:
        return before.get((node, text)) or frozenset((memory.entities[node, text],))

    if rows := frozenset(cuts(records, joined)):
        raise CutError(rows)


def resolve_anew(
    txn: ViewTransaction, records: pl.DataFrame, seeds: Set[bytes], known: "Known", *, exclusive: bool
) -> Relinked:
    """Resolve identity anew where a revision took a link back or people have decided; mostly nowhere."""
    revised = _joining(txn, records)
    if revised.height:
        seeds = seeds | txn.identity.add_links(stated_together(known.identities, revised))
        seeds |= set(revised.filter("pointed_at")["subject_id"])
    if seeds and not exclusive:
        raise NeedsExclusiveError
    relinked = Relinked(frozenset(), frozenset())
    if seeds:
        relinked = relink(txn.identity, seeds, known.decode)
        known.memory.forget()
    return relinked


def rename(
    txn: ViewTransaction,
    records: pl.DataFrame,
    changed: Sequence[EntityCandidate],
    merges: Mapping[bytes, bytes],
    known: "Known",
) -> None:
    """Show entities anew whose name was, or may have been, taken from a revision that is not the newest."""
    identity = txn.identity
    stale = identity.outdated(*earlier_shown(records)) | identity.superseded(*taken_from(records, changed))
    stale |= identity.with_revisions(sorted(set(merges.values())))
    if stale:
        reshow(txn.identity, stale, known.decode)
        known.memory.forget()


def _joining(txn: ViewTransaction, records: pl.DataFrame) -> pl.DataFrame:
    """The records of which is kept what they state together; a single first revision is not, unless it comes late."""
    if not records.height:
        return records
    marked = (pl.col("revision") > 1) | pl.col("several") | pl.col("pointed_at")
    found = records.select(marked.alias("marked"))["marked"]
    late = txn.identity.awaited(records["record_id"].filter(~found).to_list())
    if not (late or found.any()):
        return records.clear()
    return records.filter(found | records["record_id"].is_in(list(late)))
