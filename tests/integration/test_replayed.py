"""The log read again: everything between two offsets, oldest first, however much of it waits for the rest."""

import pytest

from sharehub.stream import replayed
from sharehub.stream.admin import first_and_last
from sharehub.stream.replayed import Replayed
from sharehub.topics import Place
from tests.integration.installation import PARTITIONS
from tests.integration.publishing import World
from tests.integration.saying import Message

pytestmark = pytest.mark.integration


def said(world: World, role: str, partition: int, first: int, last: int) -> list[Message]:
    """Messages that are one after the other."""
    return [Message(world.topic(role), b"key", b"%d" % n, partition) for n in range(first, last)]


def test_far_more_in_every_partition_than_may_wait_comes_in_the_order_of_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replayed, "_HELD_MAX", 40)
    monkeypatch.setattr(replayed, "_SILENT_POLLS_MAX", 10)
    for begin in range(0, 300, 60):
        for role in ("tax", "register"):
            for partition in range(PARTITIONS):
                world.say(said(world, role, partition, begin, begin + 60))
    bounds = first_and_last(world.bootstrap_servers, [world.topic(role) for role in ("tax", "register")])
    starts = {place: first for place, (first, _) in bounds.items()}
    halfway = {place: (first + end) // 2 for place, (first, end) in bounds.items()}
    read: list[tuple[int, Place, int]] = []
    with Replayed(world.bootstrap_servers, starts, halfway) as log:
        for ends in (halfway, {place: end for place, (_, end) in bounds.items()}):
            log.extend(ends)
            while len(polled := log.poll(100)):
                batch = [
                    (at, place, offset)
                    for place, found in polled.messages.items()
                    for offset, at in zip(found.offsets, found.appended_ms, strict=True)
                ]
                read += sorted(batch)
            assert {place: sum(one == place for _, one, _ in read) for place in ends} == ends
    for part in (read[: len(read) // 2], read[len(read) // 2 :]):
        assert [at for at, _, _ in part] == sorted(at for at, _, _ in part)
