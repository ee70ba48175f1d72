"""The machine: a bounded batch of messages becomes records, entities and sanction events, or nothing at all.

Gather: decode and admit by column; link to entities; read the facts and the standing of those that a
decision could touch. Decide: the pure function of `core.decision`. Apply: records, view, events, outbox
and positions in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

import polars as pl
import structlog

from sharehub.core.activation import RULEBOOK_VERSION
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.errors import SharehubError
from sharehub.flow.activation import is_version, settle, take_versions
from sharehub.flow.admission import Admission, admit, batch_frame
from sharehub.flow.attaching import Known, attach, rename, resolve_anew
from sharehub.flow.casework import DecodeJudgements, is_casework, take
from sharehub.flow.cutting import CutError, cut_before, parts
from sharehub.flow.deciding import Arrived, Moment, decide_entities
from sharehub.flow.flood import Bound, FloodError, floods
from sharehub.flow.identities import Identities
from sharehub.flow.keeping import add_facts, add_records, only, together
from sharehub.flow.letters import fates, keep, marked_rows
from sharehub.flow.linking import Memory, NeedsExclusiveError
from sharehub.flow.outcome import tallies_of, with_refused
from sharehub.flow.positions import Claims, HashMessage, moved, moves_of
from sharehub.flow.rules import Rules, RulesChangedError
from sharehub.flow.showing import show
from sharehub.flow.subjects import identified
from sharehub.flow.taken import Ruled, Taken
from sharehub.flow.touched import Reading
from sharehub.ports.batch import Advance, Halt, Polled, RacedError, Tally
from sharehub.ports.view import View
from sharehub.telemetry import metrics
from sharehub.telemetry.traces import tell_taken, wanted

log = structlog.get_logger()

_ATTEMPTS_MAX = 8
_FEW = 200
"""A batch that is smaller is written without waiting for every answer of the database."""
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
    """One worker's state between batches: its claims, and what it remembers of identifiers.

    `alone`: no other worker writes this view, so that nothing has to be done again to be done alone.
    """

    view: View
    codec: Codec
    rules: Rules
    limits: Limits
    alone: bool = False
    claims: Claims = field(default_factory=dict)
    identities: Identities = field(default_factory=Identities)
    memory: Memory = field(default_factory=Memory)
    totals: Totals = field(default_factory=Totals)

    @property
    def known(self) -> Known:
        """What is remembered of who is who."""
        return Known(self.identities, self.memory, self.codec.record)

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
            self._one_by_one(several)
            return
        moves = moves_of(self.claims, polled, self.codec.digest)
        try:
            ruled, tally = self._applied(taken, ruled, moves)
        except CutError as cut:
            self._one_by_one(cut_before(cut.rows, polled, batch))
            return
        self._done(moves, tally)
        if wanted():
            rejected = ruled.admission.rejected.join(batch, on="row")
            tell_taken(ruled.parts()[0].iter_rows(named=True), rejected.iter_rows(named=True))
        self.totals.events += settle(self.view, self.rules, self.codec)

    def _one_by_one(self, several: Sequence[Polled]) -> None:
        for part in several:
            self._process(part, judged=True)

    def _applied(self, taken: Taken, first: Ruled, moves: list[Advance]) -> tuple[Ruled, Tally]:
        """The batch, written as often as it takes: alone where others must not be at work, by the rules as they are."""
        exclusive = self.alone
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
        with self.view.transaction(exclusive=exclusive, few=taken.batch.height < _FEW) as txn:
            self.rules.check()
            txn.advance(moves)
            about, decisions, versions = ruled.parts()
            attached, linked = attach(txn, about, self.known, exclusive=exclusive)
            casework = take(txn, decisions, self.codec.judgements)
            refused = take_versions(versions, self.rules, self.codec, self._day, exclusive=exclusive)
            rejected = with_refused(ruled.admission.rejected, [*casework.refused, *refused])
            kept = together(attached, (decisions, casework.refused), (versions, refused))
            fresh = add_records(txn, kept)
            attached = only(attached, fresh)
            changed = show(txn, attached, linked.created, self.memory)
            touched = add_facts(txn, attached) | {UUID(bytes=into) for into in linked.merges.values()}
            touched |= txn.with_measures([one.entity_key for one in changed if one.kind_rank > 0])
            seeds = linked.undecided | casework.seeds
            relinked = resolve_anew(txn, attached, seeds, self.known, exclusive=exclusive)
            rename(txn, attached, changed, linked.merges, self.known)
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
