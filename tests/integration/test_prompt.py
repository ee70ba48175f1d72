"""A fresh client of Kafka knows at once about the first topic that it is asked for."""

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from sharehub.stream.admin import ensure_topics
from sharehub.stream.publisher import open_producer
from sharehub.stream.reading import asking, open_consumer
from sharehub.topics import Topic

pytestmark = pytest.mark.integration

LIBRARY_WAITS_S = 0.1
TRIES = 10

Ask = Callable[[str, str], object]


def by_producer(servers: str, topic: str) -> object:
    with closing(open_producer(servers, "prompt")) as producer:
        return producer.partitions_for(topic)


def by_consumer(servers: str, topic: str) -> object:
    with closing(open_consumer(servers)) as consumer:
        return consumer.partitions_for_topic(topic)


def by_asking(servers: str, topic: str) -> object:
    with asking(servers) as consumer:
        return consumer.partitions_for_topic(topic)


@pytest.mark.parametrize("ask", [by_producer, by_consumer, by_asking])
def test_the_first_answer_comes_without_the_wait_of_the_library(stack: Any, ask: Ask) -> None:
    topic, took_s = f"prompt-{uuid4().hex[:8]}", []
    ensure_topics(stack.bootstrap_servers, [Topic(topic)], partitions=1, replication_factor=1)
    for _ in range(TRIES):
        begun = time.perf_counter()
        assert ask(stack.bootstrap_servers, topic)
        took_s.append(time.perf_counter() - begun)
    assert min(took_s) < LIBRARY_WAITS_S
