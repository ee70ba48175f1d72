"""The machine: a bounded batch of messages becomes records, entities and sanction events, or nothing at all.

Gather: decode and admit by column; link to entities; read the facts and the standing of those that a
decision could touch. Decide: the pure function of `core.decision`. Apply: records, view, events, outbox
and positions in one transaction.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

import polars as pl
import structlog

from sharehub.core.activation import RULEBOOK_VERSION
from sharehub.core.catalogue import Catalogue
from sharehub.core.dead_letter import Mark
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.core.record import fact_key
from sharehub.errors import SharehubError
from sharehub.flow.activation import is_version, settle, take_versions
from sharehub.flow.admission import Admission, admit, batch_frame
from sharehub.flow.casework import DecodeJudgements, is_casework, take
from sharehub.flow.cutting import parts
from sharehub.flow.deciding import Arrived, Moment, decide_entities
from sharehub.flow.flood import Bound, FloodError, floods
from sharehub.flow.identities import Identities
from sharehub.flow.letters import discarding, fates, keep, marked_rows
from sharehub.flow.linking import Linked, Memory, NeedsExclusiveError, link
from sharehub.flow.outcome import tallies_of, with_refused
from sharehub.flow.positions import Claims, HashMessage, moved, moves_of
from sharehub.flow.relinking import Relinked, relink, reshow
from sharehub.flow.rules import Rules, RulesChangedError
from sharehub.flow.showing import earlier_shown, show, taken_from
from sharehub.flow.subjects import identified, members_of, pointed_at, stated_together
from sharehub.flow.touched import Reading
from sharehub.ports.batch import Advance, Decoded, Fault, Halt, Polled, RacedError, Tally
from sharehub.ports.identity import EntityCandidate
from sharehub.ports.view import View, ViewTransaction
from sharehub.telemetry import metrics
from sharehub.telemetry.traces import tell_taken, wanted

log = structlog.get_logger()

_ATTEMPTS_MAX = 8
_NOTHING = Tally(0, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Codec(Reading):
    """How bytes become values: whole batches by column, single facts by row."""

    judgements: DecodeJudgements
    digest: HashMessage


@dataclass(frozen=True)
class Limits:
    """When a batch looks like a wrong schema or mapping rather than bad rows, and the day to decide on."""

    flood: Bound
    decide_on: date | None


@dataclass(frozen=True)
class Taken:
    """A batch as it was polled: its messages by row, their decoded columns, and what some of them say of letters.

    `judged`: it is part of a batch that was found to be no flood.
    """

    polled: Polled
    batch: pl.DataFrame
    decoded: Sequence[Decoded]
    faults: Sequence[Fault]
    marks: dict[int, Mark]
    judged: bool = False

    def said(self) -> pl.DataFrame:
        """The messages without those by which letters are discarded."""
        return self.batch.filter(~pl.col("row").is_in(self._discarding)) if self._discarding else self.batch

    def rejected(self, found: pl.DataFrame) -> pl.DataFrame:
        """What of these rejections is to be kept."""
        return found.filter(~pl.col("row").is_in(self._discarding)) if self._discarding else found

    @property
    def _discarding(self) -> list[int]:
        return discarding(self.batch, self.marks)


@dataclass(frozen=True)
class Ruled:
    """A batch as the rules of its day see it."""

    catalogue: Catalogue
    on: date
    known_at: datetime
    admission: Admission
    records: pl.DataFrame

    def parts(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The admitted records: about entities, decisions of case officers, versions of the rules."""
        if not self.records.height:
            return self.records, self.records, self.records
        others = ~is_casework() & ~is_version()
        return (
            self.records.filter(others),
            self.records.filter(is_casework()),
            self.records.filter(is_version()),
        )


@dataclass
class Totals:
    """What a worker has done so far."""

    batches: int = 0
    records: int = 0
    duplicates: int = 0
    rejected: int = 0
    events: int = 0
    answers: int = 0

    def add_answers(self, tally: Tally) -> None:
        """Count a batch of recipients' answers."""
        self.batches += 1
        self.answers += tally.records - tally.duplicates - tally.rejected
        self.duplicates += tally.duplicates
        self.rejected += tally.rejected


