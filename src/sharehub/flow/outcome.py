"""What became of each message of a batch: rejected with its reason, a duplicate, or new."""

from collections.abc import Sequence

import polars as pl

from sharehub.core.record import content_id
from sharehub.ports import (
    Place,
    RejectionRow,
    Tally,
    ViewTransaction,
)


def with_refused(rejected: pl.DataFrame, refused: Sequence[tuple[int, str, str, str]]) -> pl.DataFrame:
    """The rejections together with decisions that were refused only when they were looked at."""
    return pl.concat([rejected, pl.DataFrame(refused, schema=rejected.schema, orient="row")]) if refused else rejected


def reject(txn: ViewTransaction, batch: pl.DataFrame, rejected: pl.DataFrame) -> None:
    """Keep the rejected messages with their original bytes."""
    if not rejected.height:
        return
    joined = rejected.join(batch, on="row")
    rows = [
        RejectionRow(
            content_id("rejection", one["topic"], one["partition"], one["offset"]),
            one["topic"],
            one["partition"],
            one["offset"],
            one["agency"],
            one["code"],
            one["field"],
            one["reason"].replace("\0", "\\0"),
            one["key"],
            one["payload"],
            one["received_at"],
        )
        for one in joined.iter_rows(named=True)
    ]
    txn.reject(rows)


def tallies_of(batch: pl.DataFrame, rejected: pl.DataFrame, fresh: pl.Series, events: int) -> dict[Place, Tally]:
    """Figures per partition; a message is new, a duplicate or rejected. Events count for the first one."""
    row = pl.col("row")
    refused = row.is_in(rejected["row"].implode())
    marked = batch.select("topic", "partition", refused=refused, known=~refused & ~row.is_in(fresh.implode()))
    sums = marked.group_by("topic", "partition").agg(pl.len(), pl.col("known").sum(), pl.col("refused").sum())
    tallies: dict[Place, Tally] = {}
    for topic, partition, records, known, rejected_here in sums.sort("topic", "partition").rows():
        tallies[Place(topic, partition)] = Tally(records, known, rejected_here, 0 if tallies else events)
    return tallies
