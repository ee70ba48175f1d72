"""Where a batch is cut: at what changes who is who, or by which rules, for something that was said before it.

Events tell of whom a measure was when it was issued. So what was said of two who are then joined is decided on before
they are: the events are the same however many records share a batch. Nearly all batches are not cut at all.
"""

from collections.abc import Container, Iterator, Mapping, Set

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


Pair = tuple[str, str]
"""Node and text of a record: under which reference it is kept, and what it states together."""


def parts(polled: Polled, batch: pl.DataFrame, records: pl.DataFrame, identities: Identities) -> list[Polled]:
    """The batch in parts, one after the other; one part, the batch itself, where nothing has to be cut."""
    if not records.height or not (turns(records) or records["relevant"].any()):
        return [polled]
    stated = records.select("node", "joined").unique().rows()
    joined = {pair: frozenset(key for key, _ in members_of(identities, *pair)) for pair in stated}
    return cut_before(frozenset(cuts(records, joined)), polled, batch)


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


def cuts(records: pl.DataFrame, joined: Mapping[Pair, frozenset[Key]]) -> Iterator[int]:
    """The rows before which the batch is cut, in the order in which they were received.

    `joined`: what a record makes one. It is cut off where it adds to somebody on whom was decided before.
    """
    marked = records.select("row", "received_at", "node", "joined", "relevant", turning=is_casework() | is_version())
    shared = _shared(joined)
    if not shared and not marked["turning"].any():
        return
    decided: dict[Key, frozenset[Key]] = {}
    turned = False
    # What comes before the first that is decided on or turns cannot cut: a register of millions is not looked through.
    ordered = marked.sort("received_at", "row").filter((pl.col("turning") | pl.col("relevant")).cum_max())
    for row, node, text, relevant, turning in ordered.select("row", "node", "joined", "relevant", "turning").rows():
        pair = (node, text)
        if not (relevant or turning or pair in shared):
            continue
        if turned or (decided and (turning or _adds(joined[pair], decided))):
            yield row
            decided.clear()
        turned = turning
        if relevant:
            decided |= dict.fromkeys(joined[pair], joined[pair])


def _shared(joined: Mapping[Pair, frozenset[Key]]) -> set[Pair]:
    """Those that have something in common with another one; mostly none."""
    first: dict[Key, Pair] = {}
    found: set[Pair] = set()
    for pair, keys in joined.items():
        for key in keys:
            if (other := first.setdefault(key, pair)) != pair:
                found |= {pair, other}
    return found


def _adds(members: frozenset[Key], decided: Mapping[Key, frozenset[Key]]) -> bool:
    """True where these are known of one that was decided on, but not all of them."""
    known = [decided[one] for one in members if one in decided]
    return bool(known) and not any(members <= one for one in known)


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
