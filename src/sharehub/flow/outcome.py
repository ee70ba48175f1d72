"""What became of each message of a batch: rejected with its reason, a duplicate, or new."""

from collections.abc import Sequence

import polars as pl

from sharehub.ports.batch import Tally
from sharehub.topics import Place


def with_refused(rejected: pl.DataFrame, refused: Sequence[tuple[int, str, str, str]]) -> pl.DataFrame:
    """The rejections together with decisions that were refused only when they were looked at."""
    return pl.concat([rejected, pl.DataFrame(refused, schema=rejected.schema, orient="row")]) if refused else rejected


def tallies_of(batch: pl.DataFrame, rejected: pl.DataFrame, fresh: pl.Series, events: int) -> dict[Place, Tally]:
    """Figures per partition; a message is new, a duplicate or rejected. Events count for the first one."""
    row = pl.col("row")
    refused = row.is_in(rejected["row"].implode()) if rejected.height else pl.lit(False)
    new = row.is_in(fresh.implode()) if fresh.len() < batch.height else pl.lit(True)
    marked = batch.select("topic", "partition", refused=refused, known=~refused & ~new)
    sums = marked.group_by("topic", "partition").agg(pl.len(), pl.col("known").sum(), pl.col("refused").sum())
    tallies: dict[Place, Tally] = {}
    for topic, partition, records, known, rejected_here in sums.sort("topic", "partition").rows():
        tallies[Place(topic, partition)] = Tally(records, known, rejected_here, 0 if tallies else events)
    return tallies
