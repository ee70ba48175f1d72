"""`python -m benchmarks.latency`: from a record produced to its event readable by a subscriber, beside Kafka alone.

One fresh stack, one consolidator and one relay in processes of their own, a steady rate of ratings, each of which is
one event. A run counts only if every record's event came exactly once.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic

from benchmarks.records import company
from sharehub import embedded
from sharehub.stream.publisher import open_producer
from sharehub.topics import feed_topic, records_topic
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode, encode

_AGENCY, _RECIPIENT, _BARE = "cn-tax", "cn-tax-service", "bench.bare"
_WARM_UP = 50
_PATIENCE_S = 60.0
_REGISTRY = load_registry()


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="records per second (default: 200)")
    parser.add_argument("--seconds", type=int, default=60, help="how long (default: 60)")
    options = parser.parse_args(arguments)
    for name in [name for name in os.environ if name.startswith("SHAREHUB_")]:
        del os.environ[name]
    load = round(os.getloadavg()[0], 2)
    with TemporaryDirectory(prefix="sharehub-bench-") as home, embedded.owned(Path(home)) as stack:
        subprocess.run(_words(home, "init"), check=True, capture_output=True, timeout=120)
        with ExitStack() as held:
            for service in ("consolidate", "relay"):
                held.enter_context(_running(home, service))
            through = _timed(stack.bootstrap_servers, feed_topic(_RECIPIENT), _ratings, _rated, options)
        bare = _bare(stack.bootstrap_servers, options)
    found = {"records_per_s": options.rate, "seconds": options.seconds, "load_before": load}
    sys.stdout.write(json.dumps({**found, "through_the_hub_ms": through, "kafka_alone_ms": bare}, indent=2) + "\n")
    return 0


Message = tuple[str, bytes, bytes]


def _ratings(number: int) -> Message:
    """An A rating: one record, one event."""
    about = company(number)
    value = {
        "agency": _AGENCY,
        "record_key": str(number),
        "revision": 1,
        "jurisdiction": "cn",
        "subject": {
            "kind": "company",
            "identifiers": [{"scheme": "CN-USCC", "value": about.uscc}],
            "names": [about.name],
            "address": None,
        },
        "occurred_on": date(2025, 12, 31),
        "decided_on": date(2026, 4, 1),
        "legal_basis": [],
        "source": {"name": "bench", "sheet": None, "row": None},
        "rating_system": "tax-credit-rating",
        "grade": "A",
        "year": 2025,
    }
    return records_topic(_AGENCY), f"CN-USCC:{about.uscc}".encode(), encode(_REGISTRY.latest("rating"), value)


def _rated(message: Any) -> int:
    return int(decode(_REGISTRY, message.value)[1]["ground"]["record_key"])


def _bare(bootstrap_servers: str, options: argparse.Namespace) -> dict[str, float]:
    """The same messages at the same rate, read where they were written."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers)
    admin.create_topics([NewTopic(_BARE, 1, 1)])
    admin.close()

    def bare(number: int) -> Message:
        return _BARE, str(number).encode(), _ratings(number)[2]

    return _timed(bootstrap_servers, _BARE, bare, lambda message: int(message.key), options)


def _timed(
    bootstrap_servers: str,
    topic: str,
    made: Callable[[int], Message],
    number_of: Callable[[Any], int],
    options: argparse.Namespace,
) -> dict[str, float]:
    """Milliseconds from `send` to the message in the subscriber's hands, at a steady rate."""
    count = options.rate * options.seconds
    messages = [made(number) for number in range(-_WARM_UP, count)]
    sent: dict[int, float] = {}
    came: list[tuple[float, Any]] = []
    reading = Event()

    def read() -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap_servers, isolation_level="read_committed", fetch_max_wait_ms=100
        )
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        consumer.poll(0)
        reading.set()
        until = time.perf_counter() + options.seconds + _PATIENCE_S
        while len(came) < len(messages) and time.perf_counter() < until:
            for found in consumer.poll(100).values():
                now = time.perf_counter()
                came.extend((now, one) for one in found)
        consumer.close(autocommit=False)

    reader = Thread(target=read)
    reader.start()
    reading.wait(_PATIENCE_S)
    _send(bootstrap_servers, messages, sent, came, options.rate)
    reader.join()
    seen = {number_of(message): at for at, message in came}
    assert len(seen) == len(came), f"{len(came) - len(seen)} events came twice"
    assert seen.keys() == sent.keys(), f"{len(sent) - len(seen)} events never came"
    return _summary([1000 * (seen[number] - sent[number]) for number in range(count)])


def _send(bootstrap_servers: str, messages: list[Message], sent: dict[int, float], came: Sized, rate: int) -> None:
    """The warm-up at once and until it has come through; then one message after another on its beat."""
    producer = open_producer(bootstrap_servers, "latency")
    begun = time.perf_counter()
    for place, (topic, key, value) in enumerate(messages):
        number = place - _WARM_UP
        if number == 0:
            _until(lambda: len(came) >= _WARM_UP)
            begun = time.perf_counter()
        if number >= 0:
            time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        sent[number] = time.perf_counter()
        producer.send(topic, key=key, value=value)
    producer.close()


def _until(true: Callable[[], bool]) -> None:
    end = time.perf_counter() + _PATIENCE_S
    while not true() and time.perf_counter() < end:
        time.sleep(0.05)


def _summary(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p99": round(ordered[int(0.99 * (len(ordered) - 1))], 1),
        "max": round(ordered[-1], 1),
    }


@contextmanager
def _running(home: str, service: str) -> Iterator[None]:
    with subprocess.Popen(_words(home, service), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def _words(home: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "sharehub", "--home", home, *words]


if __name__ == "__main__":
    raise SystemExit(main())
