"""A replay at work: several processes rebuild the view in a schema of its own; it can stop and go on at any batch."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from multiprocessing.connection import wait
from typing import Any, NamedTuple

import psycopg
import structlog

from sharehub.claiming import owner
from sharehub.errors import RefusedError, SharehubError, UnreachableError, UsageError
from sharehub.flow.activation import pass_days
from sharehub.hub import Hub
from sharehub.replay.joining import joining
from sharehub.replay.plan import Plan
from sharehub.replay.processes import at_work
from sharehub.replay.shadow import BASE, GROUP, TOGETHER, shadow_hub
from sharehub.replay.worker import Task, shares
from sharehub.replay.world import same_world
from sharehub.store.kept import exported_snapshot
from sharehub.store.migrate import migrate
from sharehub.store.replays import Replay, Replays
from sharehub.store.shadows import begin_at, bring_together, no_relay, take_rejections
from sharehub.store.view import View
from sharehub.stream.admin import offsets_after
from sharehub.topics import Place

log = structlog.get_logger()

Progress = Callable[[int, int], None]
"""Records done, of how many in all."""
_LOOK_EVERY_S = 0.5
_WORTH_IT = 10
"""The log is looked through, so that it can be shared out, for more than so many-th of it."""
_INSTANT = timedelta(milliseconds=1)


RECORDS_MAX = 20_000
"""In one batch, as live: the fewer, the more of the time goes into what a batch costs by itself."""


class Pace(NamedTuple):
    """How hard a replay works: processes, records in a batch, and records a second, or as fast as it can."""

    workers: int = 2
    records_max: int = RECORDS_MAX
    rate: float | None = None


class Running:
    """One replay at work, over the live hub; whoever runs it holds the lock."""

    def __init__(self, hub: Hub, live: psycopg.Connection[Any], plan: Plan, pace: Pace, progress: Progress) -> None:
        self._hub, self._plan, self._pace, self._progress = hub, plan, pace, progress
        self.replays = Replays(live)
        self._done = 0
        self._looked = 0.0

    def rebuild(self) -> str:
        """Go on to the end of the plan; returns the state in which the replay is left."""
        began = time.monotonic()
        state, reason = "failed", ""
        try:
            state = self._stages()
        except SharehubError as error:
            reason = str(error)
            raise
        except KeyboardInterrupt:
            state = "interrupted"
            raise
        finally:
            self.replays.leave(self._plan.replay_id, state, time.monotonic() - began, reason)
        if state == "cancelled":
            self.replays.drop(self._plan.schema_name)
        return state

    def _stages(self) -> str:
        plan = self._plan
        based = plan.source == "topics" or self.replays.positions(plan.schema_name, GROUP)
        if not based and (stopped := self._base()):
            return stopped
        ends = plan.ends() if plan.source == "topics" else self.positions()
        if stopped := self.advance(ends):
            return stopped
        self.pass_days(plan.clock_on)
        return "rebuilt"

    def _base(self) -> str:
        """All that the live view has kept, and the positions that go with it."""
        plan, url = self._plan, self._hub.addresses.database_url
        with exported_snapshot(url, self._hub.settings.consolidator.group) as (snapshot, positions):
            tasks = [self._task(number, {}, snapshot) for number in range(self._pace.workers)]
            stopped = self._work(tasks)
            if not stopped:
                with shadow_hub(self._hub.settings, plan) as shadow, shadow.session() as connection:
                    take_rejections(connection, plan.to)
                    begin_at(connection, GROUP, positions, plan.cluster_id, plan.topic_ids)
        return stopped

    def advance(self, ends: Mapping[Place, int]) -> str:
        """Read the topics up to these offsets; returns why it stopped before, or nothing."""
        starts, at = self._plan.starts(), self.positions()
        if self._plan.source == "topics":
            self._done = sum(at.get(place, start) - start for place, start in starts.items())
        if self._alone(ends):
            return self._reach(ends, 1, frozenset())
        with shadow_hub(self._hub.settings, self._plan) as shadow:
            servers, topics = shadow.addresses.bootstrap_servers, list(self._plan.topic_ids)
            found = joining(shadow, starts, ends)
            everybody = (self._pace.workers, found.keys)
            rounds = [(ends, everybody)]
            for turn in reversed(found.turns):  # whoever hears of the version is alone
                before, after = (offsets_after(servers, topics, at) for at in (turn - _INSTANT, turn))
                rounds[:0] = [(before, everybody), (after, (1, frozenset()))]
        for until, (workers, together) in rounds:
            bounded = {place: min(end, until.get(place, end)) for place, end in ends.items()}
            if stopped := self._reach(bounded, workers, found.keys if self._beside() else together):
                return stopped
        self._bring_together(ends)
        return ""

    def _alone(self, ends: Mapping[Place, int]) -> bool:
        """True where one process is enough: for a small rest it is not worth while to look through all of the log."""
        at, starts = self.positions(), self._plan.starts()
        left = sum(max(0, end - at.get(place, starts.get(place, 0))) for place, end in ends.items())
        everything = sum(end - starts.get(place, 0) for place, end in ends.items())
        return not self._beside() and (self._pace.workers == 1 or left * _WORTH_IT <= everything)

    def _reach(self, ends: Mapping[Place, int], workers: int, together: frozenset[bytes]) -> str:
        """Let the processes read up to these offsets, one of them all that is not to be shared out."""
        left = self._left(ends)
        if not left:
            return ""  # a later round may be under way: what one process has heard of it is not to be forgotten
        if not (stopped := self._work(self._tasks(left, workers, together))):
            self._bring_together(ends)
        return stopped

    def _bring_together(self, ends: Mapping[Place, int]) -> None:
        if self._beside():
            with shadow_hub(self._hub.settings, self._plan) as shadow, shadow.session() as connection:
                bring_together(connection, GROUP, TOGETHER, ends)

    def _left(self, ends: Mapping[Place, int]) -> dict[Place, int]:
        """The partitions that are not at these ends, for whoever hears them."""
        starts, at, beside = self._plan.starts(), self.positions(), self._beside()
        held = {place: min(at.get(place, starts.get(place, 0)), beside.get(place, end)) for place, end in ends.items()}
        return {place: end for place, end in ends.items() if held[place] < end}

    def _tasks(self, left: Mapping[Place, int], workers: int, together: frozenset[bytes]) -> list[Task]:
        tasks = [self._task(number, share) for number, share in enumerate(shares(left, workers)) if share]
        if not together:
            return tasks
        plan, starts = self._plan, self._plan.starts() | self.positions()
        with shadow_hub(self._hub.settings, plan) as shadow, shadow.session() as connection:
            begin_at(connection, TOGETHER, {at: starts.get(at, 0) for at in left}, plan.cluster_id, plan.topic_ids)
        beside = replace(self._task(len(tasks), left), group=TOGETHER)
        return [replace(one, together=together) for one in (*tasks, beside)]

    def _beside(self) -> dict[Place, int]:
        return self.replays.positions(self._plan.schema_name, TOGETHER)

    def positions(self) -> dict[Place, int]:
        """Where the rebuilt view is."""
        return self.replays.positions(self._plan.schema_name, GROUP)

    def pass_days(self, last: date) -> None:
        """Let the calendar run up to that day, every due day in its turn; nobody is reminded of anything."""
        with shadow_hub(self._hub.settings, self._plan) as shadow, shadow.session() as connection:
            view, rules = View(connection, GROUP), shadow.rules(connection)
            while (day := _next_due(view, last)) is not None:
                pass_days(view, rules, shadow.codec, day)
            pass_days(view, rules, shadow.codec, last)

    def _task(self, number: int, ends: Mapping[Place, int], snapshot: str | None = None) -> Task:
        pace = self._pace
        return Task(
            settings=self._hub.settings,
            plan=self._plan,
            number=number,
            workers=pace.workers,
            records_max=pace.records_max,
            ends=ends,
            snapshot=snapshot,
        )

    def _work(self, tasks: Sequence[Task]) -> str:
        """Let each task be done in a process of its own; returns why they stopped early, or nothing."""
        rate = self._pace.rate / len(tasks) if self._pace.rate else None
        alone = len(tasks) == 1
        with at_work([replace(task, rate=rate, alone=alone) for task in tasks]) as (pipes, stopping):
            stopped = ""
            while pipes:
                for pipe in wait(pipes, timeout=_LOOK_EVERY_S):
                    if self._heard(pipe) is None:
                        pipes.remove(pipe)
                stopped = stopped or self._wanted()
                if stopped:
                    stopping.set()
                self._progress(self._done, self._plan.records)
        return stopped

    def _heard(self, pipe: Any) -> int | None:
        try:
            said: int | SharehubError | None = pipe.recv()
        except EOFError as error:
            raise UnreachableError("a process of the replay has died", hint="sharehub replay resume") from error
        if isinstance(said, SharehubError):
            raise said
        self._done += said or 0
        return said

    def _wanted(self) -> str:
        if self._hub.stopping.is_set():
            return "interrupted"
        if time.monotonic() - self._looked < _LOOK_EVERY_S:
            return ""
        self._looked = time.monotonic()
        return {"pause": "paused", "cancel": "cancelled"}.get(self.replays.wanted(self._plan.replay_id), "")


def begin(hub: Hub, plan: Plan, by: str, pace: Pace, progress: Progress) -> str:
    """Run a plan from its beginning; returns the state in which the replay is left.

    Raises:
        RefusedError: the world is not the plan's any more, or another replay is there.
    """
    with hub.session() as live:
        replays = Replays(live)
        with replays.alone():
            if (one := replays.open()) is not None:
                raise RefusedError(
                    f"one replay at a time: {one.replay_id} of {one.by} is there since "
                    f"{one.begun_at:%Y-%m-%d %H:%M:%S} UTC ({one.state})",
                    hint="sharehub replay resume, promote or cancel",
                )
            if any(one.replay_id == plan.replay_id for one in replays.every()):
                raise RefusedError(f"{plan.replay_id} was run already", hint="sharehub replay plan -o FILE")
            same_world(hub, plan)
            replays.begin(plan.model_dump(mode="json"), by, owner())
            make_schema(hub, replays, plan)
            return Running(hub, live, plan, pace, progress).rebuild()


def resume(hub: Hub, pace: Pace, progress: Progress) -> str:
    """Go on with the replay that was paused, interrupted, or died; as `begin`."""
    with hub.session() as live:
        replays = Replays(live)
        with replays.alone():
            plan = plan_of(left(replays))
            same_world(hub, plan)
            make_schema(hub, replays, plan)
            replays.resume(plan.replay_id, owner())
            return Running(hub, live, plan, pace, progress).rebuild()


def left(replays: Replays) -> Replay:
    """The replay that is there.

    Raises:
        UsageError: there is none.
    """
    found = replays.open()
    if found is None:
        raise UsageError(
            "there is no replay", hint="sharehub replay plan -o FILE, then sharehub replay run FILE --execute"
        )
    return found


def plan_of(found: Replay) -> Plan:
    """The plan that a replay was begun with."""
    return Plan.model_validate(found.plan)


def make_schema(hub: Hub, replays: Replays, plan: Plan) -> None:
    """The schema with all tables, made or completed; a load from the records that did not end begins again."""
    name = plan.schema_name
    if plan.source == "records" and replays.positions(name, BASE) and not replays.positions(name, GROUP):
        replays.drop(name)
    replays.create(name)
    migrate(hub.addresses.database_url, name)
    with shadow_hub(hub.settings, plan) as shadow, shadow.session() as connection:
        no_relay(connection)
        if plan.source == "topics":
            begin_at(connection, GROUP, plan.starts(), plan.cluster_id, plan.topic_ids)


def _next_due(view: View, last: date) -> date | None:
    with view.transaction() as txn:
        return txn.due_entities(last, 1)[0]
