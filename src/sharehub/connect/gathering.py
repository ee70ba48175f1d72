"""What a run would publish: rows held against what the log already has. No I/O beyond the rows it is given.

Every row read ends as exactly one of published, unchanged, rejected or skipped.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sharehub.connect.assembly import Assembled, Draft, Rejected, Skipped
from sharehub.connect.readers import Place
from sharehub.connect.respelling import Rule, Spelling, Verdict, judge_spellings
from sharehub.core.admission import message_key
from sharehub.core.record import Rejection, record_id
from sharehub.stream.published import Said
from sharehub.wire.models import model_for, problems
from sharehub.wire.registry import Schema
from sharehub.wire.rows import encode


class Pending(NamedTuple):
    """One message that is ready to be sent."""

    record_key: str
    revision: int
    message_key: bytes
    payload: bytes


@dataclass(frozen=True)
class Window:
    """Business dates taken: later than `after`, not later than `until`; undated records are always taken."""

    after: date | None = None
    until: date | None = None

    def takes(self, value: Mapping[str, Any]) -> bool:
        """Whether the record's date lies in the window."""
        found = value["effective_from"] or value["decided_on"] or value["occurred_on"]
        if found is None:
            return True
        return not ((self.after and found <= self.after) or (self.until and found > self.until))


NO_VERDICT = Verdict({}, frozenset(), ())


@dataclass
class Gathered:
    """The outcome of reading, filled row by row and then only looked at."""

    read: int = 0
    unchanged: int = 0
    skipped: int = 0
    new: int = 0
    pending: dict[str, Pending] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    warnings: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = NO_VERDICT

    @property
    def published(self) -> int:
        """Records to send, without withdrawals."""
        return len(self.pending)


class Orders(NamedTuple):
    """What a mapping asks beyond keys: when names are one, and the date by which the later of two statements counts.

    `value_of` gives the newest value of a key on the log.
    """

    value_of: Callable[[str], Mapping[str, Any]] = lambda _key: {}
    rule: Rule | None = None
    by_date: str = ""


NO_ORDERS = Orders()


