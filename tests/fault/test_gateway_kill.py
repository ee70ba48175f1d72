"""The gateway is killed while it publishes; the same call again completes it, and nothing is there twice."""

import time
from threading import Thread

import httpx
import pytest

from tests.integration.publishing import World
from tests.integration.pushing import Caller, counts, log_messages, rating, served

pytestmark = pytest.mark.integration

RECORDS = 4_000


@pytest.mark.parametrize("wait_s", [0.2, 0.8, 1.6])
def test_a_call_torn_by_a_kill_is_completed_by_the_same_call(world: World, wait_s: float) -> None:
    body = [rating(number) for number in range(RECORDS)]
    first = world.command("serve", "--port", "0")
    caller = Caller(world, served(first), "tax")

    def send() -> None:
        try:
            caller.post(body, key="torn")
        except httpx.TransportError:
            return  # the server is gone: that is what this test is about

    sender = Thread(target=send)
    sender.start()
    time.sleep(wait_s)
    first.kill()
    sender.join()
    first.communicate()
    second = world.command("serve", "--port", "0")
    try:
        caller.url = served(second)
        assert counts(caller.post(body, key="torn")) == (RECORDS, 0, 0)
    finally:
        second.terminate()
        second.communicate()
    assert second.returncode == 0
    assert len(log_messages(world)) == RECORDS
    totals = world.consolidate(batch_records_max=RECORDS)
    assert (totals.records, totals.duplicates, totals.rejected) == (RECORDS, 0, 0)
