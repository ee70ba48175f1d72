"""The machine: a bounded batch of messages becomes records, entities and sanction events, or nothing at all.

Gather: decode and admit by column; link to entities; read the facts and the standing of those that a
decision could touch. Decide: the pure function of `core.decision`. Apply: records, view, events, outbox
and positions in one transaction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

import polars as pl
import structlog

from sharehub.core.decision import Decision, Facts, decide, fold
from sharehub.core.entity import KINDS, UNDATED
from sharehub.core.identifier import SCHEMES
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.core.measure import SanctionEvent, UnlawfulError
from sharehub.core.record import Record, content_id, fact_key, record_keyed
from sharehub.core.rulebook import Catalogue
from sharehub.core.standing import MeasureState, Standing
from sharehub.errors import BrokenStateError, RefusedError, SharehubError
from sharehub.flow.admission import Admission, admit, batch_frame
from sharehub.flow.casework import Casework, DecodeJudgements, is_casework, take
from sharehub.flow.identities import Identities, record_identity
from sharehub.flow.linking import Linked, Members, Memory, NeedsExclusiveError, link
from sharehub.flow.relinking import DecodeRecord, Relinked, relink, reshow
from sharehub.ports import (
    Advance,
    Claim,
    Decoded,
    EntityCandidate,
    EntityFacts,
    Fault,
    Place,
    Polled,
    RacedError,
    RejectionRow,
    Tally,
    View,
    ViewTransaction,
)

log = structlog.get_logger()

DecodeColumns = Callable[[Sequence[bytes | None]], tuple[list[Decoded], list[Fault]]]
HashMessage = Callable[[bytes | None, bytes | None], bytes]

SINGLE_SCHEMES = tuple(sorted(name for name, scheme in SCHEMES.items() if scheme.single))
_ATTEMPTS_MAX = 8
_REVISIONS_MAX = 50
"""How many revisions back a shown name is looked for; more corrections than that wait for the next record."""


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
        records = _identified(admission.admitted)
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
            rejected = _with_refused(admission.rejected, casework.refused)
            fresh = _add_records(txn, _together(attached, decisions, casework))
            changed = _show(txn, attached, linked.created, self.memory)
            touched = _add_facts(txn, attached) | {UUID(bytes=into) for into in linked.merges.values()}
            touched |= txn.with_measures([one.entity_key for one in changed if one.kind_rank > 0])
            relinked = self._relink(txn, attached, linked.undecided | casework.seeds, exclusive)
            self._rename(txn, attached, changed, linked.merges)
            known_at = batch["received_at"].max()
            assert isinstance(known_at, datetime)  # noqa: S101 - a batch has messages
            on = self.limits.decide_on or known_at.date()
            again = sorted(touched | relinked.touched)
            events = decide_entities(txn, again, self.codec.record, self.catalogue, on, known_at, relinked.divided)
            _reject(txn, batch, rejected)
            tallies = _tallies(batch, rejected, fresh, events)
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
        records = _pointed_at(records, memory.cited)
        stated: list[tuple[str, str]] = records.select("node", "joined").unique().rows()
        unknown = {pair: _members(self.identities, *pair) for pair in stated if pair not in memory.entities}
        linked = link(txn, list(unknown.values()), exclusive=exclusive)
        if linked.merges or linked.undecided:
            cited = memory.cited
            memory.forget()
            memory.cited = cited
            unknown = {pair: _members(self.identities, *pair) for pair in stated}
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
        revised = (
            records.filter((pl.col("revision") > 1) | pl.col("several") | pl.col("pointed_at"))
            if records.height
            else records
        )
        if revised.height:
            seeds = seeds | txn.identity.add_links(_links(self.identities, revised))
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
        stale = identity.outdated(*_earlier(records)) | identity.superseded(*_taken_from(records, changed))
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


def _members(identities: Identities, node: str, text: str) -> Members:
    return identities.of(text).identifiers if text else record_identity(node).identifiers


def _pointed_at(records: pl.DataFrame, cited: Mapping[str, bytes]) -> pl.DataFrame:
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


def _links(identities: Identities, records: pl.DataFrame) -> pl.DataFrame:
    """What these records state together: columns identifier_id, fact_id, revision."""
    rows = []
    stated = records.select("agency", "record_key", "revision", "identifiers", "subject_id").rows()
    for agency, record_key, revision, text, subject_id in stated:
        fact = fact_key(agency, record_key)
        rows += [(key, fact, revision) for key in {subject_id, *(key for key, _ in identities.of(text).identifiers)}]
    types = {"identifier_id": pl.Binary, "fact_id": pl.Binary, "revision": pl.Int32}
    return pl.DataFrame(rows, schema=types, orient="row").unique()


def _earlier(records: pl.DataFrame) -> tuple[list[bytes], list[str]]:
    """Entities with a revised record, and the ids, hexadecimal, of the revisions before."""
    again = records.filter(pl.col("revision") > 1) if records.height else records
    if not again.height:
        return [], []
    keys = again.select("agency", "record_key", "revision").rows()
    return again["entity_key"].unique().to_list(), [
        record_keyed(agency, record_key, number).hex()
        for agency, record_key, revision in keys
        for number in range(max(1, revision - _REVISIONS_MAX), revision)
    ]


def _taken_from(
    records: pl.DataFrame, changed: Sequence[EntityCandidate]
) -> tuple[list[bytes], list[bytes], list[int]]:
    """Entities that show another name, the facts that gave it, and their revisions."""
    if not changed:
        return [], [], []
    shown = pl.DataFrame(
        {
            "record_id": [bytes.fromhex(one.name_rank[-32:]) for one in changed if one.name_rank],
            "showing": [one.entity_key for one in changed if one.name_rank],
        },
        schema={"record_id": pl.Binary, "showing": pl.Binary},
    )
    rows = shown.join(records.unique("record_id"), on="record_id")
    facts = [fact_key(*key) for key in rows.select("agency", "record_key").rows()]
    return rows["showing"].to_list(), facts, rows["revision"].to_list()


def _together(attached: pl.DataFrame, decisions: pl.DataFrame, casework: Casework) -> pl.DataFrame:
    """All records to keep: those about entities, and the decisions that were not refused."""
    if not decisions.height:
        return attached
    accepted = decisions.filter(~pl.col("row").is_in([refused[0] for refused in casework.refused]))
    return pl.concat([attached, accepted], how="diagonal") if attached.height else accepted


def _with_refused(rejected: pl.DataFrame, refused: Sequence[tuple[int, str, str, str]]) -> pl.DataFrame:
    return pl.concat([rejected, pl.DataFrame(refused, schema=rejected.schema, orient="row")]) if refused else rejected


def _identified(admitted: pl.DataFrame) -> pl.DataFrame:
    """The records with their own key; one that states no identifier is stored under itself."""
    if not admitted.height:
        return admitted
    keys = zip(admitted["agency"], admitted["record_key"], admitted["revision"], strict=True)
    with_keys = admitted.with_columns(record_id=pl.Series([record_keyed(*key) for key in keys], dtype=pl.Binary))
    alone = with_keys.filter(pl.col("subject_id").is_null())["node"].unique().to_list()
    if not alone:
        return with_keys
    own = {node: record_identity(node).identifiers[0][0] for node in alone}
    return with_keys.with_columns(
        pl.col("subject_id").fill_null(pl.col("node").replace_strict(own, default=None, return_dtype=pl.Binary))
    )


def _add_records(txn: ViewTransaction, records: pl.DataFrame) -> pl.Series:
    """Add what is new and return the rows of the batch that this was."""
    if not records.height:
        return pl.Series("row", [], dtype=pl.Int64)
    once = records.unique(["subject_id", "record_id"], keep="first")
    seen = txn.add_records(once.select("subject_id", "record_id", "agency", "received_at", "payload"))
    return once.filter(~pl.col("record_id").is_in(seen.implode()))["row"]


def _show(
    txn: ViewTransaction, records: pl.DataFrame, created: frozenset[bytes], memory: Memory
) -> list[EntityCandidate]:
    """Fold the best name and kind of each entity in the batch into the view, where they are better than before.

    Returns what may have changed of entities that were there; a kind may be a more protected one (law 5).
    """
    new: list[EntityCandidate] = []
    changed: list[EntityCandidate] = []
    for candidate in _candidates(records):
        best = memory.shown.get(candidate.entity_key)
        if best is None or candidate.kind_rank > best[0] or candidate.name_rank > best[1]:
            (new if candidate.entity_key in created else changed).append(candidate)
            kind_rank, name_rank = best or (0, "")
            better = (max(kind_rank, candidate.kind_rank), max(name_rank, candidate.name_rank))
            memory.shown[candidate.entity_key] = better
    txn.create(new)
    txn.show(changed)
    return changed


def _candidates(records: pl.DataFrame) -> list[EntityCandidate]:
    """The best name and kind that the batch states for each entity, whatever the order of its records.

    A record that is no registration cannot better an entity whose registered name is shown already.
    """
    if not records.height:
        return []
    business_on = pl.coalesce("effective_from", "decided_on", "occurred_on").cast(pl.String).fill_null(UNDATED)
    registration = pl.col("kind") == "registration"
    level = pl.when(registration).then(pl.lit("1")).when(pl.col("kind") == "withdrawal").then(pl.lit("-"))
    newest = pl.col("revision") == pl.col("revision").max().over("entity_key", "agency", "record_key")
    revised = bool((records["revision"] > 1).any())
    named = pl.when(newest).then("name").otherwise(None) if revised else pl.col("name")
    ranked = records.with_columns(
        name=named, kind_rank=pl.col("subject_kind").replace_strict(_KIND_RANKS, return_dtype=pl.Int16)
    ).filter(registration | ~pl.col("registered") | (pl.col("kind_rank") > 0))
    best = (
        ranked.select(
            "entity_key",
            "name",
            "kind_rank",
            name_rank=pl.when(pl.col("name").is_null())
            .then(pl.lit(""))
            .otherwise(level.otherwise(pl.lit("0")) + business_on + pl.col("record_id").bin.encode("hex")),
        )
        .group_by("entity_key")
        .agg(pl.col("kind_rank").max(), pl.col("name").get(pl.col("name_rank").arg_max()), pl.col("name_rank").max())
    )
    return [EntityCandidate(*row) for row in best.rows()]


_KIND_RANKS = {kind: rank for rank, kind in enumerate(KINDS)}


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
    moved = txn.add_facts(facts.sort("fact_id", "revision").unique("fact_id", keep="last", maintain_order=True))
    return {UUID(bytes=key) for key in touched} | txn.with_measures(sorted(rivals)) | moved


def decide_entities(
    txn: ViewTransaction,
    entity_ids: Sequence[UUID],
    decode: DecodeRecord,
    catalogue: Catalogue,
    on: date,
    known_at: datetime,
    divided: frozenset[UUID] = frozenset(),
) -> int:
    """Re-decide these entities as of the day, or their last one, and return how many events were issued."""
    if not entity_ids:
        return 0
    issued = 0
    decided: dict[UUID, tuple[date, date | None]] = {}
    events: list[SanctionEvent] = []
    states: list[MeasureState] = []
    for entity_id, found in txn.gather(entity_ids, SINGLE_SCHEMES).items():
        standing = {state.measure.id: state for state in found.standing}
        day = max(on, found.decided_on or on)
        decision = _decision(found, standing, decode, catalogue, day, divided)
        after = _folded(standing, decision)
        events += decision.events
        states += [after[key] for key in sorted({event.measure.id for event in decision.events})]
        decided[entity_id] = (day, decision.next_due_on)
        issued += len(decision.events)
    if events:
        txn.append(events, known_at, states)
    txn.mark(decided)
    return issued


def _readable(found: EntityFacts, decode: DecodeRecord) -> Iterator[Record]:
    """The facts that decode; a rival that does not can take nobody's place, and is told."""
    for payload, received_at in found.payloads:
        try:
            yield decode(payload, received_at.date())
        except SharehubError as error:
            log.warning("fact_unreadable", entity=str(found.entity_id), reason=str(error))


