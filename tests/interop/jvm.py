"""Java within this process: the classes of Avro, of Kafka's clients and of Confluent's registry client."""

from typing import Any

import jpype
from jpype import JClass

from sharehub.embedded.java import find_java
from tests.interop.jars import part
from tests.interop.java import avro_tools, kafka_jars

_SHADED = "org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client"
_AVRO = "org.apache.flink.avro.shaded.org.apache.avro"


def started() -> None:
    """Start the one Java that a process can have, unless it runs."""
    if not jpype.isJVMStarted():
        library = next((find_java().resolve().parents[1] / "lib" / "server").glob("libjvm.*"))
        classpath = [*part("confluent-client"), avro_tools(), *kafka_jars()]
        jpype.startJVM(str(library), "-Xmx512m", "-Xrs", classpath=list(map(str, classpath)))


def java_values(bootstrap_servers: str, registry: str, topic: str, wanted: int) -> list[dict[str, Any]]:
    """The first values of a topic's only partition, through Kafka's Java consumer and Flink's Confluent client."""
    coder = JClass("org.apache.flink.formats.avro.registry.confluent.ConfluentSchemaRegistryCoder")(
        JClass(f"{_SHADED}.CachedSchemaRegistryClient")(registry, 100)
    )
    properties = JClass("java.util.Properties")()
    for name, value in {"bootstrap.servers": bootstrap_servers, "isolation.level": "read_committed"}.items():
        properties.setProperty(name, value)
    bytes_reader = JClass("org.apache.kafka.common.serialization.ByteArrayDeserializer")
    consumer = JClass("org.apache.kafka.clients.consumer.KafkaConsumer")(properties, bytes_reader(), bytes_reader())
    partition = JClass("java.util.List").of(JClass("org.apache.kafka.common.TopicPartition")(topic, 0))
    consumer.assign(partition)
    consumer.seekToBeginning(partition)
    found: list[dict[str, Any]] = []
    while len(found) < wanted:
        polled = list(consumer.poll(JClass("java.time.Duration").ofSeconds(20)))
        assert polled, f"{topic}: {len(found)} of {wanted} values came"
        found += [_value(coder, message.value()) for message in polled]
    consumer.close()
    return found


def _value(coder: Any, payload: Any) -> dict[str, Any]:
    stream = JClass("java.io.ByteArrayInputStream")(payload)
    reader = JClass(f"{_AVRO}.generic.GenericDatumReader")(coder.readSchema(stream))
    decoder = JClass(f"{_AVRO}.io.DecoderFactory").get().directBinaryDecoder(stream, None)
    record = reader.read(None, decoder)
    assert stream.available() == 0
    names = [str(field.name()) for field in record.getSchema().getFields()]
    return {name: record.get(name) for name in names}
