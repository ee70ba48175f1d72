"""Where the replays are, and how they are told to stop."""

from datetime import UTC, datetime
from typing import Any

from sharehub.errors import RefusedError
from sharehub.hub import Hub
from sharehub.replay.run import left, plan_of
from sharehub.replay.shadow import BASE, GROUP
from sharehub.store.replays import Replay, Replays


def every(hub: Hub) -> list[dict[str, Any]]:
    """All replays, the newest first, with how far they are and how long they will still take."""
    with hub.session() as live:
        replays = Replays(live)
        at_work = replays.at_work()
        return [_told(one, replays, at_work and one.state == "running") for one in replays.every()]


def current(hub: Hub) -> dict[str, Any]:
    """The replay that is there, as `every` tells it.

    Raises:
        UsageError: there is no replay.
    """
    with hub.session() as live:
        replays = Replays(live)
        one = left(replays)
        return _told(one, replays, replays.at_work() and one.state == "running")


def ask(hub: Hub, wanted: str) -> str:
    """Tell the replay to `pause` or to `cancel`; one at which nobody is at work is cancelled here. Returns its id.

    Raises:
        UsageError: there is no replay.
        RefusedError: there is nothing to pause.
    """
    with hub.session() as live:
        replays = Replays(live)
        one = left(replays)
        if replays.at_work():
            replays.want(one.replay_id, wanted)
        elif wanted == "pause":
            raise RefusedError(
                f"{one.replay_id} is not at work: it is {_state(one, False)}", hint="sharehub replay resume"
            )
        else:
            with replays.alone():
                replays.drop(plan_of(one).schema_name)
                replays.leave(one.replay_id, "cancelled", 0)
        return one.replay_id


def _told(one: Replay, replays: Replays, at_work: bool) -> dict[str, Any]:
    plan = plan_of(one)
    starts = plan.starts()
    at = replays.positions(plan.schema_name, GROUP)
    base = replays.positions(plan.schema_name, BASE) if plan.source == "records" else {}
    done = sum(base.values()) if base else sum(max(0, at.get(place, start) - start) for place, start in starts.items())
    worked_s = one.worked_s + ((datetime.now(UTC) - one.running_since).total_seconds() if at_work else 0)
    rate = done / worked_s if worked_s > 1 else None
    there = replays.there(plan.schema_name)
    return {
        "replay": one.replay_id,
        "state": _state(one, at_work),
        "by": one.by,
        "owner": one.owner,
        "begun_at": one.begun_at.isoformat(),
        "source": plan.source,
        "to": plan.to,
        "jurisdiction": plan.jurisdiction or None,
        "rulebook": plan.rulebook,
        "records": plan.records,
        "done": min(done, plan.records) if there else None,
        "per_second": round(rate) if rate else None,
        "left_s": round((plan.records - done) / rate) if at_work and rate else None,
        "worked_s": round(worked_s, 1),
        "reason": one.reason,
        "verified": one.verified,
        "schema": plan.schema_name if there else None,
    }


def _state(one: Replay, at_work: bool) -> str:
    """As it was left; one that nobody is at work on although it says so has died."""
    return "died" if one.state == "running" and not at_work else one.state
