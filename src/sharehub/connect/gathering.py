"""What a run would publish: rows held against what the log already has, a thousand at a time, in memory that does not
grow with them.

Every record that a row states ends as exactly one of published, unchanged, rejected or skipped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from sharehub.connect.assembly import Assembled, Draft, Rejected, Skipped
from sharehub.connect.by_column import Head, Ready
from sharehub.connect.counting import counting
from sharehub.connect.gathered import NO_ORDERS, Gathered, Orders, Pending, Published, Window
from sharehub.connect.readers import Row
from sharehub.connect.respelling import Spelling, judge_spellings
from sharehub.connect.spool import Sighting, Sightings, Spool
from sharehub.core.admission import message_key
from sharehub.core.record import Rejection, record_id
from sharehub.stream.published import Said
from sharehub.wire.models import model_for, problems
from sharehub.wire.registry import Registry, Schema
from sharehub.wire.rows import digest, encode
from sharehub.wire.writer import Writer, Written

_AT_ONCE: Final = 1_000
NEVER_PUBLISHED: Final = "take off what was never published"


class Gathering:
    """Holds drafts of one schema against what is published."""

    def __init__(
        self,
        agency: str,
        schema: Schema,
        published: Published,
        registry: Registry,
        window: Window,
        orders: Orders = NO_ORDERS,
    ) -> None:
        self.found = Gathered()
        self._agency = agency
        self._schema = schema
        self._model = model_for(schema)
        self._writer = Writer(schema)
        self._registry = registry
        self._published = published
        self._known = len(published) > 0
        self._window = window
        self._orders = orders
        self._rule = orders.rule if self._known else None
        self._looks_for_absence = bool(self._known and (orders.whole or orders.rule))
        self._sightings = Sightings()
        self._spelled: dict[str, Spelling] = {}
        self._new: set[str] = set()
        self._waiting: Spool[Draft] = Spool()
        self._batch: list[Draft | Ready] = []
        self._marked: list[str] = []
        self._gone: list[str] = []
        self._respelled: frozenset[str] = frozenset()

    @cached_property
    def _head(self) -> Head:
        return Head(self._schema, self._agency)

    @property
    def takes_ready(self) -> bool:
        """Whether a row counts by itself: no other row and no date of its own can take it out."""
        window = self._window
        return not (self._rule or self._orders.by_date or self._orders.changes or window.after or window.until)

    def add_all(
        self, rows: Sequence[Row], ready: Sequence[Ready | None], assemble: Callable[[Row], Sequence[Assembled]]
    ) -> None:
        """Count rows in, in their order: those that are records, where `takes_ready` allows them, and the others."""
        begin = 0
        for end in [number for number, one in enumerate(ready) if one is None]:
            self._add_ready(ready[begin:end])
            self.add(assemble(rows[end]))
            begin = end + 1
        self._add_ready(ready[begin:])

    def _add_ready(self, ready: Sequence[Ready | None]) -> None:
        some = [one for one in ready if one]
        self.found.read += len(some)
        self.found.records += len(some)
        self._hold(some)

    def add(self, stated: Sequence[Assembled]) -> None:
        """Count one row in, with all that it states."""
        found = self.found
        found.read += 1
        found.records += len(stated)
        for one in stated:
            if isinstance(one, Draft):
                self._take(one)
            elif isinstance(one, Skipped):
                found.skipped += 1
                found.warnings[one.reason] += 1
            else:
                self._reject(one)

    def settle(self) -> tuple[str, ...]:
        """Keys on the log that are withdrawn: no longer listed, after rows whose name is only spelled anew went to
        theirs; or taken off by a row that says so."""
        self._judge()
        self._mark_all()
        gone = list(self._sightings.absent(self._published.standing())) if self._looks_for_absence else []
        if self._rule:
            left = [self._rule.spelling(key, self._orders.value_of(key)) for key in gone]
            new = frozenset(self._new - self._published.find(sorted(self._new)).keys())
            self.found.verdict = judge_spellings(self._rule, [one for one in left if one], self._spelled, new)
        kept = self.found.verdict.kept
        self._respelled = frozenset(kept[key] for key in self.found.verdict.respelled)
        rekeyed = (_rekeyed(draft, kept.get(draft.record_key)) for draft in self._waiting)
        for draft, why_not in counting(rekeyed, self._orders):
            if why_not is None:
                self._hold((draft,))
            else:
                self.found.skipped += 1
                self.found.warnings.update([why_not] if why_not else [])
        self._judge()
        stays = set(kept.values())
        return (*(key for key in gone if self._orders.whole and key not in stays), *self._gone)

    def stated(self, hashes: Sequence[bytes]) -> frozenset[bytes]:
        """Which of these hashes of keys are of records that were read, right or wrong."""
        self._mark_all()
        return self._sightings.seen(hashes)

    def _take(self, draft: Draft) -> None:
        if draft.warnings:
            self.found.warnings.update(draft.warnings)
        if self._rule:
            self._new.add(draft.record_key)
            if spelling := self._rule.spelling(draft.record_key, draft.value):
                self._spelled[draft.record_key] = spelling
        if not draft.removed and not self._window.takes(draft.value):
            self.found.skipped += 1
            self._mark(draft.record_key)
        elif self._rule or self._orders.by_date or self._orders.changes:
            self._mark(draft.record_key)
            self._waiting.append(draft)
        else:
            self._hold((draft,))

    def _hold(self, some: Iterable[Draft | Ready]) -> None:
        self._batch += some
        if len(self._batch) >= _AT_ONCE:
            self._judge()

    def _judge(self) -> None:
        batch, self._batch = self._batch, []
        said = self._published.find([draft.record_key for draft in batch]) if self._known and batch else {}
        written: list[tuple[Draft | Ready, Written]] = []
        for draft in batch:
            stands = said.get(draft.record_key)
            if isinstance(draft, Ready):
                written.append((draft, Written(b"", draft.content)))
            elif draft.removed:
                self._take_off(draft, stands)
            elif (one := self._written(draft, stands)) is not None:
                written.append((draft, one))
        first = self._sightings.first([(draft.record_key, one.content, draft.row.place) for draft, one in written])
        if not said and first.count(None) == len(first):
            self._all_new(written)
            return
        for (draft, one), earlier in zip(written, first, strict=True):
            if earlier:
                self._repeated(draft, one, earlier)
            else:
                self._compare(draft, one, said.get(draft.record_key))

    def _all_new(self, written: Sequence[tuple[Draft | Ready, Written]]) -> None:
        self.found.new += len(written)
        self.found.pending.extend([self._message(draft, one, None) for draft, one in written])

    def _take_off(self, draft: Draft, said: Said | None) -> None:
        if said is None:
            self.found.skipped += 1
            self.found.warnings[NEVER_PUBLISHED] += 1
        elif said.withdrawn:
            self.found.unchanged += 1
        else:
            self.found.removed += 1
            self._gone.append(draft.record_key)

    def _written(self, draft: Draft, said: Said | None) -> Written | None:
        """The draft's bytes as the next revision; None, and rejected, where it is not valid."""
        value = draft.value
        value["revision"] = said.revision + 1 if said else 1
        value["supersedes"] = self._superseded(draft.record_key, said)
        if found := self._writer.write(value):
            return found
        if wrong := problems(self._model, value):
            place = str(draft.row.place)
            told = tuple(Rejection("invalid", one.field, place, f"{one.field} {one.reason}") for one in wrong)
            self._reject(Rejected(draft.row, told, draft.record_key))
            return None
        payload = encode(self._schema, value)
        return Written(payload, digest(self._registry, payload).content)

    def _compare(self, draft: Draft | Ready, written: Written, said: Said | None) -> None:
        key = draft.record_key
        if said and not said.withdrawn:
            if said.content == written.content:
                self.found.unchanged += 1
                return
            if self._orders.by_date and self._earlier(draft, self._orders.value_of(key)):
                self.found.skipped += 1
                return
        self.found.new += said is None
        self.found.respelled += key in self._respelled
        self.found.pending.append(self._message(draft, written, said))

    def _message(self, draft: Draft | Ready, written: Written, said: Said | None) -> Pending:
        key, revision = draft.record_key, said.revision + 1 if said else 1
        if isinstance(draft, Ready):
            payload = self._head.payload(draft, revision, self._superseded(key, said))
            return Pending(key, revision, draft.message_key, payload)
        its_key = message_key(self._agency, key, draft.value["subject"])
        return Pending(key, revision, its_key, written.payload)

    def _superseded(self, record_key: str, said: Said | None) -> str | None:
        return str(record_id(self._agency, record_key, said.revision)) if said else None

    def _earlier(self, draft: Draft | Ready, than: Mapping[str, Any]) -> bool:
        """Whether a statement is older than another one of the same record, by the mapping's order."""
        ours = draft.value.get(self._orders.by_date) if isinstance(draft, Draft) else None
        theirs = than.get(self._orders.by_date)
        return bool(ours and theirs and ours < theirs)

    def _repeated(self, draft: Draft | Ready, written: Written, earlier: Sighting) -> None:
        if earlier.content == written.content:
            self.found.skipped += 1
            return
        reason = f"the key {draft.record_key} stands already in {earlier.place}, with other content"
        rejection = Rejection("repeated-key", "", str(draft.row.place), reason)
        self._reject(Rejected(draft.row, (rejection,), draft.record_key))

    def _reject(self, rejected: Rejected) -> None:
        self.found.rejected.append(rejected)
        if rejected.record_key:
            self._mark(rejected.record_key)  # a bad row is no absence: nothing is withdrawn for it
            if self._rule:
                self._new.add(rejected.record_key)

    def _mark(self, record_key: str) -> None:
        self._marked.append(record_key)
        if len(self._marked) == _AT_ONCE:
            self._mark_all()

    def _mark_all(self) -> None:
        self._sightings.mark(self._marked)
        self._marked = []


def _rekeyed(draft: Draft, record_key: str | None) -> Draft:
    if record_key is None:
        return draft
    return draft._replace(record_key=record_key, value={**draft.value, "record_key": record_key})
