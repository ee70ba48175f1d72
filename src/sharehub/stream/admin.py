"""Creates topics and answers which cluster and topics these are."""

from collections.abc import Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from sharehub.errors import UnreachableError
from sharehub.stream.prompt import prompt
from sharehub.stream.reading import asking
from sharehub.topics import Place, Topic, agency_of


@contextmanager
def administration(bootstrap_servers: str, patience_ms: int = 10_000) -> Any:
    """An admin client, closed at the end.

    Raises:
        UnreachableError: no broker answered.
    """
    try:
        client = prompt(
            KafkaAdminClient(
                bootstrap_servers=bootstrap_servers, request_timeout_ms=10_000, bootstrap_timeout_ms=patience_ms
            )
        )
    except KafkaError as error:
        raise UnreachableError(f"Kafka at {bootstrap_servers} does not answer", hint="sharehub up") from error
    try:
        yield client
    finally:
        client.close()


def ensure_topics(
    bootstrap_servers: str, wanted: Iterable[Topic], *, partitions: int, replication_factor: int
) -> list[str]:
    """Create what is missing and return the created names; existing topics are left as they are."""
    with administration(bootstrap_servers) as client:
        existing = set(client.list_topics())
        missing = [topic for topic in wanted if topic.name not in existing]
        made = [
            NewTopic(topic.name, topic.partitions or partitions, replication_factor, topic_configs=_config(topic))
            for topic in missing
        ]
        if made:
            try:
                client.create_topics(made, timeout_ms=30_000)
            except TopicAlreadyExistsError:
                return ensure_topics(
                    bootstrap_servers, missing, partitions=partitions, replication_factor=replication_factor
                )
            client.wait_for_topics([topic.name for topic in missing])
    return [topic.name for topic in missing]


def _config(topic: Topic) -> dict[str, str]:
    return {"message.timestamp.type": "LogAppendTime", **topic.config}


def existing_topics(bootstrap_servers: str) -> list[str]:
    """Names of all topics, sorted."""
    with administration(bootstrap_servers) as client:
        return sorted(client.list_topics())


def identities(bootstrap_servers: str, names: list[str]) -> tuple[str, dict[str, str]]:
    """The cluster's id, and each topic's: a re-created topic reuses offsets, but not its id."""
    with administration(bootstrap_servers) as client:
        cluster = client.describe_cluster()["cluster_id"]
        described = client.describe_topics(names)
        return str(cluster), {topic["name"]: str(topic["topic_id"]) for topic in described}


def offsets_after(bootstrap_servers: str, names: list[str], instant: datetime) -> dict[Place, int]:
    """For each partition the offset of the first message appended after the instant, or its end.

    Raises:
        UnreachableError: no broker answered.
    """
    with asking(bootstrap_servers) as consumer:
        return _offsets_after(consumer, names, instant)


def records_after(bootstrap_servers: str, instant: datetime) -> dict[Place, int]:
    """For each partition of agencies' records the offset of the first message appended after the instant, or its end.

    Raises:
        UnreachableError: no broker answered.
    """
    with asking(bootstrap_servers) as consumer:
        return _offsets_after(consumer, filter(agency_of, consumer.topics()), instant)


def _offsets_after(consumer: Any, names: Iterable[str], instant: datetime) -> dict[Place, int]:
    # Append times are whole milliseconds, so the first that is later is the next one.
    later_ms = int(instant.timestamp() * 1000) + 1
    parts = [TopicPartition(name, number) for name in names for number in consumer.partitions_for_topic(name) or ()]
    ends = consumer.end_offsets(parts)
    later = consumer.offsets_for_times(dict.fromkeys(parts, later_ms)) if parts else {}
    return {Place(*part): found.offset if (found := later.get(part)) else ends[part] for part in parts}


def first_and_last(bootstrap_servers: str, names: list[str]) -> dict[Place, tuple[int, int]]:
    """For each partition the first offset that is kept, and the one after the last.

    Raises:
        UnreachableError: no broker answered.
    """
    with asking(bootstrap_servers) as consumer:
        parts = [TopicPartition(name, number) for name in names for number in consumer.partitions_for_topic(name) or ()]
        starts, ends = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
        return {Place(*part): (starts[part], ends[part]) for part in parts}
