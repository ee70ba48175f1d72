"""What of a batch is kept: records, and the facts that a rulebook can decide on."""

from uuid import UUID

import polars as pl

from sharehub.core.record import fact_key
from sharehub.ports.view import ViewTransaction


def together(attached: pl.DataFrame, *parts: tuple[pl.DataFrame, list[tuple[int, str, str, str]]]) -> pl.DataFrame:
    """All records to keep: those about entities, and of the other parts those that were not refused."""
    kept = [found.filter(~pl.col("row").is_in([one[0] for one in refused])) for found, refused in parts if found.height]
    frames = [frame for frame in (attached, *kept) if frame.height]
    return pl.concat(frames, how="diagonal") if len(frames) > 1 else (*frames, attached)[0]


def add_records(txn: ViewTransaction, records: pl.DataFrame) -> pl.Series:
    """Add what is new and return the rows of the batch that this was."""
    if not records.height:
        return pl.Series("row", [], dtype=pl.Int64)
    once = records.unique(["subject_id", "record_id"], keep="first")
    seen = txn.add_records(once.select("subject_id", "record_id", "agency", "received_at", "payload"))
    if not seen.len():
        return once["row"]
    return once.filter(~pl.col("record_id").is_in(seen.implode()))["row"]


def only(records: pl.DataFrame, fresh: pl.Series) -> pl.DataFrame:
    """Those that are new: what is said twice changes nothing, be it said otherwise the second time."""
    return records if fresh.len() >= records.height else records.filter(pl.col("row").is_in(fresh.implode()))


def add_facts(txn: ViewTransaction, records: pl.DataFrame) -> set[UUID]:
    """Keep what a rulebook can decide on, and return the entities that it touches."""
    if not records.height:
        return set()
    relevant = records.filter("relevant")
    if not relevant.height:
        return set()
    keys = [fact_key(*pair) for pair in zip(relevant["agency"], relevant["record_key"], strict=True)]
    facts = relevant.select(
        pl.Series("fact_id", keys, dtype=pl.Binary), "subject_id", "revision", "received_at", "payload"
    )
    touched = {key for key, touching in relevant.select("entity_key", "touching").rows() if touching}
    rivals = set(relevant["entity_key"]) - touched
    moved = txn.add_facts(
        facts.sort("fact_id", "revision").unique(["fact_id", "revision"], keep="first", maintain_order=True)
    )
    return {UUID(bytes=key) for key in touched} | txn.with_measures(sorted(rivals)) | moved
