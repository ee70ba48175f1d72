"""The rebuilt view takes the place of the live one: caught up, exchanged in one transaction, read back.

What was told stays told: events, feeds and answers are not exchanged. Where the rebuilt view has a measure otherwise
than it was told, its entity falls due, and what differs is issued as further events, as after any correction.
"""

import time
from datetime import date
from typing import Any, NamedTuple

import psycopg
import structlog

from sharehub.core.judgement import two_people
from sharehub.errors import BrokenStateError, RefusedError, UnreachableError, UsageError
from sharehub.flow.activation import pass_days
from sharehub.hub import Hub
from sharehub.replay.plan import Plan
from sharehub.replay.rules import in_use
from sharehub.replay.run import Pace, Progress, Running, left, plan_of
from sharehub.replay.tail import Tail, tail
from sharehub.replay.world import same_world
from sharehub.store.replays import Replay, Replays
from sharehub.store.shadows import exchange, fence, homeless, lock_out, make_due, spare_states, still_differing
from sharehub.store.view import View
from sharehub.topics import Place

log = structlog.get_logger()

_TRIES_MAX = 20
_WAIT_MS = 2_000
_NEAR = 500
_ROUNDS_MAX = 20


class Promoted(NamedTuple):
    """What was done: how long live work stood still, entities decided again, events added, measures still otherwise."""

    replay_id: str
    stalled_ms: int
    entities: int
    events: int
    still_differing: int
    kept: str


def promote(hub: Hub, by: str, approved_by: str, progress: Progress) -> Promoted:
    """Make the verified view the live one.

    Raises:
        UsageError: there is no replay.
        RefusedError: it leaves something out, was not verified, is on rules that are not in use, or one person asks.
        BrokenStateError: the exchange could not be read back as it should be; nothing was changed.
    """
    if not two_people(by, approved_by):
        raise RefusedError("promoting needs two people (law 13)", hint="--by ONE --approved-by ANOTHER")
    with hub.session() as live:
        replays = Replays(live)
        with replays.alone():
            one = left(replays)
            plan = plan_of(one)
            _may(hub, one, plan)
            return _Promotion(hub, live, plan, progress).done(by, approved_by)


def _may(hub: Hub, one: Replay, plan: Plan) -> None:
    if not plan.whole:
        raise RefusedError(
            f"{one.replay_id} leaves something out", hint="plan a replay without --to and --jurisdiction"
        )
    if one.state != "rebuilt":
        raise RefusedError(f"{one.replay_id} is {one.state}, not rebuilt", hint="sharehub replay resume")
    if not (one.verified or {}).get("proven"):
        raise RefusedError(f"{one.replay_id} has not been verified", hint="sharehub replay verify")
    if not in_use(hub.settings, plan.rules_digest):
        raise RefusedError(
            f"{one.replay_id} is on other rules than those in use: whoever decides next would undo it",
            hint="put the files of the replay in use (setting rulebooks) and promote again",
        )
    same_world(hub, plan)