@dataclass
class Consolidation:
    """One worker's state between batches: its claims, and what it remembers of identifiers."""

    view: View
    codec: Codec
    rules: Rules
    limits: Limits
    claims: Claims = field(default_factory=dict)
    identities: Identities = field(default_factory=Identities)
    memory: Memory = field(default_factory=Memory)
    totals: Totals = field(default_factory=Totals)

    def process(self, polled: Polled) -> tuple[Halt, ...]:
        """Apply one batch, all or nothing, as often as another worker's merge makes it necessary.

        A batch in which who is who changes is cut there (`flow.cutting`): then all or nothing of each part. Returns
        the partitions that must not go on: most of what they bring would be rejected. Nothing of these was written; all
        of the others was.

        Raises:
            FencedError: another worker has one of the partitions.
        """
        try:
            self._process(polled)
        except FloodError as flood:
            rest = polled.only(polled.messages.keys() - {halt.place for halt in flood.halts})
            return (*flood.halts, *(self.process(rest) if len(rest) else ()))
        return ()

    def _process(self, polled: Polled, *, judged: bool = False) -> None:
        """Apply a batch, or a part of one that was judged as a whole."""
        batch = batch_frame(polled)
        taken = Taken(polled, batch, *self.codec.columns(batch["payload"].to_list()), marked_rows(polled), judged)
        ruled = self._ruled(taken)
        several = parts(polled, batch, ruled.records, self.identities)
        if len(several) > 1:
            for part in several:
                self._process(part, judged=True)
            return
        moves = moves_of(self.claims, polled, self.codec.digest)
        ruled, tally = self._applied(taken, ruled, moves)
        self._done(moves, tally)
        if wanted():
            rejected = ruled.admission.rejected.join(batch, on="row")
            tell_taken(ruled.parts()[0].iter_rows(named=True), rejected.iter_rows(named=True))
        self.totals.events += settle(self.view, self.rules, self.codec)

    def _applied(self, taken: Taken, first: Ruled, moves: list[Advance]) -> tuple[Ruled, Tally]:
        """The batch, written as often as it takes: alone where others must not be at work, by the rules as they are."""
        exclusive = False
        ruled: Ruled | None = first
        for _ in range(_ATTEMPTS_MAX):
            ruled = ruled or self._ruled(taken)
            try:
                return ruled, self._apply(taken, ruled, moves, exclusive)
            except NeedsExclusiveError:
                exclusive = True
                self.memory.forget()
            except RulesChangedError:
                ruled = None
            except RacedError:
                ruled = None
                self._forget()
            except BaseException:
                self._forget()
                raise
        raise RuntimeError("a batch was raced by other workers too often")

    def _forget(self) -> None:
        self.memory.forget()
        self.rules.forget()

    def _ruled(self, taken: Taken) -> "Ruled":
        """The batch by the rules of its day."""
        known_at = taken.batch["received_at"].max()
        assert isinstance(known_at, datetime)  # noqa: S101 - a batch has messages
        on = self.rules.current().day(self._day(known_at))
        catalogue = self.rules.on(on)
        found = admit(taken.batch, taken.decoded, taken.faults, catalogue, self.identities)
        admission = self._exact(replace(found, rejected=taken.rejected(found.rejected)))
        self._stop_flood(taken, admission.rejected)
        return Ruled(catalogue, on, known_at, admission, identified(admission.admitted))

    def _day(self, received_at: datetime) -> date:
        return self.limits.decide_on or received_at.date()

    def _exact(self, admission: Admission) -> Admission:
        """Records from which a measure may follow are also decoded one by one: what fails is rejected here."""
        if not admission.admitted.height:
            return admission
        checked = admission.admitted.filter(pl.col("touching") | is_casework() | is_version())
        refused = []
        for row, kind, payload, received_at in checked.select("row", "kind", "payload", "received_at").rows():
            try:
                if kind == RULEBOOK_VERSION:
                    self.codec.proposal(payload)
                elif kind in CASEWORK_KINDS:
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

    def _apply(self, taken: Taken, ruled: "Ruled", moves: list[Advance], exclusive: bool) -> Tally:
        with self.view.transaction(exclusive=exclusive) as txn:
            self.rules.check()
            txn.advance(moves)
            about, decisions, versions = ruled.parts()
            attached, linked = self._attach(txn, about, exclusive)
            casework = take(txn, decisions, self.codec.judgements)
            refused = take_versions(versions, self.rules, self.codec, self._day, exclusive=exclusive)
            rejected = with_refused(ruled.admission.rejected, [*casework.refused, *refused])
            kept = _together(attached, (decisions, casework.refused), (versions, refused))
            fresh = _add_records(txn, kept)
            changed = show(txn, attached, linked.created, self.memory)
            touched = _add_facts(txn, attached) | {UUID(bytes=into) for into in linked.merges.values()}
            touched |= txn.with_measures([one.entity_key for one in changed if one.kind_rank > 0])
            relinked = self._relink(txn, attached, linked.undecided | casework.seeds, exclusive)
            self._rename(txn, attached, changed, linked.merges)
            again = sorted(touched | relinked.touched)
            now = Moment(ruled.on, ruled.known_at, ruled.catalogue)
            arrived = self._arrived(attached, fresh, again)
            events = decide_entities(txn, again, self.codec.record, now, arrived, relinked.divided)
            keep(txn, fates(taken.batch, rejected, taken.polled, taken.marks))
            tallies = tallies_of(taken.said(), rejected, fresh, events)
            txn.count(tallies)
        return Tally(*map(sum, zip(_NOTHING, *tallies.values(), strict=True)))

    def _arrived(self, records: pl.DataFrame, fresh: pl.Series, entities: Sequence[UUID]) -> dict[UUID, list[Arrived]]:
        """What is new to each of the entities and can be decided on, in the order in which the broker received it.

        What joins two is a moment too, though nothing can be decided on it: what stood on them is told to have moved.
        """
        found: dict[UUID, list[Arrived]] = {}
        if not records.height or not entities:
            return found
        keys = pl.Series([entity.bytes for entity in entities], dtype=pl.Binary)
        counts = pl.col("relevant") | pl.col("several")
        wanted = counts & pl.col("row").is_in(fresh.implode()) & pl.col("entity_key").is_in(keys.implode())
        new = records.filter(wanted).sort("received_at", "row")
        days: dict[date, Moment] = {}
        for entity, payload, received_at in new.select("entity_key", "payload", "received_at").rows():
            day = received_at.date()
            if day not in days:
                on = self.rules.day(self._day(received_at))
                days[day] = Moment(on, received_at, self.rules.on(on))
            moment = days[day]._replace(known_at=received_at)
            found.setdefault(UUID(bytes=entity), []).append(Arrived(payload, moment))
        return found

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

    def _stop_flood(self, taken: Taken, rejected: pl.DataFrame) -> None:
        """What is sent again is no flood: it is a letter already."""
        if taken.judged:
            return
        anew = rejected.filter(~pl.col("row").is_in([*taken.marks])) if taken.marks else rejected
        accepted_to = {place: self.claims[place].rejections_accepted_to for place in taken.polled.messages}
        if halts := floods(taken.batch, anew, self.limits.flood, accepted_to):
            raise FloodError(tuple(halts))

    def _done(self, moves: list[Advance], tally: Tally) -> None:
        moved(self.claims, moves)
        totals = self.totals
        totals.batches += 1
        totals.records += tally.records
        totals.duplicates += tally.duplicates
        totals.rejected += tally.rejected
        totals.events += tally.events
        metrics.batches.inc()
        metrics.messages.labels("new").inc(tally.records - tally.duplicates - tally.rejected)
        metrics.messages.labels("duplicate").inc(tally.duplicates)
        metrics.messages.labels("rejected").inc(tally.rejected)
        metrics.events.inc(tally.events)
        log.info("batch_applied", **tally._asdict())


def _joining(txn: ViewTransaction, records: pl.DataFrame) -> pl.DataFrame:
    """The records of which is kept what they state together; a single first revision is not, unless it comes late."""
    if not records.height:
        return records
    marked = (pl.col("revision") > 1) | pl.col("several") | pl.col("pointed_at")
    late = txn.identity.awaited(records.filter(~marked)["record_id"].to_list())
    return records.filter(marked | pl.col("record_id").is_in(list(late)))


def _together(attached: pl.DataFrame, *parts: tuple[pl.DataFrame, list[tuple[int, str, str, str]]]) -> pl.DataFrame:
    """All records to keep: those about entities, and of the other parts those that were not refused."""
    kept = [found.filter(~pl.col("row").is_in([one[0] for one in refused])) for found, refused in parts if found.height]
    frames = [frame for frame in (attached, *kept) if frame.height]
    return pl.concat(frames, how="diagonal") if len(frames) > 1 else (*frames, attached)[0]


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
