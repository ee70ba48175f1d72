"""The machine: a bounded batch of messages becomes records, entities and sanction events, or nothing at all.

Gather: decode and admit by column; link to entities; read the facts and the standing of those that a
decision could touch. Decide: the pure function of `core.decision`. Apply: records, view, events, outbox
and positions in one transaction.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

import polars as pl
import structlog

from sharehub.core.catalogue import Catalogue
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.core.record import fact_key
from sharehub.errors import RefusedError, SharehubError
from sharehub.flow.admission import Admission, admit, batch_frame
from sharehub.flow.casework import Casework, DecodeJudgements, is_casework, take
from sharehub.flow.deciding import decide_entities
from sharehub.flow.identities import Identities
from sharehub.flow.linking import Linked, Memory, NeedsExclusiveError, link
from sharehub.flow.outcome import reject, tallies_of, with_refused
from sharehub.flow.relinking import DecodeRecord, Relinked, relink, reshow
from sharehub.flow.showing import earlier_shown, show, taken_from
from sharehub.flow.subjects import identified, members_of, pointed_at, stated_together
from sharehub.ports import (
    Advance,
    Claim,
    Decoded,
    EntityCandidate,
    Fault,
    Place,
    Polled,
    RacedError,
    Tally,
    View,
    ViewTransaction,
)

log = structlog.get_logger()

DecodeColumns = Callable[[Sequence[bytes | None]], tuple[list[Decoded], list[Fault]]]
HashMessage = Callable[[bytes | None, bytes | None], bytes]

_ATTEMPTS_MAX = 8


@dataclass(frozen=True)
class Codec:
    """How bytes become values: whole batches by column, single facts by row."""

    columns: DecodeColumns
    record: DecodeRecord
    judgements: DecodeJudgements
    digest: HashMessage


@dataclass(frozen=True)
class Limits:
    """When a batch looks like a wrong schema or mapping rather than bad rows, and the day to decide on."""

    rejected_share_max: float
    rejected_records_min: int
    decide_on: date | None


@dataclass
class Totals:
    """What a worker has done so far."""

    batches: int = 0
    records: int = 0
    duplicates: int = 0
    rejected: int = 0
    events: int = 0


@dataclass
class Consolidation:
    """One worker's state between batches: its claims, and what it remembers of identifiers."""

    view: View
    codec: Codec
    catalogue: Catalogue
    limits: Limits
    claims: dict[Place, Claim] = field(default_factory=dict)
    identities: Identities = field(default_factory=Identities)
    memory: Memory = field(default_factory=Memory)
    totals: Totals = field(default_factory=Totals)

    def process(self, polled: Polled) -> None:
        """Apply one batch, all or nothing, as often as another worker's merge makes it necessary.

        Raises:
            RefusedError: most of the batch would be rejected; nothing was written.
            FencedError: another worker has one of the partitions.
        """
        batch = batch_frame(polled)
        decoded, faults = self.codec.columns(batch["payload"].to_list())
        admission = self._exact(admit(batch, decoded, faults, self.catalogue, self.identities))
        self._refuse_flood(batch, admission)
        records = identified(admission.admitted)
        moves = self._moves(polled)
        exclusive = False
        for _ in range(_ATTEMPTS_MAX):
            try:
                tally = self._apply(batch, admission, records, moves, exclusive)
            except NeedsExclusiveError:
                exclusive = True
                self.memory.forget()
            except RacedError:
                self.memory.forget()
            except BaseException:
                self.memory.forget()
                raise
            else:
                return self._done(moves, tally)
        raise RuntimeError("a batch was raced by other workers too often")

    def _exact(self, admission: Admission) -> Admission:
        """Records from which a measure may follow are also decoded one by one: what fails is rejected here."""
        if not admission.admitted.height:
            return admission
        checked = admission.admitted.filter(pl.col("touching") | is_casework())
        refused = []
        for row, kind, payload, received_at in checked.select("row", "kind", "payload", "received_at").rows():
            try:
                if kind in CASEWORK_KINDS:
                    self.codec.judgements(payload)
                else:
                    self.codec.record(payload, received_at.date())
            except SharehubError as error:
                refused.append((row, "bad-value", "", str(error)))
        if not refused:
            return admission
        rejected = pl.DataFrame(refused, schema=admission.rejected.schema, orient="row")
        kept = admission.admitted.filter(~pl.col("row").is_in(rejected["row"].implode()))
        return Admission(kept, pl.concat([admission.rejected, rejected]))

    def _apply(
        self, batch: pl.DataFrame, admission: Admission, records: pl.DataFrame, moves: list[Advance], exclusive: bool
    ) -> Tally:
        with self.view.transaction(exclusive=exclusive) as txn:
            txn.advance(moves)
            decisions = records.filter(is_casework()) if records.height else records
            about = records.filter(~is_casework()) if records.height else records
            attached, linked = self._attach(txn, about, exclusive)
            casework = take(txn, decisions, self.codec.judgements)
            rejected = with_refused(admission.rejected, casework.refused)
            fresh = _add_records(txn, _together(attached, decisions, casework))
            changed = show(txn, attached, linked.created, self.memory)
            touched = _add_facts(txn, attached) | {UUID(bytes=into) for into in linked.merges.values()}
            touched |= txn.with_measures([one.entity_key for one in changed if one.kind_rank > 0])
            relinked = self._relink(txn, attached, linked.undecided | casework.seeds, exclusive)
            self._rename(txn, attached, changed, linked.merges)
            known_at = batch["received_at"].max()
            assert isinstance(known_at, datetime)  # noqa: S101 - a batch has messages
            on = self.limits.decide_on or known_at.date()
            again = sorted(touched | relinked.touched)
            events = decide_entities(txn, again, self.codec.record, self.catalogue, on, known_at, relinked.divided)
            reject(txn, batch, rejected)
            tallies = tallies_of(batch, rejected, fresh, events)
            txn.count(tallies)
        return Tally(*map(sum, zip(*tallies.values(), strict=True)))

    def _attach(self, txn: ViewTransaction, records: pl.DataFrame, exclusive: bool) -> tuple[pl.DataFrame, Linked]:
        """The records with their entity's key; identifier sets seen before cost one look-up in memory."""
        if not records.height:
            return records, Linked({}, {}, frozenset(), frozenset())
        memory = self.memory
        memory.valid_for(txn.merge_count())
        if memory.cited is None:
            memory.cited = txn.identity.cited_records()
        records = pointed_at(records, memory.cited)
        stated: list[tuple[str, str]] = records.select("node", "joined").unique().rows()
        unknown = {pair: members_of(self.identities, *pair) for pair in stated if pair not in memory.entities}
        linked = link(txn, list(unknown.values()), exclusive=exclusive)
        if linked.merges or linked.undecided:
            cited = memory.cited
            memory.forget()
            memory.cited = cited
            unknown = {pair: members_of(self.identities, *pair) for pair in stated}
            found = txn.entities_of(sorted({members[0][0] for members in unknown.values()}))
            linked = linked._replace(entities=found)
        memory.entities.update({pair: linked.entities[members[0][0]] for pair, members in unknown.items()})
        entities = [memory.entities[pair] for pair in stated]
        keys = pl.DataFrame(
            {
                "node": [node for node, _ in stated],
                "joined": [text for _, text in stated],
                "entity_key": pl.Series(entities, dtype=pl.Binary),
                "registered": [memory.registered(entity) for entity in entities],
            },
        )
        return records.join(keys, on=["node", "joined"], how="left", maintain_order="left"), linked

    def _relink(self, txn: ViewTransaction, records: pl.DataFrame, seeds: Set[bytes], exclusive: bool) -> Relinked:
        """Resolve identity anew where a revision took a link back or people have decided; mostly nowhere."""
        revised = _joining(txn, records)
        if revised.height:
            seeds = seeds | txn.identity.add_links(stated_together(self.identities, revised))
            seeds |= set(revised.filter("pointed_at")["subject_id"])
        if seeds and not exclusive:
            raise NeedsExclusiveError
        relinked = Relinked(frozenset(), frozenset())
        if seeds:
            relinked = relink(txn.identity, seeds, self.codec.record)
            self.memory.forget()
        return relinked

    def _rename(
        self,
        txn: ViewTransaction,
        records: pl.DataFrame,
        changed: Sequence[EntityCandidate],
        merges: Mapping[bytes, bytes],
    ) -> None:
        """Show entities anew whose name was, or may have been, taken from a revision that is not the newest."""
        identity = txn.identity
        stale = identity.outdated(*earlier_shown(records)) | identity.superseded(*taken_from(records, changed))
        stale |= identity.with_revisions(sorted(set(merges.values())))
        if stale:
            reshow(txn.identity, stale, self.codec.record)
            self.memory.forget()

    def _moves(self, polled: Polled) -> list[Advance]:
        return [
            Advance(
                self.claims[place],
                messages.offsets[-1] + 1,
                self.codec.digest(messages.keys[-1], messages.values[-1]),
            )
            for place, messages in sorted(polled.messages.items())
        ]

    def _refuse_flood(self, batch: pl.DataFrame, admission: Admission) -> None:
        rejected = admission.rejected.height
        if rejected >= self.limits.rejected_records_min and rejected > batch.height * self.limits.rejected_share_max:
            reason = admission.rejected.row(0, named=True)
            raise RefusedError(
                f"{rejected} of {batch.height} records would be rejected, the first because: {reason['reason']}; "
                "nothing was written",
                hint="this is a wrong schema or mapping, not bad rows: mend it at the publisher",
            )

    def _done(self, moves: list[Advance], tally: Tally) -> None:
        for move in moves:
            self.claims[move.claim.place] = replace(move.claim, next_offset=move.next_offset)
        totals = self.totals
        totals.batches += 1
        totals.records += tally.records
        totals.duplicates += tally.duplicates
        totals.rejected += tally.rejected
        totals.events += tally.events
        log.info("batch_applied", **tally._asdict())


