"""How far a partition is behind: in records, in time, and when it will be done at this pace.

What lay on the log before this view began to read it is history: that it is old says nothing about how late the hub
is, so no time is told for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

State = Literal["caught-up", "moving", "replaying", "waiting", "stuck", "halted", "missing"]

ALARMS: frozenset[State] = frozenset({"stuck", "halted", "missing"})
PATIENCE = timedelta(seconds=60)
"""A partition that is behind and has not moved for so long is stuck; a large batch takes less."""


class Look(NamedTuple):
    """A partition at one instant: the position, the end of its log, and how many records lie between."""

    at: datetime
    position: int
    end: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What else is known: since when the next record waits, when the view began to read the partition and last moved,
    and why nothing of it is processed. None: it never did, or nobody knows.
    """

    next_at: datetime | None = None
    began_at: datetime | None = None
    moved_at: datetime | None = None
    halt: str = ""
    missing: bool = False


class Lag(NamedTuple):
    """`seconds` behind, None for history; `rate` in records per second; `eta_seconds`, None: never at this pace."""

    state: State
    records: int
    seconds: float | None
    rate: float
    eta_seconds: float | None

    @property
    def alarm(self) -> bool:
        """True where nobody but an operator helps."""
        return self.state in ALARMS


def lag(first: Look, then: Look, known: Situation) -> Lag:
    """How far a partition is behind, from two looks at it."""
    elapsed = max((then.at - first.at).total_seconds(), 0.001)
    rate = max(then.position - first.position, 0) / elapsed
    state = _state(first, then, known)
    history = known.next_at is None or (known.began_at is not None and known.next_at < known.began_at)
    behind = None if history or known.next_at is None else max((then.at - known.next_at).total_seconds(), 0.0)
    if not then.unread:
        return Lag(state, 0, 0.0, rate, 0.0)
    closing = rate - max(then.end - first.end, 0) / elapsed
    return Lag(state, then.unread, behind, rate, then.unread / closing if closing > 0 else None)


def _state(first: Look, then: Look, known: Situation) -> State:
    if known.missing:
        return "missing"
    if known.halt:
        return "halted"
    if not then.unread:
        return "caught-up"
    if _stands_still(first, then, known):
        return "stuck" if _for_long(then, known) else "waiting"
    history = known.next_at is not None and known.began_at is not None and known.next_at < known.began_at
    return "replaying" if history else "moving"


def _stands_still(first: Look, then: Look, known: Situation) -> bool:
    """Neither between the looks nor shortly before: a batch is committed as a whole."""
    return then.position <= first.position and (known.moved_at is None or then.at - known.moved_at > PATIENCE)


def _for_long(then: Look, known: Situation) -> bool:
    """The next record has waited long enough, and a view that has just begun has had its time."""
    since = [one for one in (known.next_at, known.moved_at, known.began_at) if one is not None]
    return not since or then.at - max(since) > PATIENCE
