"""The name and kind that each entity shows, folded into the view batch by batch; corrections show it anew.

The rule is `core.entity.best_shown`; here it is by column, for records by the million.
"""

from collections.abc import Sequence

import polars as pl

from sharehub.core.entity import COMPLAINT, KINDS, LEVELS, OTHER_LEVEL, UNDATED
from sharehub.core.record import fact_key, record_keyed
from sharehub.flow.linking import Memory
from sharehub.ports.identity import EntityCandidate
from sharehub.ports.view import ViewTransaction

_REVISIONS_MAX = 50
"""How many revisions back a shown name is looked for; more corrections than that wait for the next record."""


def show(
    txn: ViewTransaction, records: pl.DataFrame, created: frozenset[bytes], memory: Memory
) -> list[EntityCandidate]:
    """Fold the best name and kind of each entity in the batch into the view, where they are better than before.

    Returns what may have changed of entities that were there; a kind may be a more protected one (law 5).
    """
    new: list[EntityCandidate] = []
    changed: list[EntityCandidate] = []
    for candidate in candidates(records):
        best = memory.shown.get(candidate.entity_key)
        if best is None or candidate.kind_rank > best[0] or candidate.name_rank > best[1]:
            (new if candidate.entity_key in created else changed).append(candidate)
            kind_rank, name_rank = best or (0, "")
            better = (max(kind_rank, candidate.kind_rank), max(name_rank, candidate.name_rank))
            memory.shown[candidate.entity_key] = better
    txn.create(new)
    txn.show(changed)
    return changed


def candidates(records: pl.DataFrame) -> list[EntityCandidate]:
    """The best name and kind that the batch states for each entity, whatever the order of its records.

    A record that is no registration cannot better an entity whose registered name is shown already.
    """
    if not records.height:
        return []
    business_on = pl.coalesce("effective_from", "decided_on", "occurred_on").cast(pl.String).fill_null(UNDATED)
    registration = pl.col("kind") == "registration"
    level = pl.col("kind").replace_strict(LEVELS, default=OTHER_LEVEL, return_dtype=pl.String)
    newest = pl.col("revision") == pl.col("revision").max().over("entity_key", "agency", "record_key")
    revised = bool((records["revision"] > 1).any())
    named = pl.when(newest).then("name").otherwise(None) if revised else pl.col("name")
    ranked = records.with_columns(name=named, kind_rank=_kind_rank()).filter(
        registration | ~pl.col("registered") | (pl.col("kind_rank") > 0)
    )
    best = (
        ranked.select(
            "entity_key",
            "name",
            "kind_rank",
            name_rank=pl.when(pl.col("name").is_null())
            .then(pl.lit(""))
            .otherwise(level + business_on + pl.col("record_id").bin.encode("hex")),
        )
        .group_by("entity_key")
        .agg(pl.col("kind_rank").max(), pl.col("name").get(pl.col("name_rank").arg_max()), pl.col("name_rank").max())
    )
    return [EntityCandidate(*row) for row in best.rows()]


def _kind_rank() -> pl.Expr:
    """`core.entity.kind_rank` by column."""
    counts = (pl.col("kind") != COMPLAINT) | (pl.col("subject_kind") == KINDS[-1])
    ranks = pl.col("subject_kind").replace_strict(_KIND_RANKS, return_dtype=pl.Int16)
    return pl.when(counts).then(ranks).otherwise(pl.lit(0, dtype=pl.Int16))


_KIND_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}


def earlier_shown(records: pl.DataFrame) -> tuple[list[bytes], list[str]]:
    """Entities with a revised record, and the ids, hexadecimal, of the revisions before."""
    if not (records.height and (records["revision"] > 1).any()):
        return [], []
    again = records.filter(pl.col("revision") > 1)
    keys = again.select("agency", "record_key", "revision").rows()
    return again["entity_key"].unique().to_list(), [
        record_keyed(agency, record_key, number).hex()
        for agency, record_key, revision in keys
        for number in range(max(1, revision - _REVISIONS_MAX), revision)
    ]


def taken_from(records: pl.DataFrame, changed: Sequence[EntityCandidate]) -> tuple[list[bytes], list[bytes], list[int]]:
    """Entities that show another name, the facts that gave it, and their revisions."""
    if not changed:
        return [], [], []
    shown = pl.DataFrame(
        {
            "record_id": [bytes.fromhex(one.name_rank[-32:]) for one in changed if one.name_rank],
            "showing": [one.entity_key for one in changed if one.name_rank],
        },
        schema={"record_id": pl.Binary, "showing": pl.Binary},
    )
    rows = shown.join(records.unique("record_id"), on="record_id")
    facts = [fact_key(*key) for key in rows.select("agency", "record_key").rows()]
    return rows["showing"].to_list(), facts, rows["revision"].to_list()
