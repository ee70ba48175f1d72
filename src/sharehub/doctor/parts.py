"""Judgement on Kafka and PostgreSQL: do they answer, are they what is needed, do they fit together."""

from collections import Counter
from collections.abc import Iterator

from sharehub.doctor.kinds import Finding, found
from sharehub.doctor.seen import Seen
from sharehub.observed import KafkaFound, TopicFound
from sharehub.topics import CASEWORK, Topic

_KAFKA_LEAST = (3, 7)
_POSTGRES_LEAST = 150_000
_APPENDED = "LogAppendTime"


def kafka(seen: Seen) -> Iterator[Finding]:
    """Whether Kafka answers, is new enough and takes messages."""
    if seen.stack_fault:
        yield found("stack-down", seen.stack_fault)
    elif seen.kafka is None:
        yield found("kafka-away", seen.kafka_fault)
    elif seen.kafka.version < _KAFKA_LEAST:
        yield found("kafka-old", f"Kafka {_dotted(seen.kafka)} at {seen.servers}")
    elif seen.probe_fault:
        yield found("kafka-takes-nothing", seen.probe_fault)


def clocks(seen: Seen) -> Iterator[Finding]:
    """Whether Kafka, PostgreSQL and this machine agree on what time it is."""
    most = seen.limits.clock_skew_seconds_max
    if seen.kafka_ahead_s is not None and abs(seen.kafka_ahead_s) > most:
        yield found("clock-kafka", f"Kafka's clock is {_apart(seen.kafka_ahead_s)} this machine's")
    if seen.database is not None and abs(seen.database_ahead_s) > most:
        yield found("clock-database", f"PostgreSQL's clock is {_apart(seen.database_ahead_s)} this machine's")


def topics(seen: Seen) -> Iterator[Finding]:
    """Whether every topic is there, with as many partitions as its neighbours, kept long enough, in Kafka's time."""
    assert seen.kafka is not None  # noqa: S101 - asked only where Kafka was reached
    missing = [one.name for one in seen.wanted if one.name not in seen.kafka.topics]
    if missing:
        yield found("topic-missing", f"{len(missing)} topics are missing: {_some(missing)}")
    yield from _partitions(seen, seen.kafka)
    for wanted in seen.wanted:
        topic = seen.kafka.topics.get(wanted.name)
        if topic is not None:
            yield from _kept(seen, wanted, topic)


def _partitions(seen: Seen, kafka: KafkaFound) -> Iterator[Finding]:
    shared = {name: one.partitions for name, one in kafka.topics.items() if _shares(name)}
    if len(set(shared.values())) > 1:
        usual, most = Counter(shared.values()).most_common(1)[0][0], max(shared.values())
        for name, number in sorted(shared.items()):
            if number != usual:
                raised = name if number < most else "EVERY_OTHER_TOPIC"
                words = f"{name} has {number} partitions, the others {usual}"
                yield found("topic-partitions", words, servers=seen.servers, topic=raised, number=most)


def _shares(name: str) -> bool:
    return name == CASEWORK or name.startswith("records.")


def _kept(seen: Seen, wanted: Topic, topic: TopicFound) -> Iterator[Finding]:
    """What differs from the topic as it must be: it may be kept longer, never shorter."""
    policy, at = wanted.config["cleanup.policy"], {"servers": seen.servers, "topic": wanted.name}
    if topic.config["cleanup.policy"] != policy:
        words = f"{wanted.name} has cleanup.policy {topic.config['cleanup.policy']}, not {policy}"
        yield found("topic-retention", words, config=f"cleanup.policy={policy}", **at)
    elif policy == "delete":
        for name in ("retention.ms", "retention.bytes"):
            least, kept = wanted.config.get(name, "-1"), topic.config[name]
            if _limit(kept) < _limit(least):
                words = f"{wanted.name} has {name} {kept}, not {least}"
                yield found("topic-retention", words, config=f"{name}={least}", **at)
    if topic.config["message.timestamp.type"] != _APPENDED:
        words = f"{wanted.name} has the time of its producers"
        yield found("topic-timestamps", words, config=f"message.timestamp.type={_APPENDED}", **at)


def _limit(value: str) -> float:
    return float("inf") if value == "-1" else float(value)


def database(seen: Seen) -> Iterator[Finding]:
    """Whether PostgreSQL answers and is new enough."""
    if seen.database is None:
        yield found("database-away", seen.database_fault)
    elif seen.database.version < _POSTGRES_LEAST:
        yield found("database-old", f"PostgreSQL {seen.database.version // 10_000}")


def migrations(seen: Seen) -> Iterator[Finding]:
    """Whether its tables are those of this code."""
    assert seen.database is not None  # noqa: S101 - asked only where PostgreSQL was reached
    revision, newest = seen.database.revision, seen.database.newest
    if revision is None:
        yield found("migration-missing", "there are no tables")
    elif not seen.database.known:
        yield found("migration-newer", f"the tables are at {revision}, which this code does not know")
    elif revision != newest:
        yield found("migration-missing", f"the tables are at {revision}, this code at {newest}")


def kafka_well(seen: Seen) -> str:
    """Version, cluster, size."""
    assert seen.kafka is not None  # noqa: S101 - all is well only where it was reached
    return f"{_dotted(seen.kafka)} at {seen.servers}, cluster {seen.kafka.cluster_id}, {seen.kafka.brokers} broker(s)"


def clocks_well(seen: Seen) -> str:
    """How far the clocks are apart."""
    apart = {"Kafka": seen.kafka_ahead_s, "PostgreSQL": seen.database_ahead_s if seen.database else None}
    return "; ".join(f"{name} {value:+.3f} s" for name, value in apart.items() if value is not None)


def topics_well(seen: Seen) -> str:
    """How many there are."""
    return f"{len(seen.wanted)} topics, kept as long as they must be"


def database_well(seen: Seen) -> str:
    """Its version."""
    assert seen.database is not None  # noqa: S101 - all is well only where it was reached
    return f"PostgreSQL {seen.database.version // 10_000}.{seen.database.version % 10_000}"


def migrations_well(seen: Seen) -> str:
    """The revision of the tables."""
    return f"at {seen.database.revision}" if seen.database else ""


def _dotted(kafka: KafkaFound) -> str:
    return ".".join(map(str, kafka.version))


def _apart(seconds: float) -> str:
    return f"{abs(seconds):,.1f} s {'ahead of' if seconds > 0 else 'behind'}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
