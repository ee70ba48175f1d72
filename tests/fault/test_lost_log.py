"""The broker loses what a worker has not read yet, or is another broker: the partition stops, and can go on."""

import signal
import time
from pathlib import Path

import pytest

from sharehub import embedded
from sharehub.acceptance import Accepting
from sharehub.errors import BrokenStateError
from sharehub.hub import open_hub
from tests.conftest import RunningStack
from tests.fault.test_kill import penalties, process
from tests.integration.publishing import World, until
from tests.integration.test_fencing import delete_records
from tests.integration.test_halted import lines

pytestmark = pytest.mark.integration


def test_records_deleted_under_a_running_worker_stop_their_partition_only(world: World) -> None:
    topic = world.topic("environment")
    world.say(one._replace(partition=0) for one in penalties(world, 0, 5))
    with process(world, "consolidate") as worker:
        until(lambda: world.counts()["records"] == 5)
        worker.send_signal(signal.SIGSTOP)
        time.sleep(0.5)  # its last fetch has been answered, with nothing
        world.say(one._replace(partition=0) for one in penalties(world, 5, 20))
        delete_records(world, 15)
        worker.send_signal(signal.SIGCONT)
        until(lambda: lines(world)[topic, 0]["state"] == "halted")
        world.say(one._replace(partition=1) for one in penalties(world, 20, 23))
        until(lambda: world.counts()["records"] == 8)
        assert worker.poll() is None
        desk = Accepting(world.hub)
        desk.accept(desk.plan([f"{topic}:0"], by="The head", reason="it is gone"))
        until(lambda: world.counts()["records"] == 13)


def test_another_cluster_stops_everything_and_is_accepted_at_once(
    world: World, tmp_path: Path, stack: RunningStack
) -> None:
    world.say(penalties(world, 0, 5))
    world.consolidate()
    with embedded.owned(tmp_path / "another") as another:
        kafka = world.settings.kafka.model_copy(update={"bootstrap_servers": another.bootstrap_servers})
        with open_hub(world.settings.model_copy(update={"kafka": kafka})) as hub:
            hub.init()
            with pytest.raises(BrokenStateError, match="cluster"):
                hub.consolidate(until_caught_up=True)
            assert world.counts()["records"] == 5
            desk = Accepting(hub)
            accepted = desk.accept(desk.plan([], by="The head", reason="a new cluster"))
            assert {one["code"] for one in accepted} == {"other-cluster"}
            hub.consolidate(until_caught_up=True)
            assert len(desk.history()) == len(world.positions())
