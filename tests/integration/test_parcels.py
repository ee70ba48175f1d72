"""Whole batches of messages: the same partitions, order and bytes as one by one; nothing is vouched for early."""

from collections import defaultdict
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from sharehub.errors import UnreachableError, UsageError
from sharehub.stream import publisher as publishing
from sharehub.stream.admin import ensure_topics
from sharehub.stream.parcels import handed_over
from sharehub.stream.publisher import Keyed, Publisher
from sharehub.topics import Topic

pytestmark = pytest.mark.integration

PARTITIONS = 3
MESSAGES = [
    Keyed(f"CN-USCC:{number % 400:018}".encode(), bytes([number % 256]) * (number % 700), [("ce_id", b"%d" % number)])
    for number in range(5_000)
]
MESSAGES += [Keyed(b"CN-USCC:%018d" % number, None) for number in range(0, 400, 7)]  # tombstones
LARGE = Keyed(b"large", bytes(400_000))


@pytest.fixture
def topic(stack: Any) -> str:
    """A topic of its own for every test."""
    name = f"parcels-{uuid4().hex[:8]}"
    ensure_topics(stack.bootstrap_servers, [Topic(name)], partitions=PARTITIONS, replication_factor=1)
    return name


def on_log(bootstrap_servers: str, topic: str) -> dict[int, list[Keyed]]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    end, found = consumer.end_offsets(places), defaultdict(list)
    while any(consumer.position(place) < end[place] for place in places):
        for batch in consumer.poll(timeout_ms=500).values():
            for one in batch:
                found[one.partition].append(Keyed(one.key, one.value, list(one.headers)))
    consumer.close()
    return dict(found)


def test_messages_lie_where_one_by_one_they_would(stack: Any, topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert handed_over, "this release of kafka-python was not tried: see stream.parcels"
    with Publisher(stack.bootstrap_servers, "test") as publisher:
        publisher.send_many(topic, MESSAGES[:3_000])
        publisher.send_many(topic, MESSAGES[3_000:])
        publisher.send_many(topic, [LARGE])
        assert publisher.flush() == len(MESSAGES) + 1
        publisher.send(topic, *MESSAGES[0])
        assert publisher.flush() == len(MESSAGES) + 2
    together = on_log(stack.bootstrap_servers, topic)
    monkeypatch.setattr(publishing, "handed_over", False)
    again = f"{topic}-again"
    ensure_topics(stack.bootstrap_servers, [Topic(again)], partitions=PARTITIONS, replication_factor=1)
    with Publisher(stack.bootstrap_servers, "test") as publisher:
        publisher.send_many(again, [*MESSAGES, LARGE, MESSAGES[0]])
        publisher.flush()
    assert together == on_log(stack.bootstrap_servers, again)


def test_what_kafka_does_not_take_is_told(stack: Any, topic: str) -> None:
    with Publisher(stack.bootstrap_servers, "test") as publisher:
        with pytest.raises(UsageError, match="larger than Kafka takes"):
            publisher.send_many(topic, [Keyed(b"k", bytes(2_000_000))])
        with pytest.raises(UsageError, match="no topic"):
            publisher.send_many("nobody", MESSAGES)


def test_what_a_broker_refuses_does_not_count_as_arrived(
    stack: Any, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = KafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": "1000"})])
    admin.close()
    random = Random(1)  # noqa: S311 -- what no compression makes smaller
    with Publisher(stack.bootstrap_servers, "test") as publisher:
        monkeypatch.setattr(publishing, "_DELIVERY_TIMEOUT_MS", 2_000)
        publisher.send_many(topic, [Keyed(b"a key", random.randbytes(600)) for _ in range(10)])
        with pytest.raises(UnreachableError, match="stopped acknowledging after 0 messages"):
            publisher.flush()
