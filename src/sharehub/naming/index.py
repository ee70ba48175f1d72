"""An index of many names in memory: candidates by rare shared keys, never all pairs."""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from sharehub.naming.blocking import WHOLE, block_id, blocks
from sharehub.naming.normal import normalised

COMMON = 400
"""A key that more names share than this says too little to propose anything; the whole core is exempt."""
_CHUNK = 50_000


class Candidate(NamedTuple):
    """One name of the question and one reference of the index that share keys; `keys` counts the rare ones."""

    question: int
    reference: str
    name: str
    equal: bool
    keys: int


class Index:
    """Names by their block keys. `names` are (reference, name as written) pairs; a reference may come often."""

    def __init__(self, names: Iterable[tuple[str, str]], *, common: int = COMMON) -> None:
        pairs = list(names)
        columns = {"reference": pl.String, "name": pl.String}
        self._names = pl.DataFrame(pairs, schema=columns, orient="row").with_row_index("row")
        self._keys = _keys([name for _, name in pairs]).select("key", "row")
        self._counts = self._keys.group_by("key").agg(pl.len().alias("count"))
        self._common = common

    def candidates(self, names: Iterable[str], *, per_name_max: int = 30) -> list[Candidate]:
        """For each name those that share its core, all of them, and up to `per_name_max` others, rarest keys first."""
        telling = (pl.col("count") <= self._common) | pl.col("exact")
        asked = _keys(list(names)).rename({"row": "question"})
        shared = asked.join(self._counts, on="key").filter(telling).join(self._keys, on="key")
        return [
            Candidate(*row)
            for row in _ranked(shared, per_name_max)
            .join(self._names, on="row", maintain_order="left")
            .select("question", "reference", "name", "equal", "keys")
            .iter_rows()
        ]


def _ranked(shared: pl.DataFrame, per_name_max: int) -> pl.DataFrame:
    """Pairs in order: equal cores first, then by how much their shared keys tell (the sum of 1/count)."""
    return (
        shared.group_by("question", "row")
        .agg(pl.col("exact").any().alias("equal"), (1 / pl.col("count")).sum().alias("telling"), pl.len().alias("keys"))
        .sort("question", "equal", "telling", "row", descending=[False, True, True, False])
        .with_columns((~pl.col("equal")).cum_sum().over("question").alias("place"))
        .filter(pl.col("equal") | (pl.col("place") <= per_name_max))
    )


def _keys(names: list[str]) -> pl.DataFrame:
    """One row per name and key: `row`, `key`, and whether it is the key of a whole core."""
    frames = []
    for begin in range(0, max(len(names), 1), _CHUNK):
        rows: list[int] = []
        keys: list[str] = []
        for row, text in enumerate(names[begin : begin + _CHUNK], begin):
            found = blocks(normalised(text))
            rows.extend([row] * len(found))
            keys.extend(found)
        columns = {"row": rows, "key": map(block_id, keys), "exact": (key[0] == WHOLE for key in keys)}
        frames.append(pl.DataFrame({name: list(column) for name, column in columns.items()}, schema=_SCHEMA))
    return pl.concat(frames)


_SCHEMA = {"row": pl.UInt32, "key": pl.Int64, "exact": pl.Boolean}
