"""Kafka's Java consumer with Confluent's Java client of the registry, as Flink ships it, reads every event."""

from tests.interop.jvm import java_values, started
from tests.interop.served import EVENTS, Served, told


def test_flinks_client_of_the_registry_reads_every_event(hub: Served) -> None:
    started()
    for topic in (EVENTS, hub.feed):
        wanted = hub.events(topic)
        values = java_values(hub.world.bootstrap_servers, hub.registry, topic, len(wanted))
        assert list(map(told, values)) == wanted