class Gathering:
    """Holds drafts of one schema against what is published."""

    def __init__(
        self,
        agency: str,
        schema: Schema,
        published: Mapping[str, Said],
        content_of: Callable[[bytes], bytes],
        window: Window,
        orders: Orders = NO_ORDERS,
    ) -> None:
        self.found = Gathered()
        self._agency = agency
        self._schema = schema
        self._model = model_for(schema)
        self._published = published
        self._content_of = content_of
        self._window = window
        self._places: dict[str, Place] = {}
        self._orders = orders
        self._rule = orders.rule if published else None
        self._rows: dict[str, Spelling] = {}
        self._waiting: list[Draft] = []

    def add(self, draft: Assembled) -> None:
        """Count one row in."""
        found = self.found
        found.read += 1
        if isinstance(draft, Skipped):
            found.skipped += 1
            found.warnings[draft.reason] += 1
            return
        if isinstance(draft, Rejected):
            self._reject(draft)
            return
        found.warnings.update(draft.warnings)
        found.present.add(draft.record_key)
        if self._rule and (spelling := self._rule.spelling(draft.record_key, draft.value)):
            self._rows[draft.record_key] = spelling
        if not self._window.takes(draft.value):
            found.skipped += 1
        elif self._orders.by_date or (self._rule and draft.record_key not in self._published):
            self._waiting.append(draft)
        else:
            self._hold(draft)

    def settle(self) -> tuple[str, ...]:
        """Keys on the log that the rows no longer list, after rows whose name is only spelled anew went to theirs."""
        gone = absent(self._published, self.found.present)
        if self._rule:
            left = [self._rule.spelling(key, self._orders.value_of(key)) for key in gone]
            new = frozenset(self.found.present - self._published.keys())
            self.found.verdict = judge_spellings(self._rule, [one for one in left if one], self._rows, new)
        kept = self.found.verdict.kept
        for draft in self._newest(_rekeyed(draft, kept.get(draft.record_key)) for draft in self._waiting):
            self._hold(draft)
        stays = set(kept.values())
        return tuple(key for key in gone if key not in stays)

    def _hold(self, draft: Draft) -> None:
        key, said = draft.record_key, self._published.get(draft.record_key)
        draft.value["revision"] = revision = said.revision + 1 if said else 1
        draft.value["supersedes"] = str(record_id(self._agency, key, said.revision)) if said else None
        wrong = problems(self._model, draft.value)
        if wrong:
            place = str(draft.row.place)
            found = tuple(Rejection("invalid", one.field, place, f"{one.field} {one.reason}") for one in wrong)
            self._reject(Rejected(draft.row, found, key))
            return
        payload = encode(self._schema, draft.value)
        if key in self._places:
            self._repeated(draft, payload, said)
            return
        self._places[key] = draft.row.place
        if said and not said.withdrawn and said.content == self._content_of(payload):
            self.found.unchanged += 1
            return
        if said and not said.withdrawn and self._earlier(draft.value, self._orders.value_of(key)):
            self.found.skipped += 1
            return
        self.found.new += said is None
        its_key = message_key(self._agency, key, draft.value["subject"])
        self.found.pending[key] = Pending(key, revision, its_key, payload)

    def _newest(self, drafts: Iterable[Draft]) -> Iterator[Draft]:
        """Of several statements about one record those of the latest day, in order; older ones are skipped."""
        waiting = tuple(drafts)
        latest: dict[str, date] = {}
        for draft in waiting:
            if day := draft.value.get(self._orders.by_date):
                latest[draft.record_key] = max(day, latest.get(draft.record_key, day))
        for draft in waiting:
            day = draft.value.get(self._orders.by_date)
            if day and day < latest[draft.record_key]:
                self.found.skipped += 1
            else:
                yield draft

    def _earlier(self, value: Mapping[str, Any], than: Mapping[str, Any]) -> bool:
        """Whether a statement is older than another one of the same record, by the mapping's order."""
        ours, theirs = value.get(self._orders.by_date), than.get(self._orders.by_date)
        return bool(ours and theirs and ours < theirs)

    def _repeated(self, draft: Draft, payload: bytes, said: Said | None) -> None:
        earlier = self.found.pending.get(draft.record_key)
        content = self._content_of(earlier.payload) if earlier else said.content if said else b""
        if content == self._content_of(payload):
            self.found.skipped += 1
            return
        first = self._places[draft.record_key]
        reason = f"the key {draft.record_key} stands already in {first}, with other content"
        rejection = Rejection("repeated-key", "", str(draft.row.place), reason)
        self._reject(Rejected(draft.row, (rejection,), draft.record_key))

    def _reject(self, rejected: Rejected) -> None:
        self.found.rejected.append(rejected)
        if rejected.record_key:
            self.found.present.add(rejected.record_key)  # a bad row is no absence: nothing is withdrawn for it


def _rekeyed(draft: Draft, record_key: str | None) -> Draft:
    if record_key is None:
        return draft
    return draft._replace(record_key=record_key, value={**draft.value, "record_key": record_key})


def absent(published: Mapping[str, Said], present: Iterable[str]) -> list[str]:
    """Keys on the log that a snapshot no longer lists, in order."""
    return sorted(published.keys() - set(present) - {key for key, said in published.items() if said.withdrawn})


def withdrawal(said: Said, value: Mapping[str, Any], kind: str, reason: str, run: Mapping[str, Any]) -> dict[str, Any]:
    """The record that takes another one back: same key, same subject, next revision."""
    kept = ("agency", "record_key", "jurisdiction", "subject", "document_number", "case_reference", "legal_basis")
    return {
        **{name: value[name] for name in kept},
        **dict.fromkeys(("occurred_on", "decided_on", "effective_from", "effective_to", "causation_id")),
        "revision": said.revision + 1,
        "supersedes": str(record_id(value["agency"], said.record_key, said.revision)),
        "withdrawn_kind": kind,
        "reason": reason,
        **run,
    }