def _folded(standing: Standing, decision: Decision) -> Standing:
    try:
        return fold(standing, decision.events)
    except UnlawfulError as error:
        raise BrokenStateError(f"the stored standing contradicts its events: {error}") from error


def _decision(
    found: EntityFacts,
    standing: Mapping[UUID, MeasureState],
    decode: DecodeRecord,
    catalogue: Catalogue,
    on: date,
    divided: frozenset[UUID],
) -> Decision:
    facts = Facts(
        entity_id=found.entity_id,
        kind=KINDS[found.kind_rank],
        records=tuple(_readable(found, decode)),
        conflict=found.conflict,
        divided=divided,
    )
    return decide(facts, standing, catalogue, on)


def _reject(txn: ViewTransaction, batch: pl.DataFrame, rejected: pl.DataFrame) -> None:
    if not rejected.height:
        return
    joined = rejected.join(batch, on="row")
    rows = [
        RejectionRow(
            content_id("rejection", one["topic"], one["partition"], one["offset"]),
            one["topic"],
            one["partition"],
            one["offset"],
            one["agency"],
            one["code"],
            one["field"],
            one["reason"].replace("\0", "\\0"),
            one["key"],
            one["payload"],
            one["received_at"],
        )
        for one in joined.iter_rows(named=True)
    ]
    txn.reject(rows)


def _tallies(batch: pl.DataFrame, rejected: pl.DataFrame, fresh: pl.Series, events: int) -> dict[Place, Tally]:
    """Figures per partition; a message is new, a duplicate or rejected. Events count for the first one."""
    row = pl.col("row")
    refused = row.is_in(rejected["row"].implode())
    marked = batch.select("topic", "partition", refused=refused, known=~refused & ~row.is_in(fresh.implode()))
    sums = marked.group_by("topic", "partition").agg(pl.len(), pl.col("known").sum(), pl.col("refused").sum())
    tallies: dict[Place, Tally] = {}
    for topic, partition, records, known, rejected_here in sums.sort("topic", "partition").rows():
        tallies[Place(topic, partition)] = Tally(records, known, rejected_here, 0 if tallies else events)
    return tallies
