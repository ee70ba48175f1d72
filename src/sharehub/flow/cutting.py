"""Where a batch is cut: at what changes who is who, or by which rules, for something that was said before it.

Events tell of whom a measure was when it was issued. So what was said of two who are then joined is decided on before
they are: the events are the same however many records share a batch. Nearly all batches are not cut at all.
"""

from collections.abc import Callable, Collection, Container, Iterator, Set

import polars as pl

from sharehub.core.linking import Key
from sharehub.flow.activation import is_version
from sharehub.flow.casework import is_casework
from sharehub.flow.identities import Identities
from sharehub.flow.subjects import members_of
from sharehub.flow.taken import turns
from sharehub.ports.batch import Messages, Polled
from sharehub.topics import Place


class CutError(Exception):
    """What is joined in the batch was decided on in it, as only the view knows: do it again, cut before these rows."""

    def __init__(self, rows: Set[int]) -> None:
        super().__init__(rows)
        self.rows = rows


def parts(polled: Polled, batch: pl.DataFrame, records: pl.DataFrame, identities: Identities) -> list[Polled]:
    """The batch in parts, one after the other; one part, the batch itself, where nothing has to be cut."""
    if not records.height or not (turns(records) or records["relevant"].any()):
        return [polled]
    found = cuts(records, lambda node, text: [key for key, _ in members_of(identities, node, text)])
    return cut_before(frozenset(found), polled, batch)


def cut_before(rows: Set[int], polled: Polled, batch: pl.DataFrame) -> list[Polled]:
    """The batch in parts, each of which but the first begins with one of these rows, in the order of their receipt."""
    if not rows:
        return [polled]
    ordered = batch.select("row", "topic", "partition", "received_at").sort("received_at", "row")
    numbered = ordered.with_columns(part=pl.col("row").is_in(list(rows)).cast(pl.Int32).cum_sum()).sort("row")
    numbered = numbered.with_columns(pl.col("part").cum_max().over("topic", "partition"))
    found: dict[int, set[int]] = {}
    for row, part in numbered.select("row", "part").rows():
        found.setdefault(part, set()).add(row)
    if len(found) == 1:  # the clock of the broker was put back within a partition
        return [_of(polled, {row}) for row in range(len(polled))]
    return [_of(polled, wanted) for _, wanted in sorted(found.items())]


def cuts(records: pl.DataFrame, joined: Callable[[str, str], Collection[Key]]) -> Iterator[int]:
    """The rows before which the batch is cut, in the order in which they were received.

    `joined`: what a record with this node and text makes one. It is cut off where it adds to somebody on whom was
    decided before it.
    """
    marked = records.select("row", "received_at", "node", "joined", "relevant", turning=is_casework() | is_version())
    # What comes before the first that is decided on or turns cannot cut: a register of millions is not looked through.
    ordered = marked.sort("received_at", "row").filter((pl.col("turning") | pl.col("relevant")).cum_max())
    decided: dict[Key, frozenset[Key]] = {}
    turned = False
    for row, node, text, relevant, turning in ordered.drop("received_at").rows():
        members = joined(node, text)
        known = [decided[one] for one in members if one in decided] if decided else []
        if turned or (decided and turning) or (known and not any(one.issuperset(members) for one in known)):
            yield row
            decided.clear()
        turned = turning
        if relevant:
            decided |= dict.fromkeys(members, frozenset(members))


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