def _joining(txn: ViewTransaction, records: pl.DataFrame) -> pl.DataFrame:
    """The records of which is kept what they state together; a single first revision is not, unless it comes late."""
    if not records.height:
        return records
    marked = (pl.col("revision") > 1) | pl.col("several") | pl.col("pointed_at")
    late = txn.identity.awaited(records.filter(~marked)["record_id"].to_list())
    return records.filter(marked | pl.col("record_id").is_in(list(late)))


def _together(attached: pl.DataFrame, decisions: pl.DataFrame, casework: Casework) -> pl.DataFrame:
    """All records to keep: those about entities, and the decisions that were not refused."""
    if not decisions.height:
        return attached
    accepted = decisions.filter(~pl.col("row").is_in([refused[0] for refused in casework.refused]))
    return pl.concat([attached, accepted], how="diagonal") if attached.height else accepted


def _add_records(txn: ViewTransaction, records: pl.DataFrame) -> pl.Series:
    """Add what is new and return the rows of the batch that this was."""
    if not records.height:
        return pl.Series("row", [], dtype=pl.Int64)
    once = records.unique(["subject_id", "record_id"], keep="first")
    seen = txn.add_records(once.select("subject_id", "record_id", "agency", "received_at", "payload"))
    return once.filter(~pl.col("record_id").is_in(seen.implode()))["row"]


def _add_facts(txn: ViewTransaction, records: pl.DataFrame) -> set[UUID]:
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
    touched = set(relevant.filter("touching")["entity_key"])
    rivals = set(relevant["entity_key"]) - touched
    moved = txn.add_facts(
        facts.sort("fact_id", "revision").unique(["fact_id", "revision"], keep="first", maintain_order=True)
    )
    return {UUID(bytes=key) for key in touched} | txn.with_measures(sorted(rivals)) | moved
