"""Kafka's console consumer reads every event as bytes; avro-tools turns them to JSON with the registry's schema."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interop.jars import part
from tests.interop.java import avro_tools, java, kafka_jars, output
from tests.interop.page import blocks
from tests.interop.served import EVENTS, Served, told

_END = "<end of message>"


def consumed(hub: Served, topic: str, folder: Path) -> list[bytes]:
    """The values of a topic as `kafka-console-consumer` prints them."""
    words = f"--bootstrap-server {hub.world.bootstrap_servers} --topic {topic} --partition 0 --offset earliest"
    wanted = ["--max-messages", str(len(hub.events(topic))), "--isolation-level", "read_committed"]
    separator = ["--formatter-property", f"line.separator={_END}", "--timeout-ms", "60000"]
    program = "org.apache.kafka.tools.consumer.ConsoleConsumer"
    command = java(program, (*part("console"), *kafka_jars()), *words.split(), *wanted, *separator, folder=folder)
    return output(command).split(_END.encode())[:-1]


def kcat(hub: Served, topic: str) -> list[bytes]:
    """The values of a topic as `kcat` prints them, each after its length."""
    options = ["-X", "isolation.level=read_committed", "-o", "beginning", "-e", "-q", "-f", "%S %s"]
    printed = output(["kcat", "-C", "-b", hub.world.bootstrap_servers, "-t", topic, *options])
    return list(_lengths_first(printed))


def with_avro_tools(hub: Served, messages: list[bytes], folder: Path) -> list[Any]:
    """The messages as JSON: the schema by the id in their first bytes, the rest through `avro-tools fragtojson`."""
    found: list[Any] = []
    for schema_id in dict.fromkeys(int.from_bytes(message[1:5], "big") for message in messages):
        schema = folder / f"{schema_id}.avsc"
        schema.write_bytes(httpx.get(f"{hub.registry}/schemas/ids/{schema_id}/schema").content)
        bodies = b"".join(one[5:] for one in messages if int.from_bytes(one[1:5], "big") == schema_id)
        words = ["fragtojson", "--no-pretty", "--schema-file", str(schema), "-"]
        printed = output(java("org.apache.avro.tool.Main", [avro_tools()], *words, folder=folder), taken=bodies)
        found += map(json.loads, printed.decode().split("\n")[:-1])
    return found


def test_the_console_consumer_and_avro_tools_read_every_event(hub: Served, tmp_path: Path) -> None:
    for topic in (EVENTS, hub.feed):
        decoded = with_avro_tools(hub, consumed(hub, topic, tmp_path), tmp_path)
        assert list(map(told, decoded)) == hub.events(topic)


def test_kcat_and_avro_tools_read_every_event(hub: Served, tmp_path: Path) -> None:
    if shutil.which("kcat") is None:
        pytest.skip("kcat is not installed: apt-get install kcat, as .ci/run does where it may")
    for topic in (EVENTS, hub.feed):
        decoded = with_avro_tools(hub, kcat(hub, topic), tmp_path)
        assert list(map(told, decoded)) == hub.events(topic)


def test_the_pages_pipe_prints_the_first_event(hub: Served, tmp_path: Path) -> None:
    if shutil.which("kcat") is None:
        pytest.skip("kcat is not installed")
    first = hub.events(hub.feed)[0]
    texts = {"registry": hub.registry, "kafka": hub.world.bootstrap_servers, "topic": hub.feed}
    [pipe] = blocks("sh", **texts, avro_tools=str(avro_tools()))
    printed = output(["sh", "-c", f"cd {tmp_path}; {pipe}"])
    assert told(json.loads(printed)) == first


def _lengths_first(printed: bytes) -> Iterator[bytes]:
    while printed:
        length, _, rest = printed.partition(b" ")
        yield rest[: int(length)]
        printed = rest[int(length) :]
