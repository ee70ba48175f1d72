"""Under which reference each record of a batch is kept, and what it states together."""

from collections.abc import Mapping

import polars as pl

from sharehub.core.record import fact_key, record_keyed
from sharehub.flow.identities import Identities, record_identity
from sharehub.flow.linking import Members


def members_of(identities: Identities, node: str, text: str) -> Members:
    """The references that a record joins: its identifiers, or the record itself."""
    return identities.of(text).identifiers if text else record_identity(node).identifiers


def pointed_at(records: pl.DataFrame, cited: Mapping[str, bytes]) -> pl.DataFrame:
    """The records, those that somebody pointed at under their own reference."""
    if not cited:
        return records.with_columns(pointed_at=pl.lit(False))
    own = pl.DataFrame(
        {"own": list(cited), "own_id": list(cited.values())}, schema={"own": pl.String, "own_id": pl.Binary}
    )
    beside = records.with_columns(own=pl.col("agency") + "/" + pl.col("record_key"))
    found = beside.join(own, on="own", how="left", maintain_order="left")
    pointed_at = pl.col("own_id").is_not_null()
    return found.with_columns(
        pointed_at=pointed_at,
        node=pl.when(pointed_at).then("RECORD:" + pl.col("own")).otherwise("node"),
        joined=pl.when(pointed_at).then(pl.lit("")).otherwise("joined"),
        subject_id=pl.coalesce("own_id", "subject_id"),
    ).drop("own", "own_id")


def stated_together(identities: Identities, records: pl.DataFrame) -> pl.DataFrame:
    """What these records state together: columns identifier_id, fact_id, revision, subject_id, first_id.

    A row for each reference. `first_id` is the record's first revision, which may have spoken of somebody else.
    """
    rows = []
    stated = records.select("agency", "record_key", "revision", "identifiers", "subject_id").rows()
    for agency, record_key, revision, text, subject_id in stated:
        fact, first = fact_key(agency, record_key), record_keyed(agency, record_key, 1)
        keys = {subject_id, *(key for key, _ in identities.of(text).identifiers)}
        rows += [(key, fact, revision, subject_id, first) for key in keys]
    types = {"identifier_id": pl.Binary, "fact_id": pl.Binary, "revision": pl.Int32}
    frame = pl.DataFrame(rows, schema=types | {"subject_id": pl.Binary, "first_id": pl.Binary}, orient="row")
    return frame.unique(["identifier_id", "fact_id", "revision"])


def identified(admitted: pl.DataFrame) -> pl.DataFrame:
    """The records with their own key; one that states no identifier is stored under itself."""
    if not admitted.height:
        return admitted
    keys = zip(admitted["agency"], admitted["record_key"], admitted["revision"], strict=True)
    with_keys = admitted.with_columns(record_id=pl.Series([record_keyed(*key) for key in keys], dtype=pl.Binary))
    if not with_keys["subject_id"].null_count():
        return with_keys
    alone = with_keys.filter(pl.col("subject_id").is_null())["node"].unique().to_list()
    own = {node: record_identity(node).identifiers[0][0] for node in alone}
    return with_keys.with_columns(
        pl.col("subject_id").fill_null(pl.col("node").replace_strict(own, default=None, return_dtype=pl.Binary))
    )
