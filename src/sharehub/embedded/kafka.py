"""Describes one embedded Kafka node: its settings, its commands, and how to see that it answers."""

import base64
import contextlib
import logging
import socket
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from sharehub.embedded.parts import Part
from sharehub.embedded.ports import LOCAL, kept_ports

NAME = "kafka"
_PROBE_TIMEOUT_MS = 5_000
# On two cores the second compiler takes most of one for minutes, and a hub of this size never wins that back.
_LEAN_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_SERVER_JVM = ("-Xms512m", "-Xmx1g", *_LEAN_JVM, "-Dlog4j2.configurationFile=log4j2.properties")

# Directories are relative to the working directory: a home path may hold a comma, which would be a list.
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=BROKER://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=BROKER://{host}:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs=data
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
log.retention.ms=-1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=4000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
metric.reporters=
"""

_LOGGING = """\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = logs/server.log
appender.file.filePattern = logs/server.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
appender.file.policies.type = SizeBasedTriggeringPolicy
appender.file.policies.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
logger.start.name = kafka.server.KafkaRaftServer
logger.start.level = info
"""


def kafka_part(home: Path, java: Path, classpath: Sequence[Path]) -> tuple[Part, str]:
    """The Kafka part of a home directory, its settings written, and the address it will answer at."""
    place = home / "kafka"
    (place / "logs").mkdir(parents=True, exist_ok=True)
    port, controller_port = kept_ports(place / "ports.json", 2)
    settings = SETTINGS.format(host=LOCAL, port=port, controller_port=controller_port)
    (place / "server.properties").write_text(settings, encoding="utf-8")
    (place / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
    jars = ("-cp", ":".join(map(str, classpath)))
    storage_tool = (str(java), *_LEAN_JVM, *jars, "kafka.tools.StorageTool")
    formatting = (
        *storage_tool,
        "format",
        "--cluster-id",
        _cluster_id(place),
        "--config",
        "server.properties",
    )
    part = Part(
        name=NAME,
        cwd=str(place),
        log=str(place / "logs" / "console.log"),
        prepare=() if _formatted(place) else formatting,
        serve=(str(java), *_SERVER_JVM, *jars, "kafka.Kafka", "server.properties"),
    )
    return part, f"{LOCAL}:{port}"


def kafka_answers(bootstrap_servers: str) -> bool:
    """Whether the broker answers a metadata request and names itself as a member of the cluster."""
    if not _listening(bootstrap_servers):
        return False
    from kafka import KafkaAdminClient  # noqa: PLC0415 -- slow to import, needed only once something listens
    from kafka.errors import KafkaError  # noqa: PLC0415

    with _quiet_client(), contextlib.suppress(KafkaError, OSError):
        admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=_PROBE_TIMEOUT_MS)
        try:
            return bool(admin.describe_cluster()["brokers"])
        finally:
            admin.close()
    return False


def _formatted(place: Path) -> bool:
    return (place / "data" / "meta.properties").exists()  # written last


def _cluster_id(place: Path) -> str:
    memory = place / "cluster_id"
    if not memory.exists():
        memory.write_text(cluster_id_of(uuid.uuid4()), encoding="ascii")
    return memory.read_text(encoding="ascii")


def cluster_id_of(random: uuid.UUID) -> str:
    """A UUID as Kafka writes it; never with a leading dash, which its own tools take for an option."""
    text = base64.urlsafe_b64encode(random.bytes).decode("ascii").rstrip("=")
    return "0" + text[1:] if text.startswith("-") else text


def _listening(bootstrap_servers: str) -> bool:
    host, _, port = bootstrap_servers.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _quiet_client() -> Iterator[None]:
    # A broker that is not there yet is no news to anybody.
    logger = logging.getLogger("kafka")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
