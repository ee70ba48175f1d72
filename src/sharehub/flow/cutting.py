"""Where a batch is cut: at what changes who is who, or by which rules, for something that was said before it.

Events tell of whom a measure was when it was issued. So what was said of two who are then joined is decided on before
they are: the events are the same however many records share a batch. Nearly all batches are not cut at all.
"""

from collections.abc import Container, Iterator

import polars as pl

from sharehub.flow.activation import is_version
from sharehub.flow.casework import is_casework
from sharehub.flow.identities import Identities
from sharehub.flow.subjects import members_of
from sharehub.flow.taken import turns
from sharehub.ports.batch import Messages, Polled
from sharehub.topics import Place


def parts(polled: Polled, batch: pl.DataFrame, records: pl.DataFrame, identities: Identities) -> list[Polled]:
    """The batch in parts, one after the other; one part, the batch itself, where nothing has to be cut."""
    rows = frozenset(_cuts(records, identities)) if records.height else frozenset[int]()
    if not rows:
        return [polled]
    ordered = batch.select("row", "topic", "partition", "received_at").sort("received_at", "row")
    numbered = ordered.with_columns(part=pl.col("row").is_in(list(rows)).cast(pl.Int32).cum_sum()).sort("row")
    numbered = numbered.with_columns(pl.col("part").cum_max().over("topic", "partition"))
    found: dict[int, set[int]] = {}
    for row, part in numbered.select("row", "part").rows():
        found.setdefault(part, set()).add(row)
    return [_of(polled, wanted) for _, wanted in sorted(found.items())]


def _cuts(records: pl.DataFrame, identities: Identities) -> Iterator[int]:
    """The rows before which the batch is cut, in the order in which they were received."""
    if not (turns(records) or (records["relevant"].any() and records["several"].any())):
        return
    turning = is_casework() | is_version()
    marked = records.select("row", "received_at", "node", "joined", "relevant", "several", turning=turning)
    decided: set[bytes] = set()
    turned = False
    # What comes before the first that is decided on or turns cannot cut: a register of millions is not looked through.
    ordered = marked.sort("received_at", "row").filter((pl.col("turning") | pl.col("relevant")).cum_max())
    for row, node, joined, relevant, several, turned_by in (
        ordered.filter(pl.col("several") | pl.col("turning") | pl.col("relevant"))
        .select("row", "node", "joined", "relevant", "several", "turning")
        .rows()
    ):
        members = {key for key, _ in members_of(identities, node, joined)}
        if turned or (decided and (turned_by or (several and not decided.isdisjoint(members)))):
            yield row
            decided.clear()
        turned = turned_by
        if relevant:
            decided |= members


def _of(polled: Polled, rows: Container[int]) -> Polled:
    """Those rows of the batch, which are numbered in the order of places and offsets."""
    found: dict[Place, Messages] = {}
    first = 0
    for place, (offsets, appended_ms, keys, values) in sorted(polled.messages.items()):
        one = [number for number in range(len(offsets)) if first + number in rows]
        first += len(offsets)
        if one:
            times = [appended_ms[number] for number in one]
            said = [keys[number] for number in one], [values[number] for number in one]
            found[place] = Messages([offsets[number] for number in one], times, *said)
    return Polled(found, {place: polled.headers[place] for place in found if place in polled.headers})
