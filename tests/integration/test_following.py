"""A consolidator that runs reads what is made meanwhile: a new agency's records, a new recipient's answers."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from sharehub.ports.batch import Claim
from sharehub.stream.admin import ensure_topics
from sharehub.stream.publisher import Publisher
from sharehub.stream.subscription import Subscription
from sharehub.topics import Place, Topic

pytestmark = pytest.mark.integration


def test_a_topic_made_meanwhile_is_followed_and_nothing_is_polled_twice(stack: Any) -> None:
    first, second = (f"followed-{uuid4().hex[:8]}" for _ in range(2))
    servers, topics, read = stack.bootstrap_servers, [first], dict[Place, int]()
    ensure_topics(servers, [Topic(first)], partitions=2, replication_factor=1)

    def claimed(places: Sequence[Place]) -> list[Claim]:
        return [Claim(place, 1, read.get(place, 0)) for place in places]

    with (
        Publisher(servers, "test") as publisher,
        Subscription(servers, f"group-{first}", lambda: topics, claimed, fetch_bytes_max=2**20) as subscription,
    ):

        def polled(count: int) -> list[bytes | None]:
            """What comes until there are so many, and a second longer."""
            found: list[bytes | None] = []
            until = time.monotonic() + 30
            while time.monotonic() < until:
                for place, messages in subscription.poll(100, 1.0).messages.items():
                    found += messages.values
                    read[place] = messages.offsets[-1] + 1
                if len(found) >= count:
                    until = min(until, time.monotonic() + 1)
            return sorted(found, key=str)

        publisher.send(first, b"a", b"1")
        publisher.flush()
        assert polled(1) == [b"1"]
        subscription.follow()  # nothing is new
        ensure_topics(servers, [Topic(second)], partitions=2, replication_factor=1)
        topics.append(second)
        publisher.send(first, b"a", b"2")
        publisher.send(second, b"b", b"3")
        publisher.flush()
        subscription.follow()
        assert polled(2) == [b"2", b"3"]
