"""What Kafka is found to be: version, cluster, topics, offsets, and what time its broker has."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import CoordinatorNotAvailableError, KafkaError

from sharehub.errors import SharehubError, UnreachableError
from sharehub.observed import KafkaFound, TopicFound
from sharehub.stream.admin import administration
from sharehub.stream.publisher import open_producer
from sharehub.topics import PROBE, SANCTION_EVENTS, Place, speaker_of

_CONFIGS = ("cleanup.policy", "retention.ms", "retention.bytes", "message.timestamp.type")
_WAIT_S = 10
_PATIENCE_MS = 5_000


def kafka_found(bootstrap_servers: str, relay_group: str, late_before: datetime) -> KafkaFound:
    """Everything that is asked of Kafka, in a handful of requests; what was appended before the instant is late.

    Raises:
        UnreachableError: no broker answered.
    """
    with administration(bootstrap_servers, _PATIENCE_MS) as client:
        try:
            cluster = client.describe_cluster()
            version = client.get_broker_version_data(cluster["brokers"][0]["broker_id"]).broker_version
            topics = _topics(client)
            places = [Place(name, number) for name in topics if speaker_of(name) for number in _numbers(topics[name])]
            end = _offsets(client, places, OffsetSpec.LATEST)
            later = _offsets(client, places, int(late_before.timestamp() * 1000))
            return KafkaFound(
                tuple(version),
                str(cluster["cluster_id"]),
                len(cluster["brokers"]),
                topics,
                _offsets(client, places, OffsetSpec.EARLIEST),
                {place: offset if offset >= 0 else end[place] for place, offset in later.items()},
                end,
                _relayed(client, relay_group) if SANCTION_EVENTS in topics else 0,
            )
        except KafkaError as error:
            raise UnreachableError(f"Kafka failed while it was looked at: {error}", hint="sharehub up") from error


def _topics(client: Any) -> dict[str, TopicFound]:
    names = sorted(name for name in client.list_topics() if not name.startswith("__"))
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    configs = client.describe_configs(asked, config_filter="all")["topic"]
    return {
        one["name"]: TopicFound(
            str(one["topic_id"]),
            len(one["partitions"]),
            {name: str(configs[one["name"]][name]["value"]) for name in _CONFIGS},
        )
        for one in client.describe_topics(names)
    }


def _numbers(topic: TopicFound) -> Iterable[int]:
    return range(topic.partitions)


def _offsets(client: Any, places: list[Place], spec: Any) -> dict[Place, int]:
    if not places:
        return {}
    found = client.list_partition_offsets({TopicPartition(*place): spec for place in places})
    return {Place(*partition): int(one.offset) for partition, one in found.items()}


def _relayed(client: Any, group: str) -> int:
    """The group's place; on a new cluster the first question makes the broker prepare the answer."""
    partition = TopicPartition(SANCTION_EVENTS, 0)
    deadline = time.monotonic() + _WAIT_S
    while True:
        try:
            found = client.list_group_offsets({group: [partition]})[group].get(partition)
            return max(int(found.offset), 0) if found else 0
        except CoordinatorNotAvailableError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def append_ahead_s(bootstrap_servers: str) -> float:
    """By how many seconds the broker's clock is ahead of this machine's: it takes a message and says when.

    Raises:
        UnreachableError: Kafka takes no message.
    """
    before = time.time()
    try:
        producer = open_producer(bootstrap_servers, "sharehub-doctor")
        try:
            producer.partitions_for(PROBE)  # so that only the sending is between the two looks at the clock
            before = time.time()
            taken = producer.send(PROBE, value=b"").get(timeout=_WAIT_S)
            after = time.time()
        finally:
            producer.close(timeout=1)
    except (KafkaError, SharehubError) as error:
        raise UnreachableError(f"Kafka took no message on {PROBE}: {error}", hint="sharehub init") from error
    return float(taken.timestamp) / 1000 - (before + after) / 2
