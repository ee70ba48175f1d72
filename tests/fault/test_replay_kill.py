"""A replay is killed ten times, at any moment; whoever goes on ends with the same view."""

import json
import random
import time
from pathlib import Path

import pytest

from sharehub.replay.run import Pace, resume
from sharehub.replay.status import every
from sharehub.replay.verify import verify
from tests.integration.publishing import World, until
from tests.integration.test_replay import done_of, plan_of, quiet, story

pytestmark = pytest.mark.integration

SEED = 20261126
KILLS = 10


def test_killed_ten_times_at_random_moments_it_resumes_and_ends_the_same(world: World, tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a test
    world.say(story(world, 120))
    world.consolidate(batch_records_max=1_000)
    plan, file = plan_of(world), tmp_path / "plan.json"
    file.write_text(plan.model_dump_json(), encoding="utf-8")
    reached = []
    for _ in range(KILLS):
        begun = bool(every(world.hub))
        words = ("resume",) if begun else ("run", str(file), "--execute")
        how = ("--workers", chance.choice("12"), "--batch", chance.choice(("1", "7", "37")), "--rate", "20")
        worker = world.command("replay", *words, *how)
        until(lambda: done_of(world) > max(reached, default=0) or worker.poll() is not None, 60)  # noqa: B023 - at once
        time.sleep(chance.uniform(0, 1.5))
        assert worker.poll() is None, worker.communicate()
        worker.kill()
        worker.communicate()
        until(lambda: all(one["state"] == "died" for one in every(world.hub)))
        reached.append(done_of(world))
    assert reached == sorted(set(reached))
    assert reached[-1] < plan.records, "it was killed too late to prove anything"

    assert resume(world.hub, Pace(2, 37), quiet) == "rebuilt"
    found = verify(world.hub, Pace(1), quiet)
    assert found.holds, json.dumps(found.as_json(), default=str)[:2_000]
    assert found.as_json()["rebuilt"] == found.as_json()["fold"] == found.as_json()["live"]
    tallies = "SELECT sum(records), sum(duplicates) FROM {}partition_claims"
    assert world.rows(tallies.format("")) == world.rows(tallies.format(f"{plan.schema_name}."))
