"""When a batch says that a schema or a mapping is wrong: judged before the first dead letter is written.

Each topic is judged alone, so one agency's flood stops neither the others nor hides among what is good of theirs.
"""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from sharehub.ports.batch import Halt
from sharehub.topics import Place, speaker_of

FLOOD = "flood"
_REASONS_MAX = 3


class Bound(NamedTuple):
    """More than this share of a topic's records in a batch, and at least so many, are a flood."""

    rejected_share_max: float
    rejected_records_min: int


class FloodError(Exception):
    """These partitions must not be processed; nothing of the batch was."""

    def __init__(self, halts: tuple[Halt, ...]) -> None:
        super().__init__(halts[0].reason)
        self.halts = halts


def floods(batch: pl.DataFrame, rejected: pl.DataFrame, bound: Bound, accepted_to: Mapping[Place, int]) -> list[Halt]:
    """The partitions of every topic of which too much would be rejected.

    What lies below `accepted_to` of its partition is not judged: a person has looked at it.
    """
    if rejected.height < bound.rejected_records_min:
        return []
    meant = [_beyond(place, offset) for place, offset in accepted_to.items() if offset]
    judged = batch.filter(pl.all_horizontal(pl.lit(True), *meant))
    found = judged.join(rejected, on="row", how="left")
    halts: list[Halt] = []
    for (topic,), rows in found.group_by("topic", maintain_order=True):
        wrong = rows.filter(pl.col("code").is_not_null())
        if wrong.height >= bound.rejected_records_min and wrong.height > rows.height * bound.rejected_share_max:
            reason = _told(str(topic), rows.height, wrong)
            halts += [Halt(Place(str(topic), number), FLOOD, reason) for number in sorted(rows["partition"].unique())]
    return halts


def _beyond(place: Place, offset: int) -> pl.Expr:
    here = (pl.col("topic") == place.topic) & (pl.col("partition") == place.partition)
    return ~(here & (pl.col("offset") < offset))


def _told(topic: str, records: int, wrong: pl.DataFrame) -> str:
    counted = wrong.group_by("code", maintain_order=True).agg(pl.len().alias("count"), pl.col("reason").first())
    rows = counted.sort("count", descending=True, maintain_order=True).rows()
    first = "; ".join(f"{count:,} {code} ({reason})" for code, count, reason in rows[:_REASONS_MAX])
    more = f"; and {len(rows) - _REASONS_MAX} codes more" if len(rows) > _REASONS_MAX else ""
    return (
        f"{topic} (agency {speaker_of(topic) or topic}): {wrong.height} of {records} records would be rejected, and "
        f"nothing was written: {first}{more}; that is a wrong schema or mapping, not bad rows"
    )
