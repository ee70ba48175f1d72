"""What a run is asked to gather, and what it has found: values, without the work (`connect.gathering`)."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol

from sharehub.connect.assembly import Rejected
from sharehub.connect.respelling import Rule, Verdict
from sharehub.connect.spool import Spool
from sharehub.stream.published import Said


class Published(Protocol):
    """What stands on the log under a connector's keys."""

    def __len__(self) -> int:
        """How many keys there are, also of withdrawn records."""

    def find(self, record_keys: Sequence[str]) -> Mapping[str, Said]:
        """The newest revision of each of these that there is."""

    def standing(self) -> Iterable[str]:
        """The keys of all records that are not withdrawn, in order."""


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
        if self.after is None and self.until is None:
            return True
        found = value["effective_from"] or value["decided_on"] or value["occurred_on"]
        if found is None:
            return True
        return not ((self.after and found <= self.after) or (self.until and found > self.until))


NO_VERDICT = Verdict({}, frozenset(), ())


@dataclass
class Gathered:
    """The outcome of reading, filled row by row and then only looked at; `records` are what `read` rows state."""

    read: int = 0
    records: int = 0
    unchanged: int = 0
    skipped: int = 0
    new: int = 0
    removed: int = 0
    respelled: int = 0
    pending: Spool[Pending] = field(default_factory=lambda: Spool(Pending._make))
    rejected: Spool[Rejected] = field(default_factory=Spool)
    warnings: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = NO_VERDICT

    @property
    def published(self) -> int:
        """Records that rows state and that are to be sent, or to be withdrawn because a row says so."""
        return len(self.pending) + self.removed

    @property
    def complete(self) -> bool:
        """Whether every record that was read is accounted for, once."""
        return self.records == self.published + self.unchanged + len(self.rejected) + self.skipped


class Orders(NamedTuple):
    """What a mapping asks beyond keys: when names are one, the date by which the later of two statements counts,
    whether of several rows about one record the last counts, and whether absence says something.

    `value_of` gives the newest value of a key on the log.
    """

    value_of: Callable[[str], Mapping[str, Any]] = lambda _key: {}
    rule: Rule | None = None
    by_date: str = ""
    changes: bool = False
    whole: bool = True


NO_ORDERS = Orders()