class _Promotion:
    def __init__(self, hub: Hub, live: psycopg.Connection[Any], plan: Plan, progress: Progress) -> None:
        self._hub, self._live, self._plan = hub, live, plan
        self._running = Running(hub, live, plan, Pace(), progress)
        self._replays = Replays(live)
        self._group = hub.settings.consolidator.group
        self._old = f"{plan.schema_name}_before"

    def done(self, by: str, approved_by: str) -> Promoted:
        """Catch up, exchange, read back, and let what differs be issued."""
        self._running.advance(self._positions())
        on = self._hub.today()
        with tail(self._hub, self._plan, self._positions()) as behind:
            self._near(behind, on)
            spare_states(self._live, self._plan.schema_name)
            self._near(behind, on)
            stalled_ms, entities = self._exchanged(behind, on, by, approved_by)
        self._read_back()
        events = self._issued(on)
        still = still_differing(self._live, self._plan.schema_name)
        log.info("replay_promoted", replay=self._plan.replay_id, stalled_ms=stalled_ms, events=events)
        return Promoted(self._plan.replay_id, stalled_ms, entities, events, still, self._old)

    def _positions(self) -> dict[Place, int]:
        found = self._replays.positions("public", self._group)
        return {place: at for place, at in found.items() if place.topic in self._plan.topic_ids}

    def _near(self, behind: Tail, on: date) -> None:
        """As close to the live view as it gets while that moves on."""
        for _ in range(_ROUNDS_MAX):
            ends = self._positions()
            near = behind.left(ends) < _NEAR
            behind.to(ends, on)
            if near:
                return

    def _exchanged(self, behind: Tail, on: date, by: str, approved_by: str) -> tuple[int, int]:
        """One transaction, tried again where a long reader is in the way; returns how long it held others up."""
        for number in range(_TRIES_MAX):
            began = time.monotonic()
            try:
                with self._live.transaction():
                    lock_out(self._live, _WAIT_MS)
                    began = time.monotonic()
                    behind.to(self._positions(), on)
                    entities = self._exchange(on, by, approved_by)
                return round((time.monotonic() - began) * 1000), entities
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
                log.warning("replay_exchange_waits", reason=str(error).strip(), tried=number + 1)
                time.sleep(0.2 * (number + 1))
        raise UnreachableError(
            "something reads the live view without a pause, so it could not be exchanged; nothing was changed",
            hint="look for long queries (pg_stat_activity), then promote again",
        )

    def _exchange(self, on: date, by: str, approved_by: str) -> int:
        schema = self._plan.schema_name
        exchange(self._live, schema, self._old)
        if lost := homeless(self._live):
            raise BrokenStateError(
                f"{len(lost)} measures in place would have no entity, the first of them {lost[0]}; nothing was changed",
                hint="sharehub replay diff",
            )
        entities = make_due(self._live, schema, on)
        fence(self._live, self._group)
        plan = self._plan
        other_rules = plan.rulebook is not None
        self._replays.promoted(plan.replay_id, by, approved_by, plan.rules_digest, other_rules=other_rules)
        return entities

    def _read_back(self) -> None:
        """Raises: BrokenStateError where the live view is not the rebuilt one."""
        found = next(one for one in self._replays.every() if one.replay_id == self._plan.replay_id)
        if found.state != "promoted" or not self._replays.there(self._old):
            raise BrokenStateError("the exchange was not committed", hint="sharehub replay promote")

    def _issued(self, on: date) -> int:
        """What is told otherwise now is told, page by page; a crash here leaves the rest to `timers`."""
        with self._hub.session() as connection:
            view, rules = View(connection, self._group), self._hub.rules(connection)
            return pass_days(view, rules, self._hub.codec, on)


def droppable(hub: Hub, replay_id: str) -> list[str]:
    """The schemas that a promoted or cancelled replay has left.

    Raises:
        UsageError: there is no such replay.
        RefusedError: it was not promoted or cancelled.
    """
    with hub.session() as live:
        return _left_by(Replays(live), replay_id)


def drop(hub: Hub, replay_id: str) -> list[str]:
    """Take away what a promoted or cancelled replay has left; returns the schemas.

    Raises:
        UsageError: there is no such replay.
        RefusedError: it was not promoted or cancelled, or somebody is at work on a replay.
    """
    with hub.session() as live:
        replays = Replays(live)
        with replays.alone():
            gone = _left_by(replays, replay_id)
            for schema in gone:
                replays.drop(schema)
            return gone


def _left_by(replays: Replays, replay_id: str) -> list[str]:
    found = next((one for one in replays.every() if one.replay_id == replay_id), None)
    if found is None:
        raise UsageError(f"there is no replay {replay_id!r}", hint="sharehub replay status")
    if found.state not in ("promoted", "cancelled"):
        raise RefusedError(f"{replay_id} is {found.state}", hint="sharehub replay cancel --execute")
    name = plan_of(found).schema_name
    return [schema for schema in (name, f"{name}_before") if replays.there(schema)]
