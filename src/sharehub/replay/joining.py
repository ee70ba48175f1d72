"""Before several processes share a log: what must not be shared out, and where all of them must wait for one another.

Events tell of whom a measure was when it was issued, and by which rules. Processes that go on at their own pace hear
what concerns one entity in the order of the log only where it all lies in the partitions of one of them. So whoever
is spoken of under several keys is heard by one process, and nobody goes beyond a version of the rules before it counts.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import polars as pl

from sharehub.core.activation import RULEBOOK_VERSION
from sharehub.core.identifier import Identifier, derived, strong
from sharehub.core.judgement import CASEWORK_KINDS, RECORD
from sharehub.core.linking import Key, identifier_key
from sharehub.errors import SharehubError
from sharehub.flow.admission import batch_frame, stated_set
from sharehub.flow.consolidate import Codec
from sharehub.flow.identities import Identities
from sharehub.hub import Hub
from sharehub.ports.batch import Decoded, Polled
from sharehub.stream.replayed import Replayed
from sharehub.topics import CASEWORK, Place

_MESSAGES_MAX = 20_000
_MENTIONS = {"id": pl.Binary, "key": pl.Binary}


class Joining(NamedTuple):
    """The message keys of those who are spoken of under several, and when versions of the rules were said."""

    keys: frozenset[bytes]
    turns: tuple[datetime, ...]


def joining(hub: Hub, starts: Mapping[Place, int], ends: Mapping[Place, int]) -> Joining:
    """What of these stretches of the log is to be heard in its one order.

    Raises:
        UnreachableError: Kafka does not answer.
        BrokenStateError: messages were deleted from the log meanwhile.
    """
    mentions = _Mentions(hub.codec)
    for desk in (True, False):  # first what case officers point at
        places = {place: end for place, end in ends.items() if (place.topic == CASEWORK) == desk}
        with Replayed(hub.addresses.bootstrap_servers, {at: starts.get(at, 0) for at in places}, places) as log:
            while len(polled := log.poll(_MESSAGES_MAX)):
                mentions.take(polled)
    return Joining(mentions.of_several(), tuple(sorted(mentions.turns)))


class _Mentions:
    """Which identifiers were mentioned under which keys, as far as the log was read."""

    def __init__(self, codec: Codec) -> None:
        self.turns: set[datetime] = set()
        self._codec = codec
        self._identities = Identities()
        self._cited: dict[str, Key] = {}
        self._found = [pl.DataFrame(schema=_MENTIONS)]

    def take(self, polled: Polled) -> None:
        """Remember what these messages mention."""
        batch = batch_frame(polled)
        decoded, _ = self._codec.columns(batch["payload"].to_list())
        for one in decoded:
            if one.kind == RULEBOOK_VERSION:
                self.turns |= set(batch.join(one.frame, on="row", how="semi")["received_at"])
            else:
                rows = self._decided(one, batch) if one.kind in CASEWORK_KINDS else self._said(one, batch)
                self._found.append(pl.DataFrame(list(rows), schema=_MENTIONS, orient="row").unique())

    def of_several(self) -> frozenset[bytes]:
        """The keys that share an identifier with another key."""
        found = pl.concat(self._found).unique()
        shared = found.filter(pl.len().over("id") > 1)
        return frozenset(shared["key"].unique())

    def _said(self, one: Decoded, batch: pl.DataFrame) -> Iterator[tuple[Key, bytes]]:
        own = "RECORD:" + pl.col("agency") + "/" + pl.col("record_key")
        said = one.frame.select("row", own.alias("own"), stated_set()).join(batch.select("row", "key"), on="row")
        said = said.filter(pl.col("key").is_not_null())
        for text, key in said.select("identifiers", "key").unique().rows():
            for member, _ in self._identities.of(text).identifiers:
                yield member, key
        if self._cited:
            for reference, key in said.filter(pl.col("own").is_in(list(self._cited))).select("own", "key").rows():
                yield self._cited[reference], key

    def _decided(self, one: Decoded, batch: pl.DataFrame) -> Iterator[tuple[Key, bytes]]:
        for key, payload in batch.join(one.frame, on="row", how="semi").select("key", "payload").rows():
            for side in _sides(self._codec, payload):
                if side.scheme == RECORD:
                    self._cited[str(side)] = identifier_key(side)
                yield identifier_key(side), key or b""


def _sides(codec: Codec, payload: bytes) -> Iterator[Identifier]:
    """Whom a decision of a case officer is about; nobody where it says nothing that can be read."""
    try:
        said = codec.judgements(payload)
    except SharehubError:
        return
    for one in said:
        for side in (one.left, one.right, *one.stated):
            yield side
            yield from filter(strong, derived(side))
