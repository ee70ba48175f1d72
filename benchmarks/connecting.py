"""`python -m benchmarks.connecting`: a file through a connector's run to Kafka, beside kafka-python's own ceiling.

The ceiling is a bare producer of the same settings, in a process of its own, that sends the very messages of the run,
which it holds ready. Both publish to topics of their own on one fresh stack. A run counts only if every row is
accounted for, and the same file again publishes nothing.
"""

import argparse
import csv
import gzip
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from benchmarks.processes import alone
from benchmarks.records import company
from sharehub import embedded
from sharehub.connect.mapping import Connector, load_connector
from sharehub.connect.prospect import Outcome, Request
from sharehub.connect.runner import Runner, Surroundings
from sharehub.shipped import shipped
from sharehub.stream.admin import ensure_topics
from sharehub.stream.publisher import open_producer
from sharehub.telemetry import configure_logs
from sharehub.topics import Topic, records_topic
from sharehub.wire.registry import load_registry

_AGENCY = "bench-registry"
CEILING = "bench.ceiling"
PARTITIONS = 8
_SENT_MAX = 50_000
_TITLES = "企业名称 统一社会信用代码 注册日期 企业类型 法人代表 注册资金 经营范围 所在省份 地区 注册地址".split()  # noqa: SIM905

Message = tuple[bytes, bytes, list[tuple[str, bytes]]]


@dataclass(frozen=True)
class Cost:
    """What so many records took: seconds by the clock, and of processor time in all threads; most memory, in MiB."""

    records: int
    wall_s: float
    cpu_s: float
    memory_mib: float

    @property
    def rate(self) -> float:
        """Records per second of processor time: what one core does that has nothing else to do."""
        return self.records / self.cpu_s


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.connecting", description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000, help="rows of the file (default: 400000)")
    parser.add_argument("--data", type=Path, help="folder of real agency data, for the register's scale files")
    options = parser.parse_args(arguments)
    for name in [name for name in os.environ if name.startswith("SHAREHUB_")]:
        del os.environ[name]
    with TemporaryDirectory(prefix="sharehub-bench-") as home, embedded.owned(Path(home)) as stack:
        found = measure(stack.bootstrap_servers, Path(home), options.rows, options.data)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


def measure(bootstrap_servers: str, home: Path, rows: int, data: Path | None = None) -> dict[str, Any]:
    """The figures of one file, run twice, and of the bare producer."""
    for topic in (records_topic(_AGENCY), CEILING):
        ensure_topics(bootstrap_servers, [Topic(topic)], partitions=PARTITIONS, replication_factor=1)
    file = home / "registry.csv"
    write(file, rows, data)
    first, cost = alone(run, bootstrap_servers, home, file, _connector())
    assert first.read == rows == first.published + first.rejected + first.skipped, first
    again, rerun = alone(run, bootstrap_servers, home, file, _connector())
    assert (again.published, again.unchanged) == (0, first.published), again
    bare = alone(produce, bootstrap_servers, _AGENCY, CEILING)
    return {
        "rows": rows,
        "load": round(os.getloadavg()[0], 1),
        **{name: getattr(first, name) for name in ("published", "rejected", "skipped")},
        "connector_run": asdict(cost),
        "the_same_again": asdict(rerun),
        "produce_only": asdict(bare),
        "records_per_second": {
            "connector_run": round(cost.rate),
            "connector_run_again": round(rerun.rate),
            "connector_produce_only": round(bare.rate),
        },
        "connector_run_to_produce_only": round(cost.rate / bare.rate, 3),
    }


def write(file: Path, rows: int, data: Path | None) -> None:
    """A registry's file: the rows of the scale files, after their end with other codes; without them invented ones."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_TITLES)
        writer.writerows(islice(_invented() if data is None else _registered(data), rows))


def _invented() -> Iterator[list[str]]:
    return map(_row, count())


def _row(number: int) -> list[str]:
    one = company.__wrapped__(number)
    day = f"{1980 + number % 40}-{1 + number % 12:02d}-{1 + number % 28:02d}"
    return [one.name, one.uscc, day, "N/A", "", f"{number % 900}.0000(万元人民币)", "", "", "东陵", one.address]


def _registered(data: Path) -> Iterator[list[str]]:
    for number, part in enumerate(cycle(("part01", "part02"))):
        with gzip.open(data / "cn_registry_scale" / f"{part}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
            lines = csv.reader(stream)
            next(lines)
            for place, row in enumerate(lines):
                if number < 2:
                    yield row
                elif len(row) == len(_TITLES):
                    yield [row[0], company.__wrapped__(number * 1_000_000 + place).uscc, *row[2:]]


def run(bootstrap_servers: str, home: Path, file: Path, connector: Connector) -> tuple[Outcome, Cost]:
    """One run of a connector over a file, in this process."""
    configure_logs("json", quiet=True)  # as the command does: else a line for each record is written
    around = Surroundings(bootstrap_servers, home, load_registry())
    runner = Runner(connector, around, lambda _step, _done, _total: None)
    outcomes: list[Outcome] = []

    def ran() -> int:
        outcomes.append(runner.run(Request((file,)))[0])
        return outcomes[0].read

    cost = _cost(ran)
    return outcomes[0], cost


def _connector() -> Connector:
    found = load_connector(shipped("connectors") / "cn-registry")
    said = found.mapping.connector.model_copy(update={"agency": _AGENCY})
    return Connector(found.folder, found.mapping.model_copy(update={"connector": said}))


def produce(bootstrap_servers: str, agency: str, topic: str) -> Cost:
    """What an agency's messages, as many as are taken, cost a bare producer that sends them to another topic."""
    messages = list(islice(_sent(bootstrap_servers, agency), _SENT_MAX))

    def bare() -> int:
        producer = open_producer(bootstrap_servers, "sharehub-benchmark")
        for key, value, headers in messages:
            producer.send(topic, value=value, key=key, headers=headers)
        producer.flush()
        producer.close()
        return len(messages)

    return _cost(bare)


def _sent(bootstrap_servers: str, agency: str) -> Iterator[Message]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False, consumer_timeout_ms=5_000)
    places = [TopicPartition(records_topic(agency), number) for number in range(PARTITIONS)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    for message in consumer:
        yield message.key, message.value, list(message.headers)
    consumer.close()


def _cost(work: Callable[[], int]) -> Cost:
    wall, processor = time.perf_counter(), time.process_time()
    records = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return Cost(records, round(wall, 2), round(processor, 2), round(_memory_mib(), 1))


def _memory_mib() -> float:
    """The most memory of this process; Linux's `ru_maxrss` begins with that of the process that started it."""
    status = Path("/proc/self/status")
    if status.is_file():
        lines = status.read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    raise SystemExit(main())
