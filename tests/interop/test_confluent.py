"""confluent-kafka (librdkafka, and Confluent's own client of its registry) reads every event and every state."""

from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.interop.events import KINDS
from tests.interop.page import blocks
from tests.interop.served import EVENTS, STATE, Served, told


def read(hub: Served, topic: str) -> list[tuple[str, Any]]:
    """Key and value of every committed message of a topic, as the page reads them."""
    [text] = blocks("python", registry=hub.registry, kafka=hub.world.bootstrap_servers)
    page: dict[str, Any] = {}
    exec(text, page)  # noqa: S102 - our own page
    return list(page["events"](topic))


def test_its_deserializer_reads_every_kind_of_event(hub: Served) -> None:
    for topic in (EVENTS, hub.feed):
        assert [told(value) for _, value in read(hub, topic)] == hub.events(topic)
    assert {value["event"] for _, value in read(hub, EVENTS)} == KINDS


def test_its_deserializer_reads_every_state(hub: Served) -> None:
    assert dict(read(hub, STATE)) == hub.world.latest(STATE)


def test_its_deserializer_reads_what_agencies_said(hub: Served) -> None:
    topic = hub.world.topic("environment")
    assert [value for _, value in read(hub, topic)] == hub.world.values(topic)


@pytest.mark.parametrize("auto", [True, False])
def test_its_serializer_finds_a_released_schema_and_registers_none(hub: Served, auto: bool) -> None:
    """A producer that looks its schema up gets its id; one that wants to register is told how."""
    topic = hub.world.topic("environment")
    released = SchemaRegistryClient({"url": hub.registry}).get_schema(26).schema_str
    encode = AvroSerializer(SchemaRegistryClient({"url": hub.registry}), released, conf={"auto.register.schemas": auto})
    value = next(one for one in hub.world.values(topic) if "penalty_kind" in one)
    context = SerializationContext(topic, MessageField.VALUE)
    if auto:
        with pytest.raises(SchemaRegistryError) as refused:
            encode(value, context)
        assert refused.value.error_code == 42205
    else:
        assert encode(value, context)[:5] == b"\0" + (26).to_bytes(4, "big")
