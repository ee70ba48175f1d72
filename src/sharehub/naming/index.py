"""An index of many names in memory: candidates by rare shared keys, never all pairs."""

import struct
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

import polars as pl
import pyarrow as pa

from sharehub.naming.blocking import WHOLE, block_id, block_ids, blocks
from sharehub.naming.normal import normalised

COMMON = 400
"""A key that more names share than this says too little to propose anything; the whole core is exempt."""
_CHUNK = 50_000
_QUESTIONS = 1_000
"""Names asked about at a time: what shares a key with them is held in memory."""


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
        columns = {"reference": pl.String, "name": pl.String}
        frame = pl.DataFrame(list(names), schema=columns, orient="row")
        self._fill(frame, _keys(frame["name"].to_list()), common)

    @classmethod
    def stored(cls, names: pl.DataFrame, *, common: int = COMMON) -> Self:
        """The index of names whose keys were kept: columns reference, name, keys (`packed`)."""
        made = cls.__new__(cls)
        made._fill(names.select("reference", "name"), _unpacked(names["keys"]), common)
        return made

    def _fill(self, names: pl.DataFrame, keys: pl.DataFrame, common: int) -> None:
        self._names = names
        self._keys = keys.select("key", "row").sort("key")
        self._common = common

    def candidates(self, names: Iterable[str], *, per_name_max: int = 30, equal_only: bool = False) -> list[Candidate]:
        """For each name those that share its core, all of them, and up to `per_name_max` others, rarest keys first.

        With `equal_only`, none of the others.
        """
        every = list(names)
        return [
            Candidate(question + begin, *told)
            for begin in range(0, len(every), _QUESTIONS)
            for question, *told in self._some(every[begin : begin + _QUESTIONS], per_name_max, equal_only)
        ]

    def _some(self, names: list[str], per_name_max: int, equal_only: bool) -> Iterator[tuple[Any, ...]]:
        asked = _keys(names).rename({"row": "question"})
        found = _ranked(self._shared(asked.filter("exact") if equal_only else asked), per_name_max)
        told = self._names[found["row"]]
        return found.select("question", told["reference"], told["name"], "equal", "keys").iter_rows()

    def _shared(self, asked: pl.DataFrame) -> pl.DataFrame:
        """A row for each question and name of the index that share a telling key; `count` names share it in all."""
        begin, end = (self._keys["key"].search_sorted(asked["key"], side=side) for side in ("left", "right"))
        telling = (pl.col("count") <= self._common) | pl.col("exact")
        places = (
            asked.with_columns(begin.alias("begin"), end.alias("end"), (end - begin).alias("count"))
            .filter((pl.col("count") > 0) & telling)
            .with_columns(pl.int_ranges("begin", "end").alias("place"))
            .explode("place")
        )
        return places.select("question", "exact", "count", self._keys["row"].gather(places["place"]).alias("row"))


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


def packed(name: str) -> bytes:
    """The keys of a name to be kept, 8 bytes each."""
    return struct.pack(f"<{len(found)}q", *found) if (found := block_ids(blocks(normalised(name)))) else b""


def _unpacked(keys: pl.Series) -> pl.DataFrame:
    """The same frame as of the names themselves, but for which keys are whole names: nobody asks an index that."""
    packed_keys = b"".join(keys.to_list())
    ids = pa.Array.from_buffers(pa.int64(), len(packed_keys) // 8, [None, pa.py_buffer(packed_keys)])
    counts = pl.DataFrame({"count": keys.bin.size() // 8}).with_row_index("row")
    rows = counts.select(pl.col("row").repeat_by("count")).explode("row", empty_as_null=False)["row"]
    return pl.DataFrame({"key": pl.from_arrow(ids), "row": rows})


_SCHEMA = {"row": pl.UInt32, "key": pl.Int64, "exact": pl.Boolean}
